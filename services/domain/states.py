"""How tasks, runs, plans, requests, handoffs, approvals, questions and findings stand, and how each may move on."""

from enum import StrEnum

from services.domain.moves import Machine


class TaskState(StrEnum):
    IDLE = "idle"  # in the backlog, nobody asked
    BLOCKED = "blocked"  # waits for other tasks
    QUEUED = "queued"  # waits for a slot
    RUNNING = "running"
    WAITING = "waiting"  # for a person; see WaitingReason
    PAUSED = "paused"  # by a person; its run, if it has one, stands still
    DONE = "done"
    CANCELLED = "cancelled"


class WaitingReason(StrEnum):
    """Why a task waits for a person."""

    APPROVAL = "approval"
    ANSWER = "answer"
    BUDGET = "budget"
    CONFLICT = "conflict"
    STALL = "stall"
    ROUNDS = "rounds"
    WORKSPACE = "workspace"
    MODEL = "model"  # the model is missing, refuses, or answers nonsense: a person chooses another
    EVIDENCE = "evidence"  # what no agent can mend: no tests at all, or a test that has to change
    DEPLOY = "deploy"  # a deploy failed or was cut off, and only a person can tell what shall be done
    TRIGGER = "trigger"  # AUTO_TRIGGER_AGENTS=false: each stage waits for a click


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    LOST = "lost"  # infrastructure; never counts as a round


class DeployState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # cut off in the middle: nobody knows what it did
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # an earlier or a newer one has the same commit in it


class RequestState(StrEnum):
    NEW = "new"
    PLANNING = "planning"
    PLANNED = "planned"
    FAILED = "failed"
    CLOSED = "closed"


