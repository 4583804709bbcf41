"""A tiny service for the stack's tests: answers /health, or beats; prints what it was told; can be stubborn or fail."""

import argparse
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(dict(os.environ)).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int)
    options.add_argument("--beat", type=Path)
    options.add_argument("--fail", action="store_true")
    options.add_argument("--ignore-term", action="store_true")
    options.add_argument("--child-session", type=Path, help="Starts a sleeper in its own session, writes its pid here")
    told = options.parse_args()
    if told.fail:
        sys.exit("cannot go on: the moon is full")
    if told.ignore_term:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if told.child_session:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        told.child_session.write_text(str(child.pid))
    if told.port:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", told.port), Health)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        if told.beat:
            told.beat.touch()
        time.sleep(0.1)


if __name__ == "__main__":
    main()
