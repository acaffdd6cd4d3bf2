"""What the in-memory AWS clients share: checked requests, their record, and faults planned for any of them.

Every request is checked against botocore's own model of the operation; refusals are botocore's ClientError with
AWS's codes. Any call can be made to fail, before or after its effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

ACCOUNT = "111122223333"
KEY_ARN = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
DENIED = "Access Denied"
_NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")
_OUTPUT_KEY = re.compile(r"[a-zA-Z0-9\-_.!*'()/]{1,1024}")
_LANGUAGES = {"en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "zh-TW"}


class Killed(BaseException):
    """The process is gone: nothing of the function's own may catch this."""


def refusal(operation: str, code: str, message: str = "refused") -> ClientError:
    """AWS's error answer to an operation."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@cache
def _shape(service: str, operation: str) -> Any:
    return botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape


@dataclass
class Aws:
    """What all fakes share: the record of calls, and the fault planned for one of them.

    operations: names in order; plan(number, name, done) may raise, before (done False) and after each call's effect.
    """

    operations: list[str] = field(default_factory=list)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    plan: Callable[[int, str, bool], None] = lambda number, name, done: None

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.requests if name == operation]


def operation(method: Callable[..., Any]) -> Callable[..., Any]:
    """A client's method as boto3 would call it: keyword arguments only, checked, recorded, perhaps failing."""
    name = "".join(part.title() for part in method.__name__.split("_"))

    @wraps(method)
    def call(self: Any, **request: Any) -> Any:
        report = ParamValidator().validate(request, _shape(self.service, name))
        assert not report.has_errors(), report.generate_report()
        number = len(self.aws.operations)
        self.aws.operations.append(name)
        self.aws.requests.append((name, deepcopy(request)))
        self.aws.plan(number, name, False)
        answer = method(self, **request)
        self.aws.plan(number, name, True)
        return answer

    return call
