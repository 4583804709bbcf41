"""One edit: Aider's coder on the worktree, and the honest result of it."""

from typing import Any

from aider.coders import Coder

from agent_api.aider_worker.fence import FencedIO
from agent_api.aider_worker.gateway_call import Gateway
from agent_api.aider_worker.protocol import EditRequest, Stop
from agent_api.aider_worker.report import Report
from agent_api.aider_worker.strict_model import CHARS_PER_TOKEN, StrictModel
from agent_api.aider_worker.tree import WorktreeFiles

# Aider puts the platform, shell, language and today's date into its prompt; the same request must give the same bytes.
Coder.get_platform_info = lambda self: "- Platform: Linux\n"
Coder.get_user_language = lambda self: None
# After an edit Aider may start a thread that asks the model for a summary of the chat; this chat ends here.
Coder.summarize_start = lambda self: None

SHOWN = 200


class Failures:
    """Stands in for Aider's analytics, which is never sent; keeps the exceptions that Aider swallowed."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def event(self, name: str, **properties: Any) -> None:
        if name == "message_send_exception":
            self.seen.append(str(properties.get("exception", "")))


def carry_out(request: EditRequest, gateway: Gateway, report: Report) -> dict[str, Any]:
    """Do the edit. Answers the fields of RunResult that are known here: outcome, reason, sentence, edited, usage."""
    files, read_files = _existing_and_new(request, report)
    show_chars = max(request.context_tokens - request.max_output_tokens, 0) * CHARS_PER_TOKEN // 2
    readable = tuple(request.readable_secrets)
    io = FencedIO(request.root, frozenset(read_files), show_chars, report, readable)
    for path in files:
        io.expect(path)
    model = StrictModel(request, gateway, report)
    failures = Failures()
    coder = Coder.create(
        main_model=model,
        edit_format=request.edit_format,
        io=io,
        repo=WorktreeFiles(request.root),
        fnames=[str(path) for path in files],
        read_only_fnames=[str(path) for path in read_files],
        auto_commits=False,
        dirty_commits=False,
        stream=False,
        map_tokens=0,
        auto_lint=False,
        suggest_shell_commands=False,
        detect_urls=False,
        analytics=failures,
    )
    coder.max_reflections = max(min(coder.max_reflections, request.model_turns - 1), 0)
    stop: Stop | None = None
    try:
        coder.run(with_message=request.message, preproc=False)  # preproc would run "/run ..." and "!..." of the message
    except Stop as ended:
        stop = ended
    edited = io.edited()
    outcome, reason, sentence = _verdict(stop, io, model, coder, failures, edited)
    return {
        "outcome": outcome,
        "reason": reason,
        "sentence": sentence,
        "edited": edited,
        "refused": sorted(set(io.refused)),
        "said": model.said(),
        "tokens_in": model.tokens_in,
        "tokens_out": model.tokens_out,
        "model_calls": model.calls,
    }


def _existing_and_new(request: EditRequest, report: Report) -> tuple[list[Any], list[Any]]:
    """Real paths of the named files. A symlink out of the worktree would show a host's file to the model."""
    gate = FencedIO(request.root, frozenset(), 0, Report(-1, "", 0), tuple(request.readable_secrets))
    if not request.message.strip():
        raise Stop("failed", "bad_spec", "The message for Aider is empty. Say what is to be done.")
    found: list[list[Any]] = []
    for names in (request.files, request.read_files):
        paths = []
        for name in names:
            path = gate.inside(name)
            if path is None:
                sentence = f"{name!r} is not a file that Aider may open: it leads out, is a folder, git's, or a secret."
                raise Stop("failed", "bad_spec", f"{sentence} Name files below the workspace.")
            paths.append(path)
        found.append(list(dict.fromkeys(paths)))
    for path in found[1]:
        if not path.is_file():
            report(
                "notice", f"{path.relative_to(request.root).as_posix()} is not there, so it is not shown to the model."
            )
    return found[0], [path for path in found[1] if path.is_file() and path not in found[0]]


def _verdict(
    stop: Stop | None, io: FencedIO, model: StrictModel, coder: Any, failures: Failures, edited: list[str]
) -> tuple[str, str, str]:
    """Aider itself calls almost everything a success: judge by the disk, and by what it gave up."""
    said = " ".join(model.reply.split())[:SHOWN]
    if stop is not None:
        return stop.outcome, stop.reason, stop.sentence
    if failures.seen:
        return "failed", "crashed", f"Aider failed: {failures.seen[-1][:SHOWN]}"
    if io.too_long:
        return (
            "failed",
            "context_exceeded",
            "The message and its files do not fit the model's context. Split the task or name fewer files.",
        )
    if not model.reply.strip():
        return "failed", "model_nonsense", "The model answered nothing. Try again or choose another model."
    if coder.reflected_message:
        why = " ".join(str(coder.reflected_message).split())[:SHOWN]
        turns = f"after {model.calls} answer{'s' if model.calls > 1 else ''}"
        return "failed", "edit_failed", f"The model's edits could not be applied {turns}: {why}"
    refused = f" Refused: {', '.join(sorted(set(io.refused)))}." if io.refused else ""
    if edited:
        return "completed", "", f"Edited {', '.join(edited)}.{refused}"
    if refused:
        return "failed", "edit_refused", f"The model only tried to write where it may not.{refused}"
    return "completed", "", f"The model answered without changing a file: {said}"
