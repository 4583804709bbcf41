#!/usr/bin/env bats
# start.sh: what it makes of its words, and what it looks at before it begins. The environments are stood in for by a
# Python that writes down what it was asked.

load support
bats_require_minimum_version 1.5.0

setup() {
  make_checkout
  mkdir -p "$checkout/requirements"
  for lock in runtime aider node uv; do echo "# $lock" >"$checkout/requirements/$lock.txt"; done
  echo '[project]' >"$checkout/pyproject.toml"
  ready .venv requirements/runtime.txt pyproject.toml
  ready .venv-aider requirements/aider.txt
}

# ready FOLDER LOCK...: an environment that start.sh takes for complete.
ready() {
  local folder=$checkout/$1 locks=() lock
  shift
  for lock in "$@"; do locks+=("$checkout/$lock"); done
  mkdir -p "$folder/bin"
  cat >"$folder/bin/python" <<'PYTHON'
#!/bin/bash
printf 'python'; for word in "$@"; do printf ' <%s>' "$word"; done; echo
echo "root=$WFHUB_ROOT offline=${WFHUB_OFFLINE:-} ${UV_OFFLINE:-} ${PIP_NO_INDEX:-}"
PYTHON
  chmod +x "$folder/bin/python"
  printf '%s %s' "$folder" "$(cat "${locks[@]}" | sha256sum | cut -d' ' -f1)" >"$folder/.complete"
}

start() { run "$checkout/start.sh" "$@" </dev/null; }

@test "without a word it starts, and options go on as they are" {
  start --workspace "/a folder" --port 9000 --local --skip-https
  [ "$status" = 0 ]
  says "<-m> <services.cli> <start> <--workspace> </a folder> <--port> <9000> <--local> <--skip-https>"
  says "root=$checkout offline="
}

@test "each command is passed on" {
  for word in start demo stop status login sessions token secrets doctor backup restore aicoder; do
    start "$word" --json
    [ "$status" = 0 ]
    says "<services.cli> <$word> <--json>"
  done
}

@test "an unknown command is refused with a way out" {
  start strat
  [ "$status" = 1 ]
  says "There is no command 'strat'."
  says "./start.sh --help"
}

@test "help tells every command" {
  start --help
  [ "$status" = 0 ]
  for word in --workspace --port --local --containers --skip-https --offline update trust untrust demo stop status doctor; do says "$word"; done
}

@test "it runs from anywhere, also through a path with spaces" {
  cd /
  run "$checkout/start.sh" status
  [ "$status" = 0 ]
  says "root=$checkout"
}

@test "what only looks sets nothing up" {
  rm -rf "$checkout/.venv"
  for word in stop status; do
    start "$word"
    says "Nothing is set up here, so nothing runs."
    if [ "$word" = stop ]; then [ "$status" = 0 ]; else [ "$status" = 3 ]; fi
  done
  for word in login sessions token secrets; do
    start "$word"
    [ "$status" = 6 ]
    says "There is no hub set up here yet."
    says "Start it with ./start.sh."
  done
  [ ! -e "$checkout/.venv" ]
}

@test "without a Python it says which one it needs" {
  rm -rf "$checkout/.venv"
  for name in python3.12 python3.11 python3 python; do program "$name" <<<'exit 1'; done
  start
  [ "$status" = 1 ]
  says "There is no Python 3.11 or 3.12 on this machine."
  rm -rf "$checkout/.venv-aider"
  start --offline
  [ "$(grep -c "There is no Python 3.11" "$checkout/.wfhub/logs/offline.log")" = 1 ]
  run cat "$checkout/.wfhub/logs/offline.log"
  says_not "ensurepip"
}

@test "a Python that is too new is named" {
  rm -rf "$checkout/.venv"
  for name in python3.12 python3.11 python3 python; do
    program "$name" <<<'if [ "$1" = --version ]; then echo Python 3.14.1; else cat >/dev/null; echo new; fi'
  done
  start
  [ "$status" = 1 ]
  says "Python 3.14.1 is too new"
}

@test "a folder that can't be written is said plainly" {
  touch "$checkout/.wfhub" # in its place: what not even root gets past
  start
  [ "$status" = 1 ]
  says "$checkout cannot be written."
}

@test "offline, with everything here, it starts and tells all that might fetch" {
  for word in start demo; do
    start "$word" --offline
    [ "$status" = 0 ]
    says "<services.cli> <$word>"
    says_not "<--offline>"
    says "offline=1 1 1"
  done
}

