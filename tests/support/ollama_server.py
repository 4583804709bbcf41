"""A server that speaks Ollama's protocol as its documentation has it, for one model; it keeps what it was asked."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Message = dict[str, Any]


class OllamaServer:
    """`answer` gives the message for an OpenAI chat request; `word_seconds` is what a word of an answer takes."""

    def __init__(self, model: str, info: dict[str, Any], size: int, capabilities: list[str] | None = None) -> None:
        self.model, self.info, self.size, self.capabilities = model, info, size, capabilities
        self.answer: Callable[[dict[str, Any]], Message | int] = lambda _body: {"content": "fine"}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.loaded = True
        self.load_seconds, self.word_seconds, self.words = 0.15, 0.005, 20
        self.dies = self.no_json = False
        self.makes_models = False  # whether it knows /api/create
        self.made: dict[str, dict[str, Any]] = {}  # by name, what each was made with
        self.models: dict[str, int] = {model: size}  # what is installed, with its bytes
        self.fetchable: dict[str, int] = {}  # what its registry has
        self.fetched: dict[str, int] = {}  # bytes of what is not whole yet; they stay
        self.chunk, self.chunk_seconds = 1_000_000, 0.0
        self.cut_off = 0  # how many streams nobody took to their end
        self.url = ""

    def paths(self) -> list[str]:
        return [path for path, _body in self.asked]

    def handle(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append((path, body))
        if self.no_json:
            return 200, b"<html>It works!</html>"
        if path == "/api/tags":
            own = {"name": "wfhub-x:ctx8192", "model": "wfhub-x:ctx8192", "size": 1}
            return 200, {"models": [*(_installed(name, size) for name, size in self.models.items()), own]}
        if path == "/api/ps":
            return 200, {"models": [self._loaded()] if self.loaded else []}
        if path == "/api/pull":
            return self._pull(str(body.get("model")))
        if path == "/api/create" and self.makes_models:
            return self._create(body)
        if path == "/api/delete":
            found = self.models.pop(str(body.get("model")), None)
            return (404, {"error": f"model '{body.get('model')}' not found"}) if found is None else (200, b"")
        if path == "/v1/models":
            return 200, {"data": [{"id": self.model}]}
        if body.get("model") not in (*self.models, self.model.removesuffix(":latest")):
            return 404, {"error": f"model '{body.get('model')}' not found"}
        if path == "/api/show":
            hidden = {} if body.get("verbose") else {key: None for key, value in self.info.items() if _long(value)}
            shown: dict[str, Any] = {"model_info": {**self.info, **hidden}, "license": "Apache License\nVersion 2.0"}
            return 200, shown if self.capabilities is None else {**shown, "capabilities": self.capabilities}
        if path == "/api/generate":
            if "prompt" not in body:
                self.loaded = body.get("keep_alive") != 0
                return 200, {"model": self.model, "response": "", "done": True, "done_reason": "unload"}
            return 200, self._generate(body)
        if path == "/v1/chat/completions":
            said = self.answer(body)
            if isinstance(said, int):
                return said, {"error": {"message": "this model does not support that"}}
            return 200, {"choices": [{"index": 0, "message": {"role": "assistant", **said}, "finish_reason": "stop"}]}
        return 404, "404 page not found"

    def _loaded(self) -> dict[str, Any]:
        return {
            **_installed(self.model, self.size), "size_vram": self.size, "context_length": 8192,
            "expires_at": "2026-11-22T09:38:31.837538834Z",
        }  # fmt: skip

    def _create(self, body: dict[str, Any]) -> tuple[int, Any]:
        """As Ollama does since 0.5.5: `from` and `parameters`, and no text of a Modelfile."""
        if "modelfile" in body or body.get("from") not in self.models:
            return 400, {"error": "neither 'from' or 'files' was specified"}
        self.made[str(body["model"])] = body
        return 200, {"status": "success"}

    def _pull(self, name: str) -> tuple[int, Iterator[bytes]]:
        """As Ollama does: 200 and lines; an unknown name is an error in the stream, what was fetched is kept."""
        return 200, self._fetch(name)

    def _fetch(self, name: str) -> Iterator[bytes]:
        def line(**fields: Any) -> bytes:
            return json.dumps(fields).encode() + b"\n"

        yield line(status="pulling manifest")
        if name not in self.fetchable:
            yield line(error="pull model manifest: file does not exist")
            return
        total, digest = self.fetchable[name], f"sha256:{hash(name) & 0xFFFFFFFF:064x}"
        there = self.fetched.get(name, 0)
        while there < total:
            there = self.fetched[name] = min(total, there + self.chunk)
            yield line(status=f"pulling {digest[7:19]}", digest=digest, total=total, completed=there)
            time.sleep(self.chunk_seconds)
            if self.dies:
                return
        yield line(status="verifying sha256 digest")
        self.models[name] = total
        del self.fetched[name]
        yield line(status="success")

    def _generate(self, body: dict[str, Any]) -> Iterator[bytes]:
        load = 0.0 if self.loaded else self.load_seconds
        time.sleep(load)
        self.loaded = True
        for _ in range(self.words):
            time.sleep(self.word_seconds)
            yield json.dumps({"model": self.model, "response": "word ", "done": False}).encode() + b"\n"
        if self.dies:
            return
        yield json.dumps(
            {"model": self.model, "response": "", "done": True, "done_reason": "length",
             "load_duration": int(load * 1e9), "prompt_eval_count": len(body["prompt"]) // 4,
             "prompt_eval_duration": 200_000_000, "eval_count": self.words,
             "eval_duration": int(self.words * self.word_seconds * 1e9)}
        ).encode() + b"\n"  # fmt: skip


@contextmanager
def serving(server: OllamaServer) -> Iterator[OllamaServer]:
    """Serves on a free port of loopback until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_DELETE(self) -> None:
            self.do_POST()

        def _answer(self, body: dict[str, Any]) -> None:
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, found = server.handle(self.path, body)
            self.send_response(status)
            streamed = isinstance(found, Iterator)
            self.send_header("Content-Type", "application/x-ndjson" if streamed else "application/json")
            self.end_headers()
            whole = found if isinstance(found, bytes) else json.dumps(found).encode() if not streamed else b""
            try:
                for part in found if streamed else [whole]:
                    self.wfile.write(part)
                    self.wfile.flush()
            except ConnectionError:
                server.cut_off += 1
                return  # who asked has gone, and what it asked for ends there

        def log_message(self, format: str, *args: Any) -> None:
            """The test's output is for the test."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    server.url = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def _long(value: Any) -> bool:
    return isinstance(value, list)


def _installed(name: str, size: int) -> dict[str, Any]:
    details = {"family": "qwen2", "parameter_size": "1.5B", "quantization_level": "Q4_K_M"}
    digest = f"{hash((name, size)) & 0xFFFFFFFF:064x}"
    return {
        "name": name, "model": name, "size": size, "digest": digest, "details": details,
        "modified_at": "2026-11-04T14:56:49.277302595-07:00",
    }  # fmt: skip
