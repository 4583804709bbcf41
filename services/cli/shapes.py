"""What `--json` prints, by command: the names beside `schema`, and what is under each.

A type that begins with a capital is a schema of docs/openapi.json, in brackets a list of them. Tests hold every command
to its shape and the shapes to that document; docs/cli.md is made of them.
"""

Shape = dict[str, str]
LINES = "one document a line"
"""Of commands that go on printing: each line has the shape."""

TOTAL: Shape = {"total": "integer"}
SETTINGS: Shape = {"settings": "[SettingOut]", "version": "integer"}
VERDICT: Shape = {"name": "string", "valid": "boolean", "stages": "list", "faults": "integer", "errors": "list"}
ERROR: Shape = {"code": "string", "sentence": "string", "way_out": "string", "exit": "integer"}

SHAPES: dict[str, Shape] = {
    "start": {"kind": "string", "started": "list", "address": "string", "seconds": "number", "sign_in": "string"},
    "stop": {"stopped": "list"},
    "status": {"kind": "string", "home": "string", "services": "list", "health": "FullHealthOut or null"},
    "doctor": {"kind": "string", "checks": "list"},
    "logs": {"line": "LogLineOut"},
    "stack logs": {"service": "string", "line": "string"},
    "stack restart": {"restarted": "list"},
    "stack build": {"images": "object"},
    "stack cleanup": {"gone": "list"},
    "stack compose": {"env_file": "string", "compose_file": "string", "arguments": "list"},
    "open": {"url": "string", "expires_at": "string"},
    "login": {"url": "string", "minutes": "integer", "page_built": "boolean"},
    "sessions": {"ended": "integer or null", "sessions": "[BrowserSessionOut]"},
    "backup": {
        "file": "string", "size": "integer", "files": "integer", "repositories": "integer", "live_runs": "integer",
        "notes": "list",
    },
    "restore": {
        "made_at": "string", "files": "integer", "repositories": "integer", "live_runs": "integer",
        "aside": "string or null", "notes": "list", "workspaces": "list",
    },
    "idea": {"request": "RequestDetail", "plan": "PlanOut or null"},
    "project list": {"projects": "[ProjectOut]", **TOTAL},
    "project create": {"project": "ProjectOut"},
    "project show": {"project": "ProjectOut", "workflow": "ProjectWorkflow"},
    "project edit": {"project": "ProjectOut"},
    "project archive": {"project": "ProjectOut"},
    "project unarchive": {"project": "ProjectOut"},
    "project delete": {"deleted": "string"},
    "plan list": {"plans": "[PlanOut]", **TOTAL},
    "plan show": {"plan": "PlanOut", "questions": "[QuestionOut]"},
    "plan approve": {"plan": "PlanOut"},
    "plan change": {"plan": "PlanOut"},
    "plan reject": {"plan": "PlanOut"},
    "plan progress": {"progress": "PlanProgress"},
    "task list": {"tasks": "[TaskOut]", **TOTAL},
    "task show": {
        "task": "TaskDetail", "criteria": "[CriterionOut]", "runs": "[RunOut]", "findings": "[FindingOut]",
        "comments": "[CommentOut]",
    },
    "task create": {"task": "TaskOut"},
    "task diff": {"diff": "DiffOut"},
    "task edit": {"task": "TaskOut"},
    "task move": {"task": "TaskOut"},
    "task run": {"run": "RunOut"},
    "task tell": {"feedback": "AgentFeedbackOut"},
    "task comment": {"comment": "CommentOut"},
    "task cancel": {"task": "TaskOut"},
    "task delete": {"deleted": "string"},
    "run list": {"runs": "[RunRow]", **TOTAL},
    "run show": {"run": "RunDetail"},
    "run logs": {"event": "object"},
    "run kill": {"run": "RunOut"},
    "bug list": {"bugs": "[BugOut]", **TOTAL},
    "bug report": {"bug": "BugOut"},
    "bug show": {"bug": "BugOut"},
    "bug mend": {"bug": "BugOut"},
    "bug close": {"bug": "BugOut"},
    "inbox": {"items": "[InboxItem]", **TOTAL},
    "inbox show": {"item": "InboxItem"},
    "inbox decide": {"decision": "DecidedOut"},
    "approve": {"decision": "DecidedOut"},
    "reject": {"decision": "DecidedOut"},
    "answer": {"decision": "DecidedOut"},
    "pause": {"word": "WordOut"},
    "resume": {"word": "WordOut"},
    "budget": {"budgets": "BudgetsOut"},
    "budget show": {"budgets": "BudgetsOut"},
    "budget raise": {"budgets": "BudgetsOut"},
    "config": SETTINGS,
    "config show": SETTINGS,
    "config set": SETTINGS,
    "config unset": SETTINGS,
    "config history": {"versions": "[VersionOut]"},
    "models list": {"models": "list", "silent": "object"},
    "models fit": {"card": "object", "models": "list", "chosen": "string or null", "environment": "object"},
    "models bench": {"name": "string", "warm": "object", "cold": "object or null", "runs": "integer"},
    "models probe": {
        "name": "string", "tools": "boolean", "json_schema": "boolean", "edits": "object", "edit_format": "string",
        "fit": "object or null", "fields": "object", "notes": "list", "stored": "boolean",
        "tokenizer": "string or null",
    },
    "models pull": {"job": "ModelJobOut"},
    "models roles": {"roles": "[RoleOut]"},
    "models use": {"role": "RoleOut"},
    "workflow list": {"workflows": "[WorkflowOut]"},
    "workflow check": {**VERDICT, "file": "string", "asked_hub": "boolean"},
    "workflow import": {
        "name": "string", "version": "integer", "new": "boolean", "notice": "string", "sha256": "string",
    },
    "workflow export": {"workflow": "WorkflowDetail"},
    "metrics rebuild": {"usage_quarters": "integer", "waits": "integer"},
    "token rotate": {"restarted": "list", "sessions_ended": "integer or null"},
    "secrets rotate": {"continued": "boolean", "restarted": "boolean", "unreadable": "integer"},
}  # fmt: skip

STREAMS = ("logs", "run logs")
NO_JSON = ("demo", "models record", "watch", "aicoder install", "aicoder uninstall")
"""Commands for eyes, and those that are set-up of a shell."""
INSTEAD: dict[str, dict[str, Shape]] = {
    "logs": {"without SERVICE": {"logs": "[LogOut]"}},
    "pause": {"without WHAT": {"pauses": "PausesOut"}},
}
"""What a command prints where it is asked otherwise."""
