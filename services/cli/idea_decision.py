"""Deciding on a fresh plan where it was shown: its questions, then yes, other words, or no."""

from typing import Any

import typer

from services.cli import printing
from services.cli.idea_planning import Planned, wait_for_plan
from services.cli.outside import plain
from services.cli.plan_words import print_plan
from services.demo.hub_client import HubClient

Json = dict[str, Any]
CHOICES = "[a]pprove, [c]hange, [r]eject, [l]ater"
WORDS = {"a": ("a", "approve", "y", "yes"), "c": ("c", "change"), "r": ("r", "reject", "n", "no"), "l": ("l", "later")}


def decide_in_place(client: HubClient, planned: Planned) -> Json:
    """Asks until it is approved, rejected or left; a plan changed at a word of yours is waited for. How it is then."""
    while True:
        plan = planned.plan or {}
        for question in planned.questions:
            _answer(client, question)
        word = _chosen()
        if word == "a":
            approved = client.post(f"/plans/{plan['id']}/approve", version=plan["version"])
            printing.done(f"Plan {plan['id']} is approved. Watch it: wf watch")
            return approved
        if word == "r":
            note = typer.prompt("Why (may be empty)", default="", show_default=False, err=True)
            rejected = client.post(f"/plans/{plan['id']}/reject", note=note)
            printing.done(f"Plan {plan['id']} is rejected.")
            return rejected
        if word == "l":
            printing.out.print(f"It waits for you: wf plan approve {plan['id']}")
            return plan
        client.post(f"/plans/{plan['id']}/request-changes", feedback=typer.prompt("What shall be different", err=True))
        printing.progress("the PM plans it again")
        planned = wait_for_plan(client, plan["request_id"], quiet=False, beyond=plan["id"])
        if planned.plan is None:
            printing.warning(f"There is no new plan: {planned.request['sentence'] or planned.request['state']}")
            return plan
        print_plan(planned.plan, planned.questions)


def _chosen() -> str:
    """a, c, r or l. What is none of the words is asked again: a slip must not decide."""
    while True:
        word = typer.prompt(f"This plan? {CHOICES}", default="l", show_default=False, err=True).strip().lower()
        chosen = next((letter for letter, words in WORDS.items() if word in words), None)
        if chosen is not None:
            return chosen


def _answer(client: HubClient, question: Json) -> None:
    words = typer.prompt(f"{plain(question['text'])} (empty: later)", default="", show_default=False, err=True)
    if words.strip():
        client.post(f"/questions/{question['id']}/answer", answer=words.strip())
