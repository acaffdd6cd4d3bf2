"""What went wrong, for a person: what was tried, what AWS said, why, and what to do. May import aws.errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cci_lite.cli.screen import safe
from cci_lite.runbook import Risk


def explained(error: BaseException, risks: Iterable[Risk], step: str = "") -> Iterator[str]:
    """Lines of an explanation, most important first."""
    from cci_lite.aws import errors

    code = errors.code(error)
    if not code:
        yield safe(f"{step + ': ' if step else ''}{error}")
        return
    operation = getattr(error, "operation_name", "a call")
    service = errors.service(error)
    what = f"{service}:{operation}" if service else operation
    yield safe(f"{step + ': ' if step else ''}{what} was refused: {code}: {errors.message(error)}")
    if request := errors.request_id(error):
        yield f"request id {safe(request)}"
    risk = _risk(risks, service, code, errors.message(error))
    if risk is not None:
        yield safe(f"why: {risk.reason}")
        yield safe(f"next: {risk.hint}")


def _risk(risks: Iterable[Risk], service: str, code: str, message: str) -> Risk | None:
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
