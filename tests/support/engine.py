"""A Docker engine of the tests' own where none answers, and stand-ins for base images that cannot be pulled."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.stack.engine import answers

STANDINS = Path(__file__).with_name("standins")
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
NEEDED = ("dockerd", "iptables", "mmdebstrap")
PACKAGES = "ca-certificates,python3,python3-venv,git,bubblewrap,postgresql,caddy,wget,libcap2-bin"
START_SECONDS = 180
# Images are a hundred thousand small files, each a millisecond of processor time on a disk, in memory next to nothing.
IN_MEMORY, ROOM = 9 << 30, 14 << 30
RESTARTED: dict[Path, subprocess.Popen[bytes]] = {}  # the process that an engine has now
LOG = "dockerd.log"  # beside it, of an engine of the tests' own
TABLES = ("filter", "nat")
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
IMAGES = {
    "PYTHON_IMAGE": "wfhub-standin:base",
    "NODE_IMAGE": "wfhub-standin:node",
    "POSTGRES_IMAGE": "wfhub-standin:postgres",
    "CADDY_IMAGE": "wfhub-standin:caddy",
}


def lacking() -> str:
    """Why no engine can be had here; empty when one answers or can be started."""
    if answers(os.environ):
        return ""
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        return f"needs Docker, or root and {', '.join(missing)}: apt-get install docker.io iptables mmdebstrap"
    return "" if os.geteuid() == 0 else "needs a running Docker, or root to start one of the tests' own"


@contextmanager
def engine() -> Iterator[dict[str, str]]:
    """Yields the environment to use it with. An engine of our own leaves nothing: no process, network or file.

    WFHUB_TEST_ENGINE names a folder whose images are kept for the next time. Else they lie in memory where it has room.
    """
    if answers(os.environ):
        yield {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
        return
    kept = os.environ.get("WFHUB_TEST_ENGINE")
    folder = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="wfhub-engine-"))
    folder.mkdir(parents=True, exist_ok=True)
    before, rules, forwarding = _links(), _rules(), FORWARDING.read_text()
    if not kept and _memory() >= ROOM:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={IN_MEMORY}", "tmpfs", folder]
        subprocess.run(mount, check=False, capture_output=True)
    process = _start(folder)
    try:
        _await(process, folder)
        yield {"DOCKER_HOST": f"unix://{folder}/docker.sock"}
    finally:
        process = RESTARTED.pop(folder, process)
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)
        for name in _links() - before:
            subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)
        subprocess.run(["iptables-restore"], input=rules, check=True)  # the engine leaves its chains, and forwards none
        FORWARDING.write_text(forwarding)
        if not kept:
            _remove(folder)


def restart(environment: Mapping[str, str]) -> bool:
    """Ends the engine, all containers with it, and starts it again; they come back by themselves. False where it
    is not the tests' own: who else uses it would not like that."""
    folder = Path(environment.get("DOCKER_HOST", "").removeprefix("unix://")).parent
    number = folder / "docker.pid"
    if not (number.is_file() and (folder / LOG).is_file()):
        return False
    pid = int(number.read_text())
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + START_SECONDS
    while _lives(pid) and time.monotonic() < until:
        time.sleep(0.1)
    RESTARTED[folder] = _start(folder)
    _await(RESTARTED[folder], folder)
    return True


