"""The model that writes the summaries: the first candidate that AWS says is usable. Observed, never applied.

Source: aws-facts 6. Models end, so the runbook names candidates in order and nothing is hard-coded: one that is about
to end gives way to the next. Access is a person's business (Anthropic's first-use form, the Marketplace agreement).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from botocore.exceptions import ClientError
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code, message
from cci_lite.engine.model import Changes, Check, Clicks, Known, Meta, Observed, Traits
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings


def _profile_id(value: str) -> str:
    if not re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z0-9-]+\.[\w.:-]+", value):
        raise PydanticCustomError(
            "must", "{words}", {"words": "be an inference profile such as eu.amazon.nova-lite-v1:0"}
        )
    return value


#: A model that ends sooner is chosen only where no other can be used (aws-facts 6.7).
_SOON = timedelta(days=90)


class BedrockModelSettings(Settings):
    """candidates: inference profile ids, best first; a model's own id is refused by Bedrock (aws-facts 6.4)."""

    candidates: Annotated[tuple[Annotated[str, AfterValidator(_profile_id)], ...], Field(min_length=1)]


_NEVER = datetime.max.replace(tzinfo=UTC)
_FIRST_USE = "open the model in the console's playground once; first use may take 15 minutes to be granted"


@dataclass(frozen=True)
class BedrockModelSpec:
    usable: bool


@dataclass(frozen=True)
class BedrockModel:
    meta: Meta
    cloud: Cloud
    candidates: tuple[str, ...]

    @property
    def traits(self) -> Traits:
        region = self.cloud.site.region
        return Traits(
            clicks=Clicks(
                f"none of {', '.join(self.candidates)} can be used in {region}: a person has to give access to one",
                f"https://{region}.console.aws.amazon.com/bedrock/home?region={region}#/model-catalog",
                (
                    "Bedrock -> Model catalog -> choose the model behind the first candidate",
                    "Submit use case details (Anthropic asks once per account), then accept the agreement",
                    "Open in playground, send one message, wait until it answers",
                ),
            )
        )

    def desired(self, known: Known) -> BedrockModelSpec:
        return BedrockModelSpec(True)

    def observe(self, known: Known) -> Observed | None:
        """The first that will last, else the first that can be used."""
        ending: Observed | None = None
        for candidate in self.candidates:
            profile = self._profile(candidate)
            ends = self._usable_until(profile) if profile else None
            if profile and ends:
                told = "" if ends == _NEVER else f"{ends:%Y-%m-%d}"
                seen = Observed(BedrockModelSpec(True), {**_facts(candidate, profile), "ends": told}, owned=False)
                if ends - self.cloud.clock.utc() > _SOON:
                    return seen
                ending = ending or seen
        return ending

    def apply(self, want: BedrockModelSpec, have: Observed | None, changes: Changes) -> None:
        """Never called: only a person can give access."""

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """One real, tiny request under the operator's own rights (aws-facts 6.6): a fraction of a cent."""
        model, ends = have.facts["id"], have.facts["ends"]
        try:
            answer = self.cloud.write(
                "bedrock-runtime",
                "converse",
                modelId=model,
                messages=[{"role": "user", "content": [{"text": "Answer with the word ready."}]}],
                inferenceConfig={"maxTokens": 8},
            )
        except ClientError as error:
            hint = _FIRST_USE if code(error) == "AccessDeniedException" else ""
            yield check(self, "answers", False, f"{model}: {code(error)}: {message(error)}", hint)
            return
        tokens = answer.get("usage", {}).get("totalTokens", 0)
        until = f"; it ends on {ends}, so put another before it" if ends else ""
        yield check(self, "answers", bool(tokens), f"{model} answered ({tokens} tokens){until}")

    def remove(self, have: Observed, known: Known) -> None:
        """Nothing of ours: access to models belongs to the account."""

    def _profile(self, candidate: str) -> dict[str, Any] | None:
        """The inference profile, or None when it is absent, or no id of one at all."""
        try:
            found = self.cloud.find("bedrock", "get_inference_profile", inferenceProfileIdentifier=candidate)
        except ClientError as error:
            if code(error) == "ValidationException":
                return None
            raise
        return found if found and found.get("status") == "ACTIVE" and found.get("models") else None

    def _usable_until(self, profile: dict[str, Any]) -> datetime | None:
        """When the model behind the profile ends; None when it cannot be used, or has ended."""
        model = _model_id(profile)
        access, details = self.cloud.together(
            lambda: self.cloud.find("bedrock", "get_foundation_model_availability", modelId=model),
            lambda: self.cloud.find("bedrock", "get_foundation_model", modelIdentifier=model),
        )
        life = (details or {}).get("modelDetails", {}).get("modelLifecycle", {})
        ends: datetime = life.get("endOfLifeTime") or _NEVER
        alive = life.get("status") == "ACTIVE" and ends > self.cloud.clock.utc()
        return ends if alive and _granted(access or {}) else None


def _granted(access: dict[str, Any]) -> bool:
    return (
        access.get("agreementAvailability", {}).get("status") == "AVAILABLE"
        and access.get("authorizationStatus") == "AUTHORIZED"
        and access.get("entitlementAvailability") == "AVAILABLE"
    )


def _model_id(profile: dict[str, Any]) -> str:
    return str(profile["models"][0]["modelArn"]).split("/", 1)[1]


def _facts(candidate: str, profile: dict[str, Any]) -> dict[str, str]:
    """models: the foundation models a request may be routed to, in every destination region, as a JSON list."""
    models = sorted({str(each["modelArn"]) for each in profile["models"]})
    return {"id": candidate, "arn": str(profile["inferenceProfileArn"]), "models": json.dumps(models)}


def build(meta: Meta, settings: BedrockModelSettings, context: Context) -> BedrockModel:
    return BedrockModel(meta, context.cloud, settings.candidates)
