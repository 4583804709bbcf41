"""The prompt of a run on a task. The header lines are stable: people, logs and the scripted model read them."""

from collections.abc import Sequence
from pathlib import Path

from services.prompts.brief import Brief
from services.prompts.sections import Section

GUIDES = ("AGENTS.md", "CONVENTIONS.md")
GUIDE_CHARACTERS = 8_000
FINDING_CHARACTERS = 1_500
PROOF_CHARACTERS = 300
ROUNDS_TOLD = 3
ROUND_CHARACTERS = 1_000


def header(brief: Brief) -> str:
    """The lines that say what this prompt is for."""
    task = brief.task
    lines = [
        f"Role: {brief.role.name}",
        f"Stage: {brief.stage.name}",
        f"Project: {brief.project.name}",
        f"Task: {task.key} {task.title}",
        f"Round: {task.round}",
    ]
    return "\n".join(lines)


def branch_state(branch: str, changed: Sequence[str]) -> str:
    """What git shows of the task's branch."""
    return f"On branch {branch}; changed since its base: {', '.join(changed) or 'nothing yet'}."


def task_sections(brief: Brief, worktree: Path, git_state: str = "") -> list[Section]:
    """All sections of the prompt, in reading order; see compose for which go first when room is short."""
    task = brief.task
    return [
        Section("", header(brief)),
        Section("Who you are", brief.who.text),
        Section("The task", f"{task.title}\n\n{task.description}"),
        Section("Acceptance criteria", _criteria(brief)),
        Section("Findings to fix", _findings(brief)),
        Section("What the stage asks", brief.stage.prompt),
        Section("A person says", brief.comment.body if brief.comment else "", rank=1),
        Section("What happened before", brief.handoff.summary if brief.handoff else "", rank=2),
        Section("What you did in earlier rounds", _before(brief), rank=2),
        Section("Evidence that was brought", _brought(brief), rank=2),
        Section("Done when", brief.stage.done_definition, rank=3),
        Section("What you leave", "\n".join(f"- {one}" for one in brief.stage.expected_outputs), rank=3),
        Section("What comes next", brief.stage.next_steps, rank=6),
        Section("Environment", brief.project.environment, rank=4),
        Section("State of the branch", git_state, rank=5),
        guides(worktree, rank=7),
    ]


def guides(worktree: Path, rank: int) -> Section:
    """AGENTS.md and CONVENTIONS.md of the workspace, each cut at a stated length."""
    texts, cut = list[str](), list[str]()
    for name in GUIDES:
        path = worktree / name
        if path.is_file() and not path.is_symlink():
            text = path.read_text(encoding="utf-8", errors="replace")
            if len(text) > GUIDE_CHARACTERS:
                cut.append(f"{name} beyond {GUIDE_CHARACTERS:,} characters")
                text = f"{text[:GUIDE_CHARACTERS]}\n({name} goes on; {len(text)} characters in all)"
            texts.append(f"## {name}\n{text}")
    return Section("The project's own guide", "\n".join(texts), rank, tuple(cut))


def _before(brief: Brief) -> str:
    """This role's own last rounds on the task: what they did, and what became of it."""
    told = brief.before[-ROUNDS_TOLD:]
    left_out = len(brief.before) - len(told)
    blocks = [f"({left_out} earlier ones are not told here.)"] if left_out else []
    for entry in told:
        account = entry.account.strip()
        if len(account) > ROUND_CHARACTERS:
            account = f"{account[:ROUND_CHARACTERS]} (it goes on)"
        blocks.append(f"Round {entry.run.round}, attempt {entry.run.attempt}: {entry.run.state}.\n{account}")
    return "\n\n".join(blocks)


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
