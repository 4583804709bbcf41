"""A child per edit: forked from the warm parent, in its own group, limited and caged before the edit begins."""

import os
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from agent_api.aider_worker.gateway_call import Gateway
from agent_api.aider_worker.process import die_with, keep_only, take_limits
from agent_api.aider_worker.protocol import EditRequest, Stop
from agent_api.aider_worker.report import Report
from agent_api.cage import landlock, namespaces, precedence, seccomp
from agent_api.cage.policy import ResolvedCage

CarryOut = Callable[[EditRequest, Gateway, Report], dict[str, Any]]


def fork_child(request: EditRequest, carry_out: CarryOut) -> tuple[int, int]:
    """Start the edit. Answers the child's pid and the read end of its pipe. Raises OSError where there can be none."""
    parent = os.getpid()
    read, write = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(read)
        os.close(write)
        raise
    if pid == 0:
        _child(request, carry_out, parent, write)
    os.close(write)
    return pid, read


def _child(request: EditRequest, carry_out: CarryOut, parent: int, pipe: int) -> NoReturn:
    report = Report(pipe, request.api_key, request.output_bytes)
    try:
        os.setsid()
        die_with(parent)
        keep_only(pipe)
        cage = request.resolved_cage()
        os.environ.update(HOME=str(cage.tmp), TMPDIR=str(cage.tmp))
        os.chdir(request.root)
        precedence.stand_back(cage.niceness)
        if cage.niceness:
            precedence.session_stands_back(cage.niceness)  # once: an edit is short
        take_limits(request.memory_bytes, request.file_bytes)
        gateway = Gateway(request)  # finds the address now: the cage lets no name be asked for
        if cage.backend == "landlock":
            _enter(cage, parent)
        report.result(**carry_out(request, gateway, report))
    except Stop as stop:
        report.result(outcome=stop.outcome, reason=stop.reason, sentence=stop.sentence)
    except BaseException as error:  # noqa: BLE001 - the last line of defence of a process: say what happened, then end
        traceback.print_exc()
        text = f"Aider's process failed: {type(error).__name__}: {error}"
        report.result(outcome="failed", reason="crashed", sentence=text[:400])
    os._exit(0)


def _enter(cage: ResolvedCage, parent: int) -> None:
    """Landlock for files, the gateway's port and signals; seccomp for other sockets; `.git` read-only if possible."""
    if cage.host.namespaces:
        namespaces.enter(
            own_network=False,
            protected=[str(path) for path in cage.protected],
            covered=[str(path) for path in cage.covered],
            cover=str(cage.cover),
        )
    landlock.no_new_privileges()
    namespaces.drop_capabilities()
    die_with(parent)  # a change of credentials may have taken it back
    landlock.restrict_self(read_only=cage.read_only, read_write=cage.read_write, tcp_ports=cage.tcp_ports)
    seccomp.restrict_self("tcp", unix=False)
