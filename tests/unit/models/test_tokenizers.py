"""Counting as the model does: a tokenizer made from what Ollama tells gives the counts of the one it was told from."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from services.models.errors import TokenizerUnusable
from services.models.tokenizers import KEPT, Tokenizers, tokenizer_from_show
from services.models.tokens import HUGE, estimate, estimate_request

ROOT = Path(__file__).parents[3]
TEXTS = ["def greet(name):\n    return f'Hello, {name}!'  # 2026\n", "  \n\n\tx=1234567;", "Привет, мир", "日本語 🚀"]
# As Qwen publishes it in its tokenizer.json.
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


@pytest.fixture(scope="module")
def trained() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.Sequence(  # type: ignore[assignment]
        [pre_tokenizers.Split(Regex(QWEN), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
    )
    words = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=2000, initial_alphabet=words, show_progress=False)
    made.train([str(ROOT / "docs" / "models.md"), str(ROOT / "services" / "models" / "ledger.py")], trainer)
    return made


def show(trained: Tokenizer, **changed: Any) -> dict[str, Any]:
    """What `/api/show` with `verbose` answers: GGUF's keys, the merges as two words with a space."""
    told = json.loads(trained.to_str())["model"]
    tokens = sorted(told["vocab"], key=told["vocab"].get)
    merges = [" ".join(pair) for pair in told["merges"]]
    info = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2", "tokenizer.ggml.tokens": tokens}
    return {"model_info": {**info, "tokenizer.ggml.merges": merges, **changed}}


def test_the_made_tokenizer_counts_as_the_models_own(trained: Tokenizer, tmp_path: Path) -> None:
    kept = Tokenizers(tmp_path / "tokenizers")
    assert kept.counter("ollama/q:1b") is None
    path = kept.keep("ollama/q:1b", tokenizer_from_show("ollama/q:1b", show(trained)))
    assert path.name == "ollama-q-1b.json" and [file.name for file in path.parent.iterdir()] == [path.name]
    count = kept.counter("ollama/q:1b")
    assert count is not None
    for text in [*TEXTS, (ROOT / "README.md").read_text(encoding="utf-8")]:
        assert count(text) == len(trained.encode(text).ids)
    assert count("12") == 2, "Qwen counts each digit"
    body = {"messages": [{"role": "user", "content": TEXTS[0]}]}
    assert count(TEXTS[0]) < estimate_request(body, count) < count(TEXTS[0]) + 60
    assert estimate_request({**body, "tools": [{}]}, count) > estimate_request(body, count) + 200


def test_what_can_not_be_made_says_so(trained: Tokenizer, tmp_path: Path) -> None:
    for changed in ({"tokenizer.ggml.model": "llama"}, {"tokenizer.ggml.merges": None}, {"tokenizer.ggml.pre": "odd"}):
        with pytest.raises(TokenizerUnusable, match="estimated"):
            tokenizer_from_show("m", show(trained, **changed))
    kept = Tokenizers(tmp_path)
    with pytest.raises(TokenizerUnusable):
        kept.keep("m", "{}")
    assert list(tmp_path.iterdir()) == []
    kept.path("m").write_text("nonsense")
    assert kept.counter("m") is None


def test_few_are_kept_in_memory_and_a_changed_file_is_read_again(trained: Tokenizer, tmp_path: Path) -> None:
    kept, text = Tokenizers(tmp_path), tokenizer_from_show("m", show(trained))
    for name in "abcd":
        kept.keep(name, text)
        assert kept.counter(name)
    assert len(kept._loaded) == KEPT
    kept.path("d").write_text("nonsense, and longer than a moment ago")
    assert kept.counter("d") is None


def test_estimates_are_upper_bounds_where_small_vocabularies_are_poor() -> None:
    """The numbers are cl100k's counts of the same texts."""
    chance = random.Random(1)
    encoded = base64.b64encode(chance.randbytes(6000)).decode()
    russian = "Агент должен добавить функцию приветствия, написать тесты и обновить документацию проекта. Все проверки выполняются автоматически, и ничего не попадает в главную ветку без разрешения человека. Съешь ещё этих мягких французских булок, да выпей чаю. "  # noqa: E501
    japanese = "エージェントは挨拶の関数を追加し、テストを書き、ドキュメントを更新しなければならない。吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。"  # noqa: E501
    for text, counted in ((encoded, 5744), (russian * 5, 551), (japanese * 5, 595)):
        assert counted <= estimate(text) <= 1.5 * counted
    assert estimate("ab " * HUGE) > HUGE
