"""Decides how agent-api's container holds what agents run; docs/decisions/0010 says why."""

from docker import DockerClient

from services.stack.container_settings import ContainerSettings
from services.stack.errors import BadSetting
from services.stack.local import Say

NEEDED = 6  # files came with 3, TCP with 4, signals to others of the same user with 6
PROBE = "from agent_api.cage.landlock import abi_version; print(abi_version())"
BACKENDS = ("auto", "landlock", "bubblewrap", "none")


def cage_for(client: DockerClient, settings: ContainerSettings, image: str, say: Say) -> str:
    """`landlock`, under our own system-call profile, where the engine's kernel has enough of it; else `bubblewrap`,
    which needs a container without such a profile. CAGE_BACKEND names one outright.
    """
    wanted = settings.stack.environment.get("CAGE_BACKEND", "auto")
    if wanted not in BACKENDS:
        raise BadSetting(f"CAGE_BACKEND is {wanted!r}.", f"Set one of {', '.join(BACKENDS)} in .env.")
    if wanted != "auto":
        return wanted
    kernel = str(client.info()["KernelVersion"])
    known = settings.stack.run / "landlock"
    seen = known.read_text(encoding="utf-8").split() if known.is_file() else []
    if len(seen) != 2 or seen[0] != kernel:
        answer = client.containers.run(
            image, ["-c", PROBE], entrypoint=["python"], remove=True, network_mode="none", cap_drop=["ALL"]
        )
        seen = [kernel, answer.decode().strip()]
        known.write_text(" ".join(seen), encoding="utf-8")
    if int(seen[1]) >= NEEDED:
        return "landlock"
    say(f"the kernel's Landlock (ABI {seen[1]}) is too old for the cage: agent-api gets bubblewrap and a wider profile")
    return "bubblewrap"
