"""The loop of Pydantic AI: model, tools, checked answer. Nothing of ours that changes between two runs is sent."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic_ai import Agent, BinaryContent, ModelRetry, NativeOutput, StructuredDict, Tool
from pydantic_ai.exceptions import UnexpectedModelBehavior, UsageLimitExceeded
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import UsageLimits

from agent_api.errors import StepFailed
from agent_api.executors import Job
from agent_api.executors.hub_tools import HubTools
from agent_api.executors.loop_guard import AGAIN, LoopGuard
from agent_api.executors.model_tools import TOOLS, ModelTool
from agent_api.executors.patient_model import PatientModel
from agent_api.executors.tool_steps import ToolSteps
from agent_api.hold import next_step
from agent_api.vision.fetch import fetch
from agent_api.vision.shrink import shrink
from services.contract.feedback import words_of
from services.contract.run_spec import Limits, ModelAccess, ToolsSettings
from services.redaction import KNOWN

RETRIES = 2  # of an answer that does not fit, and of a tool call that cannot be understood
SHOWN = 200  # characters of a nonsense answer
EVENT_CHARS = 4000


async def answer(job: Job, settings: ToolsSettings, access: ModelAccess, model: PatientModel, hub: HubTools) -> Any:
    """Run the loop to its answer. Raises StepFailed with the reason, PersonAsked, and what PatientModel raises."""
    limits, hands = job.spec.limits, _Hands(job, access, ToolSteps(job.steps if settings.resume else None))
    agent = Agent(
        model,
        output_type=_output(settings),
        name=settings.output_name,
        instructions=settings.system,
        model_settings=ModelSettings(temperature=access.temperature, max_tokens=access.max_output_tokens),
        retries={"tools": RETRIES, "output": RETRIES},
        tools=[hands.tool(one) for one in (*(TOOLS[name] for name in settings.tools), *hub.tools())],
    )
    if settings.output_schema is not None:
        _check_answers(agent, settings.output_schema)
    bounds = UsageLimits(request_limit=limits.model_turns, total_tokens_limit=limits.model_tokens)
    try:
        run = await agent.run(await _asked(job, settings, access), usage_limits=bounds)
        while said := job.hear("answer", _answers(run.all_messages())):  # it had its answer, and a person says more
            history = run.all_messages()
            run = await agent.run(words_of(said), message_history=history, usage=run.usage, usage_limits=bounds)
    except UsageLimitExceeded as error:
        raise _used_up(model, limits) from error
    except UnexpectedModelBehavior as error:
        said = KNOWN(" ".join(model.turns.last_text.split()))[:SHOWN] or "nothing that can be shown"
        sentence = f"The model's answer cannot be used ({_reason(error)}). It said: {said}"
        raise StepFailed("model_nonsense", sentence, "Try again, or choose another model for this role.") from error
    return dict(run.output) if isinstance(run.output, dict) else run.output


async def _asked(job: Job, settings: ToolsSettings, access: ModelAccess) -> str | list[str | BinaryContent]:
    """The prompt, and its pictures as small as the model needs them. Raises StepFailed, StepLost, ImageRefused."""
    if not settings.pictures:
        return settings.prompt
    own = access.model_copy(update={"token": f"{access.token}.{job.incarnation}"})
    shown: list[str | BinaryContent] = [settings.prompt]
    for picture in settings.pictures:
        content = await fetch(own, picture, job.settings.vision_max_bytes)
        small = await shrink(content, picture.name, job.settings)
        shown += [picture.name, BinaryContent(small.jpeg, media_type="image/jpeg")]
    return shown


def _answers(messages: list[ModelMessage]) -> int:
    return sum(isinstance(message, ModelResponse) for message in messages)


def _output(settings: ToolsSettings) -> Any:
    if settings.output_schema is None:
        return str
    try:
        Draft202012Validator.check_schema(settings.output_schema)
    except SchemaError as error:
        raise StepFailed("bad_spec", f"The step's output_schema is not a JSON Schema: {error.message}") from error
    if settings.output_schema.get("type") != "object":
        raise StepFailed("bad_spec", "The step's output_schema must describe an object.")
    return NativeOutput(StructuredDict(settings.output_schema, name=settings.output_name), name=settings.output_name)


def _check_answers(agent: Agent[Any, Any], schema: dict[str, Any]) -> None:
    """StructuredDict sends the schema and accepts any object: check each answer, and tell the model what is wrong."""
    validator = Draft202012Validator(schema)

    @agent.output_validator
    def fits(value: Any) -> Any:
        errors = sorted(validator.iter_errors(dict(value)), key=lambda error: error.json_path)
        if errors:
            raise ModelRetry("; ".join(f"{error.json_path}: {error.message}"[:SHOWN] for error in errors[:5]))
        return value


class _Hands:
    """The model's calls of tools: each told, checked, watched for a loop, and kept where the run may go on later."""

    def __init__(self, job: Job, access: ModelAccess, steps: ToolSteps) -> None:
        self._job, self._steps, self._guard = job, steps, LoopGuard()
        self._longest = access.context_tokens  # characters: about a quarter of the context for one result

    def tool(self, tool: ModelTool) -> Tool[Any]:
        arguments = Draft202012Validator(tool.schema)

        async def call(**given: Any) -> str:
            wrong = [error.message for error in arguments.iter_errors(given)]
            return await self._call(tool, given, wrong)

        # One at a time: an edit beside a command would make the result depend on which was quicker.
        return Tool.from_schema(call, tool.name, tool.description, tool.schema, sequential=True)

    async def _call(self, tool: ModelTool, given: dict[str, Any], wrong: list[str]) -> str:
        await next_step()
        asked = KNOWN(f"{tool.name} {json.dumps(given, ensure_ascii=False)}")  # before it is cut: half a key is unknown
        self._job.emit("tool_call", asked[:EVENT_CHARS], tool=tool.name)
        self._guard.before(tool.name, given)
        kept = self._steps.begin(tool.name, given)
        if kept is not None:
            text, ok = kept.text, kept.ok
        else:
            text, ok = ("; ".join(wrong), False) if wrong else await tool.run(self._job, dict(given))
            text = self._shortened(text if ok else f"Error: {text}")
            self._steps.end(text, ok)
        self._job.emit("tool_result", KNOWN(text)[:EVENT_CHARS], tool=tool.name, ok=ok, again=kept is not None)
        return f"{text}\n{AGAIN}" if self._guard.after(tool.name, given, text, ok) else text

    def _shortened(self, text: str) -> str:
        left_out = len(text) - self._longest
        if left_out <= 0:
            return text
        return f"{text[: self._longest]}\n[{left_out} more characters are not shown; ask for a smaller part]"


def _used_up(model: PatientModel, limits: Limits) -> StepFailed:
    turns = model.turns
    if turns.calls < limits.model_turns and limits.model_tokens is not None:
        used = turns.tokens_in + turns.tokens_out
        sentence = f"The run used {used} tokens, and {limits.model_tokens} are allowed."
        return StepFailed("token_limit", sentence, "Ask for less in one step, or allow more tokens.")
    sentence = f"The model came to no answer in {limits.model_turns} turns."
    return StepFailed("turn_limit", sentence, "Ask for less in one step, or allow more turns.")


def _reason(error: UnexpectedModelBehavior) -> str:
    return " ".join(error.message.split())[:SHOWN]
