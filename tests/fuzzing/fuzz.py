"""Feeds one parser what nobody thought of: `python -m tests.fuzzing.fuzz junit --seconds 600`; `just fuzz` all of them.

Atheris (libFuzzer) changes the inputs by what they reach in the code. What breaks the parser is written to --found, and
the exit code is not 0; keep it in tests/fuzzing/inputs once it is mended. An input may take 10 seconds and 2 GB.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["services.roles", "services.models.scripted", "services.domain", "agent_api"]):
    from tests.fuzzing.targets import TARGETS, inputs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir()) / "wfhub-fuzz-found")
    asked = parser.parse_args()
    asked.found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wfhub-fuzz-") as folder:
        tempfile.tempdir = folder
        sys.exit(_in_a_child(asked.target, asked.seconds, asked.found, Path(folder) / "corpus"))


def _in_a_child(target: str, seconds: int, found: Path, corpus: Path) -> int:
    """Its exit code. libFuzzer ends its process without a word to Python, so that another one has to clean up."""
    child = os.fork()
    if child != 0:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    corpus.mkdir()
    for number, path in enumerate(inputs(target)):
        shutil.copyfile(path, corpus / f"{number}-{path.name}")
    options = [
        f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=20000",
        "-print_final_stats=1", f"-artifact_prefix={found}/{target}-", str(corpus),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], TARGETS[target].read)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    main()
