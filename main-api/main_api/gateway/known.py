"""What is known of models while the hub runs: packaged, stored by a probe, set by the owner; and how they count."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.models.fit import Card
from services.models.profiles import Profile
from services.models.stored_profiles import Overrides, profile_by, stored_fields
from services.models.tokenizers import Tokenizers
from services.models.tokens import estimate
from services.store.database import Database

SECONDS = 5.0  # how old what was read from the database may be: another main-api may have written since


@dataclass
class KnownModels:
    """`settings` are MODEL_PROFILES; `folder` holds the models' tokenizers, None for none."""

    db: Database
    settings: Overrides = field(default_factory=dict)
    folder: Path | None = None
    card: Card = field(default_factory=Card)
    _stored: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _profiles: dict[str, Profile] = field(default_factory=dict)
    _estimated: set[str] = field(default_factory=set)  # names of models without a tokenizer
    _read_at: float | None = None
    _tokenizers: Tokenizers | None = None

    def __post_init__(self) -> None:
        self._tokenizers = Tokenizers(self.folder) if self.folder else None

    async def profile(self, name: str) -> Profile:
        if self._read_at is None or time.monotonic() - self._read_at > SECONDS:
            async with self.db.read() as session:
                self._stored = await stored_fields(session)
            self._read_at = time.monotonic()
            self._profiles.clear()
            self._estimated.clear()
        if name not in self._profiles:
            self._profiles[name] = profile_by(name, self._stored.get(name, {}), self.settings, self.card)
        return self._profiles[name]

    async def counter(self, name: str) -> Callable[[str], int]:
        """The model's own tokenizer where there is one, else the estimate."""
        if self._tokenizers is None or name in self._estimated:
            return estimate
        if not self._tokenizers.path(name).is_file():
            self._estimated.add(name)
            return estimate
        return await asyncio.to_thread(self._tokenizers.counter, name) or estimate

    def forget(self) -> None:
        """Something was stored: read again."""
        self._read_at = None
        self._estimated.clear()
