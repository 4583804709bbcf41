"""Entry by path: makes `agent_api` importable without putting our site-packages in front of Aider's."""

import importlib
import os
import sys
import types
from pathlib import Path


def start() -> None:
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Aider keeps its files in sets: a random seed changes their order in the prompt, and stored answers are missed.
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    package = types.ModuleType("agent_api")
    package.__path__ = [str(Path(__file__).resolve().parent.parent)]
    sys.modules["agent_api"] = package
    importlib.import_module("agent_api.aider_worker.serve").main()


start()
