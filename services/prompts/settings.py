"""What holds for every prompt of a hub: the key of its fences, its sections' budgets, its public address."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.prompts.budgets import TOKENS

FOLD_CHARACTERS = 6_000


@dataclass(frozen=True)
class PromptSettings:
    """`tokens` are the owner's budgets of sections, over the shipped ones. `address` is empty where there is none.

    Older handoffs of a task are told in short where they have more than `fold_characters`.
    """

    fence_key: bytes = field(repr=False)
    tokens: Mapping[str, int] = field(default_factory=dict[str, int])
    address: str = ""
    fold_characters: int = FOLD_CHARACTERS

    def budget(self, section: str) -> int | None:
        """Tokens; None for a section without a budget."""
        return self.tokens.get(section, TOKENS.get(section))


def prompt_settings(
    secret_key: str, tokens: Mapping[str, int], system_domain: str, fold_characters: int
) -> PromptSettings:
    """`secret_key` is WFHUB_SECRET_KEY, of which the fences get a key of their own."""
    key = hmac.new(secret_key.encode(), b"fences of prompts", hashlib.sha256).digest()
    return PromptSettings(key, tokens, address_of(system_domain), fold_characters)


def address_of(system_domain: str) -> str:
    """`https://wfhub.localhost`, without a slash at its end; empty where SYSTEM_DOMAIN is not set."""
    named = system_domain.rstrip("/")
    return named if "://" in named or not named else f"https://{named}"
