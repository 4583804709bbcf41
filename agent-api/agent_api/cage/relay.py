"""Runs in the cage before a command: carries its loopback's port to a UNIX socket, `SOCKET PORT COMMAND...`.

Given to Python as a text (`-c`): the cage shows none of our folders. Standard library only.
"""

import os
import socket
import sys
import threading

_CHUNK = 65536


def main() -> None:
    path, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    listening = socket.create_server(("127.0.0.1", port), backlog=64)
    if os.fork() == 0:
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(1, 2)
        while True:
            near, _ = listening.accept()
            threading.Thread(target=_carry, args=(near, path), daemon=True).start()
    listening.close()
    os.execvp(command[0], command)


def _carry(near: socket.socket, path: str) -> None:
    with near, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as far:
        far.connect(path)
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()


def _pump(source: socket.socket, to: socket.socket) -> None:
    try:
        while chunk := source.recv(_CHUNK):
            to.sendall(chunk)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        to.close()  # the other side is gone


if __name__ == "__main__":
    main()
