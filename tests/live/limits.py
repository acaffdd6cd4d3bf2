"""Whether a live run may begin: pinned account, budget, an account without a cci-lite. Pure decisions.

Prices are aws-facts 14's (secondary sources), rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

#: What one run of every scenario may cost, in USD: the sample call is 45 s long and transcribed once.
COSTS: dict[str, float] = {
    "one customer managed key, until it is scheduled for deletion (USD 1 a month, by the hour)": 0.01,
    "one sample call: Transcribe 0.024 a minute, Comprehend, Haiku 4.5, the function": 0.06,
    "one more transcription of it (45 s), to see how its output is encrypted": 0.02,
    "one alarm (USD 0.10 a month, by the hour)": 0.01,
    "Athena: five queries, at least 10 MB each at USD 5 a TB": 0.01,
    "requests to S3, KMS, SSM, SQS, SNS, CloudWatch Logs": 0.02,
}
SWITCH, ACCOUNT, BUDGET, ENDPOINT = (
    "CCI_LITE_LIVE",
    "CCI_LITE_LIVE_ACCOUNT",
    "CCI_LITE_LIVE_BUDGET_USD",
    "CCI_LITE_LIVE_ENDPOINT",
)


def enabled(environment: Mapping[str, str]) -> bool:
    """Whether anything of tests/live is collected at all."""
    return environment.get(SWITCH) == "1"


def estimate() -> float:
    """USD for one run of all scenarios."""
    return round(sum(COSTS.values()), 2)


@dataclass(frozen=True)
class Limits:
    """What the person allowed. endpoint: "" is AWS; else the sandbox's on this machine."""

    account: str
    budget_usd: float
    endpoint: str = ""


def limits(environment: Mapping[str, str]) -> Limits:
    """Raises ValueError, with what is missing and how to give it, for anything not said outright."""
    account, budget = environment.get(ACCOUNT, ""), environment.get(BUDGET, "")
    if not (account.isdecimal() and len(account) == 12):
        raise ValueError(f"{ACCOUNT} is not an account id of 12 digits; name the account that may be changed")
    try:
        allowed = float(budget)
    except ValueError as error:
        raise ValueError(f"{BUDGET} is not a number of USD; one run is estimated at USD {estimate():.2f}") from error
    endpoint = environment.get(ENDPOINT, "")
    if endpoint and urlsplit(endpoint).hostname not in ("localhost", "127.0.0.1"):
        raise ValueError(f"{ENDPOINT} is not on this machine; it is for the sandbox only")
    return Limits(account, allowed, endpoint)


def refusal(given: Limits, caller: str, functions: frozenset[str]) -> str:
    """Why nothing may be made; "" when the run may begin. functions: names of the account's Lambda functions."""
    if caller != given.account:
        return f"the credentials belong to account {caller}, {ACCOUNT} is {given.account}"
    if not estimate() <= given.budget_usd:
        return f"one run is estimated at USD {estimate():.2f}, {BUDGET} allows USD {given.budget_usd:.2f}"
    if "cci-lite-processor" in functions:
        # Job names and the lease cannot be renamed: its rule would hear of this run's jobs, and the other way round.
        return "a cci-lite is deployed in this account; use one without"
    return ""
