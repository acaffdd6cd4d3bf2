"""The scripts of a page take seconds to put together: they are kept, whole, and never needed to be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cci_lite.dashboard import library


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The Vega-Lite versions that scripts were put together for."""
    asked: list[str] = []

    def bundle(snippet: str, vl_version: str) -> str:
        asked.append(vl_version)
        return f"{snippet}\r\n// “{vl_version}”\n"

    library._together.cache_clear()
    monkeypatch.setattr(library.vl_convert, "javascript_bundle", bundle)
    yield asked
    library._together.cache_clear()


def test_they_are_put_together_once_and_read_as_they_were(made: list[str], tmp_path: Path) -> None:
    first = library.library(tmp_path / "cache")
    library._together.cache_clear()
    assert library.library(tmp_path / "cache") == first == f"window.vegaEmbed = vegaEmbed;\r\n// “{made[0]}”\n"
    assert len(made) == 1


@pytest.mark.parametrize(("name", "other"), [("SCHEMA_VERSION", "v9.9.9"), ("version_of", lambda _: "9.9.9")])
def test_others_are_made_for_another_version(
    made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, other: object
) -> None:
    library.library(tmp_path)
    library._together.cache_clear()
    monkeypatch.setattr(library, name, other)
    library.library(tmp_path)
    assert len(made) == len(list(tmp_path.iterdir())) == 2


def test_what_cannot_be_kept_is_made_again(made: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert library.library(tmp_path / "file").startswith("window.vegaEmbed")


def test_nothing_is_left_of_what_could_not_be_finished(
    made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert library.library(tmp_path).startswith("window.vegaEmbed")
    assert list(tmp_path.iterdir()) == []
