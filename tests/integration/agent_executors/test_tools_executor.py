"""The tools executor with the real Pydantic AI: tools, checked answers, the same bytes again, and every bad end."""

import asyncio
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from agent_api.cage.host import probe
from agent_api.errors import StepFailed, StepLost
from agent_api.executors.tools import ToolsExecutor
from agent_api.feedback import FeedbackFile
from services.contract.agent_tools import ALWAYS, OF_TASKS, TOOL_WORDS
from services.contract.feedback import Feedback
from services.contract.run_spec import ToolName, ToolsSettings
from tests.support.agent_jobs import TOKEN, Watched, agent_settings, make_job, make_repository
from tests.support.openai_server import Cut, Refusal, Reply

VERDICT = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": ["pass", "fail"]}, "notes": {"type": "string"}},
    "required": ["verdict"],
    "additionalProperties": False,
}
PASS = Reply('{"verdict": "pass"}')


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "work", {"calc.py": "def add(a, b):\n    return a + b\n", "notes.md": "Notes.\n"})


@pytest.fixture
def executor(tmp_path: Path) -> ToolsExecutor:
    return ToolsExecutor(agent_settings(tmp_path))


def job(executor: ToolsExecutor, tmp_path: Path, worktree: Path, url: str, **overrides: Any) -> Watched:
    spec = {"system": "You review.", "prompt": "Judge calc.py.", "output_schema": VERDICT} | overrides.pop("spec", {})
    return make_job(tmp_path, worktree, ToolsSettings(**spec), url, agent=executor._settings, step="judge", **overrides)


def told(server: Any, number: int) -> list[str]:
    """What the tools answered, as the model read it in this request."""
    return [message["content"] for message in server.requests[number]["messages"] if message["role"] == "tool"]


async def test_looks_with_tools_and_answers_checked_json(executor, tmp_path, worktree, serve):
    calls = Reply(tools=(("glob", {"pattern": "**/*.py"}), ("read", {"path": "calc.py"}), ("grep", {"pattern": "add"})))
    server = await serve(calls, PASS)
    watched = job(executor, tmp_path, worktree, server.gateway_url, incarnation=2)
    result = await executor.run(watched.job)
    assert (result.outcome, result.answer) == ("completed", {"verdict": "pass"})
    assert (result.usage.model_calls, result.usage.tokens_in, result.usage.tokens_out) == (2, 200, 40)
    assert server.keys == [f"{TOKEN}.2"] * 2
    assert (
        told(server, 1)[0] == "calc.py" and "return a + b" in told(server, 1)[1] and "calc.py:1:" in told(server, 1)[2]
    )
    first = server.requests[0]
    assert "response_format" not in first and '"verdict"' in str(first["messages"][:2])
    assert (first["temperature"], first["max_tokens"], first["model"]) == (0.0, 2048, "small-coder")
    assert [kind for kind in watched.kinds() if kind != "thought"] == [
        "model_turn", "tool_call", "tool_result", "tool_call", "tool_result", "tool_call", "tool_result", "model_turn",
    ]  # fmt: skip


async def test_the_schema_binds_the_model_when_there_is_no_tool_to_call(executor, tmp_path, worktree, serve):
    """Without tools at once; beside tools (which it would keep from being called) when an answer did not fit."""
    server = await serve(PASS, Reply("I think it passes."), PASS)
    assert (await executor.run(job(executor, tmp_path, worktree, server.gateway_url, spec={"tools": ()}).job)).answer
    assert (await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)).answer
    bound = [request.get("response_format", {}).get("json_schema", {}).get("schema") for request in server.requests]
    assert bound[1] is None and bound[0]["required"] == bound[2]["required"] == ["verdict"]
    assert ["tools" in request for request in server.requests] == [False, True, False]


async def test_without_a_schema_it_answers_text(executor, tmp_path, worktree, serve):
    server = await serve(Reply("All is well."))
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"output_schema": None, "tools": ()})
    assert (await executor.run(watched.job)).answer == "All is well."
    assert "tools" not in server.requests[0]


