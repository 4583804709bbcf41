"""The report that a research step wrote, kept as a file that people read and that proves the step."""

import asyncio
from typing import Any

from pydantic import ValidationError

from services.contract.run_result import Artifact, RunResult
from services.domain.proof_kinds import REPORT
from services.plans.drafts import ReportDraft
from services.redaction import KNOWN
from services.workflows.bench import bench
from services.workflows.keep import PREVIEW_CHARACTERS
from services.workflows.records import Step

MEDIA_TYPE = "text/markdown"


async def keep_report(step: Step, result: RunResult) -> list[dict[str, Any]]:
    """The report as `keep_result` takes it; empty for every other step, and where nothing was written."""
    if step.get("produces") != "report" or result.outcome != "completed":
        return []
    try:
        draft = ReportDraft.model_validate(result.answer)
    except ValidationError:
        return []  # no report: the stage's gate says so
    if not draft.body.strip():
        return []
    text = KNOWN(as_markdown(draft)).replace("\0", "")
    digest, size = await asyncio.to_thread(bench().proofs.put, text.encode("utf-8", "replace"))
    artifact = Artifact(name=REPORT, kind="report", sha256=digest, size=size, media_type=MEDIA_TYPE)
    return [{"artifact": artifact, "sha256": digest, "size": size, "preview": text[:PREVIEW_CHARACTERS]}]


def as_markdown(draft: ReportDraft) -> str:
    """Title, summary, body, then what it rests on and what is open, where there is any."""
    parts = [f"# {' '.join(draft.title.split())}", draft.summary.strip(), draft.body.strip()]
    for title, lines in (("Sources", draft.sources), ("Open questions", draft.open_questions)):
        if lines:
            parts.append("\n".join([f"## {title}", "", *(f"- {' '.join(line.split())}" for line in lines)]))
    return "\n\n".join(part for part in parts if part) + "\n"
