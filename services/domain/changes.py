"""What an event tells of a change: the fields as they were before and as they are after it."""

from typing import Any

LONGEST = 2_000  # characters of a text: the history shows what changed, the row has all of it

Fields = dict[str, Any]


def changed(**fields: tuple[Any, Any]) -> dict[str, Any]:
    """`changed(state=("idle", "queued"))`: the data that each event of a person carries, `before` and `after`."""
    before = {name: brief(old) for name, (old, _) in fields.items()}
    return {"before": before, "after": {name: brief(new) for name, (_, new) in fields.items()}}


def made(**fields: Any) -> dict[str, Any]:
    """Of what was not there before."""
    return {"before": None, "after": {name: brief(value) for name, value in fields.items()}}


def gone(**fields: Any) -> dict[str, Any]:
    """Of what is there no more."""
    return {"before": {name: brief(value) for name, value in fields.items()}, "after": None}


def between(before: Fields, after: Fields) -> dict[str, Any]:
    """Of two states of the same thing: what differs, in its settings entry by entry."""
    old, new = _differences(before, after)
    return {"before": brief(old), "after": brief(new)}


def brief(value: Any) -> Any:
    """As JSON can hold it, its texts cut where they are long."""
    match value:
        case str() if len(value) > LONGEST:
            return f"{value[:LONGEST]}… ({len(value)} characters)"
        case dict():
            return {str(name): brief(one) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case list() | tuple():
            return [brief(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else value


def _differences(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    old: Fields = {}
    new: Fields = {}
    for name in sorted(before.keys() | after.keys()):
        was, is_now = before.get(name), after.get(name)
        if was == is_now:
            continue
        if isinstance(was, dict) and isinstance(is_now, dict):
            was, is_now = _differences(was, is_now)  # pyright: ignore[reportUnknownArgumentType]
        old[name], new[name] = was, is_now
    return old, new
