"""Read a workflow's text: a checked definition, or every fault with its line."""

from collections.abc import Collection, Iterable

from pydantic import ValidationError

from services.domain.workflow import Misfit, Workflow
from services.domain.workflow_checks import faults_in
from services.roles.errors import WorkflowInvalid
from services.roles.field_faults import faults_of, where
from services.roles.yaml_places import Fault, Placed, read_placed

MAX_BYTES = 65_536
MAX_TOLD = 30
NAMED = 3


def read_definition(text: str, file: str = "workflow.yaml", roles: Collection[str] | None = None) -> Workflow:
    """The workflow of this text. `roles` are the names of those there are; None does not look. Raises WorkflowInvalid
    with all that is wrong, by line."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        fault = Fault(1, 1, f"the file is larger than {MAX_BYTES // 1024} KiB")
        raise refusal(file, [fault])
    placed = read_placed(text)
    if placed.faults:
        raise refusal(file, placed.faults)
    if placed.value is None:
        raise refusal(file, [Fault(1, 1, "the file is empty: it should have name, start and stages")])
    misfits: list[Misfit] = []
    try:
        workflow = Workflow.model_validate(placed.value, context=misfits)
    except ValidationError as error:
        raise refusal(file, faults_of(error, placed)) from None
    # a name that stands twice or goes nowhere makes every other check stumble
    faults = [_placed(placed, one) for one in misfits or faults_in(workflow, roles)]
    if faults:
        raise refusal(file, faults)
    return workflow


def refusal(file: str, faults: Iterable[Fault]) -> WorkflowInvalid:
    """In the order of the lines; `errors` has file, line and sentence of each."""
    ordered = sorted(set(faults))
    errors = [
        {"where": f"{file}:{fault.line}", "what": fault.sentence, "line": fault.line, "column": fault.column}
        for fault in ordered[:MAX_TOLD]
    ]
    told = "; ".join(f"{error['where']}: {error['what']}" for error in errors[:NAMED])
    more = f"; and {len(ordered) - NAMED} more" if len(ordered) > NAMED else ""
    return WorkflowInvalid(
        f"{told}{more}.", "Correct the file; docs/workflows.md has every field.", errors=errors, faults=len(ordered)
    )


def _placed(placed: Placed, misfit: Misfit) -> Fault:
    path, sentence = misfit
    prefix = where(path, placed.value)
    repeated = sentence.startswith("stage ") or not prefix
    return Fault(*placed.place(path), sentence if repeated else f"{prefix}{sentence}")
