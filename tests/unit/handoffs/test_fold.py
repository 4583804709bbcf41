"""Older handoffs in short: by lines, or by a model's account that says nothing of its own."""

import pytest

from services.handoffs.fold import earlier_of, fault_in, sources_of
from services.store.models import Handoff, HandoffFold

SAID = "Written with a list of refunds, and tested in till/refunds.py. " * 3


def handoffs(count: int) -> list[Handoff]:
    return [
        Handoff(id=number, from_stage="dev", to_stage="qa", summary=f"DEV (round {number}): {SAID}",
                data={"files": ["till/refunds.py"], "decisions": ["Whole cents (TILL-2)"], "open_points": ["Rounding"]})
        for number in range(1, count + 1)
    ]  # fmt: skip


def fold(rows: list[Handoff], text: str) -> HandoffFold:
    return HandoffFold(last_id=rows[-1].id, sources=sources_of(rows), text=text, model="scripted/demo")


def test_few_are_told_as_they_are_and_many_in_a_line_each() -> None:
    few = earlier_of(handoffs(2), (), 3_000)
    assert few.by == "as_told" and few.told.count("- Decided: Whole cents (TILL-2)\n- Open: Rounding") == 2
    many = earlier_of(handoffs(30), (), 3_000)
    assert (many.by, many.handoffs, len(many.text.splitlines())) == ("mechanical", 30, 30)
    assert many.told.startswith("(30 handoffs in a line each, made without a model.)\n- dev to qa: DEV (round 1)")
    assert "; decided: Whole cents (TILL-2); files: till/refunds.py" in many.text
    assert earlier_of([], (), 3_000).told == ""


def test_a_models_account_holds_for_what_it_was_made_of_and_newer_ones_follow_it() -> None:
    rows = handoffs(30)
    kept = fold(rows[:25], "Refunds are a list; cents are whole.")
    told = earlier_of(rows, [kept], 3_000)
    assert told.by == "model" and told.told.startswith(
        "(30 handoffs, put in short by scripted/demo and checked by code.)"
    )
    assert "cents are whole.\ndev to qa: DEV (round 26)" in told.text and "round 25" not in told.text
    rows[3].summary = "Something else was said."  # as when that handoff failed since
    assert earlier_of(rows, [kept], 3_000).by == "mechanical"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Refunds are a list in till/refunds.py since TILL-2, e.g. whole cents.", ""),
        ("", "it says nothing"),
        ("Refunds are in till/secrets.py.", "it names what nobody told it: till/secrets.py"),
        ("See TILL-99 and config.yaml.", "it names what nobody told it: TILL-99, config.yaml"),
        ("It is commit 1234abcd.", "it names what nobody told it: 1234abcd"),
        ("and so on " * 200, "more than the"),
    ],
)
def test_an_account_that_makes_something_up_is_not_used(text: str, fault: str) -> None:
    found = fault_in(text, handoffs(2))
    assert fault in found and bool(found) == bool(fault)