@test "offline by .env or by the environment is the same" {
  echo 'WFHUB_OFFLINE="true"' >"$checkout/.env"
  start
  says "offline=1 1 1"
  echo 'WFHUB_OFFLINE=0' >"$checkout/.env"
  start
  says "offline= "
  WFHUB_OFFLINE=1 start
  says "offline=1 1 1"
}

@test "offline, all that is missing is told at once, with what to do, and nothing is begun" {
  rm -rf "$checkout/.venv" "$checkout/.venv-aider"
  mkdir -p "$checkout/static"
  echo '{}' >"$checkout/static/package.json"
  for name in python3.12 python3.11 python3 python; do program "$name" <<<'cat >/dev/null 2>&1; echo old'; done
  start --offline
  [ "$status" = 1 ]
  says "✗ Missing: the hub's environment ($checkout/.venv)"
  says "✗ Missing: Aider's environment ($checkout/.venv-aider)"
  says "! Missing: the page's build"
  says "run ./start.sh once"
  says_not "services.cli"
  [ -s "$checkout/.wfhub/logs/offline.log" ]
}

@test "offline, a page that is missing does not keep the hub from starting" {
  mkdir -p "$checkout/static"
  echo '{}' >"$checkout/static/package.json"
  program node <<<'exit 1'
  program npm <<<'exit 1'
  ready .venv-node requirements/node.txt
  start --offline
  [ "$status" = 0 ]
  says "! Missing: the page's build"
  says "<services.cli> <start>"
}

@test "offline there is no update" {
  start update --offline
  [ "$status" = 1 ]
  says "an update has to be fetched"
}

@test "trust and untrust need no environment" {
  rm -rf "$checkout/.venv"
  start trust --dry-run
  [ "$status" = 1 ]
  says "There is no certificate at $checkout/.wfhub/containers"
  start untrust --dry-run
  [ "$status" = 0 ]
}

# -- Settings that are read before there is a Python

@test "settings are read from .env as the hub reads them" {
  cat >"$checkout/.env" <<'ENV'
A=first
# A=commented
export A = "with spaces # kept"
B='single'
C=bare value   # a remark
D=
ENV
  read_setting() { run bash -c 'here=$1; source "$here/scripts/settings.sh"; setting "$2" default' bash "$checkout" "$1"; }
  read_setting A && [ "$output" = "with spaces # kept" ]
  read_setting B && [ "$output" = single ]
  read_setting C && [ "$output" = "bare value" ]
  read_setting D && [ "$output" = default ]
  read_setting MISSING && [ "$output" = default ]
  B=mine read_setting B && [ "$output" = mine ]
}

@test "nothing in the scripts needs a bash newer than macOS's 3.2" {
  newer='declare -[A-Zgn]*[An]|local -n|mapfile|readarray|\$\{[A-Za-z_]+(,,|\^\^|@[A-Z])|\|&|&>>|coproc|wait -n|BASHPID|EPOCH|\[-1\]|printf -v [a-z]+\[|shopt -s globstar|\$\{[A-Za-z_]+: -'
  grep -qE "$newer" <<<'mapfile -t names' && grep -qE "$newer" <<<'declare -A seen' && grep -qE "$newer" <<<'${name,,}'
  newer+='|"\$\{[a-z_]+\[@\]\+' # one word, an empty one, of an array without any
  run grep -nE "$newer" "$checkout/start.sh" "$repository/test.sh" "$checkout"/scripts/*.sh
  [ "$status" = 1 ]
}

@test "nothing in the scripts asks programs for what only GNU's can" {
  gnu='sed (-[nE]+ )*(-i|--)|readlink|realpath|date (-d|--)|grep (-[a-zA-Z]*P|--)|stat (-c|--)|-printf|xargs -r|base64 -w|sort -V|head -n -|mktemp --|cp (-[a-z]*t|--)|ln (-[a-z]*r|--)'
  for line in 'sed -i s/a/b/ file' 'sed -n -i p' 'readlink -f .' 'grep -oP x' 'find . -printf %p' 'head -n -1' 'ln -sr a b'; do grep -qE "$gnu" <<<"$line"; done
  run grep -nE "$gnu" "$checkout/start.sh" "$checkout"/scripts/*.sh
  [ "$status" = 1 ]
}
