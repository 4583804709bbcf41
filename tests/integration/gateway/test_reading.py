"""An answer as it streams by, cut into chunks anywhere."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from main_api.gateway.question import read_question
from main_api.gateway.reading import Reading
from main_api.gateway.told import Used
from services.models.errors import ModelCallInvalid, UpstreamFailed
from services.models.run_tokens import RunToken

USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}\n\n'
EVENTS = b'data: {"choices": [{"delta": {"content": "\\"error\\": \\u00e9"}}]}\n\n: note\n\n'
END = b"data: [DONE]\n\n"
LINES = b'{"message": {"content": "\\"done\\": true"}, "done": false}\n'
LAST = b'{"done": true, "prompt_eval_count": 7, "eval_count": 2}\n'


def feed(reading: Reading, data: bytes, cuts: list[int]) -> bytes:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    out = b"".join(reading.feed(data[a:b]) for a, b in itertools.pairwise(edges))
    reading.finish()
    return out


@given(cuts=st.lists(st.integers(0, 400), max_size=12))
def test_an_event_stream_is_passed_on_but_for_its_end(cuts: list[int]) -> None:
    reading = Reading("openai", "chat/completions", True, hide_usage=True)
    assert feed(reading, EVENTS + USAGE + END, cuts) == EVENTS
    assert (reading.held, reading.body, reading.used) == (END, EVENTS + END, Used(7, 2))
    shown = Reading("openai", "chat/completions", True, hide_usage=False)
    assert feed(shown, EVENTS + USAGE + END, cuts) == EVENTS + USAGE


@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_lines_of_ollama_are_passed_on_but_for_the_last(cuts: list[int]) -> None:
    reading = Reading("ollama", "api/chat", True)
    assert feed(reading, LINES + LAST, cuts) == LINES
    assert (reading.held, reading.used) == (LAST, Used(7, 2))


@given(data=st.one_of(st.just(EVENTS + USAGE + END), st.just(LINES + LAST)), upto=st.integers(0, 400))
def test_a_stream_cut_before_its_end_is_no_answer(data: bytes, upto: int) -> None:
    protocol = "openai" if data.startswith(b"data") else "ollama"
    whole = len(data.rstrip())
    if upto < whole:
        with pytest.raises(UpstreamFailed):
            feed(Reading(protocol, "chat/completions" if protocol == "openai" else "api/chat", True), data[:upto], [])


@pytest.mark.parametrize(
    ("protocol", "path", "answer"),
    [
        ("openai", "chat/completions", {}),
        ("openai", "chat/completions", {"error": {"message": "out of memory"}}),
        ("openai", "embeddings", {"choices": []}),
        ("ollama", "api/chat", {"message": {}, "done": False}),
        ("ollama", "api/embed", {"done": True}),
        ("openai", "chat/completions", ["choices"]),
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(protocol: str, path: str, answer: object) -> None:
    reading = Reading(protocol, path, False)  # type: ignore[arg-type]
    reading.feed(json.dumps(answer).encode())
    with pytest.raises(UpstreamFailed):
        reading.finish()


@pytest.mark.parametrize("event", [b'data: {"error": {"message": "no memory"}}\n\n', b'{"error": "no memory"}\n'])
def test_an_error_in_the_stream_is_an_error(event: bytes) -> None:
    reading = Reading("openai" if event.startswith(b"data") else "ollama", "api/chat", True)
    with pytest.raises(UpstreamFailed, match="no memory"):
        reading.feed(event)


def test_a_stream_without_end_is_stopped() -> None:
    reading = Reading("ollama", "api/chat", True)
    with pytest.raises(UpstreamFailed, match="above"):
        for _ in range(40):
            reading.feed(b"x" * 2**20)


USED = {
    "input_tokens": 5, "output_tokens": 1, "cache_read_input_tokens": 7, "cache_creation_input_tokens": 3,
    "cache_creation": {"ephemeral_1h_input_tokens": 2},
}  # fmt: skip
START = b"event: message_start\ndata: "
START += json.dumps({"type": "message_start", "message": {"usage": USED}}).encode() + b"\n\n"
TEXT = (
    b'event: content_block_delta\ndata: {"type": "content_block_delta", "delta": {"text": "message_stop \\u00e9"}}\n\n'
)
COUNTED = (
    b'event: message_delta\ndata: {"type": "message_delta", "usage": {"output_tokens": 9, "input_tokens": null}}\n\n'
)
STOP = b'data: {"type": "message_stop"}\n\n'


@given(cuts=st.lists(st.integers(0, 700), max_size=12))
def test_events_of_anthropic_are_passed_on_but_for_the_last(cuts: list[int]) -> None:
    reading = Reading("anthropic", "messages", True)
    told = START + TEXT + COUNTED + b"event: message_stop\n"
    assert feed(reading, told + STOP, cuts) == told
    assert (reading.held, reading.used) == (STOP, Used(15, 9, 7, 3, 2))


def test_errors_of_anthropic_and_pages_are_no_answers() -> None:
    overloaded = (
        b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
    )
    with pytest.raises(UpstreamFailed, match="Overloaded"):
        Reading("anthropic", "messages", True).feed(overloaded)
    for protocol in ("anthropic", "openai", "ollama"):
        with pytest.raises(UpstreamFailed, match="no answer"):
            Reading(protocol, "messages", True).feed(b"<html>\n")


def test_groq_tells_its_usage_in_a_field_of_its_own() -> None:
    reading = Reading("openai", "chat/completions", True)
    last = b'data: {"choices": [{"delta": {}}], "x_groq": {"usage": {"prompt_tokens": 7, "completion_tokens": 2}}}\n\n'
    feed(reading, EVENTS + last + END, [])
    assert reading.used == Used(7, 2)


@pytest.mark.parametrize("usage", [
    {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": []},
    {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": None}},
    {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": "all"}},
])  # fmt: skip
def test_a_usage_of_another_shape_costs_no_answer(usage: dict[str, object]) -> None:
    reading = Reading("openai", "chat/completions", False)
    reading.feed(json.dumps({"choices": [], "usage": usage}).encode())
    reading.finish()
    assert reading.used == Used(7, 2)


def test_a_question_too_deep_to_read_is_refused_by_name() -> None:
    token = RunToken("a-run", "1-code", 1)
    deep = b'{"model": "ollama/m", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(ModelCallInvalid, match="too deep"):
        read_question(token, "openai", "chat/completions", deep)