@pytest.mark.cage
@pytest.mark.skipif(probe().landlock_abi < 4, reason="needs a kernel with Landlock ABI 4 (Linux 6.7)")
async def test_edits_writes_and_runs_in_the_cage(executor, tmp_path, worktree, serve):
    calls = (
        ("edit", {"path": "calc.py", "old": "a + b", "new": "b + a"}),
        ("write", {"path": "new/mod.py", "content": "x = 1\n"}),
        ("bash", {"command": f"cat calc.py new/mod.py; echo out > {tmp_path}/outside; exit 3"}),
    )
    server = await serve(Reply(tools=calls), PASS)
    spec = {"tools": ("edit", "write", "bash")}
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec=spec)
    await executor.run(watched.job)
    output = told(server, 1)[2]
    assert "exit code 3" in output and "return b + a" in output and "x = 1" in output
    assert not (tmp_path / "outside").exists() and len(watched.of("edit")) == 2


async def test_tools_stay_in_the_worktree_and_say_why(executor, tmp_path, worktree, serve):
    (tmp_path / "secret.txt").write_text("the secret")
    calls = (("read", {"path": "../secret.txt"}), ("read", {"path": ".git/config"}), ("read", {"file": "calc.py"}))
    server = await serve(Reply(tools=calls), PASS)
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    assert (await executor.run(watched.job)).outcome == "completed"
    assert all(text.startswith("Error: ") for text in told(server, 1)) and "the secret" not in str(server.bodies)
    assert [data["ok"] for _, data in watched.of("tool_result")] == [False] * 3


async def test_same_bytes_when_done_again(executor, tmp_path, worktree, serve):
    script = [Reply(tools=(("glob", {"pattern": "**"}), ("bash", {"command": "ls"}))), Reply("no"), PASS]
    server = await serve(*script, *script)
    for incarnation in (1, 2):
        spec = {"tools": ("glob", "bash")}
        watched = job(executor, tmp_path, worktree, server.gateway_url, incarnation=incarnation, spec=spec)
        assert (await executor.run(watched.job)).answer == {"verdict": "pass"}
    first, again = server.bodies[:3], server.bodies[3:]
    # The test server numbers its tool calls by request; the gateway's stored answers keep their own numbers.
    assert [body.replace(b"call_3_", b"call_0_") for body in again] == first


@pytest.mark.parametrize(
    "nonsense", ["I cannot decide.", '{"verdict": "maybe"}', '{"verdict": "pass", "more": 1}', "[1]"]
)
async def test_an_answer_that_does_not_fit_is_asked_for_again(executor, tmp_path, worktree, serve, nonsense):
    server = await serve(Reply(nonsense), PASS)
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert result.answer == {"verdict": "pass"} and len(server.bodies) == 2


async def test_nonsense_without_end_is_shown_without_the_key(executor, tmp_path, worktree, serve):
    server = await serve(Reply(f"My key is {TOKEN}. " + "la " * 300))
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    result = await executor.run(watched.job)
    assert (result.outcome, result.reason, len(server.bodies)) == ("failed", "model_nonsense", 3)
    assert "My key is [redacted:run token]" in result.sentence and len(result.sentence) < 700
    assert TOKEN not in str(watched.events) and result.usage.model_calls == 3


async def test_the_same_call_for_ever_is_a_loop(executor, tmp_path, worktree, serve):
    """Thrice in a row whatever it answers; with others between, when nothing changed and the answers are the same."""
    server = await serve(Reply(tools=(("bash", {"command": "date +%N"}),)))
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"tools": ("bash",)})
    result = await executor.run(watched.job)
    assert (result.outcome, result.reason, len(server.bodies)) == ("failed", "loop", 3) and "date" in result.sentence
    assert len(watched.of("tool_result")) == 2
    turns = [Reply(tools=(("read", {"path": path}),)) for path in ("calc.py", "notes.md") * 9]
    server = await serve(*turns)
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.reason, len(server.bodies)) == ("loop", 5)
    edits = [("edit", {"path": "calc.py", "old": f"a + {n}", "new": f"a + {n + 1}"}) for n in range(4)]
    (worktree / "calc.py").write_text("a + 0\n")
    check = ("bash", {"command": "true"})
    server = await serve(*(Reply(tools=(check, edit)) for edit in edits), PASS)
    spec = {"tools": ("bash", "edit")}
    assert (await executor.run(job(executor, tmp_path, worktree, server.gateway_url, spec=spec).job)).answer


