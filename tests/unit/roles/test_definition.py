# ruff: noqa: E501 - a text, what becomes of it, and its sentence on one line
"""A workflow's text: each fault is told with the line where it stands; the shipped texts have none."""

import re
from pathlib import Path

import pytest
import yaml

from services.domain.gate import Gate, ProofRule
from services.domain.workflow import AiderStep, Stage, StageLimits, ToolsStep, Workflow
from services.roles import shipped
from services.roles.definition import MAX_BYTES, read_definition
from services.roles.errors import WorkflowInvalid

SHIPPED = sorted(shipped.WORKFLOWS.glob("*.yaml"))
ROLES = frozenset(yaml.safe_load(shipped.ROLES.read_text())["roles"])
SMALL = """\
name: small
start: dev
stages:
  - name: backlog
    title: Backlog
  - name: dev
    title: DEV
    role: dev
    steps:
      - { executor: aider, name: edit }
    gate: { changes_required: true }
  - name: qa
    title: QA
    role: qa
    on_fail: dev
    steps:
      - { executor: tools, name: judge, produces: criteria_checks }
      - { executor: command, name: tests }
    gate: { commands_pass: true, criteria_met: true }
  - name: deploy
    title: DEPLOY
    on_fail: dev
    steps:
      - { executor: human, name: approval }
      - { executor: merge, name: merge }
    gate: { merged: true }
  - name: done
    title: Done
"""


def told(text: str) -> list[str]:
    with pytest.raises(WorkflowInvalid) as refused:
        read_definition(text, "w.yaml", ROLES)
    errors = refused.value.data["errors"]
    assert refused.value.sentence.startswith(f"{errors[0]['where']}: {errors[0]['what']}")
    return [f"{error['where']}: {error['what']}" for error in errors]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shipped_has_no_fault(path: Path) -> None:
    assert read_definition(path.read_text(), path.name, ROLES).name == path.stem


def test_the_three_are_shipped() -> None:
    assert [path.stem for path in SHIPPED] == ["docs-only", "quickfix", "research", "software"]


