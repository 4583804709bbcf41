"""Sends a commit to the person's remote, with their own git's configuration and credentials, and never a question.

The only git call of the hub that reads the person's settings: credential helpers, ssh and addresses are theirs. Hooks,
prompts and `ext::` remotes stay off. It runs in the orchestrator, never in a cage.
"""

import os
import re
from pathlib import Path

from services.repos.depot import Depot, checked_branch, checked_sha
from services.repos.errors import GitTimedOut, PushOffline, PushRefused
from services.repos.git import Git, Where
from services.repos.refusals import last

REMOTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
# What git reads of its environment beside these would be the hub's, not the person's.
PASSED = ("HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "GNUPGHOME", "DBUS_SESSION_BUS_ADDRESS",
          "XDG_RUNTIME_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy",
          "no_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")  # fmt: skip
OFF = (("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"), ("gc.auto", "0"), ("maintenance.auto", "false"),
       ("push.recurseSubmodules", "no"), ("push.gpgSign", "false"), ("push.followTags", "false"),
       ("protocol.ext.allow", "never"))  # fmt: skip
NEVER_ASK = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "false", "SSH_ASKPASS": "false", "SSH_ASKPASS_REQUIRE": "force",
    "LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "file:ssh:http:https:git",
}  # fmt: skip
NOT_YOURS = re.compile(
    r"permission denied|authentication failed|could not read (username|password)|returned error: 40[13]|access denied"
    r"|host key verification failed|insufficient permission|invalid credentials|unable to read askpass|cannot run ssh",
    re.IGNORECASE,
)
BEHIND = re.compile(r"non-fast-forward|fetch first|stale info", re.IGNORECASE)
DECLINED = re.compile(r"\[remote rejected\]|hook declined|\[rejected\]|protected branch", re.IGNORECASE)
ANY = range(-64, 256)
AGAIN = "It is tried again by itself."
NO_CREDENTIALS = (
    "Push from your own checkout (git push {remote} {branch}), then say push again here: it is seen as pushed. "
    "A hub in containers has no credentials of yours; one that runs locally (./start.sh --local) uses your git's."
)
CREDENTIALS = re.compile(r"(?<=//)[^@/\s]+@")


async def push(depot: Depot, workspace: Path, remote: str, branch: str, commit: str) -> None:
    """Fast-forwards `branch` of the remote to `commit`; nothing happens where it has it already. Never forced.

    Raises PushOffline where another try may succeed, PushRefused where a person has to do something.
    """
    if not REMOTE.fullmatch(remote):
        raise PushRefused(f"{remote!r} is no name of a remote.", "Name one of `git remote` as push_remote.")
    git, where = person_git(depot.git), Where(workspace)
    known = await git.run(where, "remote", "get-url", "--push", remote, ok=(0, 2, 128))
    if known.code:
        raise PushRefused(
            f"{workspace} has no remote named {remote}.", f"Add it (git remote add {remote} …), or turn pushing off."
        )
    ref = f"refs/heads/{checked_branch(branch)}"
    if await _was_pushed(git, where, f"refs/remotes/{remote}/{branch}", commit):
        return
    try:
        done = await git.run(where, "push", "--quiet", "--no-verify", remote, f"{checked_sha(commit)}:{ref}", ok=ANY)
    except GitTimedOut as error:
        raise PushOffline(f"{remote} did not answer in time.", AGAIN) from error
    if done.code == 0 or (BEHIND.search(done.stderr) and await _has_it(git, where, remote, ref, commit)):
        return
    raise _refusal(remote, branch, CREDENTIALS.sub("", done.stderr))


def person_git(git: Git) -> Git:
    """The runner with the person's configuration in place of the hub's own."""
    passed = {name: os.environ[name] for name in PASSED if name in os.environ}
    environment = {"PATH": os.environ.get("PATH", os.defpath), **passed, **NEVER_ASK}
    return git.with_environment(environment, OFF)


async def _was_pushed(git: Git, where: Where, followed: str, commit: str) -> bool:
    """The person pushed it themselves, as their repository remembers of the remote."""
    held = await git.run(where, "merge-base", "--is-ancestor", checked_sha(commit), followed, ok=(0, 1, 128))
    return held.code == 0


async def _has_it(git: Git, where: Where, remote: str, ref: str, commit: str) -> bool:
    """The remote's branch is further on and holds the commit: somebody pushed it."""
    listed = await git.run(where, "ls-remote", "--quiet", remote, ref, ok=(0, 128))
    theirs = listed.text.partition("\t")[0]
    if not theirs:
        return False
    held = await git.run(where, "merge-base", "--is-ancestor", commit, theirs, ok=(0, 1, 128))
    return held.code == 0


def _refusal(remote: str, branch: str, said: str) -> PushOffline | PushRefused:
    told = _telling(said)[:500]
    if BEHIND.search(said):
        sentence = f"{branch} of {remote} has commits that yours lacks."
        return PushRefused(sentence, "Bring them in (git pull), then push again.", said=told)
    if NOT_YOURS.search(said):
        sentence = f"{remote} does not let the hub in with your git's credentials: {told}"
        return PushRefused(sentence, NO_CREDENTIALS.format(remote=remote, branch=branch), said=told)
    if DECLINED.search(said):
        sentence = f"{remote} declined {branch}: {told}"
        return PushRefused(sentence, "Do what its rules ask for, then push again.", said=told)
    return PushOffline(f"{remote} can't be reached: {told}", AGAIN, said=told)


def _telling(said: str) -> str:
    """The line that says why, and before it what the remote's own rules say."""
    lines = [line.strip() for line in said.splitlines()]
    why = next((line for line in lines if NOT_YOURS.search(line) or DECLINED.search(line)), None)
    if why is None:
        return last(said)
    words = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:") and line != why]
    short = re.search(r"rejected\].*\(([^()]+)\)$", why)
    return "; ".join([*filter(None, words[:3]), short[1] if short else why])
