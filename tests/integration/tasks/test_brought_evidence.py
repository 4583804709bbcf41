"""What people bring is told to the next agent in short, and what a run left is not told twice."""

from pathlib import Path

from services.domain.workflow import Stage
from services.prompts.brief import read_brief
from services.prompts.task_prompt import task_sections
from services.proofs.bring import bring_proof
from services.roles.seed import seed
from services.store.database import Database
from tests.support import factories as make


async def test_brought_proofs_are_told_to_agents(database: Database, tmp_path: Path) -> None:
    async with database.write() as session:
        await seed(session)
        task = await make.make_task(session, stage="dev")
        run = await make.make_run(session, task)
        await make.make_proof(session, run, name="junit.xml")
        await make.make_handoff(session, task, summary="Written.")
        await make.make_handoff(session, task, summary="Of no use.", state="failed")
        await bring_proof(
            session, task.id, kind="log", name="crash.log", media_type="text/plain", sha256="0" * 64, size=9,
            head=b"Traceback:\n  " + b"x" * 500, note="from the shop", actor="person",
        )  # fmt: skip
        brief = await read_brief(session, run, task, Stage(name="dev", title="DEV", role="dev"))
    texts = {section.title: section.text for section in task_sections(brief, tmp_path)}
    told = texts["Evidence that was brought"]
    assert told.startswith("- log crash.log by person: from the shop\nTraceback: xxx") and told.endswith("(it goes on)")
    assert "junit.xml" not in told and len(told) < 400
    assert texts["What happened before"] == "Written."
