"""The role may do what the code does, and nothing else."""

from __future__ import annotations

from cci_lite.payload.processor.permissions import IAM_ACTIONS

from .world import CALL, SILENCE, World, arrival, hourly, job_event

#: Operation -> what IAM asks of its caller. Objects are under a KMS key, which the caller's rights must cover; an
#: absent object is only called absent to those who may list its bucket; Transcribe uses its caller's rights.
ASKED = {
    "GetObject": {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"},
    "HeadObject": {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"},
    "PutObject": {"s3:PutObject", "kms:GenerateDataKey*", "kms:Decrypt"},
    "StartTranscriptionJob": {
        "transcribe:StartTranscriptionJob",
        "s3:GetObject",
        "s3:PutObject",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
    },
    "GetTranscriptionJob": {"transcribe:GetTranscriptionJob"},
    "BatchDetectSentiment": {"comprehend:BatchDetectSentiment"},
    "BatchDetectKeyPhrases": {"comprehend:BatchDetectKeyPhrases"},
    "BatchDetectEntities": {"comprehend:BatchDetectEntities"},
    "DetectPiiEntities": {"comprehend:DetectPiiEntities"},
    "Converse": {"bedrock:InvokeModel"},
    "GetParameter": {"ssm:GetParameter"},
    "GetParametersByPath": {"ssm:GetParametersByPath"},
    "ListObjectsV2": {"s3:ListBucket"},
}


def test_the_operations_called_are_exactly_those_the_role_is_made_from(world: World) -> None:
    world.call(CALL)
    world.call(SILENCE, "demo-tenant/calls/silent.wav", b"RIFF")
    world.handle(world.upload())
    world.handle(arrival("demo-tenant/calls/gone.mp3"))
    world.handle(world.upload("stranger/calls/a.mp3"))
    world.handle(job_event("cci-lite-" + "0" * 20))
    world.handle(world.upload("demo-tenant/calls/bad.mp3"))
    world.transcribe.fail(world.job("demo-tenant/calls/bad.mp3"), "bad codec")
    world.ended(world.job("demo-tenant/calls/bad.mp3"), "FAILED")
    world.handle(hourly(world.now))
    called = set(world.aws.operations)
    assert called == set(ASKED)
    assert set().union(*(ASKED[each] for each in called)) == {each for many in IAM_ACTIONS.values() for each in many}


def test_actions_stand_under_their_own_service() -> None:
    assert all(each.startswith(f"{service}:") for service, many in IAM_ACTIONS.items() for each in many)
