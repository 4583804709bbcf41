"""An answer rests on facts of the record, or says that it does not."""

import pytest

from services.guide.account import UNFOUNDED, check, read_account, so_far
from services.guide.facts import Fact, numbered

FACTS = numbered([Fact("gate", f"Fact {number}.", f"fact {number}") for number in range(1, 4)])


def checked(answer: str, *cites: str) -> tuple[str, list[str], tuple[str, ...], str]:
    account = read_account(f'{{"answer": "{answer}", "cites": {list(cites)}}}'.replace("'", '"'))
    assert account is not None
    found = check(account, FACTS)
    return found.text, [fact.ref for fact in found.cites], found.dropped, found.sentence


def test_citations_of_facts_stay_in_their_order() -> None:
    assert checked("Two tests fail [F2]. It cost nothing [F1, F2].", "F3") == (
        "Two tests fail [F2]. It cost nothing [F1] [F2].", ["F2", "F1", "F3"], (), "",
    )  # fmt: skip


def test_citations_that_name_no_fact_are_taken_out() -> None:
    assert checked("Fine [F9].", "F1", "F77", "[F2]") == ("Fine.", ["F1", "F2"], ("F9", "F77"), "")


def test_an_answer_without_any_says_so() -> None:
    assert checked("All is well.") == ("All is well.", [], (), UNFOUNDED)
    assert checked("All is well [F9].")[3] == UNFOUNDED


@pytest.mark.parametrize("said", ["", "Well.", "{}", '{"answer": ""}', '{"answer": "x", "more": 1}', '["answer"]', "{"])
def test_what_has_another_shape_is_no_answer(said: str) -> None:
    assert read_account(said) is None


def test_a_fence_around_it_is_no_fault() -> None:
    account = read_account('```json\n{"answer": "Yes [F1]."}\n```')
    assert account is not None
    assert account.answer == "Yes [F1]."


WHOLE = '{"answer": "Two \\"tests\\" fail [F2], says QA.", "cites": ["F2"]}'


def test_what_came_so_far_is_shown_without_its_citations() -> None:
    shown = [so_far(WHOLE[:length]) for length in range(len(WHOLE) + 1)]
    assert shown[0] == ""
    assert 'Two "tests" fail' in shown
    assert shown[-1] == 'Two "tests" fail, says QA.'
    assert not any("{" in text or "cites" in text for text in shown)
    assert so_far("Well, I think") == ""
