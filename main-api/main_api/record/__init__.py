"""The record of a task and of a project as facts, each with its place: what questions are answered from."""

from main_api.record.of_project import project_facts
from main_api.record.of_task import task_facts

__all__ = ["project_facts", "task_facts"]
