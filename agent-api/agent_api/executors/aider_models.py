"""Aider's own files about a model, made of its profile: `.aider.model.settings.yml` and the metadata.

Without an entry in a metadata file Aider would fetch price lists. They lie where no edit reaches them, one folder for
each profile, and stay there to be read: `aider --model-settings-file` takes them too.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from agent_api import atomic
from services.contract.run_spec import ModelAccess

SETTINGS, METADATA = ".aider.model.settings.yml", ".aider.model.metadata.json"
TOLD = "# Made by Workflow Hub of the model's profile. Aider reads it for each edit.\n"


def name_of(model: ModelAccess) -> str:
    """Aider's name of it: whatever the model is, the gateway speaks OpenAI's protocol for it."""
    return f"openai/{model.model}"


def settings_of(model: ModelAccess) -> dict[str, Any]:
    """One entry of the settings file; the fields are Aider's."""
    return {
        "name": name_of(model),
        "edit_format": model.edit_format,
        "use_repo_map": False,
        "use_temperature": model.temperature,
        "streaming": False,  # a reply that was cut must not be applied, and only a whole one says that it was
        "extra_params": {"max_tokens": model.max_output_tokens},
    }


def metadata_of(model: ModelAccess) -> dict[str, Any]:
    """What of the pinned context is left for the prompt; what it costs is the gateway's book."""
    return {
        "max_tokens": model.max_output_tokens,
        "max_output_tokens": model.max_output_tokens,
        "max_input_tokens": max(model.context_tokens - model.max_output_tokens, 1),
        "input_cost_per_token": 0,
        "output_cost_per_token": 0,
        "litellm_provider": "openai",
        "mode": "chat",
    }


def write(home: Path, model: ModelAccess) -> tuple[Path, Path]:
    """Both files, in a folder of `home` that is named by what they say. Edits at once write the same."""
    settings = TOLD + yaml.safe_dump([settings_of(model)], sort_keys=False)
    metadata = json.dumps({name_of(model): metadata_of(model)}, indent=2)
    folder = home / hashlib.sha256((settings + metadata).encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((SETTINGS, settings), (METADATA, metadata)):
        if not (folder / name).exists():
            atomic.write(folder / name, text.encode(), flush=False)
    return folder / SETTINGS, folder / METADATA
