"""What went wrong, for a person: what was tried, what AWS said, why, and what to do. May import aws.errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from botocore.exceptions import BotoCoreError

from cci_lite.aws import errors
from cci_lite.cli.screen import safe
from cci_lite.runbook import Risk


def explained(error: BaseException, risks: Iterable[Risk], step: str = "") -> Iterator[str]:
    """`explanation`, fit for a console."""
    return (safe(line) for line in explanation(error, risks, step))


def explanation(error: BaseException, risks: Iterable[Risk], step: str = "") -> Iterator[str]:
    """Lines, most important first."""
    code, who = errors.code(error), f"{step}: " if step else ""
    if not code:
        yield f"{who}{_words(error)}"
        return
    operation = getattr(error, "operation_name", "a call")
    service = errors.service(error)
    what = f"{service}:{operation}" if service else operation
    yield f"{who}{what} was refused: {code}: {errors.message(error)}"
    if request := errors.request_id(error):
        yield f"request id {request}"
    risk = risk_of(error, risks)
    if risk is not None:
        yield f"why: {risk.reason}"
        yield f"next: {risk.hint}"


def _words(error: BaseException) -> str:
    """A sentence as it is; for a bug, whose text may be one bare word, its kind as well."""
    ours = type(error).__module__.startswith("cci_lite.") or isinstance(error, BotoCoreError)
    return str(error) if ours else f"{type(error).__name__}: {error}"


def risk_of(error: BaseException, risks: Iterable[Risk]) -> Risk | None:
    """What the risk table has to say of a refusal by AWS."""
    service, code, message = errors.service(error), errors.code(error), errors.message(error)
    return next(
        (
            each
            for each in risks
            if each.code == code
            and (not each.service or not service or each.service == service)
            and each.contains.lower() in message.lower()
        ),
        None,
    )
