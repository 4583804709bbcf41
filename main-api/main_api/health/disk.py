"""Whether the disk has room for what agents make, and may be written."""

import asyncio
import os
from pathlib import Path

from main_api.health.part import Report

WAY_OUT = "Free some, or move the folder to another disk."


async def look_at_disk(folder: Path, wanted: int) -> Report:
    """Well with at least `wanted` bytes free. A disk that hangs holds a thread, never the loop."""
    return await asyncio.to_thread(_look, folder, wanted)


def _look(folder: Path, wanted: int) -> Report:
    try:
        folder = next(one for one in (folder, *folder.parents) if one.exists())  # it is made when it is first needed
        told = os.statvfs(folder)
        writable = os.access(folder, os.W_OK | os.X_OK) and not told.f_flag & os.ST_RDONLY
    except OSError as error:
        return Report(
            "unwell", f"{folder} can't be looked at: {error.strerror}.", "Give the hub's user the right to read it."
        )
    free = told.f_bavail * told.f_frsize
    facts = {"path": str(folder), "free_bytes": free, "total_bytes": told.f_blocks * told.f_frsize, "wanted": wanted}
    if not writable:
        return Report("unwell", f"{folder} can't be written.", "Give the hub's user the right to write there.", facts)
    if free < wanted:
        sentence = f"{_size(free)} free at {folder}, less than the {_size(wanted)} of DISK_FREE_BYTES."
        return Report("unwell", sentence, WAY_OUT, facts)
    if told.f_files and not told.f_favail:
        return Report("unwell", f"No file can be added at {folder}: its disk has no inode left.", WAY_OUT, facts)
    return Report("well", f"{_size(free)} free at {folder}.", facts=facts)


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
