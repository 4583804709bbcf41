"""Gates: facts decide, a claim never does."""

from dataclasses import replace

import pytest

from services.contract.run_result import ReportedFinding, TestCase, TestReport
from services.domain.workflow import Gate
from services.reviews.criteria import named_tests
from services.reviews.facts import CommandFacts, CriterionFacts, StageFacts
from services.reviews.gate import judge
from services.reviews.weakened import Weakening

TESTS = Gate(commands_pass=True, tests_required=True, criteria_met=True)


def report(**outcomes: str) -> TestReport:
    cases = tuple(TestCase(id=f"t::{name}", outcome=outcome) for name, outcome in outcomes.items())  # type: ignore[arg-type]
    count = [case.outcome for case in cases].count
    return TestReport(
        passed=count("passed"),
        failed=count("failed"),
        errors=count("error"),
        skipped=count("skipped"),
        seconds=0.1,
        cases=cases,
    )


def facts(
    exit_code: int = 0, tests: TestReport | None = None, base: TestReport | None = None, **more: object
) -> StageFacts:
    return StageFacts(commands=(CommandFacts("tests", exit_code, tests, base),), **more)  # type: ignore[arg-type]


def test_passing_tests_pass() -> None:
    assert judge(TESTS, facts(0, report(a="passed"))).passed


def test_a_failing_test_fails_and_is_filed_with_its_message() -> None:
    verdict = judge(TESTS, facts(1, report(a="passed", b="failed")))
    assert not verdict.passed
    assert [finding.title for finding in verdict.findings] == ["The test t::b fails"]


def test_an_exit_code_counts_even_when_the_report_looks_fine() -> None:
    assert not judge(TESTS, facts(2, report(a="passed"))).passed


def test_no_report_is_no_proof() -> None:
    assert not judge(TESTS, facts(0, None)).passed
    assert not judge(TESTS, facts(0, report())).passed
    assert not judge(TESTS, StageFacts()).passed


def test_a_test_that_passed_at_the_base_may_not_vanish_or_be_skipped() -> None:
    base = report(a="passed", b="passed")
    assert not judge(TESTS, facts(0, report(a="passed"), base)).passed
    assert not judge(TESTS, facts(0, report(a="passed", b="skipped"), base)).passed
    assert judge(TESTS, facts(0, report(a="passed", b="passed", c="passed"), base)).passed


def test_what_failed_at_the_base_already_is_not_this_changes_doing() -> None:
    base = report(a="passed", old="failed")
    assert judge(TESTS, facts(1, report(a="passed", old="failed"), base)).passed
    assert not judge(TESTS, facts(1, report(a="failed", old="failed"), base)).passed


def criterion(**more: object) -> CriterionFacts:
    return CriterionFacts(7, 1, "it adds up", **more)  # type: ignore[arg-type]


def test_a_criterion_is_proven_by_the_named_test_not_by_the_claim() -> None:
    proven = judge(TESTS, facts(0, report(a="passed"), criteria=(criterion(claimed=True, test="t::a"),)))
    assert proven.passed
    assert proven.criteria[0].proven
    invented = judge(TESTS, facts(0, report(a="passed"), criteria=(criterion(claimed=True, test="t::nowhere"),)))
    assert not invented.passed
    assert not invented.criteria[0].met


def test_a_criterion_without_a_test_is_judged_by_a_place_that_is_there() -> None:
    there = criterion(claimed=True, place="sum.py:3", is_there=True)
    verdict = judge(TESTS, facts(0, report(a="passed"), criteria=(there,)))
    assert verdict.passed and not verdict.criteria[0].proven
    assert (verdict.criteria[0].how, verdict.criteria[0].place) == ("judged", "sum.py:3")


@pytest.mark.parametrize("place", ["", "sum.py:99"])
def test_a_judgement_that_shows_nothing_does_not_count_and_a_person_looks(place: str) -> None:
    verdict = judge(TESTS, facts(0, report(a="passed"), criteria=(criterion(claimed=True, place=place),)))
    assert not verdict.passed and verdict.asks == verdict.reasons == ("Not shown: it adds up",)
    assert (verdict.criteria[0].met, verdict.criteria[0].how) == (False, None)


def test_a_criterion_is_proven_by_its_own_test_or_command() -> None:
    """Where its check names one, no agent has to."""
    ran = report(a="passed", b="failed")
    own = criterion(claimed=True)
    assert named_tests("see `t.py::a`.") == ["t.py::a", "t::a"]
    assert named_tests("tests/t.py::TestA::test_b") == ["tests/t.py::TestA::test_b", "tests.t.TestA::test_b"]
    for check, how in (("t::a", "proven"), ("t.py::a.", "proven"), ("t::b", "proven"), ("by reading", None)):
        [found] = judge(TESTS, facts(0, ran, criteria=(replace(own, check=check),))).criteria
        assert (found.met, found.how) == (how is not None and check != "t::b", how), check
    for code in (0, 1, None):
        [found] = judge(
            TESTS, facts(0, ran, criteria=(criterion(command=("make check", code), place_proof=9),))
        ).criteria
        assert (found.met, found.how, found.place, found.proof_id) == (code == 0, "proven", "make check", 9)


