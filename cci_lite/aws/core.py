"""boto3's sessions without what costs a short command most and gives it nothing. The only importer of boto3 itself.

What clients then send is the same to the byte, but for how they call themselves (tests/test_core.py).
"""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
from botocore.hooks import HierarchicalEmitter

from cci_lite.aws.models import Models


def new_session(**given: Any) -> boto3.Session:
    """given: as for boto3.Session. Raises BotoCoreError, as that does.

    Events go by the names that botocore itself uses: it looks for each in a list of former names, for each client anew.
    """
    events = HierarchicalEmitter()
    core = botocore.session.Session(event_hooks=events)
    session = boto3.Session(botocore_session=core, **given)
    core.register_component("event_emitter", events)
    core.register_component("data_loader", Models(core.get_component("data_loader")))
    return session
