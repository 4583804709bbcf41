"""How much slower than ripgrep itself the grep tool is, over 100,000 files: `python -m benchmarks.tools`.

The tool's time counts from the call to the answer's JSON. ripgrep is run alone, its output read and thrown away, with
what the tool needs of it: the same files (hidden ones too), JSON, and where matches are limited, stopped after as many.
Rounds of both alternate, and the quickest of each counts, so that a busy machine slows both.
"""

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

from agent_api.settings import find_program
from agent_api.workspace_tools.grep import grep

FILES, ROUNDS, LIMIT, BOUND = 100_000, 7, 200, 1.2
QUESTIONS = {"no match": "nowhere_at_all", "20 matches": "needle_[0-9]+", "a match in each file, 200 shown": "function"}
COMMON = ["--no-config", "--hidden", "--glob", "!.git", "--json"]


def make_tree(root: Path) -> None:
    line = "    # a line as they stand in programs, of some length\n" * 12
    for folder in range(FILES // 100):
        place = root / f"package{folder // 10:03}" / f"module{folder % 10}"
        place.mkdir(parents=True)
        for number in range(100):
            needle = f"needle_{folder}" if folder % 50 == 0 and number == 50 else ""
            (place / f"file{number:02}.py").write_text(f"def function_{number}(value):\n{line}    {needle}\n")


def bare(root: Path, pattern: str) -> float:
    begun = time.perf_counter()
    matches = 0
    command = [str(find_program("rg")), *COMMON, "--regexp", pattern, "."]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while chunk := process.stdout.read1(1 << 18):
            matches += chunk.count(b'"type":"match"')
            if matches > LIMIT:
                process.kill()
                break
    return time.perf_counter() - begun


async def ours(root: Path, pattern: str) -> float:
    begun = time.perf_counter()
    (await grep(root, pattern, limit=LIMIT)).model_dump_json()
    return time.perf_counter() - begun


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_tree(root)
        for name, pattern in QUESTIONS.items():
            bare(root, pattern)  # the files are in memory now
            rounds = [(bare(root, pattern), await ours(root, pattern)) for _ in range(ROUNDS)]
            alone, tool = (min(times) for times in zip(*rounds, strict=True))
            print(f"{name}: rg {alone * 1000:.0f} ms, grep {tool * 1000:.0f} ms, ratio {tool / alone:.2f} (≤ {BOUND})")


if __name__ == "__main__":
    asyncio.run(main())
