"""botocore and moto without work that no test looks at, done once here instead of at every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.hooks import EventAliaser
from botocore.useragent import UserAgentString
from moto import backend_index, backends
from moto.core import request as requests
from moto.core import responses
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.errors import ErrorLookupFactory
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import method_names_from_class
from moto.kms import models as kms
from moto.kms.utils import generate_private_key

_SERVICES = ("s3", "kms", "iam", "lambda", "ssm", "glue", "events", "sns", "logs", "sqs", "sts", "cloudwatch", "athena")
_addresses: Callable[[BaseBackend], dict[str, Any]] = vars(BaseBackend)["urls"].fget
_renamed: Callable[[EventAliaser, str], str] = EventAliaser._alias_event_name
_names: Callable[[XFormedAttributePicker, AttributePickerContext], Iterator[str]] = (
    XFormedAttributePicker.get_possible_keys
)


@contextmanager
def quick() -> Iterator[None]:
    """A service's addresses and operations, a KMS key's private key (nothing is signed with it), the client's name.

    What botocore calls an event today, which each client finds out for itself. Signatures, which moto does not read,
    the names under which it looks for what it answers, a service's errors, the randomness of a request's id, and the
    forms and files that a request might have.
    """
    with (
        patch.object(BaseBackend, "urls", property(_addresses_once)),
        patch.object(kms, "generate_private_key", _private_key),
        patch.object(ErrorLookupFactory, "_create_error_lut", staticmethod(_errors)),
        patch.object(responses, "camelcase_to_underscores", _operation),
        patch.object(responses, "method_names_from_class", _operations),
        patch.object(UserAgentString, "to_string", lambda _: "cci-lite-tests"),
        patch.object(EventAliaser, "_alias_event_name", _renamed_once),
        patch.object(SigV4Auth, "add_auth", _signed),
        patch.object(backend_index, "backend_url_patterns", _patterns()),
        patch.object(backends, "get_backend", _backend),
        patch.object(XFormedAttributePicker, "get_possible_keys", _names_once),
        patch.object(responses, "gen_amzn_requestid_long", _numbered),
        patch.object(BackendDict, "_create_account_specific_backend", _account_once),
        patch.object(requests.Request, "from_values", _from_values),
    ):
        yield


def _signed(auth: SigV4Auth, request: AWSRequest) -> None:
    """Whose call it is, for which service and region: what moto reads of a signature."""
    request.context["timestamp"] = "20260101T000000Z"
    auth._modify_request_before_signing(request)  # says how the body is encoded
    scope = f"{auth.credentials.access_key}/20260101/{auth._region_name}/{auth._service_name}/aws4_request"
    told = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
    request.headers["Authorization"] = told


def _patterns() -> list[Any]:
    """Those of our services first, S3 before all: moto asks up to 140 others before them whose an address is."""
    place = {service: number for number, service in enumerate(_SERVICES)}
    return sorted(backend_index.backend_url_patterns, key=lambda each: place.get(each[0], len(place)))


_by_service: dict[type[BaseBackend], dict[str, Any]] = {}


def _addresses_once(backend: BaseBackend) -> dict[str, Any]:
    if type(backend) not in _by_service:
        _by_service[type(backend)] = _addresses(backend)
    return _by_service[type(backend)]


_events: dict[str, str] = {}


def _renamed_once(aliaser: EventAliaser, event: str) -> str:
    if event not in _events:
        _events[event] = _renamed(aliaser, event)
    return _events[event]


_known: dict[tuple[Any, str, type], tuple[str, ...]] = {}


def _names_once(picker: XFormedAttributePicker, context: AttributePickerContext) -> tuple[str, ...]:
    place = (context.shape, context.key, type(context.obj))
    if place not in _known:
        _known[place] = tuple(_names(picker, context))
    return _known[place]


_numbers = count()


def _numbered(headers: dict[str, Any]) -> str:
    number = f"{next(_numbers):052}"
    headers["x-amzn-requestid"] = number
    return number


_private_key = cache(generate_private_key)
_errors = cache(ErrorLookupFactory._create_error_lut)
_operation = cache(responses.camelcase_to_underscores)
_operations = cache(method_names_from_class)
_backend = cache(backends.get_backend)


_begun = BackendDict._create_account_specific_backend


def _account_once(services: BackendDict[Any], account: str) -> None:
    """Whatever holds an account was noted when it was made, and both go together when all is reset."""
    if not dict.__contains__(services, account):
        _begun(services, account)


def _from_values(method: str, base_url: str, path: str, query_string: str, data: Any, headers: Any) -> requests.Request:
    """As werkzeug makes it for tests, which prepares for forms and files that no client of AWS sends."""
    scheme, _, host = base_url.partition("://")
    body = data.read() if hasattr(data, "read") else data
    body = body.encode() if isinstance(body, str) else bytes(body)
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path).encode().decode("latin1"),
        "QUERY_STRING": query_string,
        "RAW_URI": path or "/",
        "SERVER_NAME": host,
        "SERVER_PORT": "443" if scheme == "https" else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(body),
    }
    environ.update((requests.environ_key_for_header(name), value) for name, value in headers)
    return requests.Request({**environ, "HTTP_HOST": host, "CONTENT_LENGTH": str(len(body))})
