"""How an outside task reads as a task of the hub's: its text, quoted, with what else it says there."""

from services.tasks.create import MAX_TITLE
from services.trackers.facts import OutsideComment, OutsideTask

LONGEST = 20_000  # characters of a text


def title_of(task: OutsideTask) -> str:
    line = " ".join(task.title.split()) or "(without a title)"
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 1]}…"


def description_of(task: OutsideTask, provider: str) -> str:
    """Markdown: what they wrote is quoted line by line, as somebody else's words."""
    facts = [
        ("State there", task.state), ("Assignee there", task.assignee), ("Due", task.due),
        ("Tags", ", ".join(task.tags)),
        *((one.name, one.value) for one in task.fields),
    ]  # fmt: skip
    lines = [f"- {_line(name)}: {_line(value)}" for name, value in facts if value]
    head = f"From {provider}: {task.url}" if task.url else f"From {provider}."
    return "\n\n".join(part for part in (head, quoted(task.text), "\n".join(lines)) if part)


def comment_of(comment: OutsideComment, provider: str) -> str:
    when = f", {comment.said_at:%Y-%m-%d %H:%M} UTC" if comment.said_at else ""
    return f"{_line(comment.author) or 'Somebody'} in {provider}{when}:\n\n{quoted(comment.text)}"


def quoted(text: str) -> str:
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}… ({len(text)} characters there)"
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def _line(text: str) -> str:
    return " ".join(text.split())[:500]
