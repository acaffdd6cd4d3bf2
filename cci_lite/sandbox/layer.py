"""Puts the layer's hooks between the emulator's policy check and its services. Knows no server and no files."""

from __future__ import annotations

from cci_lite.sandbox import alarms, authorization, encryption, functions, ministack, notifications, s3
from cci_lite.sandbox.asynchronous import Invocations, may_invoke
from cci_lite.sandbox.athena import Athena
from cci_lite.sandbox.calls import Call, Forward, Headers, Hook, Query, Refusal, Reply, refuse
from cci_lite.sandbox.mail import Mail
from cci_lite.sandbox.routes import Table


def install(table: Table, invocations: Invocations, mail: Mail, queries: Athena) -> None:
    """Extends the policy check, takes over what runs in the background, and wraps the services in the table."""
    ministack.add_json_service("comprehend", "Comprehend_20171127")
    ministack.add_rest_service("lakeformation")
    ministack.extend_policy_check(authorization)
    ministack.add_s3_encryption_key_condition(s3.encryption_key_condition)
    ministack.complete_object_encryption(encryption.completed)
    ministack.choose_etags(s3.etag)
    ministack.refuse_lost_objects()
    ministack.replace_async_invocation(invocations.start)
    ministack.guard_rule_targets(may_invoke)
    ministack.guard_bucket_functions(notifications.may_call)
    ministack.log_start_failures()
    ministack.guard_function_logs(functions.may_log)
    ministack.replace_alarm_evaluation(alarms.evaluate)
    ministack.guard_alarm_actions(alarms.may_act)
    ministack.on_publish(mail.deliver)
    ministack.replace_query_execution(queries.run)
    for service in table.routes:
        ministack.install(service, _handler(service, table))


def _handler(service: str, table: Table) -> ministack.Handler:
    async def handle(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Reply:
        action = ministack.action(service, method, path, headers, body, query)
        call = Call(service, action, method, path, headers, body, query)
        try:
            return await _chain(table.hooks(service, action))(call)
        except Refusal as refusal:
            return refuse(call, refusal)

    return handle


def _chain(remaining: tuple[Hook, ...]) -> Forward:
    if not remaining:
        return _emulator
    first, rest = remaining[0], _chain(remaining[1:])

    async def step(call: Call) -> Reply:
        return await first(call, rest)

    return step


async def _emulator(call: Call) -> Reply:
    handler = ministack.ORIGINAL.get(call.service)
    if handler is None:
        raise Refusal("UnknownOperationException", f"the sandbox does not know {call.service} {call.action}")
    return await handler(call.method, call.path, call.headers, call.body, call.query)
