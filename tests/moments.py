"""A moment of an account on strict moto, to go back to: that takes milliseconds, the runbook's calls a second."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable
from dataclasses import dataclass, fields
from threading import RLock
from types import FunctionType
from typing import Any
from weakref import WeakValueDictionary

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.core.base_backend import BackendDict, BaseBackend
from moto.ssm.models import ParameterDict

from tests.aws_rules import Call, Rules
from tests.engine.fakes import FakeClock

#: Fields of the rules that are no state of the account.
_APART = ("session", "clock", "lock", "calls")
_NAMED = (BaseBackend, FunctionType, RSAPrivateKey)


@dataclass(frozen=True)
class Moment:
    """What moto, the rules and the clock held. named: by number, what the copy names instead of holding it.
    calls: made up to then."""

    copy: bytes
    named: tuple[Any, ...]
    calls: tuple[Call, ...]


def remember(rules: Rules, clock: FakeClock) -> Moment:
    """This moment, of which later changes change nothing."""
    written = io.BytesIO()
    writer = _Writer(written)
    held = [(backend, vars(backend)) for backend in _backends()]
    writer.dump((held, {name: getattr(rules, name) for name in _fields()}, vars(clock)))
    return Moment(written.getvalue(), tuple(writer.named), tuple(rules.calls))


def go_back(moment: Moment, rules: Rules, clock: FakeClock) -> None:
    """Everything is as it was then, and no call was made yet: also in another account than the one that was
    remembered."""
    for each in list(_backends()):
        each.reset()
    held, of_rules, of_clock = _Reader(moment).load()
    for backend, values in held:
        vars(backend).clear()
        vars(backend).update(values)
    for name, value in of_rules.items():
        setattr(rules, name, value)
    vars(clock).update(of_clock)
    rules.forget()


def _backends() -> Iterable[BaseBackend]:
    """A service in a region; all that were ever asked for something."""
    return (backend for each in BackendDict._instances for _, _, backend in each.iter_backends())


def _fields() -> list[str]:
    return [each.name for each in fields(Rules) if each.name not in _APART]


@dataclass(frozen=True)
class _Place:
    """Where a service in a region is found, which moto makes anew for each account."""

    service: BackendDict[Any]
    account: str
    region: str


def _place(backend: BaseBackend) -> _Place:
    found = (
        _Place(each, account, region)
        for each in BackendDict._instances
        for account, region, one in each.iter_backends()
        if one is backend
    )
    return next(found)


class _Writer(pickle.Pickler):
    """What never changes is named, and so are services, which every account has of its own."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.named: list[Any] = []

    def persistent_id(self, thing: Any) -> int | None:
        if not isinstance(thing, _NAMED):
            return None
        self.named.append(_place(thing) if isinstance(thing, BaseBackend) else thing)
        return len(self.named) - 1

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, ParameterDict):  # a dictionary that cannot be made as dictionaries are
            return ParameterDict, (thing.account_id, thing.region_name), vars(thing), None, iter(thing.items())
        if isinstance(thing, WeakValueDictionary):
            return WeakValueDictionary, (dict(thing),)
        if isinstance(thing, type(RLock())):
            return RLock, ()
        return NotImplemented


class _Reader(pickle.Unpickler):
    def __init__(self, moment: Moment) -> None:
        super().__init__(io.BytesIO(moment.copy))
        self.named = moment.named

    def persistent_load(self, number: int) -> Any:
        named = self.named[number]
        if not isinstance(named, _Place):
            return named
        return named.service[named.account][named.region]
