"""Entry by path: makes `agent_api` and `services` importable without putting our site-packages in front of Aider's."""

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
    here = Path(__file__).resolve().parents
    # beside agent-api in a checkout, beside agent_api where the hub is installed as a package
    services = next(place for place in (here[3] / "services", here[2] / "services") if (place / "domain").is_dir())
    for name, folder in (("agent_api", here[1]), ("services", services)):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    importlib.import_module("agent_api.aider_worker.serve").main()


start()
