"""YAML that remembers the line of every key and item. Knows PyYAML only.

Plain PyYAML forgets lines and silently takes the last of two equal keys; both would let mistakes through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml

from cci_lite.runbook.problems import Problem, RunbookError
from cci_lite.runbook.tree import Tree

Path_ = tuple[str | int, ...]
_BEGIN = "a runbook begins with `schema: cci-lite/runbook/1`"


@dataclass
class Source:
    """A parsed file. `data`: dicts, lists, scalars; `lines`: path of keys and indexes -> line (from 1);
    `texts`: path of a scalar -> how it is written."""

    file: str
    data: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    texts: dict[Path_, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, *path: str | int) -> int:
        """The line of a key or item; of the nearest thing around it when it is not there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def refuse(self, path: Path_, reason: str, hint: str = "") -> None:
        self.refuse_line(self.line(*path), reason, hint)

    def refuse_line(self, line: int, reason: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, line, _printable(reason), _printable(hint)))

    def section(self, key: str) -> Mapping[str, Any]:
        """A mapping at the top of the file; empty when it is missing or something else."""
        found = self.data.get(key)
        return found if isinstance(found, Mapping) else {}

    def items(self, *path: str | int) -> Sequence[Any]:
        """The items of a list of the file; none when it is missing or something else."""
        found = self.data
        for each in path:
            found = found.get(each) if isinstance(found, Mapping) else found[int(each)]
        return found if is_list(found) else ()

    def stop_at_problems(self) -> None:
        if self.problems:
            raise RunbookError(self.problems)


def read(path: Path) -> Source:
    """Parse a file. Raises RunbookError when it cannot be read or is no YAML mapping.

    Equal keys, keys and values that are no text or number and the like are left in `problems`.
    """
    source = Source(_shown(path))
    root = _parse(source, _text(source, path))
    source.stop_at_problems()
    if root is None:
        source.refuse((), "is empty", _BEGIN)
    elif not isinstance(root, yaml.MappingNode):
        source.refuse((), "is not a mapping of keys to values", _BEGIN)
    source.stop_at_problems()
    tree = Tree(source.refuse_line, source.lines, source.texts)
    source.data = tree.value(root, ())
    if tree.stopped:
        source.stop_at_problems()
    return source


def _shown(path: Path) -> str:
    """From where the operator stands, if it lies below; else in full."""
    here, whole = Path.cwd(), path.absolute()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def is_list(value: object) -> bool:
    """A YAML list (a string is a sequence in Python, not here)."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def _printable(text: str) -> str:
    """Keys are quoted in complaints, and may hold line ends and escape codes for terminals."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _text(source: Source, path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        source.refuse((), f"cannot be read: {error.strerror}", "give the file's place with --runbook")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        source.refuse_line(line, "is not UTF-8 text", "save the file as UTF-8")
    return ""


_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


#: Far more than a runbook needs. libyaml follows what is nested until its stack ends, and takes the process with it.
_LONGEST, _DEEPEST = 1_000_000, 100
_BRACKETS = re.compile(r"[\[\]{}]")


def _too_much(text: str) -> str:
    """Why it is not even tried to read this; counted over the text, so that brackets in words count as well."""
    if len(text) > _LONGEST:
        return f"is larger than the {_LONGEST:,} characters that a runbook can have"
    inside = accumulate(-1 if each in "]}" else 1 for each in _BRACKETS.findall(text))
    lines = max((len(each) - len(each.lstrip(" -")) for each in text.splitlines()), default=0) // 2
    return "is nested too deeply to be a runbook" if max(0, lines, *inside) > _DEEPEST else ""


def _parse(source: Source, text: str) -> yaml.Node | None:
    """libyaml reads ten times as fast; what it refuses is read once more by PyYAML's own parser, which says why."""
    if refused := _too_much(text):
        source.refuse((), refused)
        return None
    with suppress(yaml.YAMLError):
        return yaml.compose(text, Loader=_FAST)
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        name = f"U+{ord(text[error.position]):04X}"
        source.refuse_line(line, f"is not valid YAML: the character {name} may not stand here")
    except yaml.MarkedYAMLError as error:
        source.refuse_line(_line_of(error), f"is not valid YAML: {_complaint(error)}")
    except RecursionError:
        source.refuse((), "is nested too deeply to be a runbook")
    return None


def _line_of(error: yaml.MarkedYAMLError) -> int:
    """A text whose end is missing is found out at the end of the file; the mistake is where it begins."""
    mark = error.context_mark if "quoted scalar" in (error.context or "") else error.problem_mark
    return mark.line + 1 if mark else 1


def _complaint(error: yaml.MarkedYAMLError) -> str:
    """The parser's words; for a second document they make no sense alone."""
    if error.problem == "but found another document":
        return "a second document begins here"
    return " ".join(str(each) for each in (error.context, error.problem) if each)
