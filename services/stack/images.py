"""The images: the hub's own are built from this checkout, the others are there or pulled."""

import hashlib
import io
import re
import shutil
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, BuildError, DockerException, ImageNotFound
from docker.utils.build import exclude_paths

from services.stack.container_settings import ContainerSettings
from services.stack.errors import BuildFailed, ImageMissing, NoRoom
from services.stack.pulling import pull

Say = Callable[[str], None]
OWN = ("main-api", "orchestrator", "stack", "agent-api")
DOCKERFILE, EXTRA_CA = "docker/Dockerfile", "docker/extra-ca.crt"
BUILD_SETTINGS = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "NPM_CONFIG_REGISTRY")
STANDS_ON_AIDER, COPY_AIDER = "FROM aider AS agent-api", "COPY --from=aider /opt/aider /opt/aider"
BASES = ("PYTHON_IMAGE", "NODE_IMAGE")
BUILD_SECONDS = 1800
LAST_LINES = 15


def all_images(client: DockerClient, settings: ContainerSettings, say: Say, *, scripted: bool) -> dict[str, str]:
    """Each container's image by the container's name, built or pulled where it is not here. Raises what those raise."""
    names = build(client, settings, say)
    others = {"db": "POSTGRES_IMAGE"}
    if settings.own_ollama and not scripted:
        others["ollama"] = "OLLAMA_IMAGE"
    if not settings.skip_https:
        others["caddy"] = "CADDY_IMAGE"
    for name, setting in others.items():
        present(client, settings, setting, say)
        names[name] = settings.images[setting]
    return names


def present(client: DockerClient, settings: ContainerSettings, setting: str, say: Say) -> str:
    """The id of the image that `setting` names, pulled when it is not here. Raises ImageMissing."""
    name = settings.images[setting]
    try:
        return str(client.images.get(name).id)
    except ImageNotFound:
        check_room(client, settings)
        say(f"pulling {name}")
    try:
        pull(client, name, say)
        return str(client.images.get(name).id)
    except DockerException as error:
        if "no space left" in str(error):
            raise no_room(client) from error
        raise ImageMissing(
            f"The image {name} is not on this machine and could not be pulled.",
            f"Connect to the network, or load it (`docker load`), or name another one with {setting} in .env.",
            last_lines=[str(error)],
        ) from error


def build(client: DockerClient, settings: ContainerSettings, say: Say, *, again: bool = False) -> dict[str, str]:
    """The hub's own images by name, as `repository:tag`; one is built only when its tag is not here yet.

    The tag names what it is made from: the checkout's files, the build settings and the base images. `again` builds
    all of them whether they are here or not. Raises ImageMissing, BuildFailed or NoRoom.
    """
    files, arguments = made_of(settings)
    names = _names(settings, files, arguments)
    missing = [name for name in OWN if again or not is_here(client, names[name])]
    if missing:
        check_room(client, settings)
        for setting in BASES:
            present(client, settings, setting, say)
        packed = _packed(files)
        for name in missing:
            _build_one(client, packed, name, names[name], arguments, say)
    return names


def sizes(client: DockerClient, settings: ContainerSettings, names: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Of each of our images its bytes, and those that it adds to its base."""
    base = int(client.images.get(settings.images["PYTHON_IMAGE"]).attrs["Size"])
    found = {name: int(client.images.get(names[name]).attrs["Size"]) for name in OWN}
    return {name: (size, size - base) for name, size in found.items()}


def check_room(client: DockerClient, settings: ContainerSettings) -> None:
    """Raises NoRoom where the engine's disk is this machine's and has less than IMAGES_FREE_BYTES."""
    free = _free(client)
    if free is not None and free < settings.free_bytes:
        raise no_room(client, settings.free_bytes)


def no_room(client: DockerClient, wanted: int | None = None) -> NoRoom:
    free = _free(client)
    has = "is full" if free is None else f"has {free / 1e9:.1f} GB left"
    needs = "" if wanted is None else f"; building and pulling images needs {wanted / 1e9:.1f} GB"
    return NoRoom(
        f"The disk of the Docker engine {has}{needs}.",
        "Free some (`wf stack cleanup --images`, `docker system prune`), or set IMAGES_FREE_BYTES lower in .env.",
        free=free, wanted=wanted,
    )  # fmt: skip


def _free(client: DockerClient) -> int | None:
    """None where its disk is not seen from here."""
    folder = Path(str(client.info().get("DockerRootDir") or "/nowhere"))
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def own_names(settings: ContainerSettings) -> dict[str, str]:
    """What `build` would answer, without building."""
    return _names(settings, *made_of(settings))


def made_of(settings: ContainerSettings) -> tuple[dict[str, bytes], dict[str, str]]:
    values = settings.stack.environment
    indexes = {name: values[name] for name in BUILD_SETTINGS if values.get(name, "").startswith("http")}
    bases = {name: settings.images[name] for name in BASES}
    files = dict(context_files(settings.source, settings.extra_ca))
    if any("@" in value for value in indexes.values()):
        files[DOCKERFILE] = without_secrets(files[DOCKERFILE])
    return files, bases | indexes


def without_secrets(dockerfile: bytes) -> bytes:
    """An index's address may hold a password, and an image's history tells the arguments of its own stages: Aider's
    environment is copied into the image then, which takes longer, and not stood upon."""
    copied = f"FROM system AS agent-api\n{COPY_AIDER}\n"
    return dockerfile.replace(f"{STANDS_ON_AIDER}\n".encode(), copied.encode())


def _names(settings: ContainerSettings, files: dict[str, bytes], arguments: dict[str, str]) -> dict[str, str]:
    tag = tag_of(settings, files, arguments)
    return {name: f"wfhub/{name}:{tag}" for name in OWN}


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


def tag_of(settings: ContainerSettings, files: dict[str, bytes], arguments: dict[str, str]) -> str:
    """In development the code is not part of it: it lies over the image's own."""
    if not settings.development:
        return _digest(files, arguments)
    lasting = {name: content for name, content in files.items() if name.startswith(("docker/", "requirements/"))}
    return f"dev-{_digest(lasting, arguments)}"


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


def is_here(client: DockerClient, name: str) -> bool:
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
            if "no space left" in str(message.get("error", "")):
                raise no_room(client)
            _follow(message, target, said, say)
    except (APIError, BuildError) as error:
        if "no space left" in str(error):
            raise no_room(client) from error
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
