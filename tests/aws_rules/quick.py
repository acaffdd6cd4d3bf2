"""botocore and moto without work that no test looks at, done once here instead of at every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any
from unittest.mock import patch

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.hooks import EventAliaser
from botocore.useragent import UserAgentString
from moto import backend_index, backends
from moto.core import responses
from moto.core.base_backend import BaseBackend
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import method_names_from_class
from moto.kms import models as kms
from moto.kms.utils import generate_private_key

_addresses: Callable[[BaseBackend], dict[str, Any]] = vars(BaseBackend)["urls"].fget
_renamed: Callable[[EventAliaser, str], str] = EventAliaser._alias_event_name
_names: Callable[[XFormedAttributePicker, AttributePickerContext], Iterator[str]] = (
    XFormedAttributePicker.get_possible_keys
)


@contextmanager
def quick() -> Iterator[None]:
    """A service's addresses and operations, a KMS key's private key (nothing is signed with it), the client's name.

    What botocore calls an event today, which each client finds out for itself. Signatures, which moto does not read,
    the names under which it looks for what it answers, the randomness of a request's id.
    """
    by_service: dict[type[BaseBackend], dict[str, Any]] = {}

    def urls(backend: BaseBackend) -> dict[str, Any]:
        if type(backend) not in by_service:
            by_service[type(backend)] = _addresses(backend)
        return by_service[type(backend)]

    with (
        patch.object(BaseBackend, "urls", property(urls)),
        patch.object(kms, "generate_private_key", _private_key),
        patch.object(responses, "method_names_from_class", cache(method_names_from_class)),
        patch.object(UserAgentString, "to_string", lambda _: "cci-lite-tests"),
        patch.object(EventAliaser, "_alias_event_name", _renamed_once),
        patch.object(SigV4Auth, "add_auth", _signed),
        patch.object(backend_index, "backend_url_patterns", _patterns()),
        patch.object(backends, "get_backend", cache(backends.get_backend)),
        patch.object(XFormedAttributePicker, "get_possible_keys", _names_once),
        patch.object(responses, "gen_amzn_requestid_long", _numbered),
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
    """S3's first: most calls are its own, and moto asks 140 others before them whose an address is."""
    return sorted(backend_index.backend_url_patterns, key=lambda each: each[0] != "s3")


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
