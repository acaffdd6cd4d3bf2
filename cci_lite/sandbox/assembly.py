"""Puts the sandbox together once its settings stand: emulator, layer, background work. Import after `configure`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from cci_lite.sandbox import administrator, alarms, layer, ministack
from cci_lite.sandbox.asynchronous import Invocations
from cci_lite.sandbox.athena import Athena
from cci_lite.sandbox.gateway import Gateway
from cci_lite.sandbox.jobs import Jobs
from cci_lite.sandbox.layout import ACCOUNT, REGION, Layout
from cci_lite.sandbox.mail import Mail
from cci_lite.sandbox.routes import table
from cci_lite.sandbox.saving import Saving
from cci_lite.sandbox.surroundings import surroundings


@dataclass
class Parts:
    """What runs in the daemon beside the server itself."""

    layout: Layout
    saving: Saving
    gateway: Gateway
    jobs: Jobs
    invocations: Invocations
    queries: Athena
    _watching: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Called when the emulator has loaded its state: the operator, and the work a stop interrupted."""
        await administrator.ensure(self.layout)
        with ministack.acting_for(ACCOUNT, REGION):
            self.queries.resume()
        self.jobs.resume()
        self.invocations.resume()
        self._watching.append(asyncio.get_running_loop().create_task(self._watch_alarms()))
        self.saving.now()

    async def _watch_alarms(self) -> None:
        while True:
            await asyncio.sleep(alarms.EVERY_S)
            with ministack.acting_for(ACCOUNT, REGION):
                if alarms.evaluate_all():
                    self.saving.now()


def assemble(layout: Layout) -> Parts:
    """Installs the layer. Needs the event loop, because threads save through it."""
    saving = Saving(ministack.Saver(layout.services).save, asyncio.get_running_loop())
    jobs = Jobs(layout.layer / "transcription-jobs", surroundings(saving.now))
    invocations = Invocations(layout.layer / "invocations", saving)
    mail = Mail(layout.mailbox)
    queries = Athena(layout.layer / "query-answers", saving.now)
    layer.install(table(jobs, mail, queries), invocations, mail, queries)
    return Parts(layout, saving, Gateway(saving.now), jobs, invocations, queries)
