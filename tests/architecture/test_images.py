"""An image that carries only a part of our code carries all that its program imports."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
COPIED = re.compile(r"^COPY --from=code (.+) \S+$", re.MULTILINE)
PROGRAM = re.compile(r'^CMD \["python", "-m", "([\w.]+)"\]', re.MULTILINE)


@pytest.mark.parametrize("image", ["agent-api", "stack"])
def test_a_program_finds_all_it_imports_in_its_image(image: str, tmp_path: Path) -> None:
    dockerfile = (CHECKOUT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    stage = re.split(r"^FROM .* AS ", dockerfile, flags=re.MULTILINE)
    text = next(part for part in stage if part.startswith(f"{image}\n"))
    for name in (name.removeprefix("/app/") for names in COPIED.findall(text) for name in names.split()):
        source, target = CHECKOUT / name, tmp_path / name.rstrip("/")
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    (program,) = PROGRAM.findall(text)
    path = f"{tmp_path}:{tmp_path}/agent-api"
    done = subprocess.run(
        [sys.executable, "-c", f"import {program}"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
