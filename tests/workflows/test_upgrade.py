"""A hub that version 178f417 left with tasks at every stage, at migration 0014, is finished by this one.

The backup was made by that version's own code: `python -m scripts.upgrade_check 178f417 --keep-backup FILE`, which also
does all of this for real, from a killed orchestrator and in place, for any version: `just upgrade-check`.
"""

import asyncio
import json
import zipfile
from pathlib import Path

from services.backup.place import HubPlace
from services.backup.restore import Wish, restore
from services.store.migrate import current_revision, newest_revision
from services.workflows.migrate import upgrade as upgrade_engine
from tests.support.upgraded import finish

OLD_HUB = Path(__file__).resolve().parents[1] / "support" / "old-hub-0014.wfbackup"


async def test_tasks_at_every_stage_of_an_older_version_are_finished(tmp_path: Path) -> None:
    home, workspace = tmp_path / "home", tmp_path / "work space"
    url = f"sqlite:///{home / 'hub.sqlite'}"
    place = HubPlace(home, url, tmp_path / ".env")
    with zipfile.ZipFile(OLD_HUB) as archive:
        (project,) = json.loads(archive.read("manifest.json"))["projects"]
    wish = Wish(workspaces={project["workspace_path"]: str(workspace)})
    back = await asyncio.to_thread(restore, place, OLD_HUB, wish, upgrade_engine)
    assert (back.live_runs, back.notes) == (8, [])
    assert current_revision(url) == newest_revision()
    await finish(url, home, workspace, approving=("POC-8",))
