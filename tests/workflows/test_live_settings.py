"""What the owner sets while an orchestrator runs holds there too, for what begins from then on."""

from pathlib import Path
from typing import Any

from services.agents.fake import FakeAgent
from services.contract.run_result import RunResult
from services.credentials.keyring import Keyring
from services.settings import hub
from services.settings.providers import Change, edit
from services.workflows.admission import Admission
from services.workflows.model_choice import house_of
from tests.workflows.conftest import make_bench

RING = Keyring("k" * 40)


async def _idle(*_: Any) -> RunResult:
    raise AssertionError("nothing is to be run here")


async def test_an_orchestrator_takes_over_what_was_set_when_it_looks(database_url: str, tmp_path: Path) -> None:
    bench = make_bench(database_url, tmp_path, FakeAgent(_idle))
    try:
        admission, books = Admission(bench), bench.books
        before = bench.settings
        await admission._look()
        assert bench.settings is before  # nothing was ever set
        async with bench.db.write() as session:
            changes = {
                "default_model": "ollama/tiny:1b", "auto_trigger_agents": False, "include_images": False,
                "vision_model": "ollama/moondream:1.8b", "offline": True, "run_budget_usd": 0.5,
            }  # fmt: skip
            await hub.edit(session, 1, changes, [], {"ollama": None}, "person")
            lab = Change({"url": "http://10.0.0.7:11434", "protocol": "ollama"}, "sk-lab-1234567890")
            await edit(session, RING, "lab", 1, lab, "person")
        await admission._look()
        now = bench.settings
        assert (now.default_model, now.auto_trigger, now.prompt_pictures) == ("ollama/tiny:1b", False, 0)
        assert (now.offline, now.budgets.run_usd, bench.vision_model) == (True, 0.5, "ollama/moondream:1.8b")
        assert bench.books is books and bench.limits.default_model == "ollama/tiny:1b"
        assert "lab" in bench.limits.cards and "lab" in house_of(now).own_providers
        assert "sk-lab" not in repr(now)
        async with bench.db.write() as session:
            await hub.take_back(session, 2, 2, "person")
        await admission._look()
        assert (bench.settings.default_model, bench.settings.prompt_pictures) == ("scripted/demo", 8)
    finally:
        await bench.db.close()
