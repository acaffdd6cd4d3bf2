"""Values and roles that AWS refuses and moto takes. Source: aws-facts 4, 6.1 to 6.4, 9."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal
from tests.aws_rules.principals import _known

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_ENDED = "anthropic.claude-3-haiku-20240307-v1:0"
_LEVELS = 15


def models_are_called_by_profile(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    """The model's own id, one that has ended, and one that never was; ARNs of profiles end in their id."""
    if (service, operation) != ("bedrock-runtime", "Converse"):
        return None
    name = str(params["modelId"]).rsplit("inference-profile/", 1)[-1]
    if name in rules.profiles:
        return None
    if name.removeprefix("eu.") == _ENDED:
        return refusal("ResourceNotFoundException", "This model version has reached the end of its life.", 404)
    if f"eu.{name}" in rules.profiles:
        text = f"Invocation of model ID {name} with on-demand throughput isn't supported. Retry your request with the "
        return refusal("ValidationException", text + "ID or ARN of an inference profile that contains this model.")
    return refusal("ValidationException", "The provided model identifier is invalid.")


def parameters_hold_no_parameters(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    if (service, operation) != ("ssm", "PutParameter"):
        return None
    if params["Name"].count("/") > _LEVELS:
        text = f"The maximum number of levels in a parameter name is {_LEVELS}."
        return refusal("HierarchyLevelLimitExceededException", text)
    if re.search(r"\{\{.*\}\}", params["Value"], re.DOTALL):
        text = 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.'
        return refusal("ValidationException", text)
    return None


def glue_can_assume_the_role(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    if service != "glue" or operation not in ("CreateCrawler", "UpdateCrawler") or "Role" not in params:
        return None
    role = str(params["Role"])
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{rules.account}:role/{role}"
    if _known(rules, arn):
        return None
    text = "Service is unable to assume provided role. Please verify role's TrustPolicy"
    return refusal("InvalidInputException", text)
