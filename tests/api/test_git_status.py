"""`GET /git/status`: the checkout, the hub's branches and worktrees, and no program that a repository names."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from main_api.hub import HubParts
from services.store.models import Project
from tests.integration.repos.conftest import TRAILERS, Person
from tests.integration.repos.test_programs import Trap
from tests.support import factories as make

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def person(tmp_path: Path) -> Person:
    one = Person(tmp_path / "a person's space")
    one.path.mkdir()
    one.git("init", "-q", "-b", "main")
    one.commit({"app.py": "one\n", "README.md": "read me\n"}, "First")
    return one


@pytest_asyncio.fixture
async def project(hub: HubParts, person: Person) -> Project:
    async with hub.db.write() as session:
        return await make.make_project(session, key="POC", workspace_path=str(person.path))


async def told(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/git/status", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_checkout_with_its_upstream(client: httpx.AsyncClient, person: Person, project: Project) -> None:
    (found,) = await told(client)
    assert (found["sentence"], found["fault"]) == ("On main, clean.", None)
    assert (found["head"], found["upstream"], found["target"]) == (person.head(), None, None)
    assert (found["branches"], found["worktrees"]) == ([], [])

    elsewhere = person.path.parent / "elsewhere.git"
    person.git("clone", "-q", "--bare", ".", str(elsewhere))
    person.git("remote", "add", "origin", str(elsewhere))
    person.git("fetch", "-q", "origin")
    person.git("branch", "-q", "--set-upstream-to=origin/main")
    person.commit({"app.py": "two\n"})
    (person.path / "README.md").write_text("changed\n")
    (person.path / "ä new.txt").write_text("new\n")
    (found,) = await told(client, project_id=project.id)
    assert (found["upstream"], found["ahead"], found["behind"]) == ("origin/main", 1, 0)
    assert (found["dirty_count"], found["dirty"]) == (2, ["README.md", "ä new.txt"])
    assert found["sentence"] == "On main, with 2 files not committed."
    person.git("switch", "-q", "--detach")
    assert (await told(client))[0]["branch"] is None


async def test_the_hubs_branches_and_worktrees(
    client: httpx.AsyncClient, hub: HubParts, person: Person, project: Project
) -> None:
    target = await hub.repos.target(project.id, person.path, "main")
    tree = await hub.repos.open_worktree(project.id, "POC-1", "wfhub/POC-1", target)
    (tree.path / "app.py").write_text("by an agent\n")
    head = await hub.repos.commit_all(tree, "A change", TRAILERS)
    (tree.path / "left.txt").write_text("not committed\n")
    person.commit({"README.md": "moved on\n"})
    moved = await hub.repos.fetch_target(project.id, person.path, "main")
    (found,) = await told(client)
    assert found["target"] == moved
    assert found["branches"] == [{"name": "wfhub/POC-1", "head": head, "ahead": 1, "behind": 1}]
    (seen,) = found["worktrees"]
    assert (seen["task_key"], seen["branch"], seen["head"], seen["dirty_count"]) == ("POC-1", "wfhub/POC-1", head, 1)
    spawned = hub.repos.depot.git.spawned
    await told(client)
    assert hub.repos.depot.git.spawned - spawned <= 4, "what commits are apart is not asked again"

    shutil.rmtree(tree.admin)
    (found,) = await told(client)
    assert found["worktrees"][0]["dirty_count"] is None and found["worktrees"][0]["complaint"]
    assert found["fault"] is None


async def test_one_that_is_gone_does_not_hide_the_others(
    client: httpx.AsyncClient, hub: HubParts, project: Project
) -> None:
    async with hub.db.write() as session:
        await make.make_project(session, workspace_path="/nowhere/at/all")
    good, gone = await told(client)
    assert good["fault"] is None
    assert gone["fault"]["code"] == "workspace_missing" and gone["sentence"] and gone["fault"]["way_out"]


async def test_it_pages(client: httpx.AsyncClient, hub: HubParts, project: Project) -> None:
    async with hub.db.write() as session:
        await make.make_project(session, workspace_path="/nowhere/at/all")
    answer = await client.get("/git/status", params={"limit": 1})
    assert len(answer.json()) == 1 and answer.headers["X-Total-Count"] == "2"
    assert len(await told(client, limit=1, cursor=answer.headers["X-Next-Cursor"])) == 1


async def test_a_hostile_configuration_runs_nothing(
    client: httpx.AsyncClient, person: Person, project: Project, tmp_path: Path
) -> None:
    trap = Trap(tmp_path / "trap")
    trap.set_in(person)
    (person.path / ".gitattributes").write_text("*.py filter=trap diff=trap merge=trap\n")
    (person.path / "app.py").write_text("two\n")
    (found,) = await told(client)
    assert found["fault"] is None and "app.py" in found["dirty"]
    assert ["filter trap" in found["notes"][0], "pre-commit" in found["notes"][1]] == [True, True]
    assert trap.sprung() == set()
    (person.path / "app.py").write_text("six\n")
    person.git("status", check=False)  # plain git, as a shell or an editor would ask
    assert {"fsmonitor", "clean"} <= trap.sprung()
