"""Bedrock: which ids can be called, by whom, and what the control plane says of them."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Account, allow, refusal

PROFILE = "eu.anthropic.claude-haiku-5-5"
MODEL = PROFILE.removeprefix("eu.")
ENDED = "anthropic.claude-3-haiku-20240307-v1:0"
ASK = [{"role": "user", "content": [{"text": "Say something."}]}]


@pytest.mark.parametrize(
    "profile", [PROFILE, "eu.anthropic.claude-haiku-4-5-20251001-v1:0", "eu.amazon.nova-lite-v1:0"]
)
def test_an_inference_profile_converses(aws: Account, profile: str) -> None:
    answer = aws.client("bedrock-runtime").converse(modelId=profile, messages=ASK)
    assert answer["output"]["message"]["role"] == "assistant"
    assert answer["output"]["message"]["content"][0]["text"]
    assert answer["usage"]["totalTokens"] == answer["usage"]["inputTokens"] + answer["usage"]["outputTokens"]


def test_a_bare_model_id_needs_an_inference_profile(aws: Account) -> None:
    code, message = refusal(aws.client("bedrock-runtime").converse, modelId=MODEL, messages=ASK)
    assert code == "ValidationException"
    assert f"Invocation of model ID {MODEL} with on-demand throughput" in message


def test_claude_3_haiku_has_reached_its_end_of_life(aws: Account) -> None:
    code, message = refusal(aws.client("bedrock-runtime").converse, modelId=ENDED, messages=ASK)
    assert code == "ResourceNotFoundException"
    assert "This model version has reached the end of its life." in message
    model = aws.client("bedrock").get_foundation_model(modelIdentifier=ENDED)["modelDetails"]
    assert model["modelLifecycle"]["status"] == "LEGACY"


def test_an_unknown_model_id_is_invalid(aws: Account) -> None:
    for unknown in ("anthropic.claude-3-haiku-20240307", "nonsense"):
        code, message = refusal(aws.client("bedrock-runtime").converse, modelId=unknown, messages=ASK)
        assert (code, message) == ("ValidationException", "The provided model identifier is invalid.")


def test_claude_refuses_sampling_settings_and_nova_takes_them(aws: Account) -> None:
    converse = aws.client("bedrock-runtime").converse
    for setting in ({"temperature": 0.0}, {"topP": 0.5}):
        assert refusal(converse, modelId=PROFILE, messages=ASK, inferenceConfig=setting)[0] == "ValidationException"
        converse(modelId="eu.amazon.nova-lite-v1:0", messages=ASK, inferenceConfig=setting)
    converse(modelId=PROFILE, messages=ASK, inferenceConfig={"maxTokens": 100})


def test_the_caller_needs_the_profile_and_the_model_in_every_region_it_routes_to(role, aws: Account) -> None:
    profile = aws.client("bedrock").get_inference_profile(inferenceProfileIdentifier=PROFILE)
    models = [model["modelArn"] for model in profile["models"]]
    assert len(models) > 1
    only_profile = role(allow("bedrock:InvokeModel", on=profile["inferenceProfileArn"]))
    call = {"modelId": PROFILE, "messages": ASK}
    assert refusal(only_profile.client("bedrock-runtime").converse, **call)[0] == "AccessDeniedException"
    one = {"PolicyName": "models", "RoleName": role_name(only_profile)}
    grant(aws, one, allow("bedrock:InvokeModel", on=models[0]))
    assert refusal(only_profile.client("bedrock-runtime").converse, **call)[0] == "AccessDeniedException"
    through = {"StringEquals": {"bedrock:InferenceProfileArn": profile["inferenceProfileArn"]}}
    grant(aws, one, allow("bedrock:InvokeModel", on=models, **through))
    only_profile.client("bedrock-runtime").converse(**call)


def role_name(account: Account) -> str:
    return str(account.client("sts").get_caller_identity()["Arn"]).split("/")[1]


def grant(aws: Account, place: dict[str, str], statement: dict[str, object]) -> None:
    import json

    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("iam").put_role_policy(**place, PolicyDocument=document)


def test_the_control_plane_describes_profiles_and_models(aws: Account) -> None:
    bedrock = aws.client("bedrock")
    known = {
        p["inferenceProfileId"]: p["status"] for p in bedrock.list_inference_profiles()["inferenceProfileSummaries"]
    }
    assert known[PROFILE] == "ACTIVE"
    assert bedrock.get_foundation_model(modelIdentifier=MODEL)["modelDetails"]["modelLifecycle"]["status"] == "ACTIVE"
    available = bedrock.get_foundation_model_availability(modelId=MODEL)
    assert available["agreementAvailability"]["status"] == "AVAILABLE"
    missing = {"inferenceProfileIdentifier": "eu.anthropic.none"}
    assert refusal(bedrock.get_inference_profile, **missing)[0] == "ResourceNotFoundException"
