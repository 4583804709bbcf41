"""What a question asks after is told first, by models and without one."""

import pytest

from services.guide.facts import Fact, numbered
from services.guide.plain import NOTHING, TOLD, told
from services.guide.topics import ranked

KINDS = ("state", "wait", "gate", "finding", "criterion", "run", "cost", "proof", "change", "question")
FACTS = [Fact(kind, f"Something about the {kind} of it.", kind) for kind in KINDS]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Why did QA fail?", "gate"),
        ("What did this cost?", "cost"),
        ("how many tokens so far", "cost"),
        ("What waits for me?", "wait"),
        ("Is there a vulnerability?", "finding"),
        ("Are the criteria met?", "criterion"),
        ("Which files were changed?", "change"),
        ("How long did the last run take?", "run"),
    ],
)
def test_what_is_asked_after_comes_first(question: str, first: str) -> None:
    assert ranked(FACTS, question)[0].kind == first


def test_of_one_kind_the_one_with_the_questions_words_comes_first() -> None:
    facts = [Fact("state", "TILL-1 “Count the drawer” is queued.", ""), Fact("state", "TILL-2 “Print receipts”.", "")]
    assert ranked(facts, "How far are the receipts?")[0].text.startswith("TILL-2")


def test_a_question_about_nothing_known_changes_no_order() -> None:
    assert ranked(FACTS, "Hm?") == FACTS


def test_without_a_model_the_first_facts_are_told_and_the_rest_counted() -> None:
    plain = told(numbered(FACTS))
    assert plain.text.count("\n- ") == TOLD - 1
    assert f"{len(FACTS) - TOLD} more facts" in plain.text
    assert "has 1 more fact." in told(numbered(FACTS)[: TOLD + 1]).text
    assert [fact.ref for fact in plain.cites] == [f"F{number}" for number in range(1, TOLD + 1)]
    assert told([]).text == NOTHING
