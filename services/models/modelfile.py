"""Ollama's models of the hub's own: one that was asked for, with the context that its profile pins.

It shares the weights of the model it is made from, so it takes no room. The gateway asks for it by its name.
"""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Modelfile:
    """`base` is Ollama's own name of the model it is made from."""

    base: str
    context_tokens: int

    @property
    def name(self) -> str:
        """`qwen2.5-coder:1.5b` with 8192 tokens is `wfhub-qwen2.5-coder-1.5b:ctx8192`."""
        return f"wfhub-{re.sub(r'[^A-Za-z0-9._-]+', '-', self.base)}:ctx{self.context_tokens}"

    @property
    def parameters(self) -> dict[str, int]:
        """What the card decides. Not `num_gpu`: Ollama places as many layers as fit, and that would keep it from it."""
        return {"num_ctx": self.context_tokens}

    @property
    def text(self) -> str:
        """As `ollama create NAME -f FILE` reads it."""
        lines = [
            f"# Made by Workflow Hub for this graphics card: ollama create {self.name} -f THIS_FILE",
            f"FROM {self.base}",
        ]
        return "\n".join([*lines, *(f"PARAMETER {name} {value}" for name, value in self.parameters.items())]) + "\n"

    @property
    def request(self) -> dict[str, Any]:
        """The body of `POST /api/create`."""
        return {"model": self.name, "from": self.base, "parameters": self.parameters, "stream": False}
