"""What moto forgets of what it was told, kept here and given back: tags, size filters, blocked keys, a log group."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Reply = tuple[int, Mapping[str, str], bytes]
Put = Callable[[str, bytes, Mapping[str, str]], None]
_KEPT = ("host", "authorization", "x-amz-date")
_DOCUMENTS = ("lifecycle", "encryption")
_TAGS = re.compile(rb"<Tags>(.*)</Tags>", re.DOTALL)
_FUNCTION = re.compile(r"^/2015-03-31/functions/([^/]+)$")


@dataclass
class Gaps:
    """documents: (bucket path, kind) -> XML as it was put; logging: function -> LoggingConfig."""

    documents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    logging: dict[str, object] = field(default_factory=dict)

    def forget(self) -> None:
        self.documents.clear()
        self.logging.clear()

    def filled(self, method: str, path: str, headers: Mapping[str, str], body: bytes, reply: Reply, put: Put) -> Reply:
        """moto's reply, with what it left out."""
        if reply[0] >= 300:
            return reply
        url = urlsplit(path)
        if method == "PUT" and not url.query and (tags := _TAGS.search(body)):
            kept = {name: value for name, value in headers.items() if name.lower() in _KEPT}
            put(f"{url.path}?tagging", b"<Tagging><TagSet>" + tags.group(1) + b"</TagSet></Tagging>", kept)
        which = (url.path, url.query)
        if method == "PUT" and url.query in _DOCUMENTS:
            self.documents[which] = body
        if method == "DELETE":
            self.documents.pop(which, None)
        if method == "GET" and which in self.documents:
            return reply[0], reply[1], self.documents[which]
        return self._function(method, url.path, body, reply)

    def _function(self, method: str, path: str, body: bytes, reply: Reply) -> Reply:
        if method == "POST" and path == "/2015-03-31/functions":
            told = json.loads(body)
            self.logging[told["FunctionName"]] = told.get("LoggingConfig")
        found = _FUNCTION.match(path)
        if method != "GET" or not found or not self.logging.get(found[1]):
            return reply
        answer = json.loads(reply[2])
        answer["Configuration"]["LoggingConfig"] = self.logging[found[1]]
        return reply[0], reply[1], json.dumps(answer).encode()
