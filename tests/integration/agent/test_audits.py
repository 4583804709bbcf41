"""pip-audit and npm audit for real, against registries of this machine; and that they say when they could not look."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.agent.conftest import RUN, RunningAgent

UV_LOCK = 'version = 1\n[[package]]\nname = "leaky"\nversion = "1.0"\n[[package]]\nname = "fine"\nversion = "2.0"\n'
NPM_LOCK = {
    "name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
    "packages": {"": {"name": "app", "version": "1.0.0", "dependencies": {"leaky": "^1.0.0"}},
                 "node_modules/leaky": {"version": "1.0.0"}},
}  # fmt: skip


class Registry(BaseHTTPRequestHandler):
    """OSV's query, and npm's bulk advisories: the package `leaky` has a hole in both."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = json.loads(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        answer: dict[str, Any] = {}
        if self.path == "/osv" and asked["package"]["name"] == "leaky":
            fixed = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}
            package = {"name": "leaky", "ecosystem": "PyPI"}
            affected = [{"package": package, "ranges": [fixed], "versions": ["1.0"]}]
            answer = {"vulns": [{"id": "PYSEC-1", "details": "It leaks.", "aliases": [], "affected": affected}]}
        elif "advisories/bulk" in self.path:
            answer = {"leaky": [{"id": 7, "url": "https://example.org/7", "title": "Leaks", "severity": "critical",
                                 "vulnerable_versions": "<2.0.0"}]}  # fmt: skip
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def registry() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


def scan(worktree: Path, step: str, *scanners: str, network: bool = True) -> dict[str, Any]:
    settings = {"executor": "scan", "scanners": list(scanners), "network": network}
    return {"run_id": RUN, "step": step, "worktree": str(worktree), "settings": settings}


def test_locked_versions_are_asked_about_and_silence_is_told(
    agent: RunningAgent, worktree: Path, registry: ThreadingHTTPServer
) -> None:
    (worktree / "uv.lock").write_text(UV_LOCK)
    (worktree / "package.json").write_text('{"name": "app", "version": "1.0.0", "dependencies": {"leaky": "^1.0.0"}}')
    (worktree / "package-lock.json").write_text(json.dumps(NPM_LOCK))
    (worktree / ".npmrc").write_text("registry=http://127.0.0.1:9/\nomit=dev\n")
    address = f"http://127.0.0.1:{registry.server_port}"
    agent.kill()
    agent.environment |= {"OSV_URL": f"{address}/osv", "NPM_CONFIG_REGISTRY": f"{address}/"}
    agent.start()
    spec = scan(worktree, "sec", "pip-audit", "npm-audit")
    agent.put(spec)
    result = agent.finished(spec, 300)["result"]
    assert result["outcome"] == "completed", result
    assert result["notes"] == []
    found = {one["tool"]: (one["severity"], one["file"], one["title"]) for one in result["findings"]}
    assert found["pip-audit"] == ("high", "uv.lock", "leaky 1.0 has a known hole: PYSEC-1")
    assert found["npm-audit"][:2] == ("critical", "package-lock.json")
    assert "findings.sarif" in {one["name"] for one in result["artifacts"]}

    (worktree / "uv.lock").write_text("[[package]\nbroken")
    registry.shutdown()
    registry.server_close()
    spec = scan(worktree, "again", "pip-audit", "npm-audit")
    agent.put(spec)
    result = agent.finished(spec, 300)["result"]
    assert result["findings"] == []
    assert sorted(result["unmeasured"]) == ["npm-audit", "pip-audit"]
    assert "uv.lock is broken" in result["notes"][0]
    assert result["notes"][1].startswith("npm-audit was not run: it gave no report")

    spec = scan(worktree, "alone", "npm-audit", network=False)
    agent.put(spec)
    [note] = agent.finished(spec, 300)["result"]["notes"]
    assert (
        note == "npm-audit was not run: the project's owner does not let it use the network (settings.audit_network)."
    )
