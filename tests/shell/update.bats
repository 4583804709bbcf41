#!/usr/bin/env bats
# ./start.sh update on real git repositories: what it refuses, what it does in which order, and that a failure at each
# place leaves code, environments and database as they were. The hub and the installer are programs that write down.

load support
bats_require_minimum_version 1.5.0

setup() {
  make_checkout
  export GIT_CONFIG_GLOBAL=$BATS_TEST_TMPDIR/gitconfig CALLS=$BATS_TEST_TMPDIR/calls STATE=$BATS_TEST_TMPDIR/state
  git config --global user.name Someone
  git config --global user.email someone@example.org
  git config --global init.defaultBranch main
  mkdir -p "$STATE"
  cp "$repository/.gitignore" "$checkout/"
  mkdir -p "$checkout/requirements"
  for lock in runtime aider uv; do echo "# $lock 1" >"$checkout/requirements/$lock.txt"; done
  echo '[project]' >"$checkout/pyproject.toml"
  echo one >"$checkout/VERSION"
  git -C "$checkout" init --quiet
  commit "$checkout" "The first version"
  git clone --quiet --bare "$checkout" "$BATS_TEST_TMPDIR/origin.git"
  git -C "$checkout" remote add origin "$BATS_TEST_TMPDIR/origin.git"
  git -C "$checkout" fetch --quiet origin
  git -C "$checkout" branch --quiet --set-upstream-to=origin/main
  git clone --quiet "$BATS_TEST_TMPDIR/origin.git" "$BATS_TEST_TMPDIR/theirs"
  ready .venv requirements/runtime.txt pyproject.toml
  ready .venv-aider requirements/aider.txt
  ready .venv-uv requirements/uv.txt
  cat >"$checkout/.venv-uv/bin/uv" <<'UV'
#!/bin/bash
echo "uv $1 $2" >>"$CALLS"
[ ! -e "$STATE/no-network" ] || { echo 'nobody answers at the index' >&2; exit 1; }
while [ $# -gt 0 ]; do if [ "$1" = --python ]; then echo newer >"$(dirname "$2")/../made"; fi; shift; done
UV
  chmod +x "$checkout/.venv-uv/bin/uv"
}

commit() { git -C "$1" add -A && git -C "$1" commit --quiet -m "$2"; }

# The hub's commands: what runs is in $STATE/runs; $STATE/fails has the words of a command that fails.
ready() {
  local folder=$checkout/$1 locks=() lock
  shift
  for lock in "$@"; do locks+=("$checkout/$lock"); done
  mkdir -p "$folder/bin"
  cat >"$folder/bin/python" <<'PYTHON'
#!/bin/bash
shift 2
words="$* (version $(cat "$WFHUB_ROOT/VERSION"))"
if [ "$1 $2" = "renew --what-runs" ]; then cat "$STATE/runs" 2>/dev/null || printf nothing; exit; fi
if [ "$1" = -c ] || [ "$1" = config ]; then exit 1; fi
echo "$words" >>"$CALLS"
if [ -e "$STATE/migrates" ] && [ "$1" = renew ]; then
  mkdir -p "$WFHUB_ROOT/.wfhub/backups" && sleep 0.02 && touch "$WFHUB_ROOT/.wfhub/backups/before-upgrade-0039-0040-1.wfbackup"
fi
if [ -e "$STATE/hangs" ] && [ "$1" = renew ]; then touch "$STATE/hanging"; sleep 60; fi
if grep -qsxF "$words" "$STATE/fails"; then echo "✗ It failed, as it was told to."; exit 1; fi
PYTHON
  chmod +x "$folder/bin/python"
  echo old >"$folder/made"
  printf '%s %s' "$folder" "$(cat "${locks[@]}" | sha256sum | cut -d' ' -f1)" >"$folder/.complete"
}

# newer [lock]: somebody publishes a second version, perhaps with other packages.
newer() {
  local theirs=$BATS_TEST_TMPDIR/theirs
  echo two >"$theirs/VERSION"
  if [ "${1:-}" = lock ]; then echo "# runtime 2" >"$theirs/requirements/runtime.txt"; fi
  commit "$theirs" "A second version"
  git -C "$theirs" push --quiet
}

update() { run "$checkout/start.sh" update </dev/null; }
version() { cat "$checkout/VERSION"; }
calls() { cat "$CALLS" 2>/dev/null; }

# Everything is as before: code, branch, environments, and nothing of the update is left.
as_before() {
  [ "$(version)" = one ]
  [ "$(git -C "$checkout" symbolic-ref --short HEAD)" = main ]
  [ -z "$(git -C "$checkout" status --porcelain)" ]
  [ "$(cat "$checkout/.venv/made")" = old ]
  [ "$(cat "$checkout/.venv/.complete")" = "$complete" ]
  [ ! -e "$checkout/.wfhub/update" ]
}

@test "with nothing newer it says so and does nothing" {
  update
  [ "$status" = 0 ]
  says "✓ This is the newest version: "
  [ -z "$(calls)" ]
}

@test "what does not run is updated and not started" {
  newer
  update
  [ "$status" = 0 ]
  says "✓ Updated from "
  says "1 commits. CHANGELOG.md"
  [ "$(version)" = two ]
  [ "$(calls)" = "renew --was nothing (version two)" ]
}

@test "local processes are stopped first and started by the newer version" {
  newer
  printf local >"$STATE/runs"
  update
  [ "$status" = 0 ]
  [ "$(calls)" = "$(printf '%s\n' "stop (version one)" "renew --was local (version two)")" ]
}

@test "containers go on until the newer ones are there" {
  newer
  printf containers-http >"$STATE/runs"
  update
  [ "$status" = 0 ]
  [ "$(calls)" = "renew --was containers-http (version two)" ]
}

@test "other packages are installed, only what differs, and nothing is left behind" {
  newer lock
  update
  [ "$status" = 0 ]
  [ "$(cat "$checkout/.venv/made")" = newer ]
  [ "$(cat "$checkout/.venv-aider/made")" = old ]
  calls | grep -qx "uv pip sync"
  [ ! -e "$checkout/.wfhub/update" ]
  update
  says "This is the newest version"
}

@test "own changes, own commits, no branch, no remote: refused with a way out, nothing touched" {
  newer
  echo mine >>"$checkout/VERSION"
  update
  [ "$status" = 1 ]
  says "changes of yours: VERSION"
  git -C "$checkout" commit --quiet -am mine
  update
  [ "$status" = 1 ]
  says "has commits of its own"
  git -C "$checkout" checkout --quiet --detach origin/main
  update
  [ "$status" = 1 ]
  says "No branch is checked out"
  git -C "$checkout" checkout --quiet -b alone --no-track origin/main
  update
  [ "$status" = 1 ]
  says "git branch --set-upstream-to=origin/alone"
  rm -rf "$checkout/.git"
  update
  [ "$status" = 1 ]
  says "is no git checkout"
  [ -z "$(calls)" ]
}

@test "files that git does not know stay" {
  newer
  echo notes >"$checkout/my notes.txt"
  update
  [ "$status" = 0 ]
  [ "$(cat "$checkout/my notes.txt")" = notes ]
}

@test "a remote that does not answer is said, and nothing is touched" {
  newer
  mv "$BATS_TEST_TMPDIR/origin.git" "$BATS_TEST_TMPDIR/gone.git"
  printf local >"$STATE/runs"
  update
  [ "$status" = 1 ]
  says "Asking for the newest version: this failed"
  [ "$(version)" = one ] && [ -z "$(calls)" ]
}

@test "an environment that can't be made: all is as before, and what ran runs" {
  complete=$(cat "$checkout/.venv/.complete")
  newer lock
  printf local >"$STATE/runs"
  touch "$STATE/no-network"
  update
  [ "$status" = 1 ]
  says "nobody answers at the index"
  says "The hub is as it was"
  as_before
  [ "$(calls | tail -n 1)" = "start --local (version one)" ]
}

@test "a newer version that does not start: all is as before, database too, and what ran runs" {
  complete=$(cat "$checkout/.venv/.complete")
  newer lock
  printf local >"$STATE/runs"
  touch "$STATE/migrates"
  echo "renew --was local (version two)" >"$STATE/fails"
  update
  [ "$status" = 1 ]
  says "It failed, as it was told to."
  as_before
  [ "$(calls | grep -v '^uv')" = "$(printf '%s\n' "stop (version one)" "renew --was local (version two)" \
    "restore $checkout/.wfhub/backups/before-upgrade-0039-0040-1.wfbackup --force --without-secrets (version one)" \
    "start --local (version one)")" ]
}

@test "a database that was not changed is not put back, however old its backups" {
  complete=$(cat "$checkout/.venv/.complete")
  mkdir -p "$checkout/.wfhub/backups"
  touch -d '1 hour ago' "$checkout/.wfhub/backups/before-upgrade-0038-0039-1.wfbackup"
  newer
  echo "renew --was nothing (version two)" >"$STATE/fails"
  update
  [ "$status" = 1 ]
  as_before
  [ "$(calls)" = "renew --was nothing (version two)" ]
}

@test "containers whose newer version fails are started by the old one, without Caddy where it was so" {
  complete=$(cat "$checkout/.venv/.complete")
  newer
  printf containers-http >"$STATE/runs"
  echo "renew --was containers-http (version two)" >"$STATE/fails"
  update
  [ "$status" = 1 ]
  as_before
  [ "$(calls | tail -n 1)" = "start --containers --skip-https (version one)" ]
}

@test "cut off in the middle, all is as before" {
  complete=$(cat "$checkout/.venv/.complete")
  newer lock
  printf local >"$STATE/runs"
  touch "$STATE/hangs"
  setsid "$checkout/start.sh" update </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 &
  updating=$!
  for _ in $(seq 200); do [ ! -e "$STATE/hanging" ] || break; sleep 0.05; done
  rm "$STATE/hangs"
  kill -TERM -- "-$(cut -d' ' -f5 "/proc/$updating/stat")"
  code=0
  wait "$updating" || code=$?
  [ "$code" = 143 ]
  grep -q "The update was cut off. The hub is as it was." "$BATS_TEST_TMPDIR/said"
  as_before
  [ "$(calls | tail -n 1)" = "start --local (version one)" ]
}

@test "two at once: the second one is refused" {
  newer
  mkdir -p "$checkout/.wfhub/logs"
  exec 6>"$checkout/.wfhub/logs/update.lock"
  flock 6
  update
  exec 6>&-
  [ "$status" = 1 ]
  says "Another update is under way."
}

@test "what follows the word update is explained or refused" {
  run "$checkout/start.sh" update --help
  [ "$status" = 0 ]
  says "A failure leaves the old version running."
  run "$checkout/start.sh" update --force
  [ "$status" = 1 ]
  says "update takes no '--force'."
}