@pytest.mark.parametrize(
    ("limits", "reason"), [({"model_turns": 4}, "turn_limit"), ({"model_tokens": 450}, "token_limit")]
)
async def test_turns_and_tokens_have_limits(executor, tmp_path, worktree, serve, limits, reason):
    def ever_new(request: dict[str, Any]) -> Reply:
        return Reply(tools=(("glob", {"pattern": f"{len(request['messages'])}*"}),))

    server = await serve(ever_new)
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url, **limits).job)
    assert (result.outcome, result.reason, len(server.bodies)) == ("failed", reason, 4)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "read", "arguments": {"path": "calc.py"}}',
        'I look first.\n```json\n{"name": "read", "arguments": "{\\"path\\": \\"calc.py\\"}"}\n```\n',
        '<tool_call>\n{"name": "read", "parameters": {"path": "calc.py"}}\n</tool_call>',
        '{"tool_calls": [{"type": "function", "function": {"name": "read", "arguments": {"path": "calc.py"}}}]}',
    ],
)
async def test_a_call_written_as_text_is_made(executor, tmp_path, worktree, serve, text):
    server = await serve(Reply(text), PASS)
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert result.answer == {"verdict": "pass"} and "return a + b" in told(server, 1)[0]


async def test_wrong_calls_are_told_to_the_model(executor, tmp_path, worktree, serve):
    """A tool that is none, and JSON that breaks off: never an answer, though no schema asks for one."""
    server = await serve(
        Reply('{"name": "rm", "arguments": {}}'), Reply('{"name": "read", "arguments": {"path": '), Reply("Done.")
    )
    spec = {"output_schema": None}
    assert (await executor.run(job(executor, tmp_path, worktree, server.gateway_url, spec=spec).job)).answer == "Done."
    assert "Unknown tool name: 'rm'" in told(server, 1)[-1]
    assert "JSON" in told(server, 2)[-1]
    same = {"type": "object", "properties": {"name": {}, "arguments": {}}}
    server = await serve(Reply('{"name": "read", "arguments": {}}'))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url, spec={"output_schema": same}).job)
    assert result.answer == {"name": "read", "arguments": {}}


async def test_a_model_that_takes_no_tools_gets_them_in_words(executor, tmp_path, worktree, serve):
    def without_tools(request: dict[str, Any]) -> Any:
        if "tools" in request:
            return Refusal(400, "model_refused", "ollama refused the call with 400: small does not support tools.")
        said = [message["content"] for message in request["messages"]]
        if "read answered:" not in said[-1]:
            return Reply('{"name": "read", "arguments": {"path": "calc.py"}}')
        return PASS if "return a + b" in said[-1] else Reply("lost")

    server = await serve(without_tools)
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    assert (await executor.run(watched.job)).answer == {"verdict": "pass"}
    assert len(server.bodies) == 3 and "takes no tools" in watched.of("notice")[0][0]
    assert "- read: Read a text file" in str(server.requests[1]["messages"][:2]) and len(watched.of("notice")) == 1
    assert [message["role"] for message in server.requests[2]["messages"]][-2:] == ["assistant", "user"]
    assert "response_format" not in server.requests[1]


async def test_what_tools_did_is_not_done_again(executor, tmp_path, worktree, serve):
    """Nor what was interrupted in the middle, unless it only looks."""
    count = ("bash", {"command": "echo x >> count; date +%N"})
    cut = ("bash", {"command": "echo cut >> count"})
    script = [Reply(tools=(count, ("read", {"path": "calc.py"}))), Reply(tools=(cut,)), PASS]
    spec = {"tools": ("read", "bash"), "resume": True}
    bodies = []
    for incarnation in (1, 2):
        server = await serve(*script)
        watched = job(executor, tmp_path, worktree, server.gateway_url, incarnation=incarnation, spec=spec)
        object.__setattr__(watched.job, "steps", tmp_path / "steps.jsonl")
        assert (await executor.run(watched.job)).answer == {"verdict": "pass"}
        if incarnation == 1:
            assert (worktree / "count").read_text() == "x\ncut\n"
            lines = (tmp_path / "steps.jsonl").read_text().splitlines(keepends=True)
            (tmp_path / "steps.jsonl").write_text("".join(lines[:-1]) + '{"n": 2, "te')  # killed while it wrote
        bodies.append(server.bodies)
    assert (worktree / "count").read_text() == "x\ncut\n"
    assert bodies[0][:2] == bodies[1][:2], "the model is asked the very same, so the gateway answers from its store"
    assert "interrupted during this call" in told(server, 2)[-1]
    assert [data["again"] for _, data in watched.of("tool_result")] == [True, True, True]


