"""A prompt fits the model's context, and what was left out is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.prompts.sections import PromptTooLong, Section, compose
from services.prompts.settings import PromptSettings

TERMS = PromptSettings(b"a key")


def words(text: str) -> int:
    return len(text.split())


SECTIONS = st.lists(
    st.builds(
        Section,
        st.sampled_from(["Task", "Guide", "Before", "Notes"]),
        st.text("ab \n", max_size=200),
        st.integers(0, 4),
    ),
    max_size=8,
)


@given(SECTIONS, st.integers(0, 200))
def test_a_prompt_is_within_its_budget_or_refused(sections: list[Section], budget: int) -> None:
    try:
        prompt = compose(sections, budget, words, TERMS).text
    except PromptTooLong as refusal:
        assert str(budget) in str(refusal)
        return
    assert words(prompt) <= budget
    for section in sections:
        if section.rank == 0 and section.text.strip():
            assert section.text.strip() in prompt


def test_the_least_important_goes_first_and_is_named() -> None:
    sections = [Section("Task", "do it"), Section("Guide", "g " * 50, rank=7), Section("Comment", "c " * 20, rank=1)]
    told = compose([*sections, Section("Rules", "r", rank=1, cut=("RULES.md beyond 1",))], 46, words, TERMS)
    prompt = told.text
    assert told.left_out == ("Guide", "RULES.md beyond 1") and told.tokens == words(prompt)
    assert "c c c" in prompt
    assert "g g g" not in prompt
    assert "Left out, because the model's context is full: Guide" in prompt


def test_what_may_never_be_cut_is_refused_with_a_way_out() -> None:
    with pytest.raises(PromptTooLong, match="larger context"):
        compose([Section("Task", "w " * 100)], 10, words, TERMS)
