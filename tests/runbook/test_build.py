"""What a runbook becomes: typed entries, and a graph of steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cci_lite.engine.model import Meta
from cci_lite.runbook import Phase, build, load
from cci_lite.steps import REGISTRY as SHIPPED
from cci_lite.steps.kind import Refers, Settings
from tests.runbook.writing import REGISTRY, TOP, bucket, key, loaded, phase, runbook

#: Steps are bound to it and do not call it.
CLOUD: Any = SimpleNamespace()


def test_an_entry_is_what_the_file_says_of_a_step(tmp_path: Path) -> None:
    text = TOP + "phases:\n" + phase(key()) + phase(bucket(key="master", plan="Shows it", adopt="true"), number=2)
    entry = loaded(tmp_path, text).entries[1]
    needs = frozenset({"master"})
    assert entry.meta == Meta("input", "bucket", 2, "A bucket", needs, needs, "Shows it", True)
    assert (entry.settings.name, entry.settings.key, entry.line) == ("input-files", "master", 13)


def test_phases_keep_their_stop(tmp_path: Path) -> None:
    text = TOP + "phases:\n" + phase(key(), stop="Halt") + phase(key("k2"), number=3)
    assert loaded(tmp_path, text).phases == (Phase(1, "A phase", "Halt"), Phase(3, "A phase", ""))


def test_steps_are_built_in_an_order_that_can_be_walked(tmp_path: Path) -> None:
    found = loaded(tmp_path, runbook(bucket(key="master"), key(), key("other")))
    assert build(found, REGISTRY, CLOUD).ids() == ("master", "input", "other")


def test_a_step_is_given_its_settings_and_everybody_elses(tmp_path: Path) -> None:
    found = loaded(tmp_path, runbook(key(), bucket(key="master")))
    step: Any = build(found, REGISTRY, CLOUD)["input"]
    assert step.settings is found.entries[1].settings
    assert step.context.cloud is CLOUD
    assert (step.context.tags, step.context.tenants) == (found.tags, found.tenants)
    assert step.context.settings == {each.meta.id: each.settings for each in found.entries}


def test_the_shipped_runbook_loads_and_names_every_step_once() -> None:
    found = load(Path(__file__).parents[2] / "runbook.yaml", SHIPPED)
    assert found.account is None
    assert found.entries[0].meta.id == "master-key"
    assert [each.number for each in found.phases] == sorted({each.meta.phase for each in (*found.entries, *found.off)})


def test_no_kind_has_a_setting_that_the_file_gives_to_all_steps() -> None:
    common = {"id", "kind", "title", "plan", "adopt", "after"}
    assert not {name for name, each in SHIPPED.items() if common & each.settings.model_fields.keys()}


def test_no_kind_is_a_part_of_two_things() -> None:
    for kind in SHIPPED.values():
        fields = kind.settings.model_fields.values()
        marks = [mark for each in fields for mark in each.metadata if isinstance(mark, Refers)]
        assert sum(each.whole for each in marks) <= 1


def test_every_kind_refuses_unknown_settings() -> None:
    assert all(issubclass(each.settings, Settings) for each in SHIPPED.values())
    assert {each.settings.model_config.get("extra") for each in SHIPPED.values()} == {"forbid"}


def test_references_of_the_shipped_kinds_name_kinds_that_exist() -> None:
    marks = [
        mark
        for kind in SHIPPED.values()
        for field in kind.settings.model_fields.values()
        for mark in _marks(field.annotation, field.metadata)
    ]
    assert marks and {each for mark in marks if isinstance(mark, Refers) for each in mark.kinds} <= SHIPPED.keys()


def test_reading_a_runbook_needs_no_client_of_aws() -> None:
    code = "import sys, cci_lite.runbook; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _marks(shape: Any, metadata: Any) -> list[Any]:
    inner = [each for part in getattr(shape, "__args__", ()) for each in _marks(part, ())]
    return [*metadata, *getattr(shape, "__metadata__", ()), *inner]


def test_in_the_shipped_runbook_parts_name_their_whole() -> None:
    found = load(Path(__file__).parents[2] / "runbook.yaml", SHIPPED)
    parts = {each.meta.id: each.meta.whole for each in found.entries if each.meta.whole}
    of_input = ("default-key", "lifecycle", "tls", "encrypted", "right-key", "folders")
    of_results = ("default-key", "lifecycle", "tls", "folders")
    assert parts == {
        "key-administrator": "master-key",
        "key-user": "master-key",
        **{f"input-{each}": "input-bucket" for each in of_input},
        **{f"results-{each}": "results-bucket" for each in of_results},
        "processor-policy": "processor-role",
        **dict.fromkeys(("processor-retries", "allow-bucket", "allow-rule", "allow-catch-up"), "processor"),
        "on-new-call": "input-bucket",
        "sample-call": "results-bucket",
        "alarm-email": "alarm-topic",
        **dict.fromkeys(("results-table", "documents-table"), "catalog"),
    }
