"""Containers: the engine, its images, the trust in Caddy's certificates."""

import re
import ssl
from collections.abc import Mapping

from services.domain.errors import HubError
from services.stack import engine
from services.stack.checks import Check
from services.stack.container_settings import ContainerSettings
from services.stack.errors import EngineForbidden, NoEngine
from services.stack.offline import missing_images

NAMES_STAY_INSIDE, MENDED_EARLIER = (25, 0, 5), (23, 0, 11)  # CVE-2024-29018; 24 was not mended


def check_engine(environment: Mapping[str, str], *, needed: bool) -> Check:
    """Without an engine the hub runs as local processes: bad only where containers run or are asked for."""
    try:
        client = engine.connect(environment)
    except EngineForbidden as error:
        return Check("docker", "bad" if needed else "warn", error.sentence, error.way_out)
    except NoEngine as error:
        if needed:
            return Check("docker", "bad", error.sentence, error.way_out)
        return Check("docker", "ok", "no engine answers: the hub runs as local processes")
    try:
        told = client.version()
        return check_version(str(told.get("Version", "")), str(told.get("Arch", "this machine")), needed=needed)
    finally:
        client.close()


def check_version(shown: str, architecture: str, *, needed: bool) -> Check:
    """`shown` is the engine's own word for its version, such as 20.10.24+dfsg1."""
    sentence = f"engine {shown} answers, for {architecture}"
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", shown)
    version = tuple(int(part) for part in found.groups()) if found else NAMES_STAY_INSIDE
    if not needed or version >= NAMES_STAY_INSIDE or MENDED_EARLIER <= version < (24,):
        return Check("docker", "ok", sentence)
    return Check(
        "docker",
        "warn",
        f"{sentence}. Before 25.0.5 Docker may pass names that are asked for in an internal network on to the outside "
        "(CVE-2024-29018): agent-api's container has such a network. What models run is in a cage without any.",
        "Update Docker to 25.0.5 or newer, unless your system's package has that mended.",
    )


def check_images(settings: ContainerSettings, *, own_ollama: bool) -> Check:
    """What is missing, a start builds or pulls; offline it can't."""
    try:
        missing = missing_images(settings, own_ollama=own_ollama)
    except HubError as error:
        return Check("images", "bad", error.sentence, error.way_out)
    if not missing:
        return Check("images", "ok", "all are here")
    listed = ", ".join(missing)
    if settings.stack.offline:
        way_out = "Start once with a network, or load them: docker load."
        return Check("images", "bad", f"Offline these can't be had: {listed}.", way_out)
    return Check("images", "ok", f"the start builds or pulls {listed}")


def check_trust(settings: ContainerSettings) -> Check:
    """Whether this system's store has Caddy's authority. Browsers with stores of their own are not asked."""
    if settings.skip_https:
        return Check("https", "ok", "not used (--skip-https)")
    if not settings.ca_certificate.is_file():
        return Check("https", "ok", "Caddy makes its certificates with the first start")
    own = ssl.PEM_cert_to_DER_cert(settings.ca_certificate.read_text(encoding="ascii"))
    if own in ssl.create_default_context().get_ca_certs(binary_form=True):
        return Check("https", "ok", f"this system trusts {settings.address}")
    way_out = "Run ./start.sh trust, which says first what it changes; or click through the browser's warning."
    return Check("https", "warn", f"This system does not trust {settings.address} yet.", way_out)
