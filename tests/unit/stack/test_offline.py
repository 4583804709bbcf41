"""What a start without a network asks the engine for before it begins."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from docker.errors import ImageNotFound

from services.stack import images, offline
from services.stack.checks.containers import check_images
from services.stack.container_settings import ContainerSettings
from services.stack.errors import ImageMissing, NoEngine
from services.stack.settings import StackSettings


class Engine:
    """Has the images of `here`, and remembers that it was let go."""

    def __init__(self, here: set[str]) -> None:
        self.images, self.here, self.closed = SimpleNamespace(get=self._get), here, False

    def _get(self, name: str) -> object:
        if name not in self.here:
            raise ImageNotFound(name)
        return object()

    def close(self) -> None:
        self.closed = True


def load(root: Path, *, skip_https: bool = False, **given: str) -> ContainerSettings:
    return ContainerSettings.load(StackSettings.load(root, given), skip_https=skip_https)


def test_all_that_lacks_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(tmp_path)
    own = images.own_names(settings)
    engine = Engine({own["main-api"], own["stack"], settings.images["POSTGRES_IMAGE"]})
    monkeypatch.setattr(offline, "connect", lambda _: engine)
    missing = [own["orchestrator"], own["agent-api"], "ollama/ollama:0.20.0", "caddy:2.10"]
    with pytest.raises(ImageMissing) as refused:
        offline.check_images(settings, own_ollama=True)
    assert refused.value.data["images"] == missing and engine.closed
    assert all(name in refused.value.sentence for name in missing) and "docker load" in refused.value.way_out
    # what this start has no use for is not missed
    without = load(tmp_path, skip_https=True)
    assert offline.missing_images(without, own_ollama=False) == missing[:2]
    engine.here |= set(missing)
    offline.check_images(settings, own_ollama=True)


def test_the_doctor_minds_missing_images_offline_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "connect", lambda _: Engine(set()))
    there, away = load(tmp_path), load(tmp_path, WFHUB_OFFLINE="1")
    assert check_images(there, own_ollama=True).verdict == "ok"
    refused = check_images(away, own_ollama=True)
    assert refused.verdict == "bad" and refused.way_out and "caddy:2.10" in refused.sentence
    everything = {*images.own_names(there).values(), *there.images.values()}
    monkeypatch.setattr(offline, "connect", lambda _: Engine(everything))
    assert check_images(away, own_ollama=True).sentence == "all are here"


def test_without_an_engine_it_says_so(tmp_path: Path) -> None:
    nowhere = load(tmp_path, DOCKER_HOST="unix:///nowhere/engine")
    with pytest.raises(NoEngine):
        offline.check_images(nowhere, own_ollama=False)
    assert check_images(nowhere, own_ollama=False).verdict == "bad"
