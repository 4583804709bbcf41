"""How the hub's containers are, as the stack's own API tells: main-api has no way to the engine."""

from typing import Any

import httpx

from main_api.health.part import Report

SECONDS = 5.0
NO_STACK = "The hub runs as local processes."
WAY_OUT = "See ./start.sh status; ./start.sh brings back what is missing."


async def look_at_containers(http: httpx.AsyncClient, url: str | None, token: str) -> Report:
    if not url:
        return Report("off", NO_STACK)
    try:
        answer = await http.get(f"{url}/containers", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)
        answer.raise_for_status()
        found = [_container(one) for one in answer.json()]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return Report("unknown", f"The stack's API tells nothing of the containers ({type(error).__name__}).", WAY_OUT)
    ill = [one for one in found if one["state"] != "running" or one["health"] not in ("", "healthy", "starting")]
    if ill:
        named = ", ".join(f"{one['service']} ({_word(one)})" for one in ill)
        return Report("unwell", f"Not well: {named}.", WAY_OUT, {"containers": found})
    return Report("well", f"{len(found)} containers run.", facts={"containers": found})


def _container(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("service", "state", "health", "restarts", "started_at")}


def _word(one: dict[str, Any]) -> str:
    return str(one["health"] if one["state"] == "running" else one["state"])
