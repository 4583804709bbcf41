"""A role's later rounds are told what its earlier ones did, and a person can read all of it."""

from pathlib import Path

from services.domain.workflow import Stage
from services.prompts.brief import read_brief
from services.prompts.task_prompt import ROUND_CHARACTERS, task_sections
from services.roles.seed import seed
from services.store.database import Database
from services.tasks.session import read_session
from tests.support import factories as make

DEV = Stage(name="dev", title="DEV", role="dev")


async def test_a_later_round_sees_what_its_role_did(database: Database, tmp_path: Path) -> None:
    async with database.write() as session:
        await seed(session)
        task = await make.make_task(session, stage="dev", round=3)
        for number, (role, state) in enumerate(
            (
                ("dev", "failed"),
                ("qa", "failed"),
                ("dev", "lost"),
                ("dev", "passed"),
                ("dev", "failed"),
                ("dev", "failed"),
            )
        ):
            run = await make.make_run(session, task, role=role, state=state, round=number + 1)
            await make.make_comment(session, task, run_id=run.id, author=role, body=f"DEV {number}: " + "x" * 2_000)
        now = await make.make_run(session, task, round=7, state="running")
        told = {s.title: s.text for s in task_sections(await read_brief(session, now, task, DEV), tmp_path)}
        whole = await read_session(session, task.id)
    told = told["What you did in earlier rounds"]
    assert told.startswith("(1 earlier ones are not told here.)") and "QA" not in told
    assert [f"DEV {number}:" in told for number in range(6)] == [False, False, False, True, True, True]
    assert told.count("(it goes on)") == 3 and len(told) < 4 * ROUND_CHARACTERS
    assert [entry.run.round for entry in whole] == [1, 2, 4, 5, 6]
