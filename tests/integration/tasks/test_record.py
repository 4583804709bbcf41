"""The facts of a task that questions are answered from."""

from main_api.record import task_facts
from services.store.database import Database
from tests.support.factories import make_criterion, make_run, make_task


async def test_how_a_criterion_was_judged_is_told_apart_from_whether_it_holds(database: Database) -> None:
    async with database.write() as session:
        task = await make_task(session)
        await make_criterion(session, task, position=0, text="It adds", met=True, how="proven")
        await make_criterion(session, task, position=1, text="It reads well", met=None)
        told = [fact.text for fact in await task_facts(session, task) if fact.kind == "criterion"]
    assert "“It adds”: it holds, proven." in told[0]
    assert told[1] == "Criterion 2, “It reads well”: nobody has looked yet."


async def test_a_task_that_is_begun_anew_names_no_branch_but_what_its_runs_changed(database: Database) -> None:
    async with database.write() as session:
        task = await make_task(session, branch=None)
        await make_run(session, task, state="passed", files_touched=["till.py"])
        told = [fact.text for fact in await task_facts(session, task) if fact.kind == "change"]
    assert told == [f"{task.key} changed till.py."]
