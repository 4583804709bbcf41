"""Seven stages that do nothing on DBOS's own queue: each is a queued workflow that puts the next one there."""

import asyncio
import os

from dbos import DBOS, SetWorkflowID
from rounds import AT_ONCE, STAGES, measure, options  # pyright: ignore[reportMissingImports]

QUEUE = "stages"
over: dict[str, asyncio.Event] = {}


@DBOS.workflow()
async def stage(name: str, number: int) -> int:
    if number < STAGES:
        with SetWorkflowID(f"{name}-{number + 1}"):
            await DBOS.enqueue_workflow_async(QUEUE, stage, name, number + 1)
    else:
        over[name].set()
    return number


async def carry(name: str) -> None:
    """The last stage says in this process that it is over: asking the engine would take its second of polling."""
    over[name] = asyncio.Event()
    with SetWorkflowID(f"{name}-1"):
        await DBOS.enqueue_workflow_async(QUEUE, stage, name, 1)
    await over[name].wait()


async def main() -> None:
    given = options(url="", server="0", poll="0.1")
    DBOS(config={"name": "queue", "system_database_url": given.url, "log_level": "ERROR"})
    DBOS.launch()
    await DBOS.register_queue_async(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=float(given.poll))
    await measure(carry, given.tasks, given.rounds, (int(given.server),) if given.server != "0" else ())
    os._exit(0)


asyncio.run(main())
