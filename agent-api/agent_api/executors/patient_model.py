"""The gateway as Pydantic AI sees it: outages waited out, refusals named, cut answers refused, each turn told.

Imports Pydantic AI (0.9 s, 45 MB): only for a job that needs it.
"""

import asyncio
import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from jsonschema import Draft202012Validator
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles import merge_profile
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.settings import ModelSettings

from agent_api.errors import StepFailed, StepLost
from agent_api.executors import Emit
from agent_api.executors.plain_calls import calls_in
from agent_api.executors.tools_in_words import NOTICE, REFUSED, in_words
from agent_api.gateway_problems import Problem, read_problem, unreachable, waited_out
from agent_api.hold import question
from services.contract.feedback import OPENS
from services.contract.run_spec import Limits, ModelAccess
from services.trusted import trusted_for

FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0  # seconds


class RunEnded(Exception):
    """The gateway says that this run is over: there is nothing to fail, and nothing to do again."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass
class Turns:
    """What the model's turns came to, also when the run ended badly."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    last_text: str = ""


class PatientModel(WrapperModel):
    """Ollama's dialect of the OpenAI protocol, which every address behind the gateway speaks, non-streaming."""

    def __init__(
        self, access: ModelAccess, limits: Limits, incarnation: int, emit: Emit, hidden: Collection[str] = (),
        told: Callable[[int, bool], str] = lambda turn, now: "",
    ) -> None:  # fmt: skip
        """`hidden` tools are not told to the model; a call of one is passed on all the same, to be refused. `told` is
        what a person said after so many answers of the model; `now` asks for what waits, too."""
        self.http = AsyncOpenAI(
            base_url=f"{access.gateway_url.rstrip('/')}/openai/v1",
            api_key=f"{access.token}.{incarnation}",
            max_retries=0,  # a retry of the client's own would be a question asked twice
            timeout=limits.run_seconds,
            http_client=DefaultAsyncHttpx2Client(trust_env=False, verify=trusted_for(access.gateway_url)),
        )
        provider = OllamaProvider(openai_client=self.http)
        # The gateway's budget reads max_tokens, the field that every server knows.
        profile = merge_profile(
            provider.model_profile(access.model),
            OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False, supports_json_object_output=False),
        )
        super().__init__(OllamaModel(access.model, provider=provider, profile=profile))
        self.turns = Turns()
        self._in_words = False  # until the provider says that the model takes no tools
        self._emit, self._access, self._limits, self._hidden = emit, access, limits, hidden
        self._told = told

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """One turn. Raises StepFailed, StepLost or RunEnded as the gateway's problem says."""
        asked, messages = model_request_parameters, with_words(messages, self._told)
        away_since: float | None = None
        delay = FIRST_DELAY
        while True:
            sent, told = messages, _tools_or_schema(messages, self._offered(asked))
            if self._in_words:
                sent, told = in_words(sent, told)
            try:
                async with question():
                    response = await self.wrapped.request(sent, model_settings, told)
            except ModelHTTPError as error:
                body = error.body if isinstance(error.body, dict | str) else None
                problem = read_problem(error.status_code, body)
            except ModelAPIError as error:
                problem = unreachable(type(error.__cause__ or error).__name__)
            else:
                if away_since is not None:
                    self._emit("notice", "The gateway answers again.")
                return meant(self._note(response), asked, self.turns.calls)
            if told.function_tools and REFUSED in problem.sentence:
                self._in_words = True
                self._emit("notice", NOTICE)
                continue
            if not problem.retry:
                _end(problem)
            if away_since is None:
                away_since = time.monotonic()
                self._emit("notice", f"{problem.sentence} Waiting up to {self._limits.gateway_wait_seconds:.0f} s.")
            left = self._limits.gateway_wait_seconds - (time.monotonic() - away_since)
            if left <= 0:
                _end(waited_out(problem, time.monotonic() - away_since))
            await asyncio.sleep(min(delay, left))
            delay = min(delay * 2, LONGEST_DELAY)

    def _offered(self, asked: ModelRequestParameters) -> ModelRequestParameters:
        return replace(asked, function_tools=[tool for tool in asked.function_tools if tool.name not in self._hidden])

    def _note(self, response: ModelResponse) -> ModelResponse:
        turns, usage = self.turns, response.usage
        turns.calls += 1
        turns.tokens_in += usage.input_tokens
        turns.tokens_out += usage.output_tokens
        for part in response.parts:
            if isinstance(part, TextPart | ThinkingPart) and part.content:
                self._emit("thought", part.content, reasoning=isinstance(part, ThinkingPart))
        turns.last_text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        self._emit(
            "model_turn",
            turn=turns.calls,
            tokens_in=usage.input_tokens,
            tokens_out=usage.output_tokens,
            finish_reason=response.finish_reason,
        )
        if response.finish_reason == "length":
            raise StepFailed(
                "model_truncated",
                f"The model's answer was cut at {self._access.max_output_tokens} tokens, so it was not used.",
                "Ask for less in one step, or raise max_output_tokens.",
            )
        if response.finish_reason == "content_filter":
            raise StepFailed("model_refused", "The model's provider filtered the answer.")
        return response


