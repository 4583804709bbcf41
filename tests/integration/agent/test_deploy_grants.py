"""A deploy command gets what was granted to it and nothing else: hosts, secrets, folders, in the real cage."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent_api.cage.host import probe
from services.contract.run_spec import ON_THE_WIRE, RunSpec
from tests.integration.agent.conftest import RunningAgent, command

SECRET = "s3cr3t-of-the-site-9f8e7d"
DEPLOY = """
curl -sS -m 10 "http://127.0.0.1:$PORT/hello?a=1" || echo "no way to the host"
curl -sS -m 10 -p "http://127.0.0.1:$PORT/tunnel" || echo "no tunnel"
echo; curl -sS -m 10 --noproxy '*' "http://127.0.0.1:$PORT/direct" 2>/dev/null || echo "no way around"
cp index.html "$TARGET/" 2>/dev/null && echo copied || echo "no way to the folder"
echo "token: ${SITE_TOKEN:-none}"
cat "$OTHER" 2>/dev/null || echo "not for me"
echo '{"url": "http://127.0.0.1:8080/", "build": 7}' > "$WFHUB_DEPLOY_JSON"
rm -rf ./* ./.[a-z]* 2>/dev/null; echo emptied
"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"page {self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


def deploy(agent: RunningAgent, spec: dict[str, Any]) -> tuple[dict[str, Any], str]:
    wire = RunSpec.model_validate(spec).model_dump_json(context=ON_THE_WIRE)
    address = f"/jobs/{spec['run_id']}/{spec['step']}"
    assert agent.http.put(address, content=wire, headers={"Content-Type": "application/json"}).status_code == 202
    result = agent.finished(spec)["result"]
    log = next(one for one in result["artifacts"] if one["kind"] == "log")
    return result, agent.http.get(f"{address}/artifacts/{log['sha256']}").text


@pytest.mark.parametrize("backend", ["bubblewrap", "landlock"])
def test_what_was_granted_is_in_reach_and_the_rest_is_not(
    shared_agent: RunningAgent, worktree: Path, tmp_path: Path, site: int, backend: str
) -> None:
    if backend == "bubblewrap" and probe().bwrap is None:
        pytest.skip("bwrap does not work here; install bubblewrap")
    target, other = tmp_path / "site", tmp_path / "other.txt"
    target.mkdir()
    other.write_text("of somebody else\n")
    (worktree / "index.html").write_text("<h1>hello</h1>")
    env = {"PORT": str(site), "TARGET": str(target), "OTHER": str(other)}

    def spec(step: str, settings: dict[str, Any], paths: list[str]) -> dict[str, Any]:
        own = {"name": "deploy", "facts": True, "env": env, **settings}
        return command(
            worktree, DEPLOY, step=f"{step}-{backend}", settings=own, cage={"backend": backend, "read_write": paths}
        )

    result, log = deploy(shared_agent, spec("bare", {}, []))
    for said in (
        "no way to the host",
        "no tunnel",
        "no way around",
        "no way to the folder",
        "token: none",
        "not for me",
    ):
        assert said in log
    assert not list(target.iterdir())
    assert result["answer"] == {"url": "http://127.0.0.1:8080/", "build": "7"}

    (worktree / "index.html").write_text("<h1>hello</h1>")  # the first one emptied its checkout
    granted = {"hosts": [f"127.0.0.1:{site}"], "secrets": {"SITE_TOKEN": SECRET}}
    result, log = deploy(shared_agent, spec("granted", granted, [str(target)]))
    assert "page /hello?a=1" in log and "page /tunnel" in log and "copied" in log and "emptied" in log
    assert "no way around" in log and "not for me" in log
    assert "token: [redacted:SITE_TOKEN]" in log
    assert (target / "index.html").read_text() == "<h1>hello</h1>"
    kept = b"".join(path.read_bytes() for path in (shared_agent.home).rglob("*") if path.is_file())
    assert SECRET.encode() not in kept

    _, log = deploy(shared_agent, spec("other", granted | {"hosts": [f"localhost:{site}"]}, []))
    assert "is not among the hosts that were granted" in log and "no way to the folder" in log


def test_a_granted_folder_that_is_missing_is_told(shared_agent: RunningAgent, worktree: Path, tmp_path: Path) -> None:
    cage = {"read_write": [str(tmp_path / "no")]}
    missing = command(worktree, "true", step="missing", settings={"facts": True}, cage=cage)
    shared_agent.put(missing)
    result = shared_agent.finished(missing)["result"]
    assert (result["outcome"], result["reason"]) == ("failed", "grant_missing")
