"""`wf start`, `doctor` and `renew` as start.sh calls them: real processes beside an Ollama of the tests."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.exits import Exit
from services.models.modelfile import Modelfile
from services.stack.env_file import change
from services.stack.secrets import read_env_file
from tests.support.local_hub import CHECKOUT, KEPT
from tests.support.ollama_server import OllamaServer, serving
from tests.support.ports import free_port

MODEL = "qwen2.5-coder:1.5b"
INFO = {"general.architecture": "qwen2", "qwen2.block_count": 28, "qwen2.embedding_length": 1536,
        "qwen2.attention.head_count": 12, "qwen2.attention.head_count_kv": 2,
        "qwen2.context_length": 32768}  # fmt: skip
PARTS = [str(CHECKOUT), str(CHECKOUT / "main-api"), str(CHECKOUT / "agent-api")]


class Terminal:
    """A root of its own, and what a person types there after ./start.sh."""

    def __init__(self, root: Path, **given: str) -> None:
        self.root = root
        own = {name: os.environ[name] for name in KEPT if name in os.environ}
        own |= {"WFHUB_ROOT": str(root), "PYTHONPATH": os.pathsep.join(PARTS), "DOCKER_HOST": "unix:///nowhere/engine"}
        self.environment = own | {"AIDER_PYTHON": sys.executable, "COLUMNS": "200"} | given

    def __call__(self, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *words], env=self.environment | given, cwd=self.root,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    server = OllamaServer("other:latest", INFO, 1000)
    server.makes_models, server.fetchable[MODEL], server.chunk = True, 4_000_000, 1_000_000
    server.chunk_seconds = 0.3
    with serving(server):
        yield server


@pytest.fixture
def wf(tmp_path: Path, ollama: OllamaServer) -> Iterator[Terminal]:
    root = tmp_path / "a root"
    root.mkdir()
    ports = {name: str(free_port()) for name in ("MAIN_API_PORT", "AGENT_API_PORT")}
    (root / ".env").write_text("# mine\n")
    change(root / ".env", {**ports, "OLLAMA_URL": ollama.url, "GPU_MEMORY_BYTES": str(2 * 2**30)})
    terminal = Terminal(root)
    yield terminal
    terminal("stop")


def test_a_start_says_what_it_found_and_brings_the_model_it_was_told_to(wf: Terminal, ollama: OllamaServer) -> None:
    began = wf("start", MODELS_AT_START=f"ollama/{MODEL}")
    assert began.returncode == 0, began.stderr
    found, taken = (line.partition(" s  ")[2] for line in began.stderr.splitlines()[:2])  # after the seconds
    assert found == f"Found: no Docker engine; Ollama at {ollama.url} with 1 model; the page is not built."
    assert taken.startswith("Taken: local processes: There is no Docker engine on this machine")
    assert ollama.models[MODEL] == 4_000_000
    # The gateway asks for this very model: its context is what fits on the 2 GiB card of the settings.
    [made] = ollama.made.values()
    context = made["parameters"]["num_ctx"]
    assert made == Modelfile(MODEL, context).request and 1024 <= context <= 8192
    assert f"{MODEL} with {context:,} tokens of context" in began.stdout
    [file] = (wf.root / ".wfhub/models/modelfiles").iterdir()
    assert file.read_text().splitlines()[1:] == [f"FROM {MODEL}", f"PARAMETER num_ctx {context}"]

    # Again: nothing is started or fetched; in JSON nothing is said beside.
    again = wf("start", "--json", MODELS_AT_START=f"ollama/{MODEL}")
    assert json.loads(again.stdout)["started"] == [] and again.stderr == ""
    assert ollama.paths().count("/api/pull") == 1
    status = wf("renew", "--what-runs")
    assert status.stdout == "local"
    checks = {check["name"]: check for check in json.loads(wf("doctor", "--json").stdout)["checks"]}
    assert {check["verdict"] for check in checks.values()} <= {"ok", "warn"}
    assert "main-api has it" in [check["sentence"] for check in checks.values()]


def test_nobodys_own_ollama_is_given_a_model_unasked(wf: Terminal, ollama: OllamaServer) -> None:
    began = wf("start")
    assert began.returncode == 0
    assert f"Your Ollama does not have ollama/{MODEL}" in began.stderr and f"ollama pull {MODEL}" in began.stderr
    assert "/api/pull" not in ollama.paths() and not ollama.made
    quiet = wf("start", MODELS_AT_START="none")
    assert "Ollama does not have" not in quiet.stderr
    unknown = wf("start", MODELS_AT_START="ollama/nothing-like-it")
    assert unknown.returncode == 0 and "ollama/nothing-like-it was not fetched" in unknown.stderr
    wrong = wf("start", MODELS_AT_START="qwen")
    assert "MODELS_AT_START names 'qwen'" in wrong.stderr


def test_offline_says_what_the_model_lacks_and_fetches_nothing(wf: Terminal, ollama: OllamaServer) -> None:
    began = wf("start", WFHUB_OFFLINE="1", MODELS_AT_START=f"ollama/{MODEL}")
    assert began.returncode == 0
    assert f"ollama does not have ollama/{MODEL}, and offline it can't be fetched" in began.stderr
    assert began.stderr.index("offline it can't be fetched") < began.stderr.index("starting main-api")
    assert "/api/pull" not in ollama.paths()


def test_a_port_is_kept_so_that_every_later_command_finds_the_hub(wf: Terminal) -> None:
    port, other = free_port(), free_port()
    began = wf("start", "--port", str(port), MODELS_AT_START="none")
    assert began.returncode == 0, began.stderr
    assert f"http://127.0.0.1:{port}" in began.stdout
    assert wf("status").returncode == 0
    kept = read_env_file(wf.root / ".env")
    assert kept["MAIN_API_PORT"] == str(port) and (wf.root / ".env").read_text().startswith("# mine\n")
    assert "started" in wf("start", "--port", str(port), "--json", MODELS_AT_START="none").stdout
    runs = wf("start", "--port", str(other))
    assert (
        runs.returncode == Exit.USAGE
        and f"The hub runs, on port {port}." in runs.stderr
        and "./start.sh stop" in runs.stderr
    )
    wf("stop")
    set_outside = wf("start", "--port", str(other), MAIN_API_PORT=str(port))
    assert set_outside.returncode == Exit.USAGE and "wins over --port" in set_outside.stderr
    agents = wf("start", "--port", kept["AGENT_API_PORT"])
    assert agents.returncode == Exit.USAGE and "AGENT_API_PORT" in agents.stderr
    assert wf("start", "--port", "99999").returncode == Exit.USAGE
    assert read_env_file(wf.root / ".env") == kept


def test_renew_starts_what_ran_and_brings_a_resting_database_up_to_date(wf: Terminal) -> None:
    assert wf("renew", "--what-runs").stdout == "nothing"
    nothing = wf("renew", "--was", "nothing")
    assert nothing.returncode == 0 and not (wf.root / ".wfhub/hub.sqlite").exists()
    again = wf("renew", "--was", "local")
    assert again.returncode == 0, again.stderr
    assert re.search(r"Running again at http://127\.0\.0\.1:\d+: agent-api, main-api, orchestrator", again.stdout)
    wf("stop")
    rest = wf("renew", "--was", "nothing")
    assert rest.returncode == 0 and "the database is up to date" in rest.stdout


def test_doctor_fails_where_the_hub_could_not_work(wf: Terminal) -> None:
    ill = wf("doctor", AIDER_PYTHON="/nowhere/python")
    assert ill.returncode == 1
    assert "Aider's environment is missing." in ill.stdout and "Run ./start.sh, which makes it." in ill.stdout
    assert wf("doctor").returncode == 0
