"""The containers' figures: a warm start until all are well, what each takes when nothing happens, how large images are.

`python -m benchmarks.containers`: as the tests do, on the engine that answers, else (as root) on one of its own.
"""

import sys
import tempfile
import time
from pathlib import Path

from services.stack import container_engine, images
from services.stack.container_stats import usage
from services.stack.engine import connect
from tests.support import engine
from tests.support.container_hub import container_hub, snapshot

MEGABYTE = 10**6
OURS = ("main-api", "agent-api", "orchestrator", "stack")
MOST_SECONDS, MOST_IDLE, MOST_OVER_BASE = 20, 600 * MEGABYTE, 350 * MEGABYTE
REST_SECONDS = 20


def main() -> int:
    if lacking := engine.lacking():
        sys.exit(lacking)
    with engine.engine() as environment, tempfile.TemporaryDirectory(prefix="wfhub-containers-") as folder:
        given = {**environment, **engine.images(environment)}
        with container_hub(Path(folder) / "hub", snapshot(Path(folder) / "source"), given) as hub:
            hub.stack.stop()
            begun = time.monotonic()
            hub.stack.start()
            seconds = time.monotonic() - begun
            time.sleep(REST_SECONDS)
            client = connect(environment)
            present = container_engine.running(client, hub.settings)
            memory = {name: usage(client, container).memory for name, container in present.items()}
            sizes = images.sizes(client, hub.settings, images.own_names(hub.settings))
    idle = sum(taken for name, taken in memory.items() if name in OURS)
    print(f"warm start until all are well  {seconds:6.1f} s   (wanted: {MOST_SECONDS} s at the most)")
    for name, taken in sorted(memory.items(), key=lambda one: -one[1]):
        print(f"idle  {name:<24} {taken / MEGABYTE:6.0f} MB{'' if name in OURS else '  (not ours)'}")
    print(f"idle  ours together            {idle / MEGABYTE:6.0f} MB  (wanted: {MOST_IDLE / MEGABYTE:.0f} at the most)")
    for name, (size, over) in sizes.items():
        print(f"image {name:<24} {size / MEGABYTE:6.0f} MB, {over / MEGABYTE:5.0f} MB over its base")
    kept = seconds <= MOST_SECONDS and idle <= MOST_IDLE and sizes["main-api"][1] <= MOST_OVER_BASE
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
