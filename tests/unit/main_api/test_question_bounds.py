"""The bound of an answer, as each provider names it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from main_api.gateway.question import for_provider, read_question
from services.models.profiles import profile_of
from services.models.providers import Provider, build_providers
from services.models.run_tokens import RunToken

OPENAI = build_providers(openai_api_key="key")["openai"]
OTHER = build_providers(openai_base_url="http://models.example/v1", openai_api_key="key")["openai"]
PROFILE = replace(profile_of("openai/m"), max_output_tokens=500)


@pytest.mark.parametrize(
    ("provider", "path", "sent", "bound"),
    [
        (OPENAI, "chat/completions", {}, {"max_completion_tokens": 500}),
        (OPENAI, "chat/completions", {"max_tokens": 7}, {"max_completion_tokens": 7}),
        (OPENAI, "chat/completions", {"max_completion_tokens": 8}, {"max_completion_tokens": 8}),
        (OPENAI, "completions", {}, {"max_tokens": 500}),
        (OPENAI, "completions", {"max_tokens": 7}, {"max_tokens": 7}),
        (OTHER, "chat/completions", {}, {"max_tokens": 500}),
        (OTHER, "chat/completions", {"max_tokens": 7}, {"max_tokens": 7}),
        (OTHER, "chat/completions", {"max_completion_tokens": 8}, {"max_completion_tokens": 8}),
    ],
)
def test_the_bound_goes_by_the_name_that_the_provider_takes(
    provider: Provider, path: str, sent: dict[str, Any], bound: dict[str, int]
) -> None:
    raw = json.dumps({"model": "openai/m", "messages": [{"role": "user", "content": "Hi"}], **sent}).encode()
    question = read_question(RunToken("run", "edit"), "openai", path, raw)
    told = json.loads(for_provider(question, provider, "m", PROFILE))
    assert {name: told[name] for name in told if name.startswith("max_")} == bound
