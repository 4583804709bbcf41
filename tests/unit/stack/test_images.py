"""What images are built from."""

import re
from pathlib import Path

import pytest

from services.stack import images
from services.stack.container_settings import ContainerSettings
from services.stack.settings import StackSettings

TARGETS = ("main-api", "orchestrator", "stack", "agent-api")


def settings(tmp_path: Path, **given: str) -> ContainerSettings:
    return ContainerSettings.load(StackSettings.load(tmp_path, given))


def stages(dockerfile: str) -> dict[str, tuple[str, str]]:
    """Each stage's base and text."""
    parts = re.split(r"^FROM (\S+) AS (\S+)$", dockerfile, flags=re.MULTILINE)[1:]
    return {name: (base, text) for base, name, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}


def arguments_in_the_history(dockerfile: str, target: str) -> set[str]:
    found: set[str] = set()
    known = stages(dockerfile)
    while target in known:
        target, text = known[target]
        found |= set(re.findall(r"^ARG (\w+)", text, re.MULTILINE))
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_a_password_of_the_index_is_in_no_image(tmp_path: Path, target: str) -> None:
    own = settings(tmp_path, UV_DEFAULT_INDEX="https://me:a-password@pypi.example/simple")
    files, arguments = images.made_of(own)
    assert "a-password" in arguments["UV_DEFAULT_INDEX"]
    text = files["docker/Dockerfile"].decode()
    assert arguments_in_the_history(text, target) & set(images.BUILD_SETTINGS) == set()
    assert "/opt/aider" in stages(text)["agent-api"][1]


def test_without_a_password_it_is_stood_upon(tmp_path: Path) -> None:
    files, _ = images.made_of(settings(tmp_path, UV_DEFAULT_INDEX="https://pypi.example/simple"))
    text = files["docker/Dockerfile"].decode()
    assert arguments_in_the_history(text, "agent-api") == {"UV_DEFAULT_INDEX"}  # so the test above can fail
    assert stages(text)["agent-api"][0] == "aider"


def test_in_development_a_change_of_the_code_builds_nothing(tmp_path: Path) -> None:
    own, dev = settings(tmp_path), settings(tmp_path, STACK_DEVELOPMENT="1")
    files, arguments = images.made_of(own)
    changed = {**files, "services/__init__.py": b"changed"}
    assert images.tag_of(own, files, arguments) != images.tag_of(own, changed, arguments)
    assert images.tag_of(dev, files, arguments) == images.tag_of(dev, changed, arguments)
    locked = {**files, "requirements/image-main.txt": b"changed"}
    assert images.tag_of(dev, files, arguments) != images.tag_of(dev, locked, arguments)
