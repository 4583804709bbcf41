"""How a program that a benchmark started is ended."""

import subprocess

SECONDS = 20


def end(process: "subprocess.Popen[bytes]", *, ours: bool = True) -> None:
    """Nothing of it stays. Raises TimeoutExpired where one of ours hangs; another's is not ours to mend."""
    process.terminate()
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        if ours:
            raise
