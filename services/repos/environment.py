"""The surroundings git runs in: nothing of the user's or the repository's configuration may start a program."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Identity:
    """Author and committer of everything the hub commits (GIT_USER_NAME, GIT_USER_EMAIL)."""

    name: str
    email: str

    def __post_init__(self) -> None:
        for value in (self.name, self.email):
            if not value.strip() or any(c in value for c in "<>\n\0"):
                raise InvalidInput(
                    f"{value!r} cannot be a name or an address in git.", "Set GIT_USER_NAME and GIT_USER_EMAIL."
                )


Pairs = tuple[tuple[str, str], ...]
# Command-scope configuration wins over every file, the repository's own included.
OVERRIDES: Pairs = (
    # Settings that name a program git would start.
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.sshCommand", "false"),
    ("core.askPass", "false"),
    ("core.editor", "false"),
    ("core.pager", "cat"),
    ("core.alternateRefsCommand", "true"),
    ("credential.helper", ""),
    ("gpg.program", "false"),
    ("diff.external", ""),
    ("merge.default", "text"),
    # Settings that change what a call does.
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.quotePath", "false"),
    # Larger files are streamed and compared by their ids: no diff of one is ever held in memory.
    ("core.bigFileThreshold", "32m"),
    ("core.filesRefLockTimeout", "2000"),
    ("commit.gpgSign", "false"),
    ("diff.ignoreSubmodules", "all"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("merge.autoStash", "false"),
    ("merge.verifySignatures", "false"),
    ("rerere.enabled", "false"),
    ("submodule.recurse", "false"),
    ("protocol.allow", "never"),
    ("protocol.file.allow", "always"),
)


def clean_environment(identity: Identity, path: str) -> dict[str, str]:
    """The whole environment of a git process; nothing is inherited but `path`, the PATH that git is found on."""
    return {
        "PATH": path,
        "HOME": "/dev/null",
        "XDG_CONFIG_HOME": "/dev/null",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "SSH_ASKPASS": "false",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        # Unlike protocol.allow this reaches the process that serves a fetch, too.
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_DEFAULT_REF_FORMAT": "files",
        "GIT_MERGE_AUTOEDIT": "no",
        "GIT_AUTHOR_NAME": identity.name,
        "GIT_AUTHOR_EMAIL": identity.email,
        "GIT_COMMITTER_NAME": identity.name,
        "GIT_COMMITTER_EMAIL": identity.email,
    }


def as_variables(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Configuration as GIT_CONFIG_COUNT, GIT_CONFIG_KEY_n and GIT_CONFIG_VALUE_n (git 2.31)."""
    variables: dict[str, str] = {}
    count = 0
    for key, value in pairs:
        variables[f"GIT_CONFIG_KEY_{count}"] = key
        variables[f"GIT_CONFIG_VALUE_{count}"] = value
        count += 1
    variables["GIT_CONFIG_COUNT"] = str(count)
    return variables
