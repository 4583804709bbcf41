"""Who goes first on the processor: what agents run stands back from the hub's own processes."""

import os

_SESSION = "/proc/self/autogroup"


def stand_back(niceness: int) -> None:
    """This process, and all it starts, within its session."""
    os.nice(niceness)


def session_stands_back(niceness: int) -> bool:
    """This process's whole session among the others. False when the kernel asks to be asked again, later.

    Linux shares the processor among sessions first (sched(7), autogroup), and a process's niceness counts within its
    own alone: ours begins a session for each job, so without this a job would get as much as all of main-api.
    """
    try:
        group = os.open(_SESSION, os.O_WRONLY)
    except OSError:
        return True  # no such groups in this kernel, or not ours to change: niceness is all there is
    try:
        os.write(group, b"%d" % niceness)
    except BlockingIOError:  # an ordinary user may change one in a tenth of a second
        return False
    except OSError:
        return True
    finally:
        os.close(group)
    return True
