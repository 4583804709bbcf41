"""Times, money and numbers for people."""

from datetime import UTC, datetime

STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def ago(time: str | None, now: datetime | None = None) -> str:
    """`3 min`, `2 d`: how long since then; a dash for never."""
    if time is None:
        return "-"
    return span(((now or datetime.now(UTC)) - datetime.fromisoformat(time)).total_seconds())


def span(seconds: float) -> str:
    """In its largest unit: `48 s`, `3 min`, `5 h`, `2 d`."""
    for length, unit in STEPS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return "0 s"


def between(start: str | None, end: str | None) -> str:
    """From the one to the other, or to now."""
    if start is None:
        return "-"
    last = datetime.fromisoformat(end) if end else datetime.now(UTC)
    return span((last - datetime.fromisoformat(start)).total_seconds())


def usd(amount: float | str | None) -> str:
    """Cents for what is small; `no limit` for None."""
    if amount is None:
        return "no limit"
    return f"${float(amount):.4f}" if 0 < float(amount) < 0.1 else f"${float(amount):.2f}"


def local(time: str | None) -> str:
    """The minute in this machine's zone."""
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M") if time else "-"
