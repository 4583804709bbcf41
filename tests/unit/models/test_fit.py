"""What a model takes of a card's memory, beside the numbers that others measured and published."""

from dataclasses import replace
from typing import Any

import pytest

from services.models.errors import ModelShapeUnknown, NothingFits
from services.models.fit import CARD_BYTES, GIB, Card, choose, compute_bytes, fit, kv_bytes, largest_context
from services.models.known_shapes import KNOWN, Candidate
from services.models.shapes import ModelShape, hides_layers, shape_from_show, windowed_but_every
from services.models.stored_profiles import profile_by
from services.models.tuning import environment_for, fit_of_known, ollama_environment

MIB = 2**20
SHAPES = {one.shape.name.removeprefix("ollama/"): one.shape for one in KNOWN}
F16 = Card(kv_type="f16")


def test_the_kv_cache_is_what_llama_cpp_logs() -> None:
    """ "KV self size" of real loads: Qwen2.5 3B with 4,096 tokens (SciSharp/LLamaSharp issue 1099) and 7B with 2,048
    (JamePeng/llama-cpp-python pull request 1), both f16; Qwen2.5 32B with q8_0 and 32,000 (ggml-org/llama.cpp 10547).
    """
    assert kv_bytes(SHAPES["qwen2.5-coder:3b"], 4096, "f16") == 144 * MIB
    assert kv_bytes(SHAPES["qwen2.5-coder:7b"], 2048, "f16") == 112 * MIB
    large = ModelShape("qwen2.5-coder:32b", 0, 32_768, 5120, 40, (8,) * 64, 128, 128)
    assert kv_bytes(large, 32_000, "q8_0") == 4250 * MIB
    assert kv_bytes(large, 32_000, "q4_0") == 2250 * MIB


@pytest.mark.parametrize(
    ("parallel", "context", "mebibytes"), [(1, 4096, 27), (2, 2048, 42), (4, 1024, 72), (1, 8192, 39), (2, 4096, 54)]
)
def test_windows_of_gemma_take_what_llama_server_took(parallel: int, context: int, mebibytes: int) -> None:
    """Gemma 3 270M, measured by unslothai/unsloth's pull request 5225; its contexts are those of all slots together."""
    gemma = ModelShape("gemma3:270m", 0, 32_768, 640, 4, (1,) * 18, 256, 256, 262_144, 512, windowed_but_every(6, 18))
    assert kv_bytes(gemma, context, "f16", parallel) == mebibytes * MIB
    assert kv_bytes(gemma, 8192, "q8_0") == (15 + 24 * 34 / 64) * MIB, "windows stay f16 (llama.cpp pull request 21277)"


def test_compute_buffers_are_what_llama_cpp_logs() -> None:
    """ "CUDA0 compute buffer size": 300.75 MiB in LLamaSharp 1099, 304.00 MiB in llama-cpp-python's pull request 1."""
    assert compute_bytes(SHAPES["qwen2.5-coder:3b"], 4096, False) == 300.75 * MIB
    assert compute_bytes(SHAPES["qwen2.5-coder:7b"], 2048, False) == 304 * MIB
    long = compute_bytes(SHAPES["qwen2.5-coder:7b"], 32_768, False)
    assert long > 4 * compute_bytes(SHAPES["qwen2.5-coder:7b"], 32_768, True), "flash attention writes no scores out"


@pytest.mark.parametrize(
    ("name", "gib"), [("qwen2.5-coder:1.5b", 1.9), ("qwen2.5-coder:3b", 2.85), ("qwen2.5-coder:7b", 5.5)]
)
def test_whole_models_come_to_the_known_sizes(name: str, gib: float) -> None:
    """With 8,192 tokens and f16."""
    found = fit(SHAPES[name], 8192, F16)
    assert found.total / GIB == pytest.approx(gib, abs=0.06)
    assert found.fits is (gib < 3.6)


def test_the_best_model_that_fits_is_chosen_and_no_research_model_unasked() -> None:
    model, found = choose(KNOWN, Card())
    assert (model.shape.name, found.context) == ("ollama/qwen2.5-coder:1.5b", 16_384)
    assert choose(KNOWN, Card(), research=True)[0].shape.name == "ollama/qwen2.5-coder:3b"
    assert choose(KNOWN, Card(8 * GIB))[0].shape.name == "ollama/qwen2.5-coder:7b"
    assert choose(KNOWN, Card(2 * GIB))[0].shape.name == "ollama/qwen2.5-coder:0.5b"
    with pytest.raises(NothingFits, match=r"1\.0 GiB"):
        choose(KNOWN, Card(GIB))
    unscored = [Candidate(replace(one.shape), one.licence) for one in KNOWN]
    with pytest.raises(NothingFits):
        choose(unscored, Card())


