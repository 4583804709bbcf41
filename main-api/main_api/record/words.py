"""How facts say numbers and times."""

from datetime import datetime

from main_api.reads.money import usd

LONGEST = 400  # characters of what others wrote, in one fact


def short(text: str, most: int = LONGEST) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def spent(cost: float, tokens_in: int, tokens_out: int) -> str:
    return f"${usd(cost)}, {tokens_in + tokens_out:,} tokens"


def lasted(begun: datetime | None, ended: datetime | None) -> str:
    if begun is None or ended is None:
        return ""
    seconds = (ended - begun).total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment is not None else ""


def sentence(*parts: str) -> str:
    """The parts that are there, as sentences."""
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)
