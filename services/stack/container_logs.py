"""What containers say, several of them side by side, as it comes."""

import queue
import threading
from collections.abc import Iterator, Mapping

from docker.errors import APIError, NotFound
from docker.models.containers import Container as Running

ENOUGH = 10_000  # lines that wait for a reader; more and their containers' streams wait too


def follow(containers: Mapping[str, Running], tail: int, *, go_on: bool) -> Iterator[tuple[str, str]]:
    """Each line with the name of its container. Without `go_on` one container after the other, to its end."""
    if not go_on:
        for name, container in containers.items():
            for line in container.logs(tail=tail).decode(errors="replace").splitlines():
                yield name, line
        return
    lines: queue.Queue[tuple[str, str] | None] = queue.Queue(ENOUGH)
    for name, container in containers.items():
        threading.Thread(target=_read, args=(name, container, tail, lines), daemon=True).start()
    left = len(containers)
    while left:
        if (line := lines.get()) is None:
            left -= 1
        else:
            yield line


def _read(name: str, container: Running, tail: int, lines: "queue.Queue[tuple[str, str] | None]") -> None:
    """Ends with the container; one that is started again says on where it left off only to a new reader."""
    begun = b""
    try:
        for piece in container.logs(stream=True, follow=True, tail=tail):
            *whole, begun = (begun + piece).split(b"\n")
            for line in whole:
                lines.put((name, line.decode(errors="replace").rstrip("\r")))
        if begun:
            lines.put((name, begun.decode(errors="replace")))
    except (APIError, NotFound) as error:
        lines.put((name, f"its log can't be read on: {error}"))
    finally:
        lines.put(None)
