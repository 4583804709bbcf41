"""`wf workflow` beside a hub that listens, and where there is none."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from main_api.schemas.workflow import SMALLEST
from services.cli.app import app
from services.domain.errors import HubError
from services.roles.seed import seed
from tests.api.conftest import TOKEN, Served

TRICKY = ("\ufeff" + SMALLEST.replace("\n", "\r\n") + "# grün  \n\n").encode()


def wf(*words: str) -> Result:
    return CliRunner().invoke(app, ["workflow", *words])


async def test_a_file_goes_to_the_hub_and_comes_back_the_same(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WFHUB_ROOT", str(tmp_path))
    monkeypatch.setenv("WFHUB_TOKEN", TOKEN)
    monkeypatch.setenv("MAIN_API_PORT", str(served.port))
    async with served.hub.db.write() as session:
        await seed(session)
    file = tmp_path / "small.yaml"
    file.write_bytes(TRICKY)

    async def wf_there(*words: str) -> tuple[int, bytes, bytes]:
        """In a process of its own: the server's log would mix with what it prints."""
        program = (sys.executable, "-m", "services.cli", "workflow", *words)
        process = await asyncio.create_subprocess_exec(*program, stdout=PIPE, stderr=PIPE)
        out, err = await process.communicate()
        return process.returncode or 0, out, err

    code, out, _ = await wf_there("import", str(file), "--json")
    assert (code, json.loads(out)["version"], json.loads(out)["new"]) == (0, 1, True)
    assert await wf_there("export", "small") == (0, TRICKY, b"")
    file.write_bytes(TRICKY.replace(b"gate:", b"gaet:"))
    code, _, err = await wf_there("import", str(file))
    assert code == 1 and b"small.yaml:9: stage dev: a stage has no `gaet`; did you mean `gate`?" in err
    code, _, err = await wf_there("export", "smal")
    assert code == 4 and b"There is no workflow named smal" in err


def test_without_a_hub_a_file_is_checked_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WFHUB_ROOT", str(tmp_path))
    monkeypatch.delenv("WFHUB_TOKEN", raising=False)
    file = tmp_path / "w.yaml"
    file.write_text(SMALLEST.replace("role: dev", "role: dve"))
    told = wf("check", str(file))
    assert told.exit_code == 1 and "w.yaml:7: stage dev: there is no role `dve`; did you mean `dev`?" in told.stderr
    file.write_text(SMALLEST)
    assert (wf("check", str(file)).exit_code, json.loads(wf("check", str(file), "--json").stdout)["valid"]) == (0, True)
    file.write_bytes(b"name: a\ntitle: \xff\n")
    refused = wf("check", str(file)).exception
    assert isinstance(refused, HubError) and refused.sentence.startswith("w.yaml:2: this is not written in UTF-8")
    missing = wf("check", str(tmp_path / "none.yaml")).exception
    assert isinstance(missing, HubError) and "can't be read" in missing.sentence
