"""The Bedrock models and inference profiles the sandbox knows (aws-facts §6). Pure data and look-ups."""

from __future__ import annotations

from dataclasses import dataclass

ACTIVE, LEGACY = "ACTIVE", "LEGACY"
# Where the eu. profiles route to; AWS says so in get_inference_profile.
EU_REGIONS = ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3", "eu-south-1", "eu-south-2")


@dataclass(frozen=True)
class Model:
    """A foundation model. `ends` is its end of life, YYYY-MM-DD; `ended` when that day has passed."""

    id: str
    name: str
    provider: str
    ends: str | None = None
    ended: bool = False

    @property
    def takes_sampling(self) -> bool:
        """Newer Claude models refuse temperature and topP (aws-facts §6.8)."""
        return self.provider != "Anthropic"


MODELS = {
    model.id: model
    for model in (
        Model("anthropic.claude-haiku-5-5", "Claude Haiku 5.5", "Anthropic"),
        Model("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", "Anthropic"),
        Model("amazon.nova-lite-v1:0", "Nova Lite", "Amazon"),
        Model("anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", "Anthropic", "2026-09-10", ended=True),
    )
}
# Profile id -> model id. A model that has ended has no profile any more.
PROFILES = {f"eu.{model.id}": model.id for model in MODELS.values() if not model.ended}


def identifier(reference: str) -> str:
    """The id in a model id, profile id or ARN of either."""
    return reference.rsplit("/", 1)[-1] if reference.startswith("arn:") else reference


def destinations(profile: str) -> tuple[str, ...]:
    """The foundation-model ARNs a profile routes to."""
    return tuple(f"arn:aws:bedrock:{region}::foundation-model/{PROFILES[profile]}" for region in EU_REGIONS)
