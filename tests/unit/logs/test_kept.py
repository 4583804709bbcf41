"""A process's own log file: it rotates under whoever writes, and no line is lost or cut."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.logs.kept import Kept, stream_of
from services.logs.rotation import VARIABLE, Rotation

WRITER = """
import os, sys
from services.logs.kept import stream_of
log = stream_of(os.environ)
for number in range(int(sys.argv[2])):
    log.write(f"{sys.argv[1]} {number} " + "x" * 40)
    log.write("\\n")
print("the end of", sys.argv[1], file=sys.stderr, flush=True)
"""


def lines_of(rotation: Rotation) -> list[str]:
    files = [rotation.numbered(number) for number in reversed(range(rotation.files))]
    return [line for each in files if each.exists() for line in each.read_text().splitlines()]


def run_writers(rotation: Rotation, names: list[str], count: int) -> None:
    environment = {**os.environ, VARIABLE: str(rotation)}
    running: list[subprocess.Popen[bytes]] = []
    for name in names:
        with os.fdopen(rotation.open(), "ab") as output:
            command = [sys.executable, "-c", WRITER, name, str(count)]
            running.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output))
    assert [process.wait(60) for process in running] == [0] * len(names)


def test_several_processes_share_a_log_that_rotates(tmp_path: Path) -> None:
    rotation = Rotation(tmp_path / "a log.log", file_bytes=20_000, files=50)
    run_writers(rotation, ["one", "two"], 3_000)
    lines = lines_of(rotation)
    for name in ("one", "two"):
        own = [line for line in lines if line.startswith(f"{name} ")]
        assert [int(line.split()[1]) for line in own] == list(range(3_000)), "each once, and in order"
        assert f"the end of {name}" in lines, "standard error moved along"
    assert rotation.numbered(2).exists()
    assert all(each.stat().st_size < 25_000 for each in tmp_path.glob("*.log*"))


def test_what_is_older_than_the_last_file_is_dropped(tmp_path: Path) -> None:
    rotation = Rotation(tmp_path / "a.log", file_bytes=1_000, files=3)
    log = Kept(rotation)
    for number in range(200):
        log.write(f"{number:04d} {'x' * 40}\n")
    log.close()
    kept = [int(line.split()[0]) for line in lines_of(rotation)]
    assert kept == list(range(kept[0], 200)) and 40 <= len(kept) < 80
    assert sorted(each.name for each in tmp_path.glob("a.log*")) == ["a.log", "a.log.1", "a.log.2"]


def test_threads_do_not_mix_their_lines(tmp_path: Path) -> None:
    rotation = Rotation(tmp_path / "a.log", file_bytes=5_000, files=100)
    log = Kept(rotation)

    def write(name: str) -> None:
        for number in range(500):
            for part in (name, " ", str(number), "\n"):
                log.write(part)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    expected = sorted(f"{name} {number}" for name in "abc" for number in range(500))
    assert sorted(lines_of(rotation)) == expected


def test_where_standard_error_is_another_place_both_get_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rotation = Rotation(tmp_path / "a.log")
    log = Kept(rotation)
    log.write("half \ud800 a pair\n")
    log.close()
    assert capsys.readouterr().err == "half \\ud800 a pair\n"
    assert rotation.path.read_text() == "half \\ud800 a pair\n"


def test_without_a_word_of_the_stack_it_is_standard_error() -> None:
    assert stream_of({}) is sys.stderr
    told = Rotation(Path("/a:b/c d.log"), 5, 2)
    assert Rotation.told(str(told)) == told
