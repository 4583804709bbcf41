"""The bubblewrap backend: which arguments make `bwrap` build a ResolvedCage."""

from pathlib import Path

from agent_api.cage.policy import ResolvedCage


def arguments(cage: ResolvedCage, cwd: Path) -> list[str]:
    """The command line up to the options that launch.py adds and the command itself.

    Everything is unshared (users, processes, IPC, network unless allowed); /tmp is a folder of `cage.tmp`, so that
    what is written there is bounded by the disk and not by memory. Raises ValueError without a bwrap program.
    """
    if cage.host.bwrap is None:
        raise ValueError("There is no bwrap program to build the cage with.")
    slash_tmp = cage.tmp / "slash-tmp"
    slash_tmp.mkdir(exist_ok=True)
    line = [str(cage.host.bwrap), "--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
    line += ["--share-net"] if cage.network else []
    line += ["--proc", "/proc", "--dev", "/dev", "--bind", str(slash_tmp), "/tmp"]
    binds = [(path, "--ro-bind") for path in cage.read_only] + [(path, "--bind") for path in cage.read_write]
    # Deeper paths after the folders that hold them; a protected file after the folder it is in.
    for path, option in sorted(binds, key=lambda bind: len(bind[0].parts)):
        line += [option, str(path), str(path)]
    for path in cage.protected:
        line += ["--ro-bind", str(path), str(path)]
    for path in cage.covered:
        line += ["--ro-bind", str(cage.cover), str(path)]
    return [*line, "--chdir", str(cwd)]
