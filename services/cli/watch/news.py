"""What happened since the screen was last drawn: thousands of events a second become a few redraws."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
QUIET = frozenset({"hub.ping", "hub.caught_up", "run.activity"})


@dataclass
class News:
    """`seq` is the last event seen, `stale` whether the hub's tables are others than those shown, `doing` what the runs
    of tasks do now, in words."""

    seq: int = 0
    stale: bool = False
    doing: dict[int, str] = field(default_factory=dict)

    def take(self, event: Json) -> None:
        """One event. Nothing is asked of the hub and nothing is drawn here."""
        self.seq = max(self.seq, int(event["seq"]))
        kind = event["kind"]
        if kind == "run.activity":
            if event.get("task_id") is not None:
                self.doing[int(event["task_id"])] = str(event["data"]["sentence"])
        elif kind not in QUIET:
            self.stale = True

    def told(self) -> dict[int, str]:
        """What is done now, since the last call."""
        doing, self.doing = self.doing, {}
        return doing
