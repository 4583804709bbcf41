"""What a container takes of the machine, as the engine counts it."""

from dataclasses import dataclass
from typing import Any

from docker import DockerClient
from docker.models.containers import Container as Running


@dataclass(frozen=True)
class Usage:
    """Bytes; `memory` is without the files that the kernel keeps there and drops when it needs the room, as
    `docker stats` shows it; `memory_limit` 0 is none. `cpu_seconds` since it started."""

    memory: int
    memory_limit: int
    cpu_seconds: float
    processes: int
    sent: int
    received: int


def usage(client: DockerClient, container: Running) -> Usage:
    """One look, at once. All is 0 of one that does not run."""
    told: dict[str, Any] = client.api.stats(str(container.id), stream=False, one_shot=True)
    memory, networks = told.get("memory_stats") or {}, (told.get("networks") or {}).values()
    parts = memory.get("stats") or {}
    dropped = parts.get("inactive_file", parts.get("total_inactive_file", 0))
    return Usage(
        memory=max(0, memory.get("usage", 0) - dropped),
        memory_limit=container.attrs["HostConfig"]["Memory"] or 0,
        cpu_seconds=((told.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage", 0) / 1e9,
        processes=(told.get("pids_stats") or {}).get("current", 0) or 0,
        sent=sum(one["tx_bytes"] for one in networks),
        received=sum(one["rx_bytes"] for one in networks),
    )
