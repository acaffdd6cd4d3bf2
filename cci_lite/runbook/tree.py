"""YAML nodes -> dicts, lists and scalars, noting lines. Knows PyYAML only.

Done by hand because PyYAML's own constructor drops lines and equal keys, and follows anchors without end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

_MERGE = "tag:yaml.org,2002:merge"
_PLAIN = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
#: Anchors within anchors can stand for billions of values; the largest sensible runbook has some thousand.
_MOST_VALUES = 50_000
_READ_AS = {bool: "true or false", int: "a number", float: "a number", type(None): "nothing"}

_Path = tuple[str | int, ...]
_Pairs = dict[str, tuple[yaml.Node, yaml.Node]]


class Tree:
    """One conversion. `lines` and `texts` are filled by path; `stopped` when it was given up half-way."""

    def __init__(
        self, refuse: Callable[[int, str, str], None], lines: dict[_Path, int], texts: dict[_Path, str]
    ) -> None:
        self.stopped = False
        self._refuse, self._lines, self._texts = refuse, lines, texts
        self._count = 0
        self._open: set[int] = set()

    def value(self, node: Any, path: _Path) -> Any:
        """The node as dict, list, str, int, float, bool or None."""
        self._lines.setdefault(path, _line(node))
        if self._is_endless(node):
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if node.tag not in _PLAIN:
            self._refuse(_line(node), f"the YAML tag `{node.tag}` is not allowed", "remove it")
        self._open.add(id(node))
        try:
            return self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        finally:
            self._open.discard(id(node))

    def _is_endless(self, node: yaml.Node) -> bool:
        self._count += 1
        if self.stopped:
            return True
        if id(node) in self._open:
            self._refuse(_line(node), "an anchor contains itself", "")
            self.stopped = True
        elif self._count > _MOST_VALUES:
            self._refuse(_line(node), f"more than {_MOST_VALUES} values stand here once anchors are followed", "")
            self.stopped = True
        return self.stopped

    def _list(self, node: Any, path: _Path) -> list[Any]:
        return [self.value(each, (*path, index)) for index, each in enumerate(node.value)]

    def _mapping(self, node: Any, path: _Path) -> dict[str, Any]:
        pairs, found = self._pairs(node), dict[str, Any]()
        for key, (key_node, value_node) in pairs.items():
            self._lines[(*path, key)] = _line(key_node)
            found[key] = self.value(value_node, (*path, key))
        return found

    def _pairs(self, node: Any) -> _Pairs:
        """The mapping's own keys, and below them those it merges in with `<<`."""
        own, merged = _Pairs(), _Pairs()
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                for key, pair in self._merged(value_node).items():
                    merged.setdefault(key, pair)
                continue
            name = self._key(key_node)
            if name in own:
                self._refuse(_line(key_node), f"`{name}` is given twice, first in line {_line(own[name][0])}", "")
            elif name is not None:
                own[name] = (key_node, value_node)
        return {**merged, **own}

    def _merged(self, node: Any) -> _Pairs:
        if self._is_endless(node):
            return {}
        found = _Pairs()
        self._open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            found = self._pairs(node)
        elif isinstance(node, yaml.SequenceNode):
            for each in node.value:
                found = {**self._merged(each), **found}
        else:
            self._refuse(_line(node), "`<<` merges mappings only", "give it the alias of a mapping, as in `<<: *name`")
        self._open.discard(id(node))
        return found

    def _key(self, node: Any) -> str | None:
        """The key, or None after a complaint: `1`, `on` and `~` are no text in YAML 1.1."""
        if not isinstance(node, yaml.ScalarNode):
            self._refuse(_line(node), "a key must be text, not a list or a mapping", "")
            return None
        value = self._scalar(node, None)
        if isinstance(value, str):
            return value
        self._refuse(_line(node), f"the key `{node.value}` is read as {_READ_AS[type(value)]}", "put it in quotes")
        return None

    def _scalar(self, node: yaml.ScalarNode, path: _Path | None) -> Any:
        if path is not None:
            self._texts[path] = node.value
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError):
            self._refuse(_line(node), f"`{node.value}` cannot be read as {_short(node.tag)}", "put it in quotes")
            return node.value
        if isinstance(value, str):
            return self._unicode(node, value)
        if type(value) not in _READ_AS:
            self._refuse(_line(node), f"`{node.value}` is read as {_short(node.tag)}", "put it in quotes")
            return node.value
        return value

    def _unicode(self, node: yaml.ScalarNode, value: str) -> str:
        if any("\ud800" <= each <= "\udfff" for each in value):
            self._refuse(_line(node), "half of a surrogate pair is no character", "")
            return ""
        return value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _short(tag: str) -> str:
    names = {"timestamp": "a date", "int": "a number", "float": "a number", "binary": "binary data"}
    return names.get(tag.rpartition(":")[2], f"`{tag}`")
