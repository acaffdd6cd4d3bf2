"""What a Converse request asks: the JSON schema, the transcript's turns, the rubric. Standard library only.

The transcript is cut out first and only ever read as turns: nothing said in it can name a schema or a rubric.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LINE = re.compile(r"^\[(\d+)\]\s*([^\s:]+)(?:\s+\d+:\d\d(?::\d\d)?)?\s*:\s?(.*)$")
_OPEN, _CLOSE = "<transcript>", "</transcript>"
# From the last opening tag before a closing one: the prose around may name the tags, too.
_SCHEMA = re.compile(r"<schema>((?:(?!<schema>).)*?)</schema>", re.DOTALL)
_RUBRIC_LINE = re.compile(
    r"^\s*[-*]?\s*(?P<id>[\w-]+)\s*(?:\((?P<points>\d+)[^)\n]*\))?\s*[:|]\s*(?P<question>[^\n]*\?)", re.MULTILINE
)
_AGENT_SAYS = re.compile(r"thank you for calling|how (?:can|may) i help|my name is|this is \w+ speaking", re.IGNORECASE)


@dataclass(frozen=True)
class Turn:
    """One line of the transcript: its number as written, who spoke (`agent`, `customer` or another label), the text."""

    number: int
    speaker: str
    text: str


@dataclass(frozen=True)
class Question:
    """One question of the tenant's QA rubric."""

    id: str
    question: str
    points: float


@dataclass(frozen=True)
class Asked:
    """A request read. `schema` is None for prose; `tool` names the tool whose input is the answer."""

    schema: Mapping[str, Any] | None
    turns: tuple[Turn, ...]
    rubric: tuple[Question, ...]
    tool: str | None = None


def read(request: Mapping[str, Any]) -> Asked:
    """Reads a Converse body. Raises KeyError or TypeError on a body that is not one."""
    system = "\n".join(block["text"] for block in request.get("system") or () if "text" in block)
    users = [
        block["text"]
        for message in request["messages"]
        if message["role"] == "user"
        for block in message["content"]
        if "text" in block
    ]
    pairs = [_split(text) for text in users]
    around = "\n".join([system, *(outside for outside, _ in pairs)])
    # A request that merges summaries has no transcript: its own text is what there is to read.
    alone = _SCHEMA.sub("", users[-1]) if users else ""
    inside = next((inside for _, inside in pairs if inside is not None), alone)
    tool, tool_schema = _tool(request)
    schema = next(_schemas(around), None) or _output_schema(request) or tool_schema
    prose = _SCHEMA.sub("", around)
    rubric = list(_rubric(prose)) or list(_rubric_lines(prose)) or list(_rubric_ids(schema))
    return Asked(schema, tuple(_turns(inside)), tuple(rubric), tool)


def _split(text: str) -> tuple[str, str | None]:
    """(the text around, the transcript): from the tag that opens a line to the last one that closes."""
    start = re.search(rf"^{_OPEN}\s*$", text, re.MULTILINE)
    begin = start.start() if start else text.find(_OPEN)
    end = text.rfind(_CLOSE)
    if begin < 0 or end < begin:
        return text, None
    return text[:begin] + text[end + len(_CLOSE) :], text[begin + len(_OPEN) : end]


def _schemas(text: str) -> Iterator[Mapping[str, Any]]:
    for match in _SCHEMA.finditer(text):
        found = _json(match.group(1))
        if isinstance(found, dict):
            yield found


def _json(text: str) -> Any:
    """The JSON value, or None: prose may name the tags without a document between them."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _output_schema(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """outputConfig.textFormat.structure.jsonSchema.schema, a document as text (API_runtime_Converse.html)."""
    structure = ((request.get("outputConfig") or {}).get("textFormat") or {}).get("structure") or {}
    given = (structure.get("jsonSchema") or {}).get("schema")
    found = _json(given) if isinstance(given, str) else given
    return found if isinstance(found, dict) else None


def _tool(request: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any] | None]:
    """The tool the request wants called: the chosen one, else the first."""
    config = request.get("toolConfig") or {}
    specs = [tool["toolSpec"] for tool in config.get("tools", ()) if "toolSpec" in tool]
    if not specs:
        return None, None
    wanted = ((config.get("toolChoice") or {}).get("tool") or {}).get("name")
    spec = next((spec for spec in specs if spec["name"] == wanted), specs[0])
    return spec["name"], spec["inputSchema"]["json"]


def _turns(text: str) -> list[Turn]:
    turns: list[Turn] = []
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if match:
            turns.append(Turn(int(match.group(1)), match.group(2), match.group(3).strip()))
        elif line.strip() and turns:
            last = turns[-1]
            turns[-1] = Turn(last.number, last.speaker, f"{last.text} {line.strip()}")
        elif line.strip():
            turns.append(Turn(len(turns), "speaker", line.strip()))
    return _with_roles(turns)


def _with_roles(turns: list[Turn]) -> list[Turn]:
    """Speaker labels become agent and customer: who greets as an agent does, else who speaks first."""
    labels = list(dict.fromkeys(turn.speaker for turn in turns))
    if len(labels) < 2 or "agent" in labels or "customer" in labels:
        return turns
    agent = next((turn.speaker for turn in turns if _AGENT_SAYS.search(turn.text)), labels[0])
    return [Turn(turn.number, "agent" if turn.speaker == agent else "customer", turn.text) for turn in turns]


def _rubric(text: str) -> Iterator[Question]:
    """The objects with an id and a question in any JSON list of the prompt."""
    decoder = json.JSONDecoder()
    position = 0
    while (position := text.find("[", position)) >= 0:
        try:
            found, end = decoder.raw_decode(text, position)
        except ValueError:
            position += 1
            continue
        position = end
        yield from (_question(one) for one in found if isinstance(one, dict) and "question" in one and "id" in one)


def _rubric_lines(text: str) -> Iterator[Question]:
    """Lines such as `- greeting (10 points): Did the agent greet the customer?`."""
    for match in _RUBRIC_LINE.finditer(text):
        yield Question(match["id"], match["question"].strip(), float(match["points"] or 1))


def _rubric_ids(schema: Any) -> Iterator[Question]:
    """The ids a schema lists where the prompt does not say the questions: the id is all that is known."""
    if isinstance(schema, list):
        for inner in schema:
            yield from _rubric_ids(inner)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict) and "answer" in properties and "id" in properties:
        yield from (Question(str(one), str(one), 1.0) for one in properties["id"].get("enum") or ())
    for inner in schema.values():
        yield from _rubric_ids(inner)


def _question(one: Mapping[str, Any]) -> Question:
    points = one.get("points", 1)
    return Question(str(one["id"]), str(one["question"]), float(points) if isinstance(points, int | float) else 1.0)
