"""Aider's Model, calling through the gateway and refusing every answer that is not whole."""

import hashlib
import json
from types import SimpleNamespace
from typing import Any

from aider.models import Model, model_info_manager, register_litellm_models, register_models

from agent_api.aider_worker.gateway_call import Gateway
from agent_api.aider_worker.protocol import EditRequest, Stop
from agent_api.aider_worker.report import Report

CHARS_PER_TOKEN = 4
SAID_CHARS = 100_000


class StrictModel(Model):
    """`openai/<model>`, non-streaming, as its settings and metadata files say, so that no price list is fetched."""

    def __init__(self, request: EditRequest, gateway: Gateway, report: Report) -> None:
        self.request, self.report = request, report
        self.tokens_in = self.tokens_out = self.calls = 0
        self.reply = ""
        self.replies: list[str] = []
        self.gateway = gateway
        register_models([request.model_settings])
        register_litellm_models([request.model_metadata])
        super().__init__(f"openai/{request.model}")

    def get_model_info(self, model: str) -> dict[str, Any]:
        """From the file alone: Aider's own way would go on to ask litellm."""
        return model_info_manager.local_model_metadata[model]

    def validate_environment(self) -> dict[str, Any]:
        return {"keys_in_environment": True, "missing_keys": []}

    def token_count(self, messages: Any) -> int:
        """A low estimate: it only stops what surely does not fit. The gateway counts for real."""
        text = messages if isinstance(messages, str) else json.dumps(messages, ensure_ascii=False)
        return len(text) // CHARS_PER_TOKEN

    def send_completion(
        self, messages: list[dict[str, Any]], functions: Any, stream: bool, temperature: float | None = None
    ) -> tuple[Any, SimpleNamespace]:
        request = self.request
        body = {
            "model": request.model,
            "messages": [{"role": m["role"], "content": m["content"]} for m in messages],
            "temperature": self.use_temperature,
            **self.extra_params,
            "stream": False,
        }
        answer = self.gateway.ask(body, notice=lambda text: self.report("notice", text))
        self._note(answer)
        digest = hashlib.sha1(str(body).encode(), usedforsecurity=False)
        return digest, _as_objects(answer)

    def said(self) -> str:
        """Its answers of this edit, in order; the last ones where they are long."""
        return "\n\n".join(self.replies)[-SAID_CHARS:]

    def _note(self, answer: dict[str, Any]) -> None:
        choice, usage = answer["choices"][0], answer.get("usage") or {}
        message = choice["message"]
        self.calls += 1
        tokens_in, tokens_out = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.reply = message.get("content") or ""
        reasoning = message.get("reasoning_content") or message.get("reasoning")
        if isinstance(reasoning, str) and reasoning:  # some providers' is a list or an object: no words to show
            self.report("thought", reasoning, reasoning=True)
        if self.reply:
            self.replies.append(self.reply)
            self.report("thought", self.reply)
        finish = choice["finish_reason"]
        self.report("model_turn", turn=self.calls, tokens_in=tokens_in, tokens_out=tokens_out, finish_reason=finish)
        if finish == "length":
            raise Stop(
                "failed",
                "model_truncated",
                f"The model's answer was cut at {self.request.max_output_tokens} tokens; applying a part could lose "
                "code, so nothing of it was applied. Split the task or raise max_output_tokens.",
            )
        if finish == "content_filter":
            raise Stop("failed", "model_refused", "The model's provider held its answer back (content_filter).")
        if finish != "stop":
            raise Stop("failed", "model_truncated", f"The model ended with {finish!r}, not with a whole answer.")


def _as_objects(answer: dict[str, Any]) -> SimpleNamespace:
    choice, usage = answer["choices"][0], answer.get("usage") or {}
    message = SimpleNamespace(content=choice["message"].get("content") or "", tool_calls=None, reasoning_content=None)
    return SimpleNamespace(
        choices=[SimpleNamespace(message=message, finish_reason=choice["finish_reason"])],
        usage=SimpleNamespace(
            prompt_tokens=usage.get("prompt_tokens") or 0, completion_tokens=usage.get("completion_tokens") or 0
        ),
    )
