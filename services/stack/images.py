"""The images: the hub's own are built from this checkout, the others are there or pulled."""

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, BuildError, DockerException, ImageNotFound
from docker.utils.build import exclude_paths

from services.stack.container_settings import ContainerSettings
from services.stack.errors import BuildFailed, ImageMissing

Say = Callable[[str], None]
OWN = ("main-api", "orchestrator", "stack", "agent-api")
DOCKERFILE, EXTRA_CA = "docker/Dockerfile", "docker/extra-ca.crt"
BUILD_SETTINGS = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "NPM_CONFIG_REGISTRY")
BUILD_SECONDS = 1800
LAST_LINES = 15


def present(client: DockerClient, settings: ContainerSettings, setting: str, say: Say) -> str:
    """The id of the image that `setting` names, pulled when it is not here. Raises ImageMissing."""
    name = settings.images[setting]
    try:
        return str(client.images.get(name).id)
    except ImageNotFound:
        say(f"pulling {name}")
    try:
        repository, _, tag = name.rpartition(":") if ":" in name.rpartition("/")[2] else (name, "", "latest")
        client.api.timeout = BUILD_SECONDS
        return str(client.images.pull(repository, tag=tag).id)
    except DockerException as error:
        raise ImageMissing(
            f"The image {name} is not on this machine and could not be pulled.",
            f"Connect to the network, or load it (`docker load`), or name another one with {setting} in .env.",
            last_lines=[str(error)],
        ) from error


def build(client: DockerClient, settings: ContainerSettings, say: Say) -> dict[str, str]:
    """The hub's own images by name, as `repository:tag`; one is built only when its tag is not here yet.

    The tag names what it is made from: the checkout's files, the build settings and the base images. Raises
    ImageMissing or BuildFailed.
    """
    bases = {name: settings.images[name] for name in ("PYTHON_IMAGE", "NODE_IMAGE")}
    arguments = bases | {
        name: value for name in BUILD_SETTINGS if (value := settings.stack.environment.get(name, "")).startswith("http")
    }
    files = dict(context_files(settings.source, settings.extra_ca))
    tag = _digest(files, arguments)
    names = {name: f"wfhub/{name}:{tag}" for name in OWN}
    missing = [name for name in OWN if not _exists(client, names[name])]
    if missing:
        for setting in bases:
            present(client, settings, setting, say)
        packed = _packed(files)
        for name in missing:
            _build_one(client, packed, name, names[name], arguments, say)
    return names


def context_files(root: Path, extra_ca: Path | None) -> Iterable[tuple[str, bytes]]:
    """What is sent to the engine, by path: .dockerignore decides, and EXTRA_CA_FILE takes its place."""
    patterns = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    wanted = exclude_paths(str(root), [line for line in patterns if line and not line.startswith("#")], DOCKERFILE)
    for name in sorted(wanted):
        path = root / name
        if name == EXTRA_CA and extra_ca is not None:
            yield name, extra_ca.read_bytes()
        elif path.is_file() and name != ".dockerignore":
            yield name, path.read_bytes()


def _digest(files: dict[str, bytes], arguments: dict[str, str]) -> str:
    digest = hashlib.sha256(repr(sorted(arguments.items())).encode())
    for name, content in files.items():
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _exists(client: DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _build_one(client: DockerClient, packed: bytes, target: str, tag: str, arguments: dict[str, str], say: Say) -> None:
    say(f"building the image of {target}")
    said: list[str] = []
    client.api.timeout = BUILD_SECONDS
    try:
        stream = client.api.build(
            fileobj=io.BytesIO(packed), custom_context=True, dockerfile=DOCKERFILE, target=target, tag=tag,
            buildargs=arguments, rm=True, forcerm=True, decode=True, timeout=BUILD_SECONDS,
        )  # fmt: skip
        for message in stream:
            _follow(message, target, said, say)
    except (APIError, BuildError) as error:
        raise _failure(target, [*said, str(error)]) from error


def _follow(message: dict[str, Any], target: str, said: list[str], say: Say) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(message.get("stream") or message.get("error") or "")).strip()
    said += [line for line in text.splitlines() if line.strip()]
    if text.startswith("---> Running in"):  # what comes from the cache takes no time, and is not told
        step = next((line for line in reversed(said) if line.startswith("Step ")), "")
        if " : RUN " in step:
            say(f"  {target}: {' '.join(step.split())[:90]}")
    if "error" in message:
        raise _failure(target, said)


def _failure(target: str, said: list[str]) -> BuildFailed:
    way_out = (
        "If a download failed: connect to the network, or set EXTRA_CA_FILE, PIP_INDEX_URL or NPM_CONFIG_REGISTRY in "
        ".env. Without containers: ./start.sh --local."
    )
    return BuildFailed(f"The image of {target} could not be built.", way_out, last_lines=said[-LAST_LINES:])
