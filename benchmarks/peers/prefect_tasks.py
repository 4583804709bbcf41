"""Seven tasks that do nothing in a flow, on Prefect with a server of its own; results are kept on disk."""

# pyright: basic, reportMissingImports=false
import asyncio

from prefect import flow, task
from rounds import STAGES, measure, options


@task(persist_result=True)
async def stage(number: int) -> int:
    return number + 1


@flow(persist_result=True)
async def carry(name: str) -> int:
    number = 0
    for _ in range(STAGES):
        number = await stage(number)
    assert number == STAGES, name
    return number


async def main() -> None:
    given = options(server="0")
    await measure(carry, given.tasks, given.rounds, (int(given.server),))


asyncio.run(main())
