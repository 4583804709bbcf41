"""Search on both databases: kept by the database itself, ranked, by project, and safe whatever is typed."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.search.find import search
from services.store.database import Database
from services.store.models import Comment, Project, Task
from services.store.types import now
from tests.support import factories as make


async def found(database: Database, typed: str, **more: int) -> list[tuple[str, str]]:
    async with database.read() as session:
        return [(hit.kind, hit.task.title) for hit in await search(session, typed, **more)]


@pytest.fixture
async def till(database: Database) -> Project:
    """Three tasks and a comment."""
    async with database.write() as session:
        project = await make.make_project(session, key="TILL")
        first = await make.make_task(session, project, title="Limit refunds", description="No more than was paid.")
        await make.make_task(session, project, title="Print the café's receipts", description="Refund lines in red.")
        await make.make_task(session, project, title="مرحبا بالعالم", description="日本語のテキスト 🚀")
        await make.make_comment(session, first, body="The refundable share is O'Reilly's \"50%\".")
        return project


async def test_titles_before_descriptions_before_nothing(database: Database, till: Project) -> None:
    hits = await found(database, "refund")
    assert hits[0] == ("task", "Limit refunds")
    assert set(hits[1:]) == {("task", "Print the café's receipts"), ("comment", "Limit refunds")}
    assert await found(database, "refund red") == [("task", "Print the café's receipts")]
    assert await found(database, "refund nothing") == []
    assert len(await found(database, "efund")) == 3, "where no word begins so, it is looked for as it stands"


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("CAFE", "Print the café's receipts"), ("café", "Print the café's receipts"), ("مرحبا", "مرحبا بالعالم"),
        ("🚀", "مرحبا بالعالم"), ("テキスト", "مرحبا بالعالم"), ("日本語", "مرحبا بالعالم"),
        ("till-1", "Limit refunds"),
        ("TILL-2", "Print the café's receipts"), ("o'reilly", "Limit refunds"), ('"50%"', "Limit refunds"),
    ],
)  # fmt: skip
async def test_any_script(database: Database, till: Project, typed: str, title: str) -> None:
    assert (await found(database, typed))[0][1] == title


async def test_kept_by_the_database_through_every_edit(database: Database, till: Project) -> None:
    async with database.write() as session:
        task = await session.scalar(sa.select(Task).where(Task.key == "TILL-1"))
        comment = await session.scalar(sa.select(Comment))
        assert task is not None and comment is not None
        task.title, task.description = "Cap vouchers", ""
        comment.body = "Like gift cards."
    assert await found(database, "limit") == []
    assert await found(database, "vouch") == [("task", "Cap vouchers")]
    assert await found(database, "gift") == [("comment", "Cap vouchers")]
    async with database.write() as session:
        (await session.get_one(Comment, comment.id)).deleted_at = now()
    assert await found(database, "gift") == []
    async with database.write() as session:
        (await session.get_one(Task, task.id)).deleted_at = now()
    assert await found(database, "vouch") == []
    async with database.write() as session:
        await session.execute(sa.delete(Comment))
        await session.execute(sa.delete(Task).where(Task.key == "TILL-2"))
    async with database.read() as session:
        left = await session.scalar(sa.text("SELECT count(*) FROM search_texts"))
    assert left == 2, "the deleted task is hidden, what was removed is gone"


async def test_a_new_row_gets_its_own_number(database: Database, till: Project) -> None:
    """The index is written by a trigger in the middle of the insert."""
    async with database.write() as session:
        task = await make.make_task(session, till, title="Fourth")
        comment = await make.make_comment(session, task, body="Fifth")
        assert (task.id, comment.task_id, comment.id) == (4, 4, 2)


async def test_by_project_and_in_pages(database: Database, till: Project) -> None:
    async with database.write() as session:
        other = await make.make_project(session)
        for number in range(5):
            await make.make_task(session, other, title=f"Refund number {number}")
        hidden = await make.make_project(session, deleted_at=now())
        await make.make_task(session, hidden, title="Refund of a deleted project")
    assert len(await found(database, "refund")) == 8
    assert {title for _, title in await found(database, "refund", project_id=till.id)} == {
        "Limit refunds", "Print the café's receipts",
    }  # fmt: skip
    first = await found(database, "number", project_id=other.id, limit=3)
    rest = await found(database, "number", project_id=other.id, limit=3, skip=3)
    assert len(first) == 3 and len({*first, *rest}) == 5


async def test_nothing_that_is_typed_breaks_it(database: Database, till: Project) -> None:
    awkward = [
        '"', "'", "''", '"""', "*", "a*", "^a", "NEAR(a b)", "title:refund", "a AND", "OR", "NOT", "(", ")", "{a}",
        "+a", "-a", "a:*", "a & b | !c <-> d", "\\", "%", "_", ";DROP TABLE tasks", "a" * 500, "🚀" * 50,
        "\u202erefund\u202c", "\x01", "ﬁ", "İ", "ß", "\u0301", "1e5", "-5", "3.14", "a.b@c.de", "http://x/y?z=1",
    ]  # fmt: skip
    for typed in awkward:
        await found(database, typed)
    assert len(await found(database, "refund")) == 3, "and all is still there"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80))
async def test_whatever_is_typed(database: Database, till: Project, typed: str) -> None:
    await found(database, typed)


async def test_a_text_of_a_hundred_thousand_words(database: Database, till: Project) -> None:
    """PostgreSQL keeps at most a megabyte of words of one text, and would refuse the row of a longer one."""
    long = "needle " + " ".join(f"{number:x}ж" for number in range(120_000))
    async with database.write() as session:
        task = await make.make_task(session, till, title="Long", description=long)
        await make.make_comment(session, task, body=long)
    assert await found(database, "needle") == [("task", "Long"), ("comment", "Long")]
