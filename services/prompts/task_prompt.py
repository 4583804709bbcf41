"""The prompt of a run on a task. The header lines are stable: people, logs and the scripted model read them."""

from pathlib import Path

from services.contract.asking import HOW_TO_ASK
from services.handoffs.fold import earlier_of, points_of
from services.prompts.brief import SAID_ELSEWHERE_TOLD, Brief
from services.prompts.git_state import GitState
from services.prompts.sections import Section
from services.prompts.settings import FOLD_CHARACTERS
from services.prompts.workspace_files import about, guides
from services.questions.read import words_of
from services.store.models import Comment, Project

FINDING_CHARACTERS = 1_500
PROOF_CHARACTERS = 300
ANSWERS_TOLD = 10
ROUNDS_TOLD = 3
FEEDBACK_TOLD = 5  # of what earlier runs heard
ROUND_CHARACTERS = 1_000
TITLE_CHARACTERS = 300
NOTED = {"note": "Note", "decision": "Decided", "file": "File", "open": "Open"}


def header(brief: Brief) -> str:
    """The lines that say what this prompt is for."""
    task = brief.task
    lines = [
        f"Role: {brief.role.name}",
        f"Stage: {brief.stage.name}",
        f"Project: {one_line(brief.project.name)}",
        f"Task: {task.key} {one_line(task.title)}",
        f"Round: {task.round}",
    ]
    return "\n".join(lines)


def one_line(text: str) -> str:
    """A name as it may stand in a line of its own: it can't begin another one."""
    return " ".join(text.splitlines())[:TITLE_CHARACTERS].strip()


def task_sections(
    brief: Brief, worktree: Path, git: GitState = GitState(), address: str = "", fold_characters: int = FOLD_CHARACTERS,
    *, asks_in_words: bool = False,
) -> list[Section]:  # fmt: skip
    """All sections of the prompt, in reading order; see compose for which go first when room is short.

    `address` is the hub's own; older handoffs of more than `fold_characters` are told in short. `asks_in_words`: the
    executor has no tool to ask a person with, so it is told in what form it can.
    """
    task, stage = brief.task, brief.stage
    leaves = "\n".join(f"- {one}" for one in stage.expected_outputs)
    comment = brief.comment.body if brief.comment else ""
    earlier = earlier_of(brief.older, brief.folds, fold_characters)
    return [
        Section("", header(brief)),
        Section("Who you are", brief.who.text, name="who"),
        Section("The task", f"{task.title}\n\n{task.description}", name="task", outside=True),
        Section("What came with it", brief.files, rank=2, name="attachments", outside=True),
        Section("Acceptance criteria", _criteria(brief), name="criteria", outside=True),
        Section("Findings to fix", _findings(brief), name="findings", outside=True),
        Section("What you asked, and the person's answer", _answers(brief, newest=True), name="answer", outside=True),
        Section("A person tells you", _told(brief.feedback), name="feedback", outside=True),
        Section("What the stage asks", stage.prompt, name="stage"),
        Section("When you need an answer", HOW_TO_ASK if asks_in_words else "", rank=3, name="asking"),
        Section("A person says", comment, rank=1, name="comment", outside=True),
        Section(
            "A person told the agents before",
            _told(brief.feedback_before[-FEEDBACK_TOLD:]),
            rank=2,
            name="feedback_before",
            outside=True,
        ),
        Section(
            "Asked and answered before",
            _answers(brief, newest=False),
            rank=2,
            name="answered",
            outside=True,
            newest_last=True,
        ),
        Section(
            "What was said in the tracker it came from",
            _elsewhere(brief),
            rank=3,
            name="tracker",
            outside=True,
            newest_last=True,
        ),
        Section("What happened before", _handoff(brief), rank=2, name="handoff", outside=True),
        Section("What happened earlier", earlier.told, rank=3, name="earlier", outside=True, newest_last=True),
        Section("What was learned on this task", _notes(brief), rank=2, name="notes", outside=True),
        Section(
            "What you did in earlier rounds", _before(brief), rank=2, name="rounds", outside=True, newest_last=True
        ),
        Section("Evidence that was brought", _brought(brief), rank=2, name="brought", outside=True),
        Section("Done when", stage.done_definition, rank=3, name="done"),
        Section("What you leave", leaves, rank=3, name="leaves"),
        Section("What comes next", stage.next_steps, rank=6, name="next"),
        project_section(brief.project, address, rank=4),
        Section("Environment", brief.project.environment, rank=4, name="environment"),
        Section("State of the branch", git.of_branch, rank=5, name="git", outside=True),
        about(worktree, rank=5),
        Section("Recent work in the project", git.lately, rank=6, name="recent", outside=True),
        guides(worktree, rank=7),
    ]


