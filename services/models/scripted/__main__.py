"""Starts the scripted model: `python -m services.models.scripted --port N --scenario FILE`."""

import argparse
import asyncio
import sys
from pathlib import Path

from services.domain.errors import HubError
from services.models.scripted.counts import Counts
from services.models.scripted.load import load_scenario
from services.models.scripted.server import ScriptedModel
from services.models.scripted.serving import LOOPBACK, serve


def main() -> int:
    arguments = _arguments()
    try:
        scenario = load_scenario(arguments.scenario)
        counts = Counts(arguments.count_file)
        app = ScriptedModel(scenario, counts, arguments.delay_ms).app()
        sentence = (
            f"This is the scripted model, not a language model: it plays the scenario {scenario.name} "
            f"as the model {scenario.model} on http://{arguments.host}:{arguments.port}."
        )
        asyncio.run(serve(app, arguments.host, arguments.port, sentence))
    except HubError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    counts.close()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripted", description="A model server that plays a scenario file.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default=LOOPBACK, help="In a container: 0.0.0.0")
    parser.add_argument("--scenario", type=Path, required=True)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--count-file", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