async def test_a_cut_answer_is_not_used(executor, tmp_path, worktree, serve):
    server = await serve(Reply('{"verdict": "pass"}', finish="length"))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.reason) == ("failed", "model_truncated")


async def test_a_gateway_that_comes_back_is_waited_for(executor, tmp_path, worktree, serve):
    server = await serve(Cut(), Refusal(502, "upstream_failed"), Refusal(503, ""), PASS)
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    assert (await executor.run(watched.job)).outcome == "completed"
    assert len(set(server.bodies)) == 1 and len(watched.of("notice")) == 2
    await server.stop()
    with pytest.raises(StepLost) as lost:
        await executor.run(job(executor, tmp_path, worktree, server.gateway_url, gateway_wait_seconds=0.3).job)
    assert lost.value.reason == "gateway_unreachable"


@pytest.mark.parametrize(
    ("status", "code", "ending"),
    [
        (404, "model_missing", ("failed", "model_missing")),
        (413, "context_exceeded", ("failed", "context_exceeded")),
        (402, "budget_exceeded", ("failed", "budget_exceeded")),
        (409, "run_not_active", ("cancelled", "run_not_active")),
    ],
)
async def test_the_gateways_refusals(executor, tmp_path, worktree, serve, status, code, ending):
    server = await serve(Refusal(status, code, "The gateway's own sentence."))
    result = await executor.run(job(executor, tmp_path, worktree, server.gateway_url).job)
    assert (result.outcome, result.reason, len(server.bodies)) == (*ending, 1)
    assert "The gateway's own sentence." in result.sentence


async def test_cancelling_ends_the_model_call(executor, tmp_path, worktree, serve):
    server = await serve(Reply("late", seconds=600))
    running = asyncio.create_task(executor.run(job(executor, tmp_path, worktree, server.gateway_url).job))
    await server.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 20)


@pytest.mark.parametrize("schema", [{"type": "array"}, {"type": "objekt"}])
async def test_a_schema_that_cannot_be_asked_for_is_a_bad_spec(executor, tmp_path, worktree, serve, schema):
    server = await serve(PASS)
    result = await executor.run(
        job(executor, tmp_path, worktree, server.gateway_url, spec={"output_schema": schema}).job
    )
    assert (result.outcome, result.reason, server.bodies) == ("failed", "bad_spec", [])


async def test_a_step_without_a_model_is_a_bad_spec(executor, tmp_path, worktree):
    watched = job(executor, tmp_path, worktree, "http://127.0.0.1:9/gateway")
    object.__setattr__(watched.job, "spec", watched.job.spec.model_copy(update={"model": None}))
    with pytest.raises(StepFailed):
        await executor.run(watched.job)


def test_pydantic_ai_is_not_loaded_before_it_is_needed():
    program = "import sys, agent_api.executors.tools; sys.exit('pydantic_ai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}).returncode == 0


async def test_asks_a_person_and_ends_there(executor, tmp_path, worktree, serve):
    """The tool is there where the step may ask; the run ends with the question, and the model is asked nothing more."""
    call = ("ask_person", {"question": "Euro or dollar?", "options": ["Euro", "Dollar"]})
    server = await serve(Reply(tools=(("ask_person", {"question": " "}),)), Reply(tools=(call,)), PASS)
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"may_ask": True})
    result = await executor.run(watched.job)
    assert (result.outcome, result.sentence) == ("asked", "It asks: Euro or dollar?")
    assert [(one.text, one.options) for one in result.questions] == [("Euro or dollar?", ("Euro", "Dollar"))]
    assert len(server.requests) == 2 and told(server, 1)[0].startswith("Error: text:")


async def test_makes_what_its_rights_say_and_is_refused_the_rest(executor, tmp_path, worktree, serve):
    """Nothing is made here: what is wanted goes with the result. What a role may not do is not offered to it."""
    bug, task = ("report_bug", {"title": "A sum is wrong"}), ("create_task", {"title": "Another file"})
    server = await serve(Reply(tools=(bug, task, ("report_bug", {"title": "One more"}))), PASS)
    making = {"tasks": False, "bugs": True, "most": 1}
    watched = job(executor, tmp_path, worktree, server.gateway_url, spec={"making": making})
    result = await executor.run(watched.job)
    offered = [tool["function"]["name"] for tool in server.requests[0]["tools"]]
    assert "report_bug" in offered and "create_task" not in offered and "ask_person" not in offered
    assert result.outcome == "completed"
    assert [(one.kind, one.title, bool(one.refused)) for one in result.wanted] == [
        ("bug", "A sum is wrong", False), ("task", "Another file", True), ("bug", "One more", True),
    ]  # fmt: skip
    assert "may not make tasks" in told(server, 1)[1] and "1 are allowed" in told(server, 1)[2]