def with_words(messages: Sequence[ModelMessage], told: Callable[[int, bool], str]) -> list[ModelMessage]:
    """The conversation with what a person said in between, each time at the same place: the model's own record has
    none of it."""
    answers, whole = 0, list[ModelMessage]()
    for number, message in enumerate(messages, start=1):
        now = number == len(messages)
        if isinstance(message, ModelResponse):
            answers += 1
        elif isinstance(message, ModelRequest) and (now or isinstance(messages[number], ModelResponse)):
            words = told(answers, now)
            message = replace(message, parts=[*message.parts, UserPromptPart(words)]) if words else message
        whole.append(message)
    return whole


def meant(response: ModelResponse, asked: ModelRequestParameters, turn: int) -> ModelResponse:
    """The response with its tool calls where they belong, when the model wrote them into its text."""
    offered = {tool.name for tool in asked.function_tools}
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    if not offered or response.tool_calls or not text.strip() or _fits(text, asked):
        return response
    calls = calls_in(text, offered)
    if not calls:
        return response
    kept = [part for part in response.parts if not isinstance(part, TextPart)]
    made = [ToolCallPart(call.name, call.arguments, tool_call_id=f"plain_{turn}_{n}") for n, call in enumerate(calls)]
    return replace(response, parts=[*kept, *made])


def _fits(text: str, asked: ModelRequestParameters) -> bool:
    """Whether the text is the asked-for JSON answer, though it may look like a call."""
    if asked.output_object is None:
        return False
    try:
        return Draft202012Validator(asked.output_object.json_schema).is_valid(json.loads(text))
    except ValueError:
        return False


def _tools_or_schema(messages: list[ModelMessage], asked: ModelRequestParameters) -> ModelRequestParameters:
    """Beside tools the schema goes into the instructions only; an answer that did not fit is asked for under it.

    A local server holds every token to the schema of `response_format`: with it, the model could never call a tool.
    """
    if not asked.function_tools or asked.output_mode != "native":
        return asked
    answers = [message for message in messages if isinstance(message, ModelResponse)]
    more = any(isinstance(part, UserPromptPart) and OPENS in str(part.content) for part in messages[-1].parts)
    if answers and not answers[-1].tool_calls and not more:  # it answered, and is asked again
        return replace(asked, function_tools=[])
    return replace(asked, output_mode="prompted")


def _end(problem: Problem) -> None:
    if problem.outcome == "cancelled":
        raise RunEnded(problem)
    if problem.outcome == "lost":
        raise StepLost(problem.reason, problem.sentence)
    raise StepFailed(problem.reason, problem.sentence)
