"""The settings and metadata that Aider reads: made of the model's profile, and taken by the real Aider as they are."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent_api.executors import aider_models
from services.contract.run_spec import ModelAccess

ASK = """
import json, sys
from aider import models
models.register_models([sys.argv[1]])
models.register_litellm_models([sys.argv[2]])
entry = next(each for each in models.MODEL_SETTINGS if each.name == sys.argv[3])
told = models.model_info_manager.local_model_metadata[sys.argv[3]]
one = entry
print(json.dumps([one.edit_format, one.use_temperature, one.streaming, one.extra_params, one.use_repo_map, told]))
"""


def access(**given: Any) -> ModelAccess:
    fields = {"gateway_url": "http://127.0.0.1:1", "token": "x", "model": "ollama/qwen2.5-coder:1.5b"}
    return ModelAccess(**{**fields, **given})


@pytest.mark.aider
@pytest.mark.parametrize("edit_format", ["whole", "diff", "udiff"])
def test_aider_takes_the_profile_from_the_files(aider_python: Path, tmp_path: Path, edit_format: str) -> None:
    files = aider_models.write(tmp_path, access(edit_format=edit_format, max_output_tokens=1024))
    assert [file.name for file in files] == [".aider.model.settings.yml", ".aider.model.metadata.json"]
    name = "openai/ollama/qwen2.5-coder:1.5b"
    command = [str(aider_python), "-c", ASK, *map(str, files), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    taken_format, temperature, streaming, extra, repo_map, metadata = json.loads(done.stdout.splitlines()[-1])
    assert (taken_format, temperature, streaming, extra, repo_map) == (
        edit_format, 0.0, False, {"max_tokens": 1024}, False,
    )  # fmt: skip
    assert metadata["max_input_tokens"] == 8192 - 1024


def test_names_that_yaml_would_read_otherwise_stay_names(tmp_path: Path) -> None:
    model = access(model='lab/a: "b" #1 \u2028 - x')
    settings, metadata = aider_models.write(tmp_path, model)
    assert yaml.safe_load(settings.read_text(encoding="utf-8"))[0]["name"] == aider_models.name_of(model)
    assert list(json.loads(metadata.read_text(encoding="utf-8"))) == [aider_models.name_of(model)]


def test_a_context_below_the_answer_leaves_something_for_the_prompt() -> None:
    assert aider_models.metadata_of(access(context_tokens=100, max_output_tokens=2048))["max_input_tokens"] == 1


def test_a_profile_has_one_folder_however_often_it_is_used(tmp_path: Path) -> None:
    first, again = (aider_models.write(tmp_path, access(token=token)) for token in ("a", "b"))
    other = aider_models.write(tmp_path, access(context_tokens=4096))
    assert first == again and other[0].parent != first[0].parent
    assert len(list(tmp_path.iterdir())) == 2
