"""The mail for alarms: one that was ended is no subscription, although SNS lists it for a while."""

from __future__ import annotations

from tests.world import account, reasons

EMAIL = "alarms@example.com"


def test_who_unsubscribed_by_a_click_in_a_mail_is_asked_again() -> None:
    with account() as world:
        world.stand()
        cloud = world.cloud
        arn = cloud.pages("sns", "list_subscriptions", "Subscriptions")[0]["SubscriptionArn"]
        cloud.write("sns", "unsubscribe", SubscriptionArn=arn)
        world.rules.confirmed.clear()
        assert [each["SubscriptionArn"] for each in cloud.pages("sns", "list_subscriptions", "Subscriptions")] == [
            "Deleted"
        ]
        assert world.provision()["alarm-email"].result == "operator"
        assert reasons(world.provision(), "kept") == {}


def test_a_teardown_does_not_wait_for_what_sns_still_lists() -> None:
    with account() as world:
        world.stand()
        ended = world.teardown("alarm-email")
        assert (ended["alarm-email"].result, world.rules.unsubscribed != set()) == ("removed", True)
        assert world.teardown("alarm-email")["alarm-email"].result == "absent"