class PlanState(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    CHANGES_ASKED = "changes_asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    DONE = "done"


class HandoffState(StrEnum):
    CREATED = "created"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    FAILED = "failed"


class ApprovalState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGES_ASKED = "changes_asked"
    VOID = "void"


class QuestionState(StrEnum):
    """Of what an agent asks a person. It waits for ever: nothing but a person's hand ends it."""

    ASKED = "asked"
    ANSWERED = "answered"
    VOID = "void"  # what it was about is over, moved, or was started again without an answer


class FindingState(StrEnum):
    OPEN = "open"
    FIXED = "fixed"
    WAIVED = "waived"
    DUPLICATE = "duplicate"
    VOID = "void"  # a person took the work away in which it was found


class BugState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"  # a task or a request was made of it
    FIXED = "fixed"
    CLOSED = "closed"  # nothing will be done


class NoticeState(StrEnum):
    """Of an item of the inbox that one channel tells."""

    QUEUED = "queued"  # tried at its `next_at`
    SENT = "sent"
    FAILED = "failed"  # its tries are used up
    DROPPED = "dropped"  # decided before it went out, or the channel was switched off


class MessageState(StrEnum):
    """Of what stands in a chat."""

    THINKING = "thinking"  # an answer that is being made
    ASKS = "asks"  # a command that waits for the person's yes
    DONE = "done"
    STOPPED = "stopped"  # by the person; what was said until then stays
    FAILED = "failed"


_T, _R, _Q, _P, _A = TaskState, RunState, RequestState, PlanState, ApprovalState

TASK = Machine(
    "task",
    {
        _T.IDLE: frozenset({_T.BLOCKED, _T.QUEUED, _T.WAITING, _T.PAUSED, _T.CANCELLED, _T.DONE}),
        _T.BLOCKED: frozenset({_T.IDLE, _T.QUEUED, _T.WAITING, _T.PAUSED, _T.CANCELLED}),
        _T.QUEUED: frozenset({_T.RUNNING, _T.IDLE, _T.BLOCKED, _T.WAITING, _T.PAUSED, _T.CANCELLED, _T.DONE}),
        _T.RUNNING: frozenset({_T.QUEUED, _T.IDLE, _T.BLOCKED, _T.WAITING, _T.PAUSED, _T.DONE, _T.CANCELLED}),
        _T.WAITING: frozenset({_T.QUEUED, _T.IDLE, _T.BLOCKED, _T.PAUSED, _T.CANCELLED, _T.DONE, _T.WAITING}),
        _T.PAUSED: frozenset({_T.QUEUED, _T.RUNNING, _T.IDLE, _T.BLOCKED, _T.WAITING, _T.CANCELLED}),
        _T.DONE: frozenset({_T.IDLE, _T.QUEUED}),  # reopened: a new round on a new branch
        _T.CANCELLED: frozenset({_T.IDLE, _T.QUEUED}),
    },
)

RUN = Machine(
    "run",
    {
        _R.QUEUED: frozenset({_R.RUNNING, _R.CANCELLED, _R.LOST}),
        _R.RUNNING: frozenset({_R.PASSED, _R.FAILED, _R.BLOCKED, _R.CANCELLED, _R.LOST}),
        _R.PASSED: frozenset(),
        _R.FAILED: frozenset(),
        _R.BLOCKED: frozenset({_R.QUEUED}),  # there is money again: the same run goes on
        _R.CANCELLED: frozenset(),
        _R.LOST: frozenset(),
    },
)

REQUEST = Machine(
    "request",
    {
        _Q.NEW: frozenset({_Q.PLANNING, _Q.CLOSED, _Q.FAILED}),
        _Q.PLANNING: frozenset({_Q.PLANNED, _Q.FAILED, _Q.CLOSED, _Q.NEW}),
        _Q.PLANNED: frozenset({_Q.NEW, _Q.CLOSED}),  # changes asked: planned again
        _Q.FAILED: frozenset({_Q.NEW, _Q.CLOSED}),
        _Q.CLOSED: frozenset(),
    },
)

PLAN = Machine(
    "plan",
    {
        _P.DRAFT: frozenset({_P.WAITING, _P.REJECTED}),
        _P.WAITING: frozenset({_P.APPROVED, _P.CHANGES_ASKED, _P.REJECTED}),
        _P.CHANGES_ASKED: frozenset(),
        _P.APPROVED: frozenset({_P.DONE}),
        _P.REJECTED: frozenset(),
        _P.DONE: frozenset(),
    },
)

HANDOFF = Machine(
    "handoff",
    {
        HandoffState.CREATED: frozenset({HandoffState.ACCEPTED, HandoffState.FAILED}),
        HandoffState.ACCEPTED: frozenset({HandoffState.COMPLETED, HandoffState.FAILED, HandoffState.CREATED}),
        HandoffState.COMPLETED: frozenset(),
        HandoffState.FAILED: frozenset(),
    },
)

APPROVAL = Machine(
    "approval",
    {
        _A.ASKED: frozenset({_A.APPROVED, _A.REJECTED, _A.CHANGES_ASKED, _A.VOID}),
        _A.APPROVED: frozenset({_A.VOID}),
        _A.REJECTED: frozenset(),
        _A.CHANGES_ASKED: frozenset(),
        _A.VOID: frozenset(),
    },
)

QUESTION = Machine(
    "question",
    {
        QuestionState.ASKED: frozenset({QuestionState.ANSWERED, QuestionState.VOID}),
        QuestionState.ANSWERED: frozenset(),
        QuestionState.VOID: frozenset(),
    },
)

FINDING = Machine(
    "finding",
    {
        FindingState.OPEN: frozenset(
            {FindingState.FIXED, FindingState.WAIVED, FindingState.DUPLICATE, FindingState.VOID}
        ),
        FindingState.FIXED: frozenset({FindingState.OPEN}),
        FindingState.WAIVED: frozenset({FindingState.OPEN}),
        FindingState.DUPLICATE: frozenset({FindingState.OPEN}),
        FindingState.VOID: frozenset({FindingState.OPEN}),
    },
)

BUG = Machine(
    "bug",
    {
        BugState.OPEN: frozenset({BugState.ACCEPTED, BugState.FIXED, BugState.CLOSED}),
        BugState.ACCEPTED: frozenset({BugState.OPEN, BugState.FIXED, BugState.CLOSED}),
        BugState.FIXED: frozenset({BugState.OPEN}),
        BugState.CLOSED: frozenset({BugState.OPEN}),
    },
)

DEPLOY = Machine(
    "deploy",
    {
        DeployState.QUEUED: frozenset({DeployState.RUNNING, DeployState.CANCELLED, DeployState.SKIPPED,
                                       DeployState.FAILED}),
        DeployState.RUNNING: frozenset({DeployState.PASSED, DeployState.FAILED, DeployState.INTERRUPTED,
                                        DeployState.CANCELLED}),
        DeployState.PASSED: frozenset(),
        DeployState.FAILED: frozenset(),
        DeployState.INTERRUPTED: frozenset(),
        DeployState.CANCELLED: frozenset(),
        DeployState.SKIPPED: frozenset(),
    },
)  # fmt: skip

MESSAGE = Machine(
    "message",
    {
        MessageState.THINKING: frozenset({MessageState.DONE, MessageState.STOPPED, MessageState.FAILED}),
        MessageState.ASKS: frozenset({MessageState.THINKING, MessageState.STOPPED}),
        MessageState.DONE: frozenset({MessageState.THINKING}),  # asked again
        MessageState.STOPPED: frozenset({MessageState.THINKING}),
        MessageState.FAILED: frozenset({MessageState.THINKING}),
    },
)

LIVE_RUN = frozenset({RunState.QUEUED, RunState.RUNNING})
CLOSED_TASK = frozenset({TaskState.DONE, TaskState.CANCELLED})
OPEN_TASK = frozenset(TaskState) - CLOSED_TASK
BEGUN_TASK = frozenset({TaskState.RUNNING, TaskState.WAITING, TaskState.PAUSED})  # these take a column's places
