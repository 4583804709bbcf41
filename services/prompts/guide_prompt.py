"""The prompt of the guide, who answers a person's question from the record of a task or a project."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.guide.account import shape_words
from services.guide.facts import Fact
from services.prompts.sections import Section
from services.prompts.task_prompt import one_line
from services.prompts.who import Who
from services.store.models import Project, Task

TITLES = {
    "state": "How it stands",
    "wait": "What it waits for",
    "gate": "What the gates measured",
    "finding": "Findings",
    "criterion": "Acceptance criteria",
    "run": "Runs",
    "cost": "What it cost",
    "proof": "Proofs",
    "change": "What was changed",
    "question": "What agents asked",
    "plan": "Plans",
    "request": "Requests",
    "talk": "What was said",
}
ASKS = """\
Answer the question from the facts of the record, which are numbered: [F1] and so on. Nothing else is known.
- Behind each statement stands the number of the fact that it rests on, in brackets: [F3].
- Begin with the answer itself. Four sentences are plenty; the person can follow the numbers.
- Where the record does not tell it, say so, and say what is known instead. Make nothing up.
- Answer in the language of the question. Plain words, Markdown where a list helps.
Answer with JSON of this shape and nothing around it: {shape}"""


@dataclass(frozen=True)
class Asking:
    """What is asked, where, and what is known: `facts` are ranked and numbered. `before` is what was said in the
    thread, the oldest first, as `Person: …` and `Guide: …`."""

    question: str
    project: Project
    task: Task | None
    who: Who
    facts: Sequence[Fact]
    before: Sequence[str] = ()


def guide_sections(asking: Asking) -> list[Section]:
    """In reading order. The facts stand by what they are about, the most telling first and left out last."""
    task = asking.task
    lines = [
        "Role: guide",
        "Stage: ask",
        f"Project: {one_line(asking.project.name)}",
        *([f"Task: {task.key} {one_line(task.title)}"] if task is not None else []),
    ]
    kinds = list(dict.fromkeys(fact.kind for fact in asking.facts))
    record = [
        Section(
            TITLES[kind],
            "\n".join(fact.line for fact in asking.facts if fact.kind == kind),
            rank=rank,
            name="record",
            outside=True,
        )
        for rank, kind in enumerate(kinds, 1)
    ]
    return [
        Section("", "\n".join(lines)),
        Section("Who you are", asking.who.text, name="who"),
        Section("The question", asking.question, name="asked", outside=True),
        Section("What to answer", ASKS.format(shape=shape_words())),
        *record,
        Section(
            "What was said before",
            "\n".join(asking.before),
            rank=len(kinds) + 1,
            name="thread",
            outside=True,
            newest_last=True,
        ),
    ]
