"""Whether the agent answers, takes our token, and has a cage for what models run."""

from typing import Any

import httpx

from main_api.agents import START
from main_api.health.part import Report

SECONDS = 5.0  # a look that hangs is left behind earlier, and must end some time
CAGE = "Install bubblewrap (`apt install bubblewrap`), or use a Linux kernel with Landlock."


async def look_at_agent(
    http: httpx.AsyncClient, url: str, token: str, name: str = "agent-api", start: str = START
) -> Report:
    """`http` is asked for `url`/health, then for what only the owner's token opens. `start` says how one starts it."""
    try:
        health = await http.get(f"{url}/health", timeout=SECONDS)
        config = await http.get(f"{url}/api/config", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)
        facts: dict[str, Any] = {**_object(health), **_object(config)}
    except (httpx.HTTPError, ValueError) as error:
        return Report("unwell", f"{name} does not answer at {url} ({type(error).__name__}).", start)
    if config.status_code in (401, 403, 421):
        return Report("unwell", f"{name} answers, but does not take this hub's token.", "Restart it: ./start.sh.")
    if health.status_code != 200 or config.status_code != 200:
        return Report("unwell", f"{name} answers {health.status_code} and {config.status_code}.", start)
    kept = {name: facts.get(name) for name in ("jobs_running", "capacity", "cages")}
    if not kept["cages"]:
        return Report("unwell", f"{name} has no cage for what models run, so it refuses to run it.", CAGE, kept)
    cages = ", ".join(map(str, kept["cages"]))
    sentence = f"{kept['jobs_running']} of {kept['capacity']} jobs running; cage: {cages}."
    return Report("well", sentence, facts=kept)


def _object(answer: httpx.Response) -> dict[str, Any]:
    body = answer.json()
    if not isinstance(body, dict):
        raise ValueError("no JSON object")
    return body
