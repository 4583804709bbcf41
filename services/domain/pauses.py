"""What a pause is of, and how a run stands still while one covers it."""

from enum import StrEnum


class Scope(StrEnum):
    EVERYTHING = "everything"
    PROJECT = "project"
    TASK = "task"
    RUN = "run"


class Held(StrEnum):
    """Kept in the run's row by the orchestrator that carries it, once it is so."""

    STOPPED = "stopped"  # its agent's processes are stopped
    ENDING_TURN = "ending_turn"  # a model's answer is awaited and will be kept; nothing follows it
    BETWEEN_STEPS = "between_steps"  # no agent was at work; the next step does not begin
    GOING_ON = "going_on"  # no pause covers it any more; its agent is being told


STANDING = frozenset({Held.STOPPED, Held.ENDING_TURN, Held.BETWEEN_STEPS})
