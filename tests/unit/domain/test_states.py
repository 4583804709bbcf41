"""The state machines: what they allow, and that nothing can get stuck in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import states
from services.domain.errors import IllegalMove
from services.domain.moves import Machine

MACHINES = [states.TASK, states.RUN, states.REQUEST, states.PLAN, states.HANDOFF, states.APPROVAL, states.FINDING,
            states.BUG]  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.noun)
def test_every_state_says_where_it_may_go(machine: Machine) -> None:
    kinds = {type(state) for state in machine.moves}
    assert len(kinds) == 1
    assert set(machine.moves) == set(next(iter(kinds)))
    assert all(target in machine.moves for targets in machine.moves.values() for target in targets)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.noun)
def test_every_state_can_come_to_an_end_or_goes_on_for_ever_by_a_persons_will(machine: Machine) -> None:
    resting = {s for s in machine.moves if machine.is_final(s)} or {
            states.TaskState.DONE, states.FindingState.FIXED, states.BugState.FIXED,
        }  # fmt: skip
    for start in machine.moves:
        reached, todo = {start}, [start]
        while todo:
            for following in machine.moves[todo.pop()] - reached:
                reached.add(following)
                todo.append(following)
        assert reached & resting, f"{machine.noun} {start} leads nowhere"


@given(st.lists(st.sampled_from(list(states.RunState)), max_size=12))
def test_a_run_never_leaves_a_final_state(path: list[states.RunState]) -> None:
    state, ended = states.RunState.QUEUED, False
    for target in path:
        if states.RUN.may(state, target):
            assert not ended
            state = states.RUN.check(state, target)
            ended = states.RUN.is_final(state)
        else:
            with pytest.raises(IllegalMove) as refusal:
                states.RUN.check(state, target)
            assert state in str(refusal.value)
            assert target in str(refusal.value)


@given(st.lists(st.sampled_from(list(states.TaskState)), max_size=20))
def test_a_task_is_done_only_after_work_or_a_persons_move(path: list[states.TaskState]) -> None:
    state = states.TaskState.IDLE
    for target in path:
        if states.TASK.may(state, target):
            if target is states.TaskState.DONE:
                assert state not in (states.TaskState.BLOCKED, states.TaskState.PAUSED, states.TaskState.CANCELLED)
            state = target
