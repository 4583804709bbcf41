"""A job's scratch folder goes, whatever its command made of it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from agent_api.job_files import JobFiles

NOBODY = 65534


@pytest.fixture
def job() -> Iterator[JobFiles]:
    """Of an ordinary user: rights mean nothing to root."""
    folder = Path(tempfile.mkdtemp())
    (folder / "scratch").mkdir()
    root = os.geteuid() == 0
    if root:
        for path in (folder, folder / "scratch"):
            os.chown(path, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield JobFiles(folder)
    if root:
        os.seteuid(0)
    shutil.rmtree(folder)


@pytest.mark.parametrize("mode", [0o000, 0o555])
def test_closed_folders_in_closed_folders(job: JobFiles, mode: int) -> None:
    inner = job.scratch / "a" / "b" / "c"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    for folder in (inner, inner.parent, inner.parent.parent):
        folder.chmod(mode)
    job.clear_scratch()
    assert not job.scratch.exists()


def test_what_a_link_leads_to_stays_as_it_is(job: JobFiles) -> None:
    elsewhere = job.folder / "elsewhere"
    elsewhere.mkdir(mode=0o500)
    (job.scratch / "link").symlink_to(elsewhere)
    job.clear_scratch()
    assert elsewhere.stat().st_mode & 0o777 == 0o500


def test_what_cannot_be_removed_ends_nothing(job: JobFiles) -> None:
    with patch("agent_api.job_files.shutil.rmtree", side_effect=PermissionError("an immutable file")):
        job.clear_scratch()
    assert job.scratch.exists()
