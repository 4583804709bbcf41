"""The warm process and its children, without Aider: what one edit says or fails at ends that edit alone."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent_api.executors.aider_parent import AiderParent

WORKER = """
import json, os, sys, time
from agent_api.aider_worker import serve
from agent_api.aider_worker.process import take_stdout

SAID = {said}

def carry_out(request, gateway, report):
    if request.message in SAID:
        os.write(report._fd, SAID[request.message])
        time.sleep(60)
    if request.message == "endless":
        while True:
            os.write(report._fd, b"x" * 65536)
    report("notice", "begun")
    while not os.path.exists(request.worktree + "/go on"):
        time.sleep(0.01)
    return {{"outcome": "completed", "said": request.message}}

channel = take_stdout()
os.write(channel, b'{{"ready": {{}}}}\\n')
if sys.argv[1:] == ["chatty"]:
    os.write(channel, b'what?\\n[]\\n{{}}\\n{{"ready": {{}}}}\\n')
if sys.argv[1:] == ["full"]:
    def no_process(request, carry_out):
        raise BlockingIOError(11, "Resource temporarily unavailable")
    serve.fork_child = no_process
serve.Warm(channel, carry_out).run()
"""
RESULT = b'{"result": {"outcome": "completed"}}'
SAID = {
    "no JSON": b"Traceback (most recent call last):\n",
    "a list": b"[1, 2]\n",
    "nested": b"[" * 100_000 + b"\n",
    "no text": b'"\xff\xfe"\n',
    "another's result": RESULT[:-1] + b', "id": "good"}\n',
    "somebody's process": b'{"pid": 1}\n',
    "ready": b'{"ready": {}}\n',
    "a result of no shape": b'{"result": null}\n',
    "data of no shape": b'{"kind": "notice", "text": "", "data": 3}\n',
}


@pytest.fixture
def worker(tmp_path: Path) -> Path:
    script = tmp_path / "worker.py"
    script.write_text(WORKER.format(said=SAID))
    return script


@pytest.fixture
async def parent(tmp_path: Path, worker: Path) -> AsyncIterator[AiderParent]:
    parent = AiderParent(Path(sys.executable), tmp_path / "home", 60, lambda _: [sys.executable, str(worker)])
    yield parent
    await parent.close()


def request(folder: Path, message: str, id: str) -> dict[str, Any]:
    cage = {
        "backend": "none", "read_only": [], "read_write": [], "protected": [], "tmp": str(folder), "tcp_ports": [],
        "namespaces": False, "niceness": 0, "covered": [],
    }  # fmt: skip
    return {
        "id": id, "worktree": str(folder), "message": message, "files": [], "read_files": [], "model": "m",
        "base_url": "http://127.0.0.1:9/openai/v1", "api_key": "a-key-of-a-run.1", "model_settings": "",
        "model_metadata": "", "edit_format": "whole", "context_tokens": 1, "max_output_tokens": 1, "temperature": 0.0,
        "run_seconds": 60.0, "gateway_wait_seconds": 1.0, "output_bytes": 10_000, "memory_bytes": 2**40,
        "file_bytes": 2**30, "model_turns": 1, "readable_secrets": [], "cage": cage,
    }  # fmt: skip


class Good:
    """An edit that is under way, and ends well when it is let."""

    def __init__(self, parent: AiderParent, folder: Path) -> None:
        self._folder = folder
        self._begun = asyncio.Event()
        self.task = asyncio.create_task(parent.edit(request(folder, "good", "good"), self._hear))

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("text") == "begun":
            self._begun.set()

    async def begun(self) -> None:
        await asyncio.wait_for(self._begun.wait(), 20)

    async def ends(self) -> dict[str, Any]:
        (self._folder / "go on").touch()
        return await asyncio.wait_for(self.task, 20)


@pytest.mark.parametrize("what", [*SAID, "endless"])
async def test_what_a_child_should_not_say_ends_its_edit_alone(parent: AiderParent, tmp_path: Path, what: str) -> None:
    good = Good(parent, tmp_path)
    await good.begun()
    pid = parent.pid
    heard: list[dict[str, Any]] = []
    result = await asyncio.wait_for(parent.edit(request(tmp_path, what, "bad"), heard.append), 20)
    assert (result["outcome"], result["reason"]) == ("failed", "crashed")
    assert "can't be read" in result["sentence"] and [set(one) for one in heard] == [{"id", "pid"}]
    assert heard[0]["pid"] != 1
    assert await good.ends() == {"outcome": "completed", "said": "good"}
    assert parent.pid == pid


async def test_a_listener_that_fails_ends_its_edit_alone(parent: AiderParent, tmp_path: Path) -> None:
    good = Good(parent, tmp_path)
    await good.begun()
    pid = parent.pid
    children: list[int] = []

    def hear(message: dict[str, Any]) -> None:
        if "pid" in message:
            children.append(message["pid"])
        else:
            raise OSError(28, "No space left on device")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(OSError, match="No space left"):
        await asyncio.wait_for(parent.edit(request(elsewhere, "another good one", "bad"), hear), 20)
    with pytest.raises(ProcessLookupError):  # it is ended before the step is put back
        os.kill(children[0], 0)
    assert await good.ends() == {"outcome": "completed", "said": "good"}
    assert parent.pid == pid


async def test_a_line_of_the_process_itself_that_is_none_is_passed_over(tmp_path: Path, worker: Path) -> None:
    parent = AiderParent(Path(sys.executable), tmp_path / "home", 60, lambda _: [sys.executable, str(worker), "chatty"])
    try:
        assert (await Good(parent, tmp_path).ends())["outcome"] == "completed"
    finally:
        await parent.close()


async def test_an_edit_for_which_there_is_no_process_is_lost_and_the_warm_one_stays(
    tmp_path: Path, worker: Path
) -> None:
    parent = AiderParent(Path(sys.executable), tmp_path / "home", 60, lambda _: [sys.executable, str(worker), "full"])
    try:
        result = await asyncio.wait_for(parent.edit(request(tmp_path, "good", "good"), lambda _: None), 20)
        assert (result["outcome"], result["reason"]) == ("lost", "crashed")
        assert "Resource temporarily unavailable" in result["sentence"] and parent.pid is not None
    finally:
        await parent.close()
