"""Any process, any moment, three tasks at once: the same end. WFHUB_FAULTS_SEED repeats a run, WFHUB_FAULTS_SECONDS
says for how long the blows fall."""

import os
import secrets
import time
from collections.abc import Callable

import pytest

from tests.kill.afterwards import different
from tests.kill.conftest import Ready
from tests.kill.random_faults import end_of

pytestmark = [pytest.mark.kill, pytest.mark.aider, pytest.mark.postgres]
SECONDS = 20.0


def test_blows_that_nobody_chose(ready: Callable[[str], Ready]) -> None:
    """On the database that the seed says."""
    seed = int(os.environ.get("WFHUB_FAULTS_SEED") or secrets.randbelow(10**6))
    seconds = float(os.environ.get("WFHUB_FAULTS_SECONDS") or SECONDS)
    print(f"WFHUB_FAULTS_SEED={seed}")
    hub, _ = ready(("sqlite", "postgresql")[seed % 2])
    _, usual, wrong = end_of(hub, "three words", seed, 0)
    assert not wrong, wrong
    until, story, hub.spoilt = time.monotonic() + seconds, 0, True
    while (left := until - time.monotonic()) > 0:
        story += 1
        struck, facts, wrong = end_of(hub, f"three words under blows {story}", seed + story, left)
        print("\n".join(struck))
        wrong += different(facts, usual)
        assert not wrong, f"WFHUB_FAULTS_SEED={seed}\n" + "\n".join([*struck, *wrong])
    hub.spoilt = False
