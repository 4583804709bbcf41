"""What a run's model is told fits its context, is counted as the model counts, and the run says what was left out."""

import pytest
import sqlalchemy as sa
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from services.models.profile_fields import ProfileFields
from services.models.stored_profiles import keep_profile
from services.models.tokenizers import Tokenizers
from services.store.models import Project, Run
from tests.workflows.conftest import PLAN, Hub, git

MODEL = "scripted/demo"
CONTEXT = 9_000  # by this tokenizer a word is nearly a token a letter


def trained() -> str:
    """A tokenizer that knows few words, so that it counts otherwise than the estimate."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(["Write one"], trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet))
    return made.to_str()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_run_says_what_did_not_fit_and_who_counted(hub: Hub) -> None:
    tokenizers = Tokenizers(hub.bench.settings.home / "models" / "tokenizers")
    tokenizers.keep(MODEL, trained())
    guide = hub.workspace / "AGENTS.md"
    guide.write_text("x " * 10_000)
    git(hub.workspace, "add", ".")
    git(hub.workspace, "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-qm", "guide")
    async with hub.bench.db.write() as session:
        fields = ProfileFields.model_validate({"context_tokens": CONTEXT, "max_output_tokens": 1000})
        await keep_profile(session, MODEL, fields, "person")
        (await session.get_one(Project, hub.project_id)).environment = "It runs on a till. " * 3000
    hub.script.plan = {**PLAN, "tasks": PLAN["tasks"][:1]}
    await hub.ask()
    await hub.approve_plan()
    await hub.approval("POC-1")
    async with hub.bench.db.read() as session:
        runs = {run.stage: run for run in await session.scalars(sa.select(Run))}
    count = tokenizers.counter(MODEL)
    assert count is not None
    for stage, step in (("plan", "0-plan"), ("dev", "0-edit"), ("qa", "0-judge")):
        (told,) = runs[stage].prompts
        assert (told["step"], told["counted_by"], told["room"]) == (step, "tokenizer", CONTEXT - 1000 - 1200), stage
        whole = [one for one in told["left_out"] if " beyond " not in one]
        assert "The project's own guide" in whole, stage
        assert {"Environment", "Environment beyond 1,500 tokens"} & set(told["left_out"]), stage
        spec = next(spec for spec in hub.script.specs if spec.run_id == runs[stage].id and spec.step == step)
        said = spec.settings.message if spec.settings.executor == "aider" else spec.settings.prompt  # type: ignore
        assert (
            told["tokens"] >= count(said)
            and f"(Left out, because the model's context is full: {', '.join(whole)}.)" in said
        )
