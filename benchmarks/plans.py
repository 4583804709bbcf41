"""How well the hub's planner plans, with whatever model it has: twelve requests with stated properties.

`python -m benchmarks.plans` asks the hub that runs (--hub, or MAIN_API_URL; WFHUB_TOKEN) on a project of its own with
the demo's till as workspace, scores each plan, and rejects it, so that nothing is carried out. `--model` has the PM ask
that model; `--only bug,small` asks some. Exit code 1 where the mean is below --at-least. A local model takes minutes
for each.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from benchmarks.plan_score import Score, Wanted, requests, score
from services.demo.sample_project import copy_sample
from services.plans.drafts import PlanDraft

PARTS = ("valid", "covers", "ordered", "sized")


def main() -> int:
    asked = _arguments()
    headers = {"Authorization": f"Bearer {asked.token}"}
    with httpx.Client(base_url=asked.hub, headers=headers, timeout=60, trust_env=False) as hub:
        project = _project(hub, asked.workspace)
        wanted = [one for one in requests() if not asked.only or one.name in asked.only.split(",")]
        scores = {one.name: _ask(hub, project, one, asked.model, asked.seconds) for one in wanted}
    for name, (found, seconds) in scores.items():
        told = "  ".join(f"{part} {getattr(found, part):.2f}" for part in PARTS)
        print(f"{name:15} {found.mean:.2f}   {told}   {seconds:5.1f} s", *found.misses, sep="\n    ")
    mean = sum(found.mean for found, _ in scores.values()) / max(1, len(scores))
    print(f"{'mean':15} {mean:.2f} of {len(scores)} requests")
    return int(mean < asked.at_least)


def _ask(hub: httpx.Client, project: int, wanted: Wanted, model: str | None, seconds: float) -> tuple[Score, float]:
    """The score of what is shown to a person, and how long they waited."""
    began = time.monotonic()
    body: dict[str, Any] = {"project_id": project, "text": wanted.text, "kind": wanted.kind, "single": wanted.single}
    request = _said(hub.post("/requests", json=body | ({"models": [model]} if model else {})))
    while (now := _said(hub.get(f"/requests/{request['id']}")))["state"] in ("new", "planning"):
        if time.monotonic() - began > seconds:
            break
        time.sleep(0.2)
    took = time.monotonic() - began
    if now["state"] != "planned":
        if now["state"] != "closed":
            _said(hub.post(f"/requests/{request['id']}/close"))
        return score(wanted, None), took
    plan = _said(hub.get(f"/plans/{now['plan_ids'][-1]}"))
    _said(hub.post(f"/plans/{plan['id']}/reject", json={"note": "Asked by the benchmark of plans."}))
    try:
        return score(wanted, PlanDraft.model_validate(plan["body"])), took
    except ValidationError:
        return score(wanted, None), took


def _project(hub: httpx.Client, workspace: Path) -> int:
    name = "plan-benchmark"
    known = [one for one in _said(hub.get("/projects", params={"limit": 100})) if one["name"] == name]
    if known:
        return known[0]["id"]
    if not workspace.exists():
        copy_sample(workspace)
    return _said(hub.post("/projects", json={"name": name, "workspace_path": str(workspace.absolute())}))["id"]


def _said(answer: httpx.Response) -> Any:
    if answer.is_error:
        sys.exit(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text[:500]}"
        )
    return json.loads(answer.content)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hub", default=os.environ.get("MAIN_API_URL", "http://127.0.0.1:8002"))
    parser.add_argument("--token", default=os.environ.get("WFHUB_TOKEN", ""))
    parser.add_argument("--workspace", type=Path, default=Path("workspaces/plan-benchmark"))
    parser.add_argument("--model", help="provider/name; by default what the hub's PM uses")
    parser.add_argument("--only", default="", help="names of requests, separated by commas")
    parser.add_argument("--seconds", type=float, default=1800, help="the longest wait for one plan")
    parser.add_argument("--at-least", type=float, default=0.0, help="the mean that is asked for, 0 to 1")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
