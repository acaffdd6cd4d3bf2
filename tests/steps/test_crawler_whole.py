"""The optional crawler in whole accounts: off as shipped, new roles that Glue does not know yet, and teardowns."""

from __future__ import annotations

from tests.steps.test_crawler import DATABASE, RUNBOOK, tables
from tests.world import account, reasons


def test_glue_is_given_time_to_know_the_new_role() -> None:
    with account(RUNBOOK, role_lag_s=8.0) as world:
        assert reasons(world.provision()) == {}


def test_a_teardown_takes_the_crawled_tables_and_leaves_those_of_others() -> None:
    with account(RUNBOOK) as world:
        assert reasons(world.provision()) == {}
        glue = world.rules.look("glue")
        theirs = {"Name": "crawled_theirs", "Parameters": {"UPDATED_BY_CRAWLER": "theirs"}}
        glue.create_table(DatabaseName=DATABASE, TableInput=theirs)
        outcomes = world.teardown(consent=["alias/cci-lite-master-key"])
        assert reasons(outcomes) == {} and outcomes["catalog"].result == "released"
        assert tables(world) == ["crawled_theirs"]
        assert glue.get_crawlers()["Crawlers"] == []
        roles = [each["RoleName"] for each in world.rules.look("iam").list_roles()["Roles"]]
        assert "cci-lite-glue-role" not in roles


def test_a_teardown_takes_a_database_in_which_only_crawled_tables_are_left() -> None:
    with account(RUNBOOK) as world:
        assert reasons(world.provision()) == {}
        outcomes = world.teardown(consent=["alias/cci-lite-master-key"])
        assert reasons(outcomes) == {} and outcomes["catalog"].result == "removed"
