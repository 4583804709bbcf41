"""Runs in agent-api's container, given on standard input: a caged command tries to get out. Prints what it got as JSON.

`python - BACKEND`: the cage is built as for a task's tests.
"""

import asyncio
import json
import os
import shlex
import sys
import tempfile
from pathlib import Path

from agent_api.cage.host import choose, probe
from agent_api.cage.policy import CageLimits, resolve_cage
from agent_api.cage.run import run_caged

TCP = 'import socket; socket.create_connection(("main-api", 8002), 10); print("got it")'
# A question for main-api's address to the engine's own name server, and its answer.
UDP = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.sendto(bytes.fromhex("000101000001000000000000") + b"\\x08main-api\\x00\\x00\\x01\\x00\\x01", ("127.0.0.11", 53))
print("got it", len(s.recv(512)))
"""
ATTACKS = {
    "a file beside the worktree": "cat ../secret.txt",
    "the container's own secrets": "cat /run/wfhub/secrets.env",
    "agent-api's environment": "cat /proc/1/environ /proc/*/environ",
    "the gateway over TCP": f"python3 -c {shlex.quote(TCP)}",
    "a name server over UDP": f"python3 -c {shlex.quote(UDP)}",
    "a signal to agent-api": "kill -0 PARENT && echo got it",
    "the worktree's git data": "echo got it >.git; cat .git",
}
SIGNS = ("got it", "crown jewels", "WFHUB_TOKEN_SHA256")


async def main() -> None:
    host = probe()
    backend = choose(sys.argv[1], host, allow_none=sys.argv[1] == "none")  # type: ignore[arg-type]
    got = {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "secret.txt").write_text("crown jewels")
        worktree, tmp = Path(folder) / "worktree", Path(folder) / "tmp"
        for name, line in ATTACKS.items():
            for path in (worktree, tmp):
                path.mkdir(exist_ok=True)
            (worktree / ".git").write_text("gitdir: elsewhere")
            cage = resolve_cage(backend=backend, tmp=tmp, worktree=worktree, host=host)
            command = ["bash", "-c", line.replace("PARENT", str(os.getpid()))]
            done = await run_caged(command, cwd=worktree, cage=cage, limits=CageLimits(seconds=20))
            lasting = (worktree / ".git").read_text()
            seen = lasting if name.endswith("git data") else done.text
            got[name] = any(sign in seen for sign in SIGNS)
        cage = resolve_cage(backend=backend, tmp=tmp, worktree=worktree, host=host)
        done = await run_caged(
            ["bash", "-c", "echo fine >x && cat x"], cwd=worktree, cage=cage, limits=CageLimits(seconds=20)
        )
        got["ordinary work"] = done.text.strip() == "fine"
    print(json.dumps({"backend": backend, "got": got}))


asyncio.run(main())
