"""The warm parent: imports Aider once, stays single-threaded, forks a child per edit, forwards what they say."""

import gc
import json
import os
import selectors
import signal
import sys
import threading
import time
from typing import Any

from agent_api.aider_worker import litellm_names, telemetry_names
from agent_api.aider_worker.child import CarryOut, fork_child
from agent_api.aider_worker.process import die_with, take_stdout
from agent_api.aider_worker.protocol import LINE_BYTES, EditRequest, child_message


class Warm:
    """The parent's loop: requests on stdin, one pipe per child, lines out on `channel`."""

    def __init__(self, channel: int, carry_out: CarryOut) -> None:
        self._channel, self._carry_out = channel, carry_out
        self._selector = selectors.DefaultSelector()
        self._edits: dict[int, Edit] = {}

    def run(self) -> None:
        """Serve until stdin ends: agent-api is gone, and so is every reason for the children to go on."""
        self._selector.register(0, selectors.EVENT_READ)
        requests = Lines()
        while True:
            for key, _ in self._selector.select():
                data = os.read(key.fd, 65536)
                if key.fd != 0:
                    self._from_child(key.fd, data)
                elif data:
                    for line in requests.feed(data):
                        self._handle(json.loads(line))
                else:
                    for edit in self._edits.values():
                        edit.kill()
                    return

    def _handle(self, message: dict[str, Any]) -> None:
        op = message.pop("op")
        if op == "cancel":
            for edit in self._edits.values():
                if edit.id == message["id"]:
                    edit.cancelled = True
                    edit.kill()
            return
        request = EditRequest(**message)
        try:
            pid, pipe = fork_child(request, self._carry_out)
        except OSError as error:  # no process or memory to be had: the other edits go on
            sentence = f"Aider's process could not be started for this edit: {error.strerror}."
            self._say({"id": request.id, "result": {"outcome": "lost", "reason": "crashed", "sentence": sentence}})
            return
        self._edits[pipe] = Edit(request.id, pid)
        self._selector.register(pipe, selectors.EVENT_READ)
        self._say({"id": request.id, "pid": pid})

    def _from_child(self, pipe: int, data: bytes) -> None:
        edit = self._edits[pipe]
        try:
            for line in edit.lines.feed(data):
                self._forward(edit, child_message(line))
        except ValueError as error:
            self._refuse(edit, error)
        if data:
            return
        self._selector.unregister(pipe)
        os.close(pipe)
        del self._edits[pipe]
        edit.kill()  # a result may be there while the process hangs in its exit
        _, status = os.waitpid(edit.pid, 0)
        if not edit.ended:
            self._say({"id": edit.id, "result": edit.without_result(status)})

    def _forward(self, edit: "Edit", message: dict[str, Any]) -> None:
        if not edit.ended:
            self._say({"id": edit.id} | message)
            edit.ended = "result" in message

    def _refuse(self, edit: "Edit", error: ValueError) -> None:
        """What this child said can't be taken: its edit ends, and no other."""
        sentence = f"Aider's process said something that can't be read ({error}), and was ended."
        self._forward(edit, {"result": {"outcome": "failed", "reason": "crashed", "sentence": sentence}})
        edit.kill()

    def _say(self, message: dict[str, Any]) -> None:
        """Raises ValueError for more than agent-api reads as one line."""
        data = json.dumps(message).encode() + b"\n"
        if len(data) > LINE_BYTES:
            raise ValueError(f"a line of more than {LINE_BYTES} bytes")
        while data:
            data = data[os.write(self._channel, data) :]


class Edit:
    """A running child, as its parent sees it."""

    def __init__(self, id: str, pid: int) -> None:
        self.id, self.pid, self.lines = id, pid, Lines()
        self.cancelled = self.ended = False

    def kill(self) -> None:
        for end in (os.killpg, os.kill):  # the group is made by the child itself: it may not be there yet
            try:
                end(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def without_result(self, status: int) -> dict[str, Any]:
        if self.cancelled:
            return {"outcome": "cancelled", "reason": "", "sentence": "The edit was cancelled."}
        code = os.waitstatus_to_exitcode(status)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return {"outcome": "failed", "reason": "crashed", "sentence": f"Aider's process {how} before it had a result."}


class Lines:
    """Cuts a byte stream into lines."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._bytes = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Raises ValueError where a line is longer than LINE_BYTES; what was said of it is forgotten."""
        if b"\n" not in data:
            self._parts.append(data)
            self._bytes += len(data)
            if self._bytes > LINE_BYTES:
                self._parts, self._bytes = [], 0
                raise ValueError(f"a line of more than {LINE_BYTES} bytes")
            return []
        *whole, rest = (b"".join(self._parts) + data).split(b"\n")
        self._parts, self._bytes = [rest], len(rest)
        return whole


def main() -> None:
    die_with(os.getppid())
    channel = take_stdout()
    begun = time.monotonic()
    carry_out = _import_aider()
    gc.collect()
    gc.freeze()  # the children share these pages until they write to them
    ready = {"seconds": round(time.monotonic() - begun, 3), "threads": threading.active_count(), "python": sys.version}
    os.write(channel, json.dumps({"ready": ready}).encode() + b"\n")
    Warm(channel, carry_out).run()


def _import_aider() -> CarryOut:
    """Everything an edit needs, loaded before the first fork."""
    litellm_names.install()
    telemetry_names.install()
    from agent_api.aider_worker.edit import carry_out

    return carry_out
