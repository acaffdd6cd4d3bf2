"""What a live run may do and how its things are called: pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from cci_lite.runbook import load
from cci_lite.steps import REGISTRY
from tests.live import runs
from tests.live.conftest import begun
from tests.live.limits import COSTS, Limits, enabled, estimate, limits, refusal

ROOT = Path(__file__).parents[2]
RUN = runs.Run("2611241345ab12")
SHIPPED = yaml.safe_load((ROOT / "runbook.yaml").read_text())
GIVEN = {"CCI_LITE_LIVE_ACCOUNT": "111122223333", "CCI_LITE_LIVE_BUDGET_USD": "0.5"}


def test_off_unless_it_is_switched_on() -> None:
    assert not enabled({}) and not enabled({"CCI_LITE_LIVE": "yes"}) and enabled({"CCI_LITE_LIVE": "1"})


def test_account_and_budget_have_to_be_said_outright() -> None:
    assert limits(GIVEN) == Limits("111122223333", 0.5)
    for missing, told in (("CCI_LITE_LIVE_ACCOUNT", "12 digits"), ("CCI_LITE_LIVE_BUDGET_USD", "USD 0.13")):
        with pytest.raises(ValueError, match=f"{missing}.*{told}"):
            limits({key: value for key, value in GIVEN.items() if key != missing})


def test_without_a_budget_a_run_ends_before_it_has_looked_at_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCI_LITE_LIVE_ACCOUNT", "111122223333")
    monkeypatch.delenv("CCI_LITE_LIVE_BUDGET_USD", raising=False)
    monkeypatch.setattr("boto3.client", None)
    with pytest.raises(pytest.exit.Exception, match="CCI_LITE_LIVE_BUDGET_USD is not a number of USD") as caught:
        begun(tmp_path)
    assert caught.value.returncode == 4


@pytest.mark.parametrize("account", ["11112222333", "1111222233334", "11112222333x"])
def test_what_is_no_account_id_is_refused(account: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        limits({**GIVEN, "CCI_LITE_LIVE_ACCOUNT": account})


def test_another_endpoint_is_the_sandbox_on_this_machine_or_none() -> None:
    assert limits({**GIVEN, "CCI_LITE_LIVE_ENDPOINT": "https://localhost:4566"}).endpoint == "https://localhost:4566"
    with pytest.raises(ValueError, match="not on this machine"):
        limits({**GIVEN, "CCI_LITE_LIVE_ENDPOINT": "https://kms.example.org"})


def test_a_run_is_refused_in_another_account_over_budget_and_beside_a_deployed_cci_lite() -> None:
    given = Limits("111122223333", 0.5)
    assert refusal(given, "111122223333", frozenset({"other"})) == ""
    assert "belong to account 444455556666" in refusal(given, "444455556666", frozenset())
    assert "allows USD 0.10" in refusal(Limits("111122223333", 0.1), "111122223333", frozenset())
    assert "nan" in refusal(Limits("111122223333", float("nan")), "111122223333", frozenset())
    assert "use one without" in refusal(given, "111122223333", frozenset({"cci-lite-processor"}))


def test_the_estimate_is_the_sum_of_what_is_printed() -> None:
    assert estimate() == 0.13 == pytest.approx(sum(COSTS.values()))


def test_an_id_carries_the_minute_in_which_the_run_began() -> None:
    berlin = timezone(timedelta(hours=1))
    begun = runs.begin(datetime(2026, 11, 24, 14, 45, 30, tzinfo=berlin), b"\xab\x12")
    assert begun == RUN and begun.begun == datetime(2026, 11, 24, 13, 45, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", "2611241345AB12", "2611241345ab1", "x2611241345ab12"])
def test_only_a_tag_that_holds_a_run_s_id_makes_a_thing_one_of_ours(value: str) -> None:
    assert runs.known({runs.TAG: value}) is None and runs.known({"cci-lite-live": RUN.id}) is None
    assert runs.known({runs.TAG: RUN.id}) == RUN


def test_the_copy_loads_and_shares_no_name_with_the_shipped_runbook(tmp_path: Path) -> None:
    path = tmp_path / "runbook.yaml"
    path.write_text(yaml.safe_dump(runs.runbook_of(RUN, SHIPPED), sort_keys=False))
    copy, shipped = load(path, REGISTRY), load(ROOT / "runbook.yaml", REGISTRY)
    assert copy.tags == {**shipped.tags, "cci-lite-live-run": RUN.id}
    assert names(copy) & names(shipped) == {"results", "documents"}  # tables, in a database of its own
    assert {each.meta.id for each in shipped.entries} - {each.meta.id for each in copy.entries} == {"alarm-email"}


def test_bucket_names_stay_within_what_s3_takes() -> None:
    longest = RUN.named("cci-lite-results-{account}-{region}-an").format(account="1" * 12, region="ap-southeast-1")
    assert len(longest) <= 63


def names(runbook: object) -> set[str]:
    """Every name that the runbook's steps give to things of the account."""
    said = ("alias", "name", "path", "config_path")
    settings = [each.settings for each in runbook.entries]  # type: ignore[attr-defined]
    return {str(value) for each in settings for key in said if (value := getattr(each, key, None))}
