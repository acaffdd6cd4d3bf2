"""Adding and removing a tenant is an edit of the runbook, and touches only what is about tenants."""

from __future__ import annotations

from cci_lite.steps.kind import Category, Question, Tenant
from tests.world import World, account, reasons

ACME = Tenant(retention_days_input=1, retention_days_results=7)


def differing(world: World) -> dict[str, str]:
    return {each.step.meta.id: str(each.action) for each in world.plan().decisions if str(each.action) != "keep"}


def test_a_tenant_more_and_a_tenant_less() -> None:
    with account() as world:
        world.stand()
        more = world.with_runbook(tenants={**world.runbook.tenants, "acme": ACME})
        tables = {"results-table", "documents-table"}
        by_tenant = {"tenants-parameters", "on-new-call", *tables}
        touched = {"input-folders", "results-folders", "results-lifecycle", *by_tenant}
        assert differing(more) == dict.fromkeys(touched, "update")
        assert reasons(more.provision()) == {}
        assert differing(more) == {}
        told = world.rules.look("s3").get_bucket_notification_configuration(
            Bucket="cci-lite-input-123456789012-eu-central-1-an"
        )
        ids = sorted(each["Id"] for each in told["LambdaFunctionConfigurations"])
        assert ids == ["on-new-call-acme", "on-new-call-demo-tenant"]
        assert set(differing(world)) == by_tenant
        assert reasons(world.provision()) == {}
        assert differing(world) == {}


def test_the_parameter_holds_what_the_runbook_says_and_no_defaults() -> None:
    assert ACME.registered("acme") == {"tenant_id": "acme", "retention_days_input": 1, "retention_days_results": 7}
    rich = ACME.model_copy(
        update={
            "qa_rubric": (Question(id="hello", question="Did the agent greet?", points=10),),
            "categories": (Category(name="refund", any=("money back",), said_by="customer"),),
        }
    )
    value = rich.registered("acme")
    assert value["qa_rubric"] == [{"id": "hello", "question": "Did the agent greet?", "points": 10}]
    assert value["categories"] == [{"name": "refund", "any": ["money back"], "said_by": "customer"}]
