"""Whether Ollama's container is given the graphics card."""

from typing import Any

from docker import DockerClient

from services.stack.container_settings import ContainerSettings


def has_gpu(client: DockerClient, settings: ContainerSettings) -> bool:
    """OLLAMA_GPU=auto: where NVIDIA's container toolkit told the engine of itself."""
    if settings.gpu != "auto":
        return settings.gpu == "on"
    told: dict[str, Any] = client.info()
    devices = told.get("DiscoveredDevices") or ()  # by the container device interface, from Docker 28.2 on
    return "nvidia" in (told.get("Runtimes") or {}) or any("nvidia" in str(one.get("ID")) for one in devices)
