"""Seven tasks that do nothing, one after the other, on Celery: `chain`, each acknowledged when it is over."""

# pyright: basic, reportMissingImports=false
import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from celery import Celery, chain
from rounds import AT_ONCE, STAGES, measure, options

app = Celery("stages", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, broker_connection_retry_on_startup=True)


@app.task(name="stage")
def stage(number: int) -> int:
    return number + 1


async def carry(_: str) -> None:
    """The client waits for the answer in a thread, told by Redis as soon as it is there."""

    def wait() -> None:
        done = chain(stage.s(0), *(stage.s() for _ in range(STAGES - 1)))()
        assert done.get(timeout=120) == STAGES

    await asyncio.to_thread(wait)


async def measured(tasks: int, rounds: int, server: int) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE))
    await measure(carry, tasks, rounds, (server,))


def main() -> None:
    given = options(server="0")
    command = [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "--concurrency", "2", "-l", "ERROR"]
    worker = subprocess.Popen(command, stdout=sys.stderr)  # a child: its time is counted with this process's
    try:
        asyncio.run(measured(given.tasks, given.rounds, int(given.server)))
    finally:
        worker.terminate()
        worker.wait(30)


if __name__ == "__main__":
    main()
