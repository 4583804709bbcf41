"""The tool `help`: where an agent is and what it can do there, told from the job itself."""

from typing import Any

from agent_api.executors import Job
from services.contract.agent_tools import ALWAYS, OF_TASKS, TOOL_WORDS
from services.contract.run_spec import ToolsSettings


async def tell_where(job: Job, _given: dict[str, Any]) -> str:
    """The same each time it is asked in a step."""
    spec, settings = job.spec, job.spec.settings
    assert isinstance(settings, ToolsSettings)  # the loop runs nothing else
    limits = spec.limits
    task = f" on the task {spec.task_key}" if spec.task_key else ""
    lines = [
        f"You work as {spec.role or 'an agent'}{task}, step {spec.step}.",
        "You are in the workspace's top folder; paths are relative to it. "
        + ("What you change is kept by the hub: do not commit." if spec.task_key else ""),
        "Tools:",
        *(f"- {name}({_arguments(name)}): {TOOL_WORDS[name].description}" for name in _offered(settings)),
        f"Limits: {limits.model_turns} turns, {limits.run_seconds:.0f} seconds"
        + (f", {limits.model_tokens} tokens" if limits.model_tokens else "")
        + f"; no progress for {limits.stall_seconds:.0f} seconds ends the step.",
        _reach(job, settings),
        f"Your answer is {'text' if settings.output_schema is None else f'a JSON value of {settings.output_name}'}.",
    ]
    return "\n".join(line.rstrip() for line in lines)


def _offered(settings: ToolsSettings) -> tuple[str, ...]:
    """As HubTools offers them."""
    making = settings.making
    rights = {
        "remember": making is not None,
        "ask_person": settings.may_ask,
        "create_task": making is not None and making.tasks,
        "report_bug": making is not None and making.bugs,
    }
    return (*settings.tools, *ALWAYS, *(name for name in OF_TASKS if rights[name]))


def _arguments(name: str) -> str:
    schema = TOOL_WORDS[name].schema
    required = schema["required"]
    return ", ".join(field if field in required else f"{field}?" for field in schema["properties"])


def _reach(job: Job, settings: ToolsSettings) -> str:
    told = ["Files of secrets are hidden from you."]
    if settings.writes == "tests":
        told.append("You may write files of tests alone.")
    if "bash" in settings.tools:
        network = "with the network" if job.spec.cage.network else "without network"
        told.append(
            f"Commands run {network}, for {job.settings.bash_timeout_seconds:.0f} seconds unless you say more, "
            f"{job.settings.bash_max_timeout_seconds:.0f} at most."
        )
    return " ".join(told)
