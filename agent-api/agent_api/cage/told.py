"""The cage in sentences: what it keeps from what models run, what it can't, and how to get a better one."""

from agent_api.cage.host import choose
from agent_api.cage.policy import CageHost
from agent_api.errors import CageUnavailable
from agent_api.settings import AgentSettings
from services.contract.agent_standing import CageKind, CageStanding

LANDLOCK_WITH_TCP = 4
_ALWAYS = (
    "The disk outside of the task's worktree, but for the system's programs.",
    "The worktree's git data can be read, and not changed.",
    "Files named like secrets (.env, keys) in the worktree, unless their owner allows it.",
    "The network, unless the project's owner allows it.",
)
_BUBBLEWRAP = ("Other processes of this machine: none is seen.",)
_LIMITS = (
    "Memory, time, output, sizes of files and numbers of processes beyond the job's limits.",
    "New privileges, and system calls that reach other processes or the kernel.",
)
_OPEN = ("Nothing is kept from what models run: it has your rights.",)
_NO_NAMESPACES = (
    "No namespaces are allowed: a worktree with secrets in it is refused, and git data that was changed is put back.",
)
_GET = {
    "bubblewrap": "Install it (`apt install bubblewrap`), and allow user namespaces (`sysctl "
    "kernel.unprivileged_userns_clone=1`; on Ubuntu an AppArmor profile for bwrap).",
    "landlock": "Use Linux 6.7 or newer with `landlock` among the security modules (`lsm=landlock,…` at its start).",
    "none": "Only by your word: CAGE_ALLOW_NONE=true. What models write then runs with your rights.",
}


def cage_standing(settings: AgentSettings, host: CageHost) -> CageStanding:
    works = {
        "bubblewrap": host.bwrap is not None,
        "landlock": host.landlock_abi >= LANDLOCK_WITH_TCP,
        "none": settings.cage_allow_none,
    }
    kinds = tuple(
        CageKind.model_validate({"name": name, "works": usable, "way_out": "" if usable else _GET[name]})
        for name, usable in works.items()
    )
    try:
        backend = choose(settings.cage_backend, host, allow_none=settings.cage_allow_none)
    except CageUnavailable as error:
        return CageStanding(backend=None, denies=(), lacks=(error.sentence,), kinds=kinds, way_out=error.way_out)
    if backend == "none":
        way_out = f"{_GET['bubblewrap']} Or: {_GET['landlock']}"
        return CageStanding(backend=backend, denies=_LIMITS[:1], lacks=_OPEN, kinds=kinds, way_out=way_out)
    if backend == "bubblewrap":
        return CageStanding(backend=backend, denies=(*_ALWAYS, *_BUBBLEWRAP, *_LIMITS), lacks=(), kinds=kinds)
    lacks = ("Names and numbers of other processes can be seen, not reached.",)
    if not host.namespaces:
        lacks = (*lacks, *_NO_NAMESPACES)
    return CageStanding(
        backend=backend, denies=(*_ALWAYS, *_LIMITS), lacks=lacks, kinds=kinds,
        way_out="" if host.namespaces else "Allow user namespaces (`sysctl kernel.unprivileged_userns_clone=1`).",
    )  # fmt: skip
