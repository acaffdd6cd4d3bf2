"""The account's administrator: an IAM user with a key, made at first start. Talks to the emulator past the layer."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from cci_lite.sandbox import ministack, records
from cci_lite.sandbox.layout import ACCOUNT, REGION, Layout, write_json

USER = "operator"
_ADMINISTRATOR = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


async def ensure(layout: Layout) -> None:
    """Makes the user, its policy and its key unless the emulator still knows the stored key."""
    stored = records.credentials(layout)
    with ministack.acting_for(ACCOUNT, REGION):
        if stored is not None and ministack.knows_key(stored["access_key_id"]):
            return
        if f"<UserName>{USER}<" not in await _iam("ListUsers"):
            await _iam("CreateUser", UserName=USER)
        policy = json.dumps(_ADMINISTRATOR)
        await _iam("PutUserPolicy", UserName=USER, PolicyName="administrator", PolicyDocument=policy)
        made = await _iam("CreateAccessKey", UserName=USER)
    key = {"access_key_id": _field(made, "AccessKeyId"), "secret_access_key": _field(made, "SecretAccessKey")}
    write_json(layout.credentials, key)


async def _iam(action: str, **params: str) -> str:
    body = urlencode({"Action": action, "Version": "2010-05-08", **params}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    _, _, reply = await ministack.internal("iam", "POST", "/", headers, body)
    return bytes(reply).decode()


def _field(xml: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]+)</{name}>", xml)
    if found is None:
        raise LookupError(f"no {name} in the answer of IAM")
    return found.group(1)
