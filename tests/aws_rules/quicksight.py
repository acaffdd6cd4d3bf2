"""QuickSight: an account of it in memory, as AWS keeps it. Source: aws-facts 12, botocore's model.

moto has no states, no refresh schedules, no deletions and no permissions, and lets everybody in from any region.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.aws_rules import quicksight_refusals as refusals
from tests.aws_rules.answers import Answer, answer, refusal
from tests.aws_rules.quicksight_rows import ingest, ingestions_move, listed

if TYPE_CHECKING:
    from tests.aws_rules import Rules

Params = Mapping[str, Any]

#: Noun of the operations -> what its ARNs are called.
NOUNS = {"DataSource": "datasource", "DataSet": "dataset", "Analysis": "analysis", "Dashboard": "dashboard"}
_KEPT_ELSEWHERE = ("AwsAccountId", "Tags", "Permissions", "Definition", "VersionDescription", "ValidationStrategy")
_region: ContextVar[str] = ContextVar("aws_rules_quicksight_region", default="")


@dataclass
class QuickSight:
    """edition: "" while nobody has signed up; region: of users and groups; looks: descriptions during which QuickSight
    still works on a thing; denied: connection tests that IAM refuses at first; dropped: rows that ingestions leave out.
    """

    edition: str = ""
    state: str = "ACCOUNT_CREATED"
    region: str = "eu-central-1"
    groups: set[str] = field(default_factory=set)
    looks: int = 1
    denied: int = 0
    dropped: int = 0
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    grants: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    definitions: dict[str, Any] = field(default_factory=dict)
    working: dict[str, int] = field(default_factory=dict)
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ingestions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    schedules: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def group(self, rules: Rules, name: str) -> str:
        return f"arn:aws:quicksight:{self.region}:{rules.account}:group/default/{name}"


def install(rules: Rules) -> None:
    """Note where a call goes: its parameters do not say."""
    rules.session.events.register("before-parameter-build.quicksight", _note_region)


def _note_region(context: dict[str, Any], **_: Any) -> None:
    _region.set(context["client_region"])


def account(rules: Rules, service: str, operation: str, params: Params) -> Answer | None:
    if service != "quicksight":
        return None
    with rules.lock:
        refused = refusals.who_and_where(rules, operation, _region.get())
        return refused or _answered(rules, operation, params)


def _answered(rules: Rules, operation: str, params: Params) -> Answer:
    if operation in _OTHERS:
        return _OTHERS[operation](rules, params)
    noun = next(each for each in NOUNS if each in operation)
    verb, _, rest = operation.partition(noun)
    arn = _arn(rules, noun, params[f"{noun}Id"])
    if (verb, rest) == ("Create", ""):
        return _create(rules, noun, arn, params)
    if arn not in rules.quicksight.things:
        return _missing(f"{noun} {params[f'{noun}Id']}")
    return _VERBS[verb + rest](rules, noun, arn, params)


def _create(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    q = rules.quicksight
    if arn in q.things:
        return refusal("ResourceExistsException", f"{noun} {arn} already exists", 409)
    if refused := refusals.of_write(rules, noun, params):
        return refused
    q.things[arn] = {"Arn": arn}
    q.tags[arn] = {each["Key"]: each["Value"] for each in params.get("Tags", [])}
    q.grants[arn] = {each["Principal"]: set(each["Actions"]) for each in params.get("Permissions", [])}
    return _written(rules, noun, arn, params, "CREATION")


def _update(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    q = rules.quicksight
    if q.working.get(arn, 0):
        return refusal("ConflictException", f"{noun} {arn} is being worked on", 409)
    return refusals.of_write(rules, noun, params) or _written(rules, noun, arn, params, "UPDATE")


def _written(rules: Rules, noun: str, arn: str, params: Params, verb: str) -> Answer:
    """What a create or an update leaves; an update of a data set replaces all of it."""
    q, told = rules.quicksight, {name: value for name, value in params.items() if name not in _KEPT_ELSEWHERE}
    kept = {name: q.things[arn][name] for name in ("Type", "UseAs") if name in q.things[arn]}
    q.things[arn] = copy.deepcopy({"Arn": arn, **kept, **told})
    extra: dict[str, Any] = {}
    if noun == "DataSet":
        extra = ingest(rules, params["DataSetId"], "INITIAL_INGESTION" if verb == "CREATION" else "EDIT")
        return answer(Arn=arn, **{"DataSetId": params["DataSetId"]}, **extra)
    errors = refusals.errors_of(rules, noun, params)
    outcome = {"Status": f"{verb}_{'FAILED' if errors else 'SUCCESSFUL'}", **errors}
    q.working[arn] = q.looks
    if noun == "Dashboard":
        extra = {"VersionArn": _version(q, arn, params, outcome)}
    else:
        q.things[arn].update(outcome)
    q.definitions[arn] = params.get("Definition")
    return answer(Arn=arn, **{f"{noun}Id": params[f"{noun}Id"]}, **extra)


def _version(q: QuickSight, arn: str, params: Params, outcome: dict[str, Any]) -> str:
    """The first version is published by itself, later ones are not."""
    versions = q.versions.setdefault(arn, [])
    number = len(versions) + 1
    told = {"VersionNumber": number, "Description": params.get("VersionDescription", ""), **outcome}
    versions.append({**told, "Arn": f"{arn}/version/{number}"})
    return f"{arn}/version/{number}"


def _published(q: QuickSight, arn: str) -> int:
    return next((each["VersionNumber"] for each in q.versions[arn] if each.get("Published")), 1)


def _describe(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    """For `looks` descriptions it is being worked on."""
    q = rules.quicksight
    found = copy.deepcopy(q.things[arn])
    place = found
    if noun == "Dashboard":
        wanted = params.get("VersionNumber", _published(q, arn))
        place = found["Version"] = copy.deepcopy(q.versions[arn][wanted - 1])
    if q.working.get(arn, 0):
        q.working[arn] -= 1
        place["Status"] = f"{place['Status'].split('_')[0]}_IN_PROGRESS"
        place.pop("Errors", None)
        place.pop("ErrorInfo", None)
    return answer(**{noun: found})


def _permissions(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    grants = rules.quicksight.grants[arn].items()
    return answer(Permissions=[{"Principal": name, "Actions": sorted(all_)} for name, all_ in grants if all_])


def _grant(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    if refused := refusals.of_grants(rules, noun, params):
        return refused
    grants = rules.quicksight.grants[arn]
    for each in params.get("GrantPermissions", []):
        grants.setdefault(each["Principal"], set()).update(each["Actions"])
    for each in params.get("RevokePermissions", []):
        grants[each["Principal"]] -= set(each["Actions"])
    return answer()


def _delete(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    q = rules.quicksight
    if noun == "Analysis" and not params.get("ForceDeleteWithoutRecovery"):
        q.things[arn]["Status"] = "DELETED"
        return answer(Arn=arn)
    for place in (q.things, q.grants, q.tags, q.definitions, q.working, q.versions):
        place.pop(arn, None)  # type: ignore[attr-defined]
    if noun == "DataSet":
        q.ingestions.pop(params["DataSetId"], None)
        q.schedules = {key: each for key, each in q.schedules.items() if key[0] != params["DataSetId"]}
    return answer(Arn=arn)


def _restore(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    rules.quicksight.things[arn]["Status"] = "CREATION_SUCCESSFUL"
    return answer(Arn=arn)


def _publish(rules: Rules, noun: str, arn: str, params: Params) -> Answer:
    q, number = rules.quicksight, params["VersionNumber"]
    if q.working.get(arn, 0) or q.versions[arn][number - 1]["Status"].endswith("FAILED"):
        return refusal("ConflictException", f"version {number} cannot be published", 409)
    for each in q.versions[arn]:
        each["Published"] = each["VersionNumber"] == number
    return answer(DashboardArn=arn)


def _subscription(rules: Rules, params: Params) -> Answer:
    q = rules.quicksight
    return answer(AccountInfo={"AccountName": "a", "Edition": q.edition, "AccountSubscriptionStatus": q.state})


def _groups(rules: Rules, params: Params) -> Answer:
    """Pages may be shorter than was asked for: here they hold one group."""
    q, names = rules.quicksight, sorted(rules.quicksight.groups)
    at = int(params.get("NextToken", 0))
    found = [{"Arn": q.group(rules, name), "GroupName": name} for name in names[at : at + 1]]
    return answer(GroupList=found, **({"NextToken": str(at + 1)} if at + 1 < len(names) else {}))


def _tags(rules: Rules, params: Params) -> Answer:
    if params["ResourceArn"] not in rules.quicksight.things:
        return _missing(params["ResourceArn"])
    found = rules.quicksight.tags[params["ResourceArn"]]
    return answer(Tags=[{"Key": key, "Value": value} for key, value in found.items()])


def _tag(rules: Rules, params: Params) -> Answer:
    rules.quicksight.tags[params["ResourceArn"]].update({each["Key"]: each["Value"] for each in params["Tags"]})
    return answer()


def _schedule(rules: Rules, params: Params) -> Answer:
    """Create, update, describe and delete, told apart by what is given."""
    q, name = rules.quicksight, params.get("ScheduleId") or params["Schedule"]["ScheduleId"]
    which = (params["DataSetId"], name)
    if _arn(rules, "DataSet", which[0]) not in q.things or ("Schedule" not in params and which not in q.schedules):
        return _missing(f"Refresh schedule {name}")
    if "Schedule" in params:
        q.schedules[which] = copy.deepcopy(dict(params["Schedule"]))
    return answer(RefreshSchedule=q.schedules[which])


def _create_schedule(rules: Rules, params: Params) -> Answer:
    if (params["DataSetId"], params["Schedule"]["ScheduleId"]) in rules.quicksight.schedules:
        return refusal("ResourceExistsException", "Refresh schedule already exists", 409)
    return _schedule(rules, params)


def _delete_schedule(rules: Rules, params: Params) -> Answer:
    told = _schedule(rules, params)
    rules.quicksight.schedules.pop((params["DataSetId"], params["ScheduleId"]), None)
    return told


def _ingest(rules: Rules, params: Params) -> Answer:
    if _arn(rules, "DataSet", params["DataSetId"]) not in rules.quicksight.things:
        return _missing(f"DataSet {params['DataSetId']}")
    if refused := refusals.of_ingestion(rules, params):
        return refused
    return answer(**ingest(rules, params["DataSetId"], "FULL_REFRESH", params["IngestionId"]))


def _ingestions(rules: Rules, params: Params) -> Answer:
    if _arn(rules, "DataSet", params["DataSetId"]) not in rules.quicksight.things:
        return _missing(f"DataSet {params['DataSetId']}")
    ingestions_move(rules, params["DataSetId"])
    found = listed(rules, params["DataSetId"])
    wanted = params.get("IngestionId")
    if wanted is None:
        return answer(Ingestions=found)
    return answer(Ingestion=next(each for each in found if each["IngestionId"] == wanted))


def _arn(rules: Rules, noun: str, id_: str) -> str:
    return f"arn:aws:quicksight:{rules.region}:{rules.account}:{NOUNS[noun]}/{id_}"


def _missing(what: str) -> Answer:
    return refusal("ResourceNotFoundException", f"{what} is not found", 404)


_VERBS: Mapping[str, Callable[[Rules, str, str, Params], Answer]] = {
    "Update": _update,
    "Describe": _describe,
    "DescribePermissions": _permissions,
    "UpdatePermissions": _grant,
    "Delete": _delete,
    "Restore": _restore,
    "UpdatePublishedVersion": _publish,
}
_OTHERS: Mapping[str, Callable[[Rules, Params], Answer]] = {
    "DescribeAccountSubscription": _subscription,
    "ListGroups": _groups,
    "ListTagsForResource": _tags,
    "TagResource": _tag,
    "CreateRefreshSchedule": _create_schedule,
    "UpdateRefreshSchedule": _schedule,
    "DescribeRefreshSchedule": _schedule,
    "DeleteRefreshSchedule": _delete_schedule,
    "CreateIngestion": _ingest,
    "ListIngestions": _ingestions,
    "DescribeIngestion": _ingestions,
}
