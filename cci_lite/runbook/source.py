"""YAML that remembers the line of every key and item. Knows PyYAML only.

Plain PyYAML forgets lines and silently takes the last of two equal keys; both would let mistakes through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cci_lite.runbook.problems import Problem, RunbookError

Path_ = tuple[str | int, ...]


@dataclass
class Source:
    """A parsed file. `data`: dicts, lists, scalars; `lines`: path of keys and indexes -> line (from 1)."""

    file: str
    data: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, *path: str | int) -> int:
        """The line of a key or item; of the nearest thing around it when it is not there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def refuse(self, path: Path_, reason: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, self.line(*path), reason, hint))

    def stop_at_problems(self) -> None:
        if self.problems:
            raise RunbookError(self.problems)


def read(path: Path) -> Source:
    """Parse a file. Raises RunbookError when it cannot be read or is no YAML mapping."""
    source = Source(path.name)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        source.refuse((), f"cannot be read: {error.strerror}", "give the file's place with --runbook")
    except UnicodeDecodeError as error:
        source.refuse((), f"is not UTF-8 text (byte {error.start})", "save it as UTF-8")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        source.problems.append(Problem(source.file, line, f"is not valid YAML: {getattr(error, 'problem', error)}"))
    else:
        if isinstance(root, yaml.MappingNode):
            source.lines[()] = 1
            source.data = _value(source, root, ())
        else:
            source.refuse((), "is empty or no mapping", "a runbook begins with `schema: cci-lite/runbook/1`")
    source.stop_at_problems()
    return source


def _value(source: Source, node: yaml.Node, path: Path_) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(source, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_item(source, each, (*path, index)) for index, each in enumerate(node.value)]
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        source.refuse(path, f"cannot be read as a value: {error}")
        return None


def _mapping(source: Source, node: yaml.MappingNode, path: Path_) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in found:
            here, first = key_node.start_mark.line + 1, source.line(*path, key)
            source.problems.append(Problem(source.file, here, f"`{key}` is given twice, first in line {first}"))
            continue
        source.lines[(*path, key)] = key_node.start_mark.line + 1
        found[key] = _value(source, value_node, (*path, key))
    return found


def _item(source: Source, node: yaml.Node, path: Path_) -> Any:
    source.lines[path] = node.start_mark.line + 1
    return _value(source, node, path)


def is_list(value: object) -> bool:
    """A YAML list (a string is a sequence in Python, not here)."""
    return isinstance(value, Sequence) and not isinstance(value, str)