def project_section(project: Project, address: str, rank: int) -> Section:
    """Which project it is, where its files lie for its owner, and where the hub is."""
    lines = [f"Name: {one_line(project.name)}", f"Workspace: {project.workspace_path}"]
    return Section("The project", "\n".join([*lines, f"Hub: {address}"] if address else lines), rank, name="project")


def _answers(brief: Brief, *, newest: bool) -> str:
    """Of the last run that asked, in full: its task waited for them. Of those before, the latest."""
    last = brief.answers[-1].run_id if brief.answers else None
    told = [one for one in brief.answers if (one.run_id == last) == newest]
    return "\n\n".join([*_not_told(len(told) - ANSWERS_TOLD), *(words_of(one) for one in told[-ANSWERS_TOLD:])])


def _told(said: tuple[Comment, ...]) -> str:
    """The newest first: what is cut is cut at the end."""
    return "\n\n".join(f"({row.created_at:%Y-%m-%d %H:%M} UTC) {row.body.strip()}" for row in reversed(said))


def _handoff(brief: Brief) -> str:
    """The last one, whole: what was done, decided, and is open."""
    row = brief.handoff
    return "\n".join([row.summary, *points_of(row.data or {})]) if row else ""


def _notes(brief: Brief) -> str:
    """What agents and people noted, the newest first: those are kept where there are too many."""
    return "\n".join(f"- {NOTED[row.kind]} ({row.author}): {row.text}" for row in brief.notes)


def _elsewhere(brief: Brief) -> str:
    told = [row.body for row in reversed(brief.elsewhere[:SAID_ELSEWHERE_TOLD])]
    return "\n\n".join([*(["(Earlier ones are not told here.)"] if len(brief.elsewhere) > len(told) else []), *told])


def _before(brief: Brief) -> str:
    """This role's own last rounds on the task: what they did, and what became of it."""
    told = brief.before[-ROUNDS_TOLD:]
    blocks = _not_told(len(brief.before) - len(told))
    for entry in told:
        account = entry.account.strip()
        if len(account) > ROUND_CHARACTERS:
            account = f"{account[:ROUND_CHARACTERS]} (it goes on)"
        blocks.append(f"Round {entry.run.round}, attempt {entry.run.attempt}: {entry.run.state}.\n{account}")
    return "\n\n".join(blocks)


def _not_told(number: int) -> list[str]:
    return [f"({number} earlier ones are not told here.)"] if number > 0 else []


def _brought(brief: Brief) -> str:
    """Proofs that a person or an agent from outside added, in short, the newest first."""
    blocks: list[str] = []
    for proof in brief.brought:
        note = f": {proof.note}" if proof.note else ""
        begins = " ".join(proof.preview.split())
        if len(begins) > PROOF_CHARACTERS:
            begins = f"{begins[:PROOF_CHARACTERS]} (it goes on)"
        blocks.append(f"- {proof.kind} {proof.name} by {proof.created_by}{note}\n{begins}".rstrip())
    return "\n".join(blocks)


def _criteria(brief: Brief) -> str:
    return "\n".join(f"{c.position}. {c.text}" + (f" (check: {c.check})" if c.check else "") for c in brief.criteria)


def _findings(brief: Brief) -> str:
    blocks: list[str] = []
    for finding in brief.findings:
        place = f" at {finding.file}:{finding.line or 1}" if finding.file else ""
        message = finding.message.strip()
        if len(message) > FINDING_CHARACTERS:
            message = f"{message[:FINDING_CHARACTERS]}\n(cut; the proof has all of it)"
        blocks.append(f"- Finding ({finding.severity}, {finding.tool}{place}): {finding.title}\n{message}".rstrip())
    return "\n".join(blocks)
