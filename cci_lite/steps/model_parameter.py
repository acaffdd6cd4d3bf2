"""One parameter of the central configuration, a JSON document. Source: aws-facts 6, 9.

SSM refuses tags together with Overwrite, and compares nothing: documents are compared by meaning here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings


class ModelParameterSettings(Settings):
    """model: the step that chooses the Bedrock model; what it chose is what the parameter says."""

    name: Annotated[str, forms.form(r"/(?!aws|ssm)[a-zA-Z0-9_./-]+", "be a path, and not below /aws or /ssm")]
    model: Annotated[str, Refers(("bedrock_model",), facts=True)]


@dataclass(frozen=True)
class ParameterSpec:
    value: Mapping[str, Any]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class ModelParameter:
    """`/cci-lite/config/models`: which inference profile writes the summaries, and in which region."""

    meta: Meta
    cloud: Cloud
    name: str
    model: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> ParameterSpec:
        value = {"bedrock_model_summary": known.fact(self.model, "id"), "bedrock_region": self.cloud.site.region}
        return ParameterSpec(value, self.tags)

    def observe(self, known: Known) -> Observed | None:
        which = {"ResourceType": "Parameter", "ResourceId": self.name}
        found, tagged = self.cloud.whole(
            lambda: self.cloud.find("ssm", "get_parameter", Name=self.name),
            lambda: self.cloud.find("ssm", "list_tags_for_resource", **which),
        )
        if found is None:
            return None
        marks = tags.as_map((tagged or {}).get("TagList", []))
        spec = ParameterSpec(document(found["Parameter"]["Value"]), tags.among(marks, self.tags))
        return Observed(spec, {"name": self.name}, tags.owned(marks))

    def apply(self, want: ParameterSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            put_new(self.cloud, self.name, want.value, tags.ours(self.meta.id, want.tags))
            return
        if changes.touch("value"):
            put_again(self.cloud, self.name, want.value)
        if changes.touch("tags"):
            which = {"ResourceType": "Parameter", "ResourceId": self.name}
            self.cloud.write("ssm", "add_tags_to_resource", **which, Tags=tags.as_list(want.tags))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        right = have.spec.value == self.desired(known).value
        yield check(self, "value", right, f"{self.name} = {json.dumps(have.spec.value, sort_keys=True)}")

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            delete(self.cloud, [self.name])


def document(text: str) -> dict[str, Any]:
    """A parameter's JSON object; anything else is shown as it is, so that the difference can be seen."""
    try:
        value = json.loads(text)
    except ValueError:
        return {"(not JSON)": text}
    return value if isinstance(value, dict) else {"(not an object)": value}


def put_new(cloud: Cloud, name: str, value: Mapping[str, Any], marks: Mapping[str, str]) -> None:
    """Create with tags; when the answer to an earlier try was lost, the parameter is there and is ours."""
    text = json.dumps(value, sort_keys=True)
    try:
        cloud.write(
            "ssm", "put_parameter", Name=name, Value=text, Type="String", Tier="Standard", Tags=tags.as_list(marks)
        )
    except ClientError as error:
        found = cloud.find("ssm", "get_parameter", Name=name) if code(error) == "ParameterAlreadyExists" else None
        if found is None or document(found["Parameter"]["Value"]) != value:
            raise


def put_again(cloud: Cloud, name: str, value: Mapping[str, Any]) -> None:
    """Change the value of a parameter that exists; its tags stay."""
    text = json.dumps(value, sort_keys=True)
    cloud.write("ssm", "put_parameter", Name=name, Value=text, Type="String", Tier="Standard", Overwrite=True)


def delete(cloud: Cloud, names: list[str]) -> None:
    """Ten at a time; those that are gone already are no error (SSM lists them as invalid)."""
    for first in range(0, len(names), 10):
        cloud.write("ssm", "delete_parameters", Names=names[first : first + 10])


def build(meta: Meta, settings: ModelParameterSettings, context: Context) -> ModelParameter:
    return ModelParameter(meta, context.cloud, settings.name, settings.model, context.tags)
