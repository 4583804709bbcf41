"""One DEV edit with an instant model: the hub's warm worker against the bare `aider` command, in one run; and the
memory that each edit's child takes for itself.

`AIDER_PYTHON=.venv-aider/bin/python python -m benchmarks.aider_edit` prints both medians, their ratio (bound: 0.1), and
the private memory of children at work side by side (bound: 15 MB each). The bare command starts anew for each edit, as
it does for whoever types it: most of its time is Python loading Aider. Its first start is left out, as the hub's is,
and it finds its list of models' prices in its cache, so that no download is in its time. The exit code says whether
the bounds hold.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from agent_api.executors.aider import AiderExecutor
from benchmarks.compared import keep
from services.contract.run_spec import AiderSettings
from tests.support.agent_jobs import agent_settings, make_job, make_repository
from tests.support.openai_server import ModelServer, Reply

MESSAGE = "Add a docstring to hello."
ANSWER = 'hello.py\n```\ndef hello():\n    """Say hello."""\n    return "hello"\n```\n'
FILES = {"hello.py": 'def hello():\n    return "hello"\n'}
RATIO, MEGABYTES = 0.1, 15.0


async def warm(folder: Path, times: int) -> list[float]:
    """Seconds of each edit through the executor; the first one, which starts the parent, is left out."""
    server = ModelServer([Reply(ANSWER)])
    await server.start()
    agent = agent_settings(folder, aider_python=os.environ["AIDER_PYTHON"])
    executor, seconds = AiderExecutor(agent), []
    for number in range(times + 1):
        worktree = make_repository(folder / f"warm-{number}", FILES)
        (folder / f"job-{number}").mkdir()
        settings = AiderSettings(message=MESSAGE, files=("hello.py",))
        watched = make_job(folder / f"job-{number}", worktree, settings, server.gateway_url, agent=agent)
        begun = time.perf_counter()
        result = await executor.run(watched.job)
        seconds.append(time.perf_counter() - begun)
        assert result.files_touched == ("hello.py",), result
    await executor.close()
    await server.stop()
    return seconds[1:]


async def children(folder: Path, number: int) -> list[float]:
    """Private megabytes of each of so many children, while all of them wait for the model's answer."""
    server = ModelServer([Reply(ANSWER, seconds=4)])
    await server.start()
    agent = agent_settings(folder, aider_python=os.environ["AIDER_PYTHON"])
    executor, jobs = AiderExecutor(agent), []
    await executor.warm()
    for index in range(number):
        worktree = make_repository(folder / f"child-{index}", FILES)
        (folder / f"child-job-{index}").mkdir()
        settings = AiderSettings(message=MESSAGE, files=("hello.py",))
        jobs.append(make_job(folder / f"child-job-{index}", worktree, settings, server.gateway_url, agent=agent,
                             step=f"code{index}"))  # fmt: skip
    running = [asyncio.create_task(executor.run(watched.job)) for watched in jobs]
    while len(server.bodies) < number:  # noqa: ASYNC110 - the server has no word for how many
        await asyncio.sleep(0.02)
    sizes = [private_megabytes(watched.groups[0]) for watched in jobs]
    await asyncio.gather(*running)
    await executor.close()
    await server.stop()
    return sizes


def private_megabytes(pid: int) -> float:
    """What ends with the process: pages that it shares with its warm parent are the parent's."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty"))) / 1024


async def bare(folder: Path, times: int) -> list[float]:
    """Seconds of the `aider` command doing the same edit, told to do nothing else; its first one is left out, too."""
    server = ModelServer([Reply(ANSWER)])
    await server.start()
    python, seconds = os.path.abspath(os.environ["AIDER_PYTHON"]), []  # noqa: PTH100, ASYNC240  (no I/O)
    flags = ["--yes-always", "--no-auto-commits", "--no-stream", "--no-check-update", "--no-show-model-warnings",
             "--analytics-disable", "--map-tokens", "0", "--edit-format", "whole", "--no-gitignore"]  # fmt: skip
    prices = folder / ".aider" / "caches" / "model_prices_and_context_window.json"
    prices.parent.mkdir(parents=True)
    prices.write_text(json.dumps({"small": {}}))  # fresh and not empty: it is not fetched
    for number in range(times + 1):
        worktree = make_repository(folder / f"bare-{number}", FILES)
        command = [python, "-m", "aider", "--model", "openai/small", *flags, "--message", MESSAGE, "hello.py"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "OPENAI_API_KEY": "x"}
        environment |= {"OPENAI_API_BASE": f"{server.gateway_url}/openai/v1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        begun = time.perf_counter()
        await asyncio.to_thread(
            subprocess.run, command, cwd=worktree, env=environment, capture_output=True, check=True, timeout=120
        )
        seconds.append(time.perf_counter() - begun)
        assert "Say hello" in (worktree / "hello.py").read_text()
    await server.stop()
    return seconds[1:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warm", type=int, default=15)
    parser.add_argument("--bare", type=int, default=3)
    parser.add_argument("--children", type=int, default=4)
    options = parser.parse_args()
    if not os.environ.get("AIDER_PYTHON"):
        sys.exit("Set AIDER_PYTHON to the Python of Aider's environment: ./start.sh makes .venv-aider/bin/python.")
    with tempfile.TemporaryDirectory(prefix="wfhub-bench-") as folder:
        ours = statistics.median(asyncio.run(warm(Path(folder), options.warm)))
        sizes = asyncio.run(children(Path(folder), options.children))
        theirs = statistics.median(asyncio.run(bare(Path(folder), options.bare)))
    ratio = f"ratio {ours / theirs:.3f} (bound {RATIO:g})"
    Console().print(f"warm edit {ours * 1000:.0f} ms, bare command {theirs:.2f} s: {ratio}")
    peer = "the bare aider command, which starts anew each time"
    keep("a DEV edit with an instant model", peer, ours * 1000, theirs * 1000, "ms")
    each = ", ".join(f"{size:.1f}" for size in sizes)
    Console().print(f"private memory of {len(sizes)} children at once: {each} MB (bound {MEGABYTES:g})")
    return 0 if ours / theirs <= RATIO and max(sizes) <= MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
