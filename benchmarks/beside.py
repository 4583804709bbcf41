"""LiteLLM's proxy, to be measured beside the gateway."""

import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.caller import Door
from benchmarks.peers.environment import environment
from benchmarks.processes import end

START_SECONDS = 120
CONFIG = """
model_list:
  - model_name: m
    litellm_params: {{model: openai/m, api_base: "http://127.0.0.1:{port}/v1", api_key: not-a-key}}
litellm_settings: {{telemetry: false, request_timeout: 60}}
"""


@contextmanager
def litellm(upstream: int) -> Iterator[Door]:
    """One worker, as main-api is one; no key, database, log or budget. It knows one address, the upstream's."""
    program = environment("litellm") / "litellm"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="wfhub-litellm-") as folder:
        config, told = Path(folder) / "config.yaml", Path(folder) / "litellm.log"
        config.write_text(CONFIG.format(port=upstream))
        # A clean environment: no key of anybody is in it, and prices are not fetched.
        own = {"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "LITELLM_LOCAL_MODEL_COST_MAP": "True",
               "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION"}  # fmt: skip
        command = [program, "--config", config, "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
        with told.open("wb") as log:
            process = subprocess.Popen(command, env=own, cwd=folder, stdout=log, stderr=log)
        try:
            _wait(process, port, told)
            yield Door("LiteLLM", process.pid, port, "/v1/chat/completions", "m")
        finally:
            end(process, ours=False)


def _wait(process: subprocess.Popen[bytes], port: int, told: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/liveliness")
            connection.getresponse().read()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(told.read_text()[-3000:]) from None
            time.sleep(0.2)
