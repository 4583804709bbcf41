"""Containers: the engine, its images, the trust in Caddy's certificates."""

import ssl
from collections.abc import Mapping

from services.domain.errors import HubError
from services.stack import engine
from services.stack.checks import Check
from services.stack.container_settings import ContainerSettings
from services.stack.errors import EngineForbidden, NoEngine
from services.stack.offline import missing_images


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
        return Check(
            "docker", "ok", f"engine {told.get('Version', '')} answers, for {told.get('Arch', 'this machine')}"
        )
    finally:
        client.close()


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
