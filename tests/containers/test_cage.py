"""The cage inside agent-api's container: what a model wrote gets nowhere, and everywhere with the cage off."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support.container_hub import ContainerHub, sample

ATTACK = Path(__file__).with_name("attack.py").read_bytes()
EVERY_ATTACK = Path(__file__).parents[1].joinpath("support", "caged_attacks.py").read_bytes()


def attack(hub: ContainerHub, backend: str, *command: str) -> dict[str, bool]:
    done = subprocess.run(
        ["docker", *command, "python", "-", backend], input=ATTACK, env={**os.environ, **hub.environment},
        capture_output=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    answer = json.loads(done.stdout)
    assert answer["backend"] == backend
    return answer["got"]


def one_off(hub: ContainerHub, *security: str) -> list[str]:
    """A container as agent-api's own, but for its security options."""
    name = hub.name("agent-api")
    image = hub.docker("inspect", "--format", "{{.Config.Image}}", name).strip()
    secrets = hub.settings.private / "agent-api.env"
    user = f"{hub.settings.uid}:{hub.settings.gid}"
    options = ["--user", user, "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--init"]
    for option in security:
        options += ["--security-opt", option]
    mount = f"{secrets}:/run/wfhub/secrets.env:ro"
    return ["run", "--rm", "--interactive", "--network", hub.name("agents"), "--volume", mount, *options, image]


def test_nothing_gets_out_of_the_running_agents_cage(hub: ContainerHub) -> None:
    inside = ["exec", "--interactive", hub.name("agent-api")]
    off = attack(hub, "none", *inside)
    assert {name for name, got in off.items() if not got} == set()
    on = attack(hub, "landlock", *inside)
    assert {name for name, got in on.items() if got} == {"ordinary work"}


def test_the_hosts_list_of_attacks_is_stopped_in_the_container_too(hub: ContainerHub) -> None:
    """tests/support/caged_attacks.py, in the running agent-api: uncaged each goes through, caged none does."""

    def ran(backend: str) -> dict[str, bool]:
        command = ["docker", "exec", "--interactive", hub.name("agent-api"), "python", "-", backend]
        done = subprocess.run(
            command, input=EVERY_ATTACK, env={**os.environ, **hub.environment}, capture_output=True, check=False,
            timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        answer = json.loads(done.stdout)
        assert set(map(tuple, answer["paths"].values())) == {(True, False)}, answer["paths"]
        return answer["caged"]

    assert {name for name, through in ran("none").items() if not through} == set()
    assert {name for name, through in ran("landlock").items() if through} == set()


def test_bubblewrap_holds_too_where_the_kernel_has_no_landlock(hub: ContainerHub) -> None:
    opened = ("seccomp=unconfined", "systempaths=unconfined")
    on = attack(hub, "bubblewrap", *one_off(hub, *opened))
    assert {name for name, got in on.items() if got} == {"ordinary work"}
    with pytest.raises(AssertionError, match="bubblewrap cage does not work here"):
        attack(hub, "bubblewrap", *one_off(hub))


def test_landlock_holds_under_dockers_own_profile_too(hub: ContainerHub) -> None:
    """As on a host that forbids namespaces, by its own profile or by AppArmor."""
    on = attack(hub, "landlock", *one_off(hub))
    assert {name for name, got in on.items() if got} == {"ordinary work"}


def test_the_running_agent_uses_the_cage_and_keeps_a_checkouts_git_folder(hub: ContainerHub) -> None:
    workspace = sample(hub, "caged")
    done = httpx.post(
        f"{hub.settings.stack.agent_api_url}/api/bash",
        headers={"Authorization": f"Bearer {hub.token}"},
        json={"workspace": str(workspace), "command": "cat /run/wfhub/secrets.env; ls README.md; touch .git/hooks-x"},
        timeout=120,
    )
    assert done.status_code == 200, done.text
    answer = done.json()
    assert answer["cage"] == "landlock"
    assert "TOKEN" not in answer["output"] and "README.md" in answer["output"]
    assert not (workspace / ".git" / "hooks-x").exists()


CALLS = """
import ctypes, json
numbers = {"keyctl": 250, "bpf": 321, "io_uring_setup": 425, "perf_event_open": 298, "setns": 308}
libc = ctypes.CDLL(None, use_errno=True)
answers = {}
for name, number in numbers.items():
    libc.syscall(number, 0, 0, 0, 0, 0)
    answers[name] = ctypes.get_errno()
print(json.dumps(answers))
"""


@pytest.mark.skipif("os.uname().machine != 'x86_64'", reason="the numbers of the calls are x86_64's")
def test_the_agents_own_profile_refuses_what_no_work_needs(hub: ContainerHub) -> None:
    ours = json.loads(hub.run_in("agent-api", "python", "-c", CALLS).stdout)
    assert set(ours.values()) == {1}, ours  # EPERM
    opened = one_off(hub, "seccomp=unconfined")
    free = json.loads(hub.docker(*opened, "python", "-c", CALLS))
    assert free["keyctl"] != 1 and free["setns"] != 1


def test_the_container_is_an_ordinary_user_without_any_right(hub: ContainerHub) -> None:
    for service in ("main-api", "orchestrator", "agent-api", "stack"):
        status = hub.run_in(service, "sh", "-c", "id -u; grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status").stdout
        words = status.split()
        assert words[0] == str(hub.settings.uid), service
        assert int(words[words.index("CapBnd:") + 1], 16) == 0, service
        assert words[words.index("NoNewPrivs:") + 1] == "1" and words[words.index("Seccomp:") + 1] == "2", service