def _lives(pid: int) -> bool:
    """An ended child that nobody has waited for does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def images(environment: Mapping[str, str]) -> dict[str, str]:
    """Settings that name the images to use: the person's own, else what stands in for the official ones.

    Stand-ins are made where they are missing; a machine that is not Debian has to pull the official ones.
    """
    own = {name: os.environ[name] for name in (*IMAGES, "EXTRA_CA_FILE") if os.environ.get(name)}
    if own.keys() >= IMAGES.keys() or not _is_debian():
        return own
    have = _docker(environment, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()
    if IMAGES["PYTHON_IMAGE"] not in have:
        _import_base(environment)
    for setting, name in IMAGES.items():
        if setting != "PYTHON_IMAGE" and name not in have:
            _build(environment, name)
    return IMAGES | {"EXTRA_CA_FILE": str(BUNDLE)}


def left_behind(environment: Mapping[str, str], under: str) -> list[str]:
    """Containers, networks and volumes of hubs whose home lies in that folder."""
    label = "dev.workflow-hub.home"
    found = []
    for kind, listing in (("container", ("ps", "--all")), ("network", ("network", "ls")), ("volume", ("volume", "ls"))):
        names = "{{.Names}}" if kind == "container" else "{{.Name}}"
        shown = _docker(environment, *listing, "--filter", f"label={label}", "--format", names).split()
        for name in shown:
            home = _docker(environment, kind, "inspect", "--format", f'{{{{index .{"Config." * (kind == "container")}'
                           f'Labels "{label}"}}}}', name).strip()  # fmt: skip
            found += [f"{kind} {name}"] if home.startswith(under) else []
    return found


def _is_debian() -> bool:
    release = Path("/etc/os-release")
    return release.is_file() and "ID=debian" in release.read_text().splitlines()


def _memory() -> int:
    """Bytes that programs may still take."""
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(told["MemAvailable"].split()[0]) * 1024


def _start(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            ["dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec", "--host",
             f"unix://{folder}/docker.sock", "--pidfile", folder / "docker.pid"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _await(process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not answers({"DOCKER_HOST": f"unix://{folder}/docker.sock"}):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"dockerd did not start:\n{(folder / 'dockerd.log').read_text()[-2000:]}")
        time.sleep(0.1)


def _import_base(environment: Mapping[str, str]) -> None:
    """A Debian of its own packages, streamed into the engine."""
    trimmed = "usr/share/doc usr/share/man usr/share/locale var/lib/apt/lists var/cache/apt"
    sources = sorted(str(path) for path in Path("/etc/apt/sources.list.d").glob("debian*.sources"))
    making = subprocess.Popen(
        ["mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", f"--include={PACKAGES}",
         "--essential-hook=mkdir -p $1/etc/postgresql-common && "
         "echo create_main_cluster=false >$1/etc/postgresql-common/createcluster.conf",
         f'--customize-hook=cd "$1" && rm -rf {trimmed}', "bookworm", "-", *sources],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    command = ["docker", "import", "-", IMAGES["PYTHON_IMAGE"]]
    subprocess.run(command, stdin=making.stdout, env=_with(environment), check=True, stdout=subprocess.DEVNULL)
    if making.wait() != 0:
        raise RuntimeError("mmdebstrap failed; its words are above.")


def _build(environment: Mapping[str, str], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(STANDINS, folder, dirs_exist_ok=True)
        shutil.copyfile(BUNDLE, Path(folder) / "ca.crt")
        _docker(environment, "build", "--quiet", "--target", name.partition(":")[2], "--tag", name, folder)


def _docker(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], env=_with(environment), check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(arguments)}:\n{done.stderr[-3000:]}")
    return done.stdout


def _with(environment: Mapping[str, str]) -> dict[str, str]:
    # Debian's own client has no BuildKit; a newer one would want a plug-in for it.
    return {**os.environ, **environment, "DOCKER_BUILDKIT": "0"}


def _rules() -> bytes:
    """Of every table, with its chains: what is restored, is all there is."""
    tables = [subprocess.run(["iptables-save", "-t", name], check=True, capture_output=True).stdout for name in TABLES]
    return b"".join(said or f"*{name}\nCOMMIT\n".encode() for name, said in zip(TABLES, tables, strict=True))


def _links() -> set[str]:
    return {path.name for path in Path("/sys/class/net").iterdir() if path.name.startswith(("docker", "br-"))}


def _remove(folder: Path) -> None:
    for mount in sorted((line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()), reverse=True):
        if mount == str(folder) or mount.startswith(f"{folder}/"):
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)
