"""Whether an acceptance criterion is met, and how that is known: proven, judged by an agent, or a person's word."""

import re
from dataclasses import dataclass
from typing import Literal

from services.reviews.evidence import outcomes
from services.reviews.facts import CriterionFacts, StageFacts
from services.reviews.weakened import is_hollow

How = Literal["proven", "judged", "by_person"]
BY_PERSON: How = "by_person"
_TESTS = re.compile(r"[^\s`'\",;()]+::[^\s`'\",;()]+")


@dataclass(frozen=True)
class CriterionVerdict:
    """`how` is None where nobody looked. `place` shows it: a test, a command, `path:line` of the diff or of a report.

    `proof_id` is the report that the place lies in. `unshown`: an agent judged it met, and shows nothing for it.
    """

    criterion_id: int
    met: bool
    how: How | None
    evidence: str
    place: str = ""
    proof_id: int | None = None
    unshown: bool = False

    @property
    def proven(self) -> bool:
        return self.met and self.how == "proven"


def verdict_on(criterion: CriterionFacts, facts: StageFacts) -> CriterionVerdict:
    """What a test or command shows counts most, then a person's word, then an agent's with the place that shows it.

    A person who says that it is not met is not outvoted.
    """
    if criterion.by_person is False:
        return CriterionVerdict(criterion.criterion_id, False, BY_PERSON, criterion.evidence)
    measured = _measured(criterion, facts)
    if criterion.by_person and not (measured and measured.met):
        return CriterionVerdict(criterion.criterion_id, True, BY_PERSON, criterion.evidence)
    return measured or _judged(criterion)


def _measured(criterion: CriterionFacts, facts: StageFacts) -> CriterionVerdict | None:
    """By its own command, or by the test that an agent names or, where none does, that its check names."""
    if criterion.command is not None:
        command, code = criterion.command
        met = code == 0
        said = f"`{command}` ended with exit code {code}." if code is not None else f"`{command}` could not be run."
        return CriterionVerdict(criterion.criterion_id, met, "proven", said, command, criterion.place_proof)
    found = {name: outcome for command in facts.commands for name, outcome in outcomes(command.tests).items()}
    test = criterion.test
    if test is None and criterion.claimed is not False:
        test = next((name for name in named_tests(criterion.check) if name in found), None)
    if test is None or (criterion.claimed is False):
        return None
    outcome = found.get(test)
    if outcome == "passed" and is_hollow(test, facts.hollow):
        said = f"{test} should show it, but nothing in that test can fail."
        return CriterionVerdict(criterion.criterion_id, False, "judged", said, test)
    if outcome == "passed":
        return CriterionVerdict(criterion.criterion_id, True, "proven", test, test)
    said = f"{test} should show it, but {f'it {outcome}' if outcome else 'the report has no such test'}."
    return CriterionVerdict(criterion.criterion_id, False, "proven" if outcome else "judged", said, test)


def _judged(criterion: CriterionFacts) -> CriterionVerdict:
    if criterion.claimed is None:
        return CriterionVerdict(criterion.criterion_id, False, None, "No run has looked at this criterion yet.")
    if not criterion.claimed:
        return CriterionVerdict(criterion.criterion_id, False, "judged", criterion.note or "Judged as not met.")
    if criterion.place and criterion.is_there:
        note = criterion.note or "Judged, not proven."
        return CriterionVerdict(
            criterion.criterion_id, True, "judged", note, criterion.place, proof_id=criterion.place_proof
        )
    said = f"{criterion.place} is in neither the change nor a report" if criterion.place else "no place shows it"
    note = f"Judged as met, but {said}, so that does not count."
    return CriterionVerdict(criterion.criterion_id, False, None, note, unshown=True)


def named_tests(check: str) -> list[str]:
    """Ids of tests that a check's words name, as JUnit reports write them (`tests.test_a::test_b`) and as they are."""
    found: list[str] = []
    for name in _TESTS.findall(check):
        path, *rest = name.rstrip(".").split("::")
        parts = [*path.removesuffix(".py").strip("/").split("/"), *rest[:-1]]
        found += [name.rstrip("."), f"{'.'.join(parts)}::{rest[-1]}"]
    return found
