"""Parsers of outside text hold: with all that once broke one, and with what a fuzzer makes up in a few seconds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzzing.targets import ROOT, TARGETS, inputs

SECONDS = int(os.environ.get("WFHUB_FUZZ_SECONDS", "10"))  # for each of them


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_answers_or_refuses(name: str) -> None:
    kept = inputs(name)
    assert kept
    for path in kept:
        TARGETS[name].read(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_fuzzer_finds_nothing(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is made for Linux alone")
    command = [
        sys.executable,
        "-m",
        "tests.fuzzing.fuzz",
        name,
        "--seconds",
        str(SECONDS),
        "--found",
        str(tmp_path / "found"),
    ]
    left = tmp_path / "left behind"
    left.mkdir()
    environment = {
        **os.environ,
        "TMPDIR": str(left),
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "main-api", ROOT / "agent-api"))),
    }
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=SECONDS + 120)
    found = [path.name for path in (tmp_path / "found").iterdir()]
    assert done.returncode == 0 and not found, f"{found}\n{done.stderr[-3000:]}"
    assert list(left.iterdir()) == []
    tried = re.search(r"stat::number_of_executed_units:\s+(\d+)", done.stderr)
    assert tried and int(tried[1]) > len(inputs(name)), done.stderr[-500:]
