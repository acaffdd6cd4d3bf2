"""The emulator's application, its policy check and its state files. See the package's docstring."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from cci_lite.sandbox.calls import Call, Headers, Query, Refusal, Reply
from cci_lite.sandbox.ministack.telemetry import trim_telemetry

_app: Any = import_module("ministack.app")
_actions: Any = import_module("ministack.core.iam_actions")
_evaluator: Any = import_module("ministack.core.iam_evaluator")
_persistence: Any = import_module("ministack.core.persistence")
_responses: Any = import_module("ministack.core.responses")
_router: Any = import_module("ministack.core.router")
import_module("ministack.core.hypercorn_compat").install()

Handler = Callable[[str, str, Headers, bytes, Query], Awaitable[Reply]]
# The emulator's own handlers: what stands behind the layer.
ORIGINAL: dict[str, Handler] = dict(_app.SERVICE_HANDLERS)

application: Callable[..., Awaitable[None]] = _app.app


def install(service: str, handler: Handler) -> None:
    """Puts a handler before the emulator's own; it is called after signature and policy checks have passed."""
    _app.SERVICE_HANDLERS[service] = handler


class Extension(Protocol):
    """What the layer adds to the emulator's policy check; see `authorization`."""

    def action(self, service: str, path: str) -> str | None: ...

    def resource(
        self, service: str, operation: str, path: str, body: bytes, region: str, account: str
    ) -> str | None: ...

    def conditions(self, service: str, operation: str, body: bytes) -> dict[str, Any]: ...


def extend_policy_check(extension: Extension) -> None:
    """Names actions, resources and condition keys that the emulator leaves out of a policy's evaluation."""
    actions, resources, contexts = (
        _actions.extract_iam_action,
        _actions.extract_resource_arn,
        _actions.request_tag_context,
    )

    def iam_action(service: str, method: str, path: str, *rest: Any) -> Any:
        return extension.action(service, path) or actions(service, method, path, *rest)

    def arn(service: str, method: str, path: str, headers: Headers, body: bytes, *rest: Any) -> Any:
        operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        own = extension.resource(service, operation, path, body, region(), account())
        return own or resources(service, method, path, headers, body, *rest)

    def context(service: str, name: str, body: bytes, params: Any) -> Any:
        return {**extension.conditions(service, name.split(":", 1)[-1], body), **contexts(service, name, body, params)}

    _actions.extract_iam_action = iam_action
    _actions.extract_resource_arn = arn
    _actions.request_tag_context = context


def add_json_service(service: str, target_prefix: str) -> None:
    """Makes the router and the policy check know a JSON 1.1 service the emulator lacks."""
    _router.SERVICE_PATTERNS[service] = {"target_prefixes": [target_prefix + "."]}
    _actions.SERVICE_TO_IAM_NAMESPACE[service] = service


def add_rest_service(service: str) -> None:
    """Makes the router and the policy check know a REST-JSON service the emulator lacks, by its signature."""
    _router.SERVICE_PATTERNS[service] = {}
    _actions.SERVICE_TO_IAM_NAMESPACE[service] = service


def action(service: str, method: str, path: str, headers: Headers, body: bytes, query: Query) -> str:
    """The call's IAM action without its prefix, "" when the emulator knows none."""
    params = _app._routing_params(method, path, headers, body, query)
    found = _actions.extract_iam_action(service, method, path, headers, body, params)
    return found.split(":", 1)[1] if found else ""


def service_of(method: str, path: str, headers: Headers, query: Query) -> str:
    """The service a request is for, before its body is known."""
    return str(_router.detect_service(method, path, headers, query))


def serves(service: str) -> bool:
    """Whether anything answers for the service; the emulator itself refuses unknown Query actions."""
    return service in _app.SERVICE_HANDLERS or service == "unknown_query"


def form(call: Call) -> dict[str, str]:
    """The parameters of a Query-protocol call (IAM, SNS)."""
    params = _app._routing_params(call.method, call.path, call.headers, call.body, call.query)
    return {k: v[0] if isinstance(v, list) else v for k, v in params.items()}


def is_root_key(access_key_id: str) -> bool:
    """Whether the emulator would take this key for the account's root, which skips every policy."""
    return bool(_evaluator.is_root_access_key(access_key_id))


def knows_key(access_key_id: str) -> bool:
    """Whether the access key id belongs to a user of the account acted for."""
    return bool(_evaluator.find_iam_access_key_account(access_key_id) == account())


def access_key(headers: Headers, query: Query) -> str:
    """The access key id a request is signed with, "" when unsigned."""
    return str(_router.extract_access_key_id(headers, query))


def denied(call: Call, action_name: str, resource: str, context: dict[str, Any] | None = None) -> str | None:
    """Whether the caller may do something further; None when allowed, else the caller's ARN.

    `action_name` carries its prefix ("kms:Decrypt"). Only for a call whose signature has been checked.
    """
    service = action_name.split(":", 1)[0]
    key = access_key(call.headers, call.query)
    result = _evaluator.enforce(key, action_name, service, region(), resource_arn=resource, service_context=context)
    if result is None:
        return None
    return str(getattr(result, "principal_arn", "") or caller())


def caller() -> str:
    """The ARN of the caller of the request being served."""
    return str(_evaluator.caller_arn())


def secure_transport() -> bool:
    """Whether the request being served came over TLS."""
    return bool(_evaluator._request_origin.get()[1])


def region() -> str:
    return str(_responses.get_region())


def account() -> str:
    return str(_responses.get_account_id())


@contextlib.contextmanager
def acting_for(account_id: str, region_name: str) -> Iterator[None]:
    """Pins account and region for work done outside a request."""
    with _responses.request_scope(account_id, region_name):
        yield


async def internal(
    service: str, method: str, path: str, headers: Headers, body: bytes = b"", query: Query | None = None
) -> Reply:
    """A call to the emulator itself, past signatures, policies and the layer. Raises Refusal for an error answer."""
    if service == "s3":
        # Without `internal` an unsigned S3 call is anonymous.
        s3: Any = import_module("ministack.services.s3")
        reply_to = s3.handle_request(method, path, headers, body, query or {}, internal=True)
    else:
        reply_to = ORIGINAL[service](method, path, headers, body, query or {})
    status, reply_headers, reply = await reply_to
    if status >= 400:
        raise Refusal("InternalFailure", f"{service} answered {status}: {bytes(reply)[:300]!r}", 500)
    return status, reply_headers, reply


class Saver:
    """Writes the state of the services that changed since the last time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved: dict[str, str] = {}

    def save(self) -> None:
        """Returns when everything is in its files. 3-5 ms when little changed."""
        trim_telemetry()
        for name, get_state in _app._build_persistence_save_dict().items():
            text = _serialised(name, get_state)
            if text is not None and self._saved.get(name) != text:
                _replace(self._folder / f"{name}.json", text)
                self._saved[name] = text


def _serialised(name: str, get_state: Callable[[], Any]) -> str | None:
    while True:
        try:
            state = get_state()
            if state is None:
                return None
            wrapped = {"__ministack_format__": _persistence._state_format_version(name), "payload": state}
            return json.dumps(wrapped, default=_persistence._json_default)
        except RuntimeError as error:
            # A worker thread added an entry while it was being read: read again.
            if "during iteration" not in str(error):
                raise


def _replace(path: Path, text: str) -> None:
    scratch = path.with_suffix(".new")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)
