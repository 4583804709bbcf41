"""The tools of the agents' loop as models and people are told of them; agent-api binds each to what it does."""

from dataclasses import dataclass
from typing import Any

_KINDS: dict[str, dict[str, Any]] = {"array of strings": {"type": "array", "items": {"type": "string"}}}


def tool_schema(required: tuple[str, ...], **properties: tuple[str, str]) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments: of each its type and what it is for."""
    fields = {
        name: {**_KINDS.get(kind, {"type": kind}), "description": text} for name, (kind, text) in properties.items()
    }
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class ToolWords:
    """`schema` is the JSON Schema of the arguments."""

    name: str
    description: str
    schema: dict[str, Any]


TOOL_WORDS: dict[str, ToolWords] = {
    words.name: words
    for words in (
        ToolWords(
            "grep",
            "Search the workspace's files for a regular expression. Answers path:line: text.",
            tool_schema(
                ("pattern",),
                pattern=("string", "regular expression"),
                path=("string", "file or folder to search; the whole workspace when left out"),
                glob=("string", "only files like this, such as *.py"),
                ignore_case=("boolean", "upper and lower case are the same"),
                context=("integer", "lines shown before and after each match"),
            ),
        ),
        ToolWords(
            "glob",
            "List the workspace's files by pattern, such as **/*.py.",
            tool_schema(("pattern",), pattern=("string", "glob pattern")),
        ),
        ToolWords(
            "read",
            "Read a text file of the workspace, or some of its lines.",
            tool_schema(
                ("path",),
                path=("string", "path below the workspace"),
                start=("integer", "first line, from 1"),
                end=("integer", "last line"),
            ),
        ),
        ToolWords(
            "bash",
            "Run a shell command in the workspace. Answers its exit code and output.",
            tool_schema(("command",), command=("string", "for bash -c"), timeout=("number", "seconds")),
        ),
        ToolWords(
            "edit",
            "Replace a passage of a file. It must occur exactly once, unless replace_all.",
            tool_schema(
                ("path", "old", "new"),
                path=("string", "path below the workspace"),
                old=("string", "the passage, copied exactly"),
                new=("string", "what comes in its place"),
                replace_all=("boolean", "replace every occurrence"),
            ),
        ),
        ToolWords(
            "patch",
            "Apply a unified diff to one or more files, all of it or nothing. Files may be new or deleted.",
            tool_schema(("diff",), diff=("string", "begins with --- a/path, +++ b/path (or /dev/null), then @@ hunks")),
        ),
        ToolWords(
            "write",
            "Write a whole file; what was in it is lost.",
            tool_schema(
                ("path", "content"), path=("string", "path below the workspace"), content=("string", "the whole text")
            ),
        ),
        ToolWords(
            "aider",
            "Let Aider, a coding assistant, make or change files as the message says.",
            tool_schema(
                ("message", "files"),
                message=("string", "what to do, complete in itself"),
                files=("array of strings", "paths of the files to make or change"),
            ),
        ),
        ToolWords(
            "help",
            "Tells where you are: task, step, tools with their arguments, limits, what you can't reach.",
            tool_schema(()),
        ),
        ToolWords(
            "remember",
            "Keep what you learned for the agents that work on this task after you: a decision and why, a file worth "
            "knowing, a point that stays open. In a sentence or two.",
            tool_schema(
                ("kind", "text"),
                kind=("string", "decision, file, open, or note"),
                text=("string", "what they should know"),
            ),
        ),
        ToolWords(
            "ask_person",
            "Ask the person, when the task depends on something that you cannot know and that no file tells. The run "
            "ends here; it goes on when there is an answer. Never make an answer up.",
            tool_schema(
                ("question",),
                question=("string", "in a sentence or two"),
                options=("array of strings", "possible answers, if there are some"),
            ),
        ),
        ToolWords(
            "create_task",
            "Have a subtask made for work that this task needs and that is not its own doing. It waits for a person. "
            "Do not make one for what you can do yourself now.",
            tool_schema(
                ("title",),
                title=("string", "in a few words"),
                description=("string", "what shall be done, and why"),
                criteria=("array of strings", "what holds when it is done"),
                files=("array of strings", "paths that it likely touches"),
                priority=("integer", "1 to 10, 10 is the most urgent"),
            ),
        ),
        ToolWords(
            "report_bug",
            "Report a bug that you saw and that is not this task's doing. A person decides on it.",
            tool_schema(
                ("title",),
                title=("string", "in a few words"),
                description=("string", "what happens, and what should"),
                severity=("string", "critical, high, medium or low"),
                files=("array of strings", "paths where it is"),
            ),
        ),
    )
}
ALWAYS = ("help",)  # in every loop that has tools
OF_TASKS = ("remember", "ask_person", "create_task", "report_bug")  # in a task's steps, by the role's rights
