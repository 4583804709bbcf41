"""A main-api that is killed in the middle of an answer leaves none that is `thinking` for ever."""

import os
import signal
import time
from pathlib import Path

from tests.support.local_hub import CHECKOUT, local_hub

SCENARIO = CHECKOUT / "tests" / "support" / "scenarios" / "chat.yaml"
ENOUGH_SECONDS = 240.0


def test_an_answer_that_a_kill_cut_off_is_ended_and_can_be_asked_for_again(tmp_path: Path) -> None:
    with local_hub(tmp_path, SCENARIO, without=("orchestrator", "agent-api")) as hub:
        settings = {"models": {"default": "scripted/demo"}}
        project = hub.client.post("/projects", name="Greeting", workspace_path="greeting", settings=settings)
        said = hub.client.post("/chat/messages", project_id=project["id"], text="Please take your time.")
        id = said["answer"]["id"]
        until = time.monotonic() + ENOUGH_SECONDS
        while not hub.client.get(f"/chat/messages/{id}")["text"]:
            assert time.monotonic() < until, "nothing came"
            time.sleep(0.2)
        os.kill(hub.pid("main-api"), signal.SIGKILL)
        hub.stack.start()
        while (row := hub.client.get(f"/chat/messages/{id}"))["state"] == "thinking":
            assert time.monotonic() < until, "it thinks for ever"
            time.sleep(0.2)
        assert (row["state"], row["sentence"]) == ("failed", "The hub was stopped while it answered.")
        assert row["text"].startswith("This is the scripted model"), "what was said until then stays"
        assert hub.client.post(f"/chat/messages/{id}/retry")["state"] == "thinking"