async def test_helps_and_keeps_what_later_agents_shall_know(executor, tmp_path, worktree, serve):
    kept = {"kind": "decision", "text": " Sums are commutative, so the order stays. "}
    server = await serve(
        Reply(tools=(("help", {}), ("remember", kept), ("remember", {"kind": "gossip", "text": "x"}))), PASS
    )
    making = {"tasks": False, "bugs": True}
    spec = {"tools": ("read", "write"), "writes": "tests", "making": making, "may_ask": True}
    done = await executor.run(job(executor, tmp_path, worktree, server.gateway_url, spec=spec).job)
    assert done.outcome == "completed", done.sentence
    assert [(one.kind, one.text) for one in done.learned] == [("decision", "Sums are commutative, so the order stays.")]
    help_said, noted, refused = told(server, 1)
    offered = {tool["function"]["name"]: tool["function"] for tool in server.requests[0]["tools"]}
    for name, tool in offered.items():
        assert f"- {name}(" in help_said and tool["description"] in help_said, "it tells of all that is offered"
    assert set(offered) == {"read", "write", "help", "remember", "ask_person", "report_bug"}
    assert "create_task" not in help_said and "You may write files of tests alone." in help_said
    assert "- read(path, start?, end?)" in help_said and "step judge." in help_said and "24 turns" in help_said
    assert noted.startswith("Kept:") and refused.startswith("Error: kind:")


def test_each_tool_is_told_of_as_it_is():
    from agent_api.executors.model_tools import TOOLS

    assert set(TOOLS) == set(get_args(ToolName)) == set(TOOL_WORDS) - {*ALWAYS, *OF_TASKS}


async def test_a_persons_words_are_heard_before_the_next_step_once_and_at_the_same_place_again(
    executor, tmp_path, worktree, serve
):
    """Said while the model thinks: its next question has them. The job done again asks the very same questions; what
    comes after its last answer makes it go on, with its tools."""
    path, asked, look = tmp_path / "feedback.jsonl", [], Reply(tools=(("read", {"path": "calc.py"}),))
    feedback = FeedbackFile(path)

    def answer(request: dict[str, Any]) -> Reply:
        asked.append(request["messages"])
        if len(asked) == 1:
            feedback.add(Feedback(id=7, text="Judge notes.md too."))
            feedback.add(Feedback(id=7, text="Judge notes.md too."))  # the hub tried again
        if len(asked) == 2:
            feedback.add(Feedback(id=8, text="And be strict."))
            return PASS
        return look if len(asked) in (1, 3) else PASS

    server = await serve(answer)
    watched = job(executor, tmp_path, worktree, server.gateway_url)
    result = await executor.run(replace(watched.job, feedback=feedback))
    assert result.outcome == "completed" and [data["feedback"] for _, data in watched.of("heard")] == [7, 8]
    assert [str(messages).count("Judge notes.md too.") for messages in asked] == [0, 1, 1, 1]
    assert [str(messages).count("And be strict.") for messages in asked] == [0, 0, 1, 1]
    assert asked[1][-1]["role"] == "user" and asked[1][-2]["role"] == "tool" and asked[2][-1]["role"] == "user"
    assert "tools" in server.requests[2]  # it may look again

    first, feedback, asked = list(asked), FeedbackFile(path), []
    again = job(executor, tmp_path, worktree, server.gateway_url, incarnation=2)
    feedback.add(Feedback(id=9, text="Said while it was away."))
    await executor.run(replace(again.job, feedback=feedback))
    numbers = re.compile(r"call_\d+")  # the server's own
    # else the gateway would not know these questions, and they were paid for twice
    assert numbers.sub("", str(asked[:3])) == numbers.sub("", str(first[:3])), (
        "the gateway would not know these questions: they were paid for twice"
    )
    assert [data["feedback"] for _, data in again.of("heard")] == [9]
