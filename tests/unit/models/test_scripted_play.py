"""What the scripted model reads from a request, which rule it takes, and how files are fenced."""

from datetime import date
from typing import Any

import pytest

from services.models.scripted.errors import FenceClash, NoRule
from services.models.scripted.play import choose, matches, render_files, work_out
from services.models.scripted.request import Message, Seen, canonical_sha256, see
from services.models.scripted.rules import Rule, Scenario, When

PROMPT = "Role: dev\nStage: dev\nProject: Till\nTask: TILL-3 Close the day\nRound: 2\n\n# The task\nRole: pm\n"


def asked(*messages: Message) -> Seen:
    return see(list(messages), "0" * 64)


def test_headers_are_the_unbroken_lines_of_the_last_message_with_them() -> None:
    seen = asked(
        Message("user", PROMPT.replace("dev", "qa")),
        Message("user", PROMPT),
        Message("assistant", "Role: sec\nStage: sec\n"),
        Message("tool", "Role: docs\nStage: docs\n"),
        Message("user", "Role: alone in its line"),
    )
    assert seen.headers == {
        "role": "dev",
        "stage": "dev",
        "project": "Till",
        "task": "TILL-3 Close the day",
        "round": "2",
    }
    assert (seen.title, seen.round) == ("Close the day", 2)
    assert "qa" not in seen.conversation


def test_headers_count_at_line_start_only() -> None:
    assert asked(Message("user", "see Role: dev\nStage: qa\n")).headers == {}
    assert asked(Message("user", "Act as an expert.\nRole: dev\nStage: qa\n")).headers == {"role": "dev", "stage": "qa"}


def test_turn_counts_answers_after_the_headers_without_aiders_acknowledgements() -> None:
    history = [Message("user", "Change it"), Message("assistant", "Here it is."), Message("assistant", "Ok.")]
    first = [*history, Message("user", PROMPT)]
    assert asked(*first).turn == 0
    reflected = [*first, Message("assistant", "a.py\n```\nx\n```"), Message("user", "It fails")]
    assert asked(*reflected).turn == 1
    # Aider moves what it committed into its history and answers itself, then lists its files again.
    moved = [
        *reflected[:-1],
        Message("user", "I committed the changes."),
        Message("assistant", "Ok."),
        Message("user", "I have *added these files to the chat*"),
        Message("assistant", "Ok, any changes I propose will be to those files."),
        Message("user", "It fails"),
    ]
    assert asked(*moved).turn == 1
    assert asked(*first, Message("assistant", "", calls=True), Message("tool", "text")).turn == 1


def test_without_headers_everything_is_the_conversation() -> None:
    seen = asked(Message("system", "one"), Message("assistant", "two"), Message("user", "three"))
    assert (seen.headers, seen.turn, seen.conversation) == ({}, 1, "one\ntwo\nthree")


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"role": "dev", "stage": "dev", "project": "Till"}, True),
        ({"role": ["qa", "dev"]}, True),
        ({"role": "qa"}, False),
        ({"request": "feature"}, False),
        ({"task": "^Close"}, True),
        ({"task": "^TILL-3"}, False),
        ({"round": 2}, True),
        ({"round": [1, 3]}, False),
        ({"round": "2+"}, True),
        ({"round": "3+"}, False),
        ({"turn": 0}, True),
        ({"turn": "1+"}, False),
        ({"contains": ["# The task", "Round: 2"]}, True),
        ({"contains": ["# The task", "absent"]}, False),
        ({"not_contains": "absent"}, True),
        ({"not_contains": ["absent", "Till"]}, False),
        ({"contains": "from the system"}, False),
    ],
)
def test_when(when: dict[str, Any], fits: bool) -> None:
    seen = asked(Message("system", "from the system"), Message("user", PROMPT))
    assert matches(When.model_validate(when), seen) is fits


def test_the_first_rule_wins_and_no_rule_is_refused_with_what_was_seen() -> None:
    rules = [{"when": {"role": "qa"}, "answer": "a"}, {"when": {"role": "dev"}, "answer": "b"}, {"answer": "c"}]
    scenario = Scenario.model_validate({"name": "story", "rules": rules})
    assert choose(scenario, asked(Message("user", PROMPT))).answer == "b"
    assert choose(scenario, asked(Message("user", "hello"))).answer == "c"
    only = Scenario.model_validate({"name": "story", "rules": rules[:1]})
    with pytest.raises(NoRule) as refused:
        choose(only, asked(Message("user", PROMPT)))
    assert "story" in str(refused.value)
    assert "Role: dev" in str(refused.value)
    assert "Task: TILL-3 Close the day" in str(refused.value)


def test_usage_comes_from_lengths_unless_given() -> None:
    seen = asked(Message("user", "12345"))
    counted = work_out(Rule.model_validate({"answer": "123456789"}), seen)
    assert (counted.prompt_tokens, counted.completion_tokens) == (2, 3)
    told = work_out(Rule.model_validate({"answer": "x", "tokens": {"prompt": 900, "completion": 0}}), seen)
    assert (told.prompt_tokens, told.completion_tokens) == (900, 0)


def test_a_date_in_a_calls_arguments_is_sent_as_text_and_counted_so() -> None:
    rule = {"tool_calls": [{"name": "plan", "arguments": {"due": date(2026, 1, 5), "who": "Zoë"}}]}
    answer = work_out(Rule.model_validate(rule), asked(Message("user", "x")))
    assert answer.tool_calls[0].written() == '{"due": "2026-01-05", "who": "Zoë"}'
    assert answer.completion_tokens == -(-len('plan{"due": "2026-01-05", "who": "Zoë"}') // 4)


def test_the_hash_ignores_the_order_of_keys_only() -> None:
    assert canonical_sha256({"a": 1, "b": [1, 2]}) == canonical_sha256({"b": [1, 2], "a": 1})
    assert canonical_sha256({"a": 1, "b": [1, 2]}) != canonical_sha256({"a": 1, "b": [2, 1]})


def test_files_are_written_in_the_fence_that_is_asked_for() -> None:
    assert (
        render_files("Done.", {"a.py": "x", "b.py": "y\n"}, None) == "Done.\n\na.py\n```\nx\n```\n\nb.py\n```\ny\n```\n"
    )
    markdown = {"a.md": "text\n```\ncode\n```\n"}
    assert render_files("", markdown, None) == "a.md\n````\ntext\n```\ncode\n```\n````\n"
    assert render_files("", markdown, ("<source>", "</source>")).startswith("a.md\n<source>\ntext\n```")
    with pytest.raises(FenceClash, match=r"a\.md"):
        render_files("", markdown, ("```", "```"))


def test_the_asked_fence_is_read_from_aiders_reminder() -> None:
    reminder = "- Second line: opening ````\n- ... entire content of the file ...\n- Final line: closing ````\n"
    assert asked(Message("system", reminder), Message("user", PROMPT)).fence == ("````", "````")
    assert asked(Message("user", PROMPT)).fence is None