def test_one_more_step_of_context_would_not_fit() -> None:
    seven = SHAPES["qwen2.5-coder:7b"]
    for size in (5.6, 5.8, 6.4):
        card = Card(int(size * GIB), kv_type="f16")
        best = largest_context(seven, card, ceiling=32_768)
        assert best is not None and best.fits and best.context % 1024 == 0
        assert best.context == 32_768 or not fit(seven, best.context + 1024, card).fits
    assert largest_context(seven, Card()) is None
    assert largest_context(SHAPES["qwen2.5-coder:0.5b"], Card(), ceiling=10**9).context == 32_768  # type: ignore[union-attr]
    halved = largest_context(seven, Card(int(5.8 * GIB), kv_type="f16", parallel=2), ceiling=32_768)
    alone = largest_context(seven, Card(int(5.8 * GIB), kv_type="f16"), ceiling=32_768)
    assert halved and alone and halved.context == pytest.approx(alone.context / 2, abs=1024)


def _show(**changed: Any) -> dict[str, Any]:
    info: dict[str, Any] = {
        "general.architecture": "gemma3", "gemma3.block_count": 18, "gemma3.embedding_length": 640,
        "gemma3.attention.head_count": 4, "gemma3.attention.head_count_kv": 1, "gemma3.attention.key_length": 256,
        "gemma3.attention.value_length": 256, "gemma3.attention.sliding_window": 512, "gemma3.context_length": 32_768,
        "tokenizer.ggml.tokens": None,
    }  # fmt: skip
    return {"model_info": {key: value for key, value in (info | changed).items() if value != "gone"}}


def test_a_shape_is_read_from_what_ollama_shows() -> None:
    shape = shape_from_show("g", _show(), 300 * MIB)
    assert (shape.layers, shape.key_length, shape.trained_context, shape.weights_bytes) == (18, 256, 32_768, 300 * MIB)
    assert kv_bytes(shape, 4096, "f16") == 27 * MIB
    assert not hides_layers(_show())
    hidden = _show(**{"gemma3.attention.head_count_kv": None})
    assert hides_layers(hidden)
    told = _show(**{"gemma3.attention.head_count_kv": [1, 0] * 9, "tokenizer.ggml.tokens": ["a"] * 1000})
    assert shape_from_show("g", told, 1).kv_heads == (1, 0) * 9
    assert shape_from_show("g", told, 1).vocabulary == 1000
    every = shape_from_show("g", _show(**{"gemma3.attention.sliding_window_pattern": [True] * 18}), 1)
    assert all(every.windowed)


def test_what_is_not_told_counts_as_more_and_never_as_less() -> None:
    family = {"general.architecture": "new", "new.block_count": 10, "new.embedding_length": 1024,
              "new.attention.head_count": 16, "new.attention.sliding_window": 512}  # fmt: skip
    shape = shape_from_show("n", {"model_info": family}, 1)
    assert (shape.kv_heads, shape.key_length, shape.windowed) == ((16,) * 10, 64, ())
    assert shape.vocabulary >= 262_000
    for missing in ("new.block_count", "new.embedding_length", "new.attention.head_count"):
        with pytest.raises(ModelShapeUnknown, match="MODEL_PROFILES"):
            shape_from_show("n", {"model_info": {k: v for k, v in family.items() if k != missing}}, 1)
    with pytest.raises(ModelShapeUnknown):
        shape_from_show("n", {}, 1)


def test_ollama_is_told_what_fits() -> None:
    told = environment_for("ollama/qwen2.5-coder:1.5b", Card())
    assert told["OLLAMA_CONTEXT_LENGTH"] == "8192" and told["OLLAMA_KV_CACHE_TYPE"] == "q8_0"
    wished = {"ollama/qwen2.5-coder:1.5b": {"context_tokens": 32_768}}
    assert environment_for("ollama/qwen2.5-coder:1.5b", Card(), wished)["OLLAMA_CONTEXT_LENGTH"] == "32768"
    assert (told["OLLAMA_NUM_PARALLEL"], told["OLLAMA_MAX_LOADED_MODELS"], told["OLLAMA_FLASH_ATTENTION"]) == ("1",) * 3
    assert environment_for("ollama/unheard-of", Card())["OLLAMA_CONTEXT_LENGTH"] == "8192"
    assert fit_of_known("ollama/qwen2.5-coder:7b", Card()) is None
    without = ollama_environment(4096, Card(flash_attention=False))
    assert without["OLLAMA_FLASH_ATTENTION"] == "0" and "OLLAMA_KV_CACHE_TYPE" not in without
    assert CARD_BYTES == 4 * GIB


def test_a_packaged_context_is_what_the_card_holds_unless_somebody_knows_better() -> None:
    """The same for prompts and for what the gateway pins; a model that fits nowhere keeps its own."""
    name, small = "ollama/qwen2.5-coder:1.5b", Card(int(2.1 * GIB))
    pinned = profile_by(name, {}, {}, small).context_tokens
    assert 1024 <= pinned < profile_by(name, {}, {}, Card()).context_tokens == 8192
    assert environment_for(name, small)["OLLAMA_CONTEXT_LENGTH"] == str(pinned), "no call loads the model anew"
    assert profile_by(name, {"context_tokens": 2048}, {}, small).context_tokens == 2048
    assert profile_by(name, {}, {name: {"context_tokens": 8192}}, small).context_tokens == 8192
    assert profile_by("ollama/qwen2.5-coder:7b", {}, {}, Card()).context_tokens == 8192