WRONG = [
    ("gate: { commands_pass", "gaet: { commands_pass", "w.yaml:19: stage qa: a stage has no `gaet`; did you mean `gate`?"),
    ("merged: true", "merged: true, comands_pass: 1", "w.yaml:26: stage deploy: a gate has no `comands_pass`; did you mean `commands_pass`?"),
    ("executor: merge", "executor: mergge", "w.yaml:25: stage deploy, step merge: `mergge` is no executor; did you mean `merge`?"),
    ("executor: merge, ", "", "w.yaml:25: stage deploy, step merge: a step needs `executor`"),
    ("criteria_checks }", "criteria }", "w.yaml:19: stage qa: `criteria_met` can't be satisfied: no step of the stage produces criteria_checks"),
    ("criteria_checks }", "critera }", "w.yaml:17: stage qa, step judge: `produces` is 'critera'; did you mean `criteria`?"),
    ("commands_pass: true", "merged: true", "w.yaml:19: stage qa: `merged` can't be satisfied: the stage has no `merge` step"),
    ("{ executor: command, name: tests }", "{ executor: scan }", "w.yaml:19: stage qa: `commands_pass` can't be satisfied: the stage has no `command` step"),
    ("name: tests", "name: judge", "w.yaml:18: stage qa, step judge: two steps have the name `judge`: give each its own"),
    ("name: tests", "name: tests-base", "w.yaml:18: stage qa, step tests-base: a step's name may not end in -base"),
    ("role: qa", "role: qaa", "w.yaml:14: stage qa: there is no role `qaa`; did you mean `qa`?"),
    ("title: QA\n", "title: QA\n    wip: 0\n", "w.yaml:14: stage qa: `wip` should be greater than or equal to 1, not 0"),
    ("title: QA\n", "role2: a\n", "w.yaml:12: stage qa: a stage needs `title`"),
    ("on_fail: dev\n    steps:\n      - { executor: tools", "on_fail: deploy\n    steps:\n      - { executor: tools", "w.yaml:15: stage qa: `on_fail` jumps forward to deploy"),
    ("on_fail: dev", "on_fail: backlog", "w.yaml:15: stage qa: `on_fail` goes to backlog, where tasks only wait"),
    ("on_fail: dev", "on_fail: no", "w.yaml:15: stage qa: `on_fail`: YAML reads yes, no, on and off as true and false"),
    ("on_fail: dev", "on_fail: nowhere", "w.yaml:15: stage qa goes back to nowhere, which is no stage of this workflow"),
    ("name: qa", "name: dev", "w.yaml:12: stage dev: two stages have the same name: dev"),
    ("start: dev", "start: done", "w.yaml:2: start names done, which is no stage between the first and the last"),
    ("{ executor: human, name: approval }\n      - ", "", "w.yaml:23: stage deploy: a merge needs a person's word"),
    ("    gate: { merged: true }\n", "    gate: { merged: true }\n  - name: late\n    title: Late\n", "w.yaml:27: stage late: late is behind the merge"),
    ("title: QA\n", "title: QA\n    transitions: [dev]\n", "w.yaml:14: stage qa: `deploy` is missing: a task that passes goes there"),
    ("title: QA\n", "title: QA\n    transitions: [qa]\n", "w.yaml:14: stage qa: from qa a task could never reach done"),
    ("title: QA\n", "title: QA\n    transitions: [dev, depoy]\n", "w.yaml:14: stage qa lets tasks go to depoy, which is no stage"),
    ("stages:", "stages: &s", None),
    ("title: QA\n", "title: QA\n    title: Q\n", "w.yaml:14: `title` stands here twice, first on line 13"),
    ("title: QA\n", "title: QA\n\trole: x\n", "w.yaml:14: a tab stands here: indent with spaces"),
    ("title: QA\n", "title: 'QA\n", "w.yaml:28: this is no YAML: found unexpected end of stream"),
    ("title: QA\n", "title: !!python/name:os.system x\n", "w.yaml:13: `tag:yaml.org,2002:python/name:os.system` is not read"),
    ("title: QA\n", "title: Q\x07A\n", "w.yaml:13: the character U+0007 may not stand in YAML"),
    ("name: small", "name: Small One", "w.yaml:1: `name` is 'Small One', which does not fit"),
    (SMALL, "", "w.yaml:1: the file is empty: it should have name, start and stages"),
    (SMALL, "# only words\n", "w.yaml:1: the file is empty"),
    (SMALL, "- a\n", "w.yaml:1: `a workflow` must be fields with values"),
    (SMALL, "a: 1\n---\nb: 2\n", "w.yaml:2: this is no YAML: but found another document"),
    (SMALL, "a: &a [*a]\n", "w.yaml:1: an alias stands for something that holds it"),
    (SMALL, "[" * 5_000, "w.yaml:1: values are nested more than 20 deep"),
    (SMALL, "a" * (MAX_BYTES + 1), "w.yaml:1: the file is larger than 64 KiB"),
    (SMALL, "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]),
     "w.yaml:1: the text comes to more than 10,000 values, aliases counted"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "sentence"), WRONG, ids=range(len(WRONG)))
def test_each_fault_is_told_with_its_line(old: str, new: str, sentence: str | None) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    if sentence is None:
        assert read_definition(text).name == "small"
    else:
        assert told(text)[0].startswith(sentence)


def test_all_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = SMALL.replace("changes_required: true", "changes_requird: true").replace("title: QA", "titel: QA")
    assert [line.partition(" ")[0] for line in told(text)] == ["w.yaml:11:", "w.yaml:12:", "w.yaml:13:"]


def test_a_failure_may_not_go_in_a_circle_in_which_nothing_is_changed() -> None:
    text = SMALL.replace("{ executor: aider, name: edit }", "{ executor: tools, produces: criteria }")
    text = text.replace("    gate: { changes_required: true }\n", "")
    assert "w.yaml:14: stage qa: `on_fail` goes in a circle: between dev and qa no step changes anything" in told(text)


def test_what_is_kept_from_before_loads_though_a_new_text_would_be_refused() -> None:
    """Tasks in flight keep the definition they began with."""
    old = yaml.safe_load(SMALL.replace("criteria_checks }", "criteria }"))
    old["stages"][1]["limits"] = {"run_seconds": 1800.0, "stall_seconds": 300.0, "poison": 3, "lost_retries": 5}
    assert Workflow.model_validate(old).stages[1].limits.run_seconds == 1800


def test_the_page_about_workflows_has_every_field_and_its_examples_have_no_fault() -> None:
    page = (Path(__file__).parents[3] / "docs" / "workflows.md").read_text()
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert [read_definition(example, roles=ROLES).name for example in examples] == ["small", "strict"]
    fields = {
        name
        for part in (Workflow, Stage, StageLimits, Gate, ProofRule, AiderStep, ToolsStep)
        for name in part.model_fields
    }
    fields -= {"executor", "stages"}
    assert [name for name in sorted(fields) if f"`{name}`" not in page] == []
