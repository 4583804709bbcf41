"""What `./start.sh doctor` looks at, by place: the machine, the hub's own things, containers."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Check:
    """`verdict` is ok, warn (the hub works, with less) or bad (it does not). `way_out` is empty when ok."""

    name: str
    verdict: Verdict
    sentence: str
    way_out: str = ""