def test_a_persons_word_stands_beside_what_agents_say() -> None:
    for claim in ({"claimed": False}, {"claimed": True, "test": "t::nowhere"}, {}):
        [found] = judge(TESTS, facts(0, report(a="passed"), criteria=(criterion(by_person=True, **claim),))).criteria
        assert (found.met, found.how) == (True, "by_person")
    proof = {"claimed": True, "test": "t::a"}
    [found] = judge(TESTS, facts(0, report(a="passed"), criteria=(criterion(by_person=True, **proof),))).criteria
    assert found.how == "proven"
    [found] = judge(TESTS, facts(0, report(a="passed"), criteria=(criterion(by_person=False, **proof),))).criteria
    assert (found.met, found.how) == (False, "by_person")


def test_a_criterion_nobody_looked_at_is_not_met() -> None:
    assert not judge(TESTS, facts(0, report(a="passed"), criteria=(criterion(),))).passed


def scanned(severity: str, new: bool = True) -> ReportedFinding:
    return ReportedFinding(
        tool="bandit",
        rule="B602",
        severity=severity,
        title="shell",
        message="",
        fingerprint=severity,
        new=new,  # type: ignore[arg-type]
    )


def test_only_new_findings_close_the_gate_and_low_ones_for_one_round() -> None:
    gate = Gate(findings_below="high")  # type: ignore[arg-type]
    assert not judge(gate, StageFacts(findings=(scanned("low"),))).passed
    again = judge(gate, StageFacts(findings=(scanned("low"),), told=frozenset({"low"})))
    assert again.passed
    assert len(again.findings) == 1
    assert not judge(gate, StageFacts(findings=(scanned("high"),), told=frozenset({"high"}))).passed
    assert judge(gate, StageFacts(findings=(scanned("high"),), settled=frozenset({"high"}))).passed
    assert not judge(gate, StageFacts(findings=(scanned("high"),))).passed
    assert not judge(gate, StageFacts(findings=(scanned("critical"),))).passed
    assert judge(gate, StageFacts(findings=(scanned("critical", new=False),))).passed


def test_done_with_nothing_done_is_not_done() -> None:
    gate = Gate(changes_required=True)
    assert not judge(gate, StageFacts()).passed
    assert not judge(gate, StageFacts(files_changed=("a.py",), branch_changed=False)).passed
    assert judge(gate, StageFacts(files_changed=("a.py",), branch_changed=True)).passed


def test_merged_is_what_git_says() -> None:
    assert not judge(Gate(merged=True), StageFacts()).passed
    assert judge(Gate(merged=True), StageFacts(merged=True)).passed


def test_what_the_bases_own_tests_say_counts_whatever_the_change_made_of_them() -> None:
    base, edited = report(a="passed", b="passed"), report(a="passed", b="passed")
    command = CommandFacts("tests", 0, edited, base, old=report(a="passed", b="failed"))
    verdict = judge(TESTS, StageFacts(commands=(command,)))
    assert verdict.reasons == ("As it was before the change, the test t::b fails",)
    waived = frozenset({verdict.findings[0].fingerprint})
    assert judge(TESTS, StageFacts(commands=(command,), settled=waived)).passed
    gone = CommandFacts("tests", 0, edited, base, old=report(a="passed"))
    assert "cannot be run" in judge(TESTS, StageFacts(commands=(gone,))).reasons[0]
    red_before = CommandFacts("tests", 0, edited, report(a="passed", b="failed"), old=report(a="passed", b="failed"))
    assert judge(TESTS, StageFacts(commands=(red_before,))).passed


def test_where_the_task_says_that_a_test_must_change_a_person_decides() -> None:
    base = TestReport(passed=1, failed=0, errors=0, skipped=0, seconds=0, cases=(
        TestCase(id="tests.test_a::test_limit", outcome="passed"),))  # fmt: skip
    failing = base.model_copy(update={"cases": (TestCase(id="tests.test_a::test_limit", outcome="failed"),)})
    command = CommandFacts("tests", 0, base, base, old=failing)
    shown = {"claimed": True, "place": "a.py:1", "is_there": True}
    wish = replace(CriterionFacts(1, 1, "test_limit is changed: the limit is 20 now"), **shown)
    verdict = judge(TESTS, StageFacts(commands=(command,), criteria=(wish,)))
    assert not verdict.passed
    assert verdict.asks == verdict.reasons
    assert "the task asks for it: test_limit is changed" in verdict.asks[0]
    other = replace(wish, text="test_limit passes")
    assert judge(TESTS, StageFacts(commands=(command,), criteria=(other,))).asks == ()


def test_without_any_test_a_person_looks_and_a_broken_run_is_still_the_changes_fault() -> None:
    empty = judge(TESTS, facts(5, report()))
    assert empty.asks == empty.reasons == ("No test was run",)
    broken = judge(TESTS, facts(2, None))
    assert set(broken.asks) < set(broken.reasons)


def test_weakened_tests_close_the_gate_and_hollow_ones_prove_nothing() -> None:
    bad = Weakening("emptied", "tests/test_a.py", "test_a", "nothing in it can fail any more")
    assert not judge(TESTS, facts(0, report(a="passed"), weakened=(bad,))).passed
    claim = criterion(claimed=True, test="t::a")
    assert not judge(TESTS, facts(0, report(a="passed"), criteria=(claim,), hollow=frozenset({"t::a"}))).passed


def test_of_two_tests_with_one_name_the_worse_counts() -> None:
    cases = (TestCase(id="t::a", outcome="failed"), TestCase(id="t::a", outcome="passed"))
    both = report(a="passed").model_copy(update={"cases": cases})
    assert not judge(TESTS, facts(0, both, criteria=(criterion(claimed=True, test="t::a"),))).criteria[0].met
