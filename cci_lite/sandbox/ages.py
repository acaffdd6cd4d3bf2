"""How long ago each role was made: for its first seconds AWS's other services do not see it (aws-facts §4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree

from cci_lite.sandbox import ministack
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply

WINDOW_S = 2.0


@dataclass
class Ages:
    """Births of the principals made since the start; older ones are old enough. `clock` counts seconds."""

    clock: Callable[[], float] = time.monotonic
    _births: dict[str, float] = field(default_factory=dict)

    def young(self, arn: str) -> bool:
        born = self._births.get(arn)
        return born is not None and self.clock() - born < WINDOW_S

    async def create(self, call: Call, forward: Forward) -> Reply:
        """iam:CreateRole and iam:CreateUser: notes the birth."""
        status, headers, body = await forward(call)
        if status < 300:
            self._births[_arn(bytes(body))] = self.clock()
        return status, headers, body

    async def function_role(self, call: Call, forward: Forward) -> Reply:
        """lambda:CreateFunction and lambda:UpdateFunctionConfiguration: the role must be there and be assumable."""
        role = call.json().get("Role")
        if role is not None and (self.young(role) or not ministack.trusts_lambda(role)):
            text = "The role defined for the function cannot be assumed by Lambda."
            raise Refusal("InvalidParameterValueException", text, Type="User")
        return await forward(call)


def _arn(xml: bytes) -> str:
    for node in ElementTree.fromstring(xml).iter():
        if node.tag.rsplit("}", 1)[-1] == "Arn" and node.text:
            return node.text
    return ""
