"""When a task is tried again after its run was lost."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.store.types import now


@dataclass(frozen=True)
class Backoff:
    """Seconds: the first wait, which doubles with each run that is lost in a row, and the longest."""

    first: float = 1.0
    longest: float = 60.0

    def seconds(self, lost: int) -> float:
        """After so many lost runs in a row, 1 or more. Half of it is by chance, so that those who were lost together do
        not come back together ("equal jitter": M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
        2015)."""
        whole = min(self.longest, self.first * 2 ** min(lost - 1, 30))
        return whole / 2 + random.uniform(0, whole / 2)  # no secret hangs on it

    def at(self, lost: int) -> datetime:
        return now() + timedelta(seconds=self.seconds(lost))
