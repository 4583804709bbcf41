"""How quick the redactor is: `python -m benchmarks.redaction`, megabytes of text a second, one core."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from services.redaction import Redactor, Stream

LOG = '{"task": "POC-12", "event": "run.settled", "run_id": "0192b7a4-7c1e-7d3a-9d5f-2f6a1c0b4e11", "level": "info"}\n'


def megabytes_a_second(work: Callable[[str], str], texts: list[str]) -> float:
    begun = time.perf_counter()
    for text in texts:
        work(text)
    return sum(map(len, texts)) / 1e6 / (time.perf_counter() - begun)


def main() -> None:
    redactor = Redactor()
    for number in range(8):
        redactor.learn(f"SECRET_{number}", secrets.token_urlsafe(32))
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(Path("services").rglob("*.py")))
    print(f"{len(redactor.forms)} forms of 8 secrets")
    pieces = [code[at : at + 4096] for at in range(0, len(code), 4096)]
    print(f"source code: {megabytes_a_second(redactor, [code * 4]):.0f} MB/s")
    print(f"log lines, each by itself: {megabytes_a_second(redactor, [LOG] * 20_000):.0f} MB/s")
    print(f"a stream in pieces of 4 KiB: {megabytes_a_second(Stream(redactor).feed, pieces):.0f} MB/s")


if __name__ == "__main__":
    main()
