"""`wf models record`: a real Ollama's answers become a scenario that the scripted model plays."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.cli import hub, printing
from services.domain.errors import InvalidInput
from services.models.providers import OLLAMA_URL


def record(
    output: Annotated[Path, typer.Argument(help="The scenario's file, such as story.yaml.")],
    url: Annotated[str, typer.Option("--from", help="The server to record; by default OLLAMA_URL.")] = "",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where clients ask meanwhile.")] = 11500,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Stand between clients and an Ollama, and keep each question and answer. Ctrl-C ends it."""
    from services.models.scripted.recorder import Recorder, Recording  # these take a while to import
    from services.models.scripted.serving import LOOPBACK, serve

    if output.exists() and not force:
        raise InvalidInput(f"{output} is there already.", "Name another file, or say --force.")
    if not output.parent.is_dir():
        raise InvalidInput(f"There is no folder {output.parent}.", "Make it, or name another file.")
    wanted = url or hub.settings_to_look().environment.get("OLLAMA_URL", OLLAMA_URL)
    if not wanted.startswith(("http://", "https://")):
        raise InvalidInput(f"{wanted} is not an address.", "Write for instance --from http://127.0.0.1:11434.")
    recording = Recording(output)
    sentence = f"Recording {wanted}: ask http://{LOOPBACK}:{port} in its place. Ctrl-C ends it."
    asyncio.run(serve(Recorder(wanted, recording).app(), LOOPBACK, port, sentence))
    if not recording.rules:
        printing.out.print("Nothing was asked, so nothing is written.")
        return
    left = (
        f" {recording.left_out} calls broke off, were refused, asked another model or fit no rule."
        if recording.left_out
        else ""
    )
    kept = "1 answer" if len(recording.rules) == 1 else f"{len(recording.rules)} answers"
    printing.out.print(f"{kept} of {recording.model} in {output}.{left}", soft_wrap=True)
