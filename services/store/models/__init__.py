"""Every table, importable from one place."""

from services.store.models.attachment import Attachment, Bug, PictureWords
from services.store.models.base import Row
from services.store.models.chat import ChatMessage
from services.store.models.context import HandoffFold, TaskNote
from services.store.models.credential import Credential
from services.store.models.deploy import Deploy
from services.store.models.event import Event, Worker
from services.store.models.gate import GateResult
from services.store.models.git import Push, Restoration
from services.store.models.metrics import UsageQuarter, Wait
from services.store.models.model_call import DayBudget, ModelAnswer, ModelCall
from services.store.models.model_decision import ModelDecision
from services.store.models.model_job import ModelJob
from services.store.models.model_profile import ModelProfile
from services.store.models.notice import Notice, NoticeSettings
from services.store.models.project import HubPause, Principles, Project, Role, WorkflowRow
from services.store.models.question import Question
from services.store.models.request import Plan, PlanRevision, Request
from services.store.models.review import ReviewComment
from services.store.models.run import Approval, Finding, Handoff, Proof, Run
from services.store.models.session import LoginCode, WebSession
from services.store.models.setting import SettingVersion
from services.store.models.task import Comment, Criterion, Task, TaskDependency
from services.store.models.tracker import TrackerProject, TrackerProvider, TrackerTask
from services.store.models.turn import ModelLoad, ProjectTurn

__all__ = [
    "Approval",
    "Attachment",
    "Bug",
    "ChatMessage",
    "Comment",
    "Credential",
    "Criterion",
    "DayBudget",
    "Deploy",
    "Event",
    "Finding",
    "GateResult",
    "Handoff",
    "HandoffFold",
    "HubPause",
    "LoginCode",
    "ModelAnswer",
    "ModelCall",
    "ModelDecision",
    "ModelJob",
    "ModelLoad",
    "ModelProfile",
    "Notice",
    "NoticeSettings",
    "PictureWords",
    "Plan",
    "PlanRevision",
    "Principles",
    "Project",
    "ProjectTurn",
    "Proof",
    "Push",
    "Question",
    "Request",
    "Restoration",
    "ReviewComment",
    "Role",
    "Row",
    "Run",
    "SettingVersion",
    "Task",
    "TaskDependency",
    "TaskNote",
    "TrackerProject",
    "TrackerProvider",
    "TrackerTask",
    "UsageQuarter",
    "Wait",
    "WebSession",
    "Worker",
    "WorkflowRow",
]
