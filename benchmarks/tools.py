"""How much slower than ripgrep itself the grep tool is, over 100,000 files: `python -m benchmarks.tools`.

The tool's time counts from the call to the answer's JSON. ripgrep is run alone, its output read and thrown away, with
what the tool needs of it: the same files (hidden ones too), JSON, and where matches are limited, stopped after as many.
Rounds of both alternate, and the quickest of each counts, so that a busy machine slows both; processor time is told
beside it, and the exit code says whether the bound holds for both. Where more matches than the limit are found, the
tool asks a second time, in order, so that the same question has the same answer: there the bound is not meant, and the
times are a few starts of rg.
"""

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agent_api.settings import find_program
from agent_api.workspace_tools.grep import grep
from benchmarks.compared import keep

FILES, ROUNDS, LIMIT, BOUND = 100_000, 9, 200, 1.2
QUESTIONS = {"no match": "nowhere_at_all", "20 matches": "needle_[0-9]+", "more than the limit of 200": "function"}
COMMON = ["--no-config", "--hidden", "--glob", "!.git", "--json"]


def make_tree(root: Path) -> None:
    line = "    # a line as they stand in programs, of some length\n" * 12
    for folder in range(FILES // 100):
        place = root / f"package{folder // 10:03}" / f"module{folder % 10}"
        place.mkdir(parents=True)
        for number in range(100):
            needle = f"needle_{folder}" if folder % 50 == 0 and number == 50 else ""
            (place / f"file{number:02}.py").write_text(f"def function_{number}(value):\n{line}    {needle}\n")


def clocks() -> tuple[float, float]:
    """Seconds that passed, and of the processor: ours and that of ended children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used)


def since(begun: tuple[float, float]) -> tuple[float, float]:
    return tuple(now - then for now, then in zip(clocks(), begun, strict=True))  # type: ignore[return-value]


def bare(root: Path, pattern: str) -> tuple[float, float]:
    begun = clocks()
    matches = 0
    command = [str(find_program("rg")), *COMMON, "--regexp", pattern, "."]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while chunk := process.stdout.read1(1 << 18):
            matches += chunk.count(b'"type":"match"')
            if matches > LIMIT:
                process.kill()
                break
    return since(begun)


async def ours(root: Path, pattern: str) -> tuple[float, float]:
    begun = clocks()
    (await grep(root, pattern, limit=LIMIT)).model_dump_json()
    return since(begun)


async def main() -> int:
    held = True
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_tree(root)
        for name, pattern in QUESTIONS.items():
            bare(root, pattern)  # the files are in memory now
            rounds = [(bare(root, pattern), await ours(root, pattern)) for _ in range(ROUNDS)]
            for what, which in (("passed", 0), ("of processor", 1)):
                alone, tool = (min(times[which] for times in side) for side in zip(*rounds, strict=True))
                ratio = f"ratio {tool / alone:.2f}"
                if "limit" not in name:
                    held &= tool / alone <= BOUND
                    ratio += f" (≤ {BOUND}){'' if tool / alone <= BOUND else ' MISSED'}"
                keep(f"{name}, {what}", "ripgrep itself", tool * 1000, alone * 1000, "ms")
                print(f"{name}, {what}: rg {alone * 1000:.0f} ms, grep {tool * 1000:.0f} ms, {ratio}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
