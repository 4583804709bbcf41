"""Health of the container it runs in: `probe.py http PORT [PATH]` or `probe.py beat FILE SECONDS`; 0 is well."""

import http.client
import sys
import time
from pathlib import Path


def main() -> int:
    kind, *rest = sys.argv[1:]
    try:
        return http_status(int(rest[0]), *rest[1:]) if kind == "http" else beat(Path(rest[0]), float(rest[1]))
    except OSError as error:
        return say(f"no answer ({type(error).__name__})")


def http_status(port: int, path: str = "/health") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    connection.request("GET", path)
    status = connection.getresponse().status
    return 0 if status == 200 else say(f"GET {path} answers {status}")


def beat(file: Path, seconds: float) -> int:
    age = time.time() - file.stat().st_mtime if file.exists() else None
    return 0 if age is not None and age < seconds else say("no fresh heartbeat")


def say(sentence: str) -> int:
    sys.stdout.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
