#!/usr/bin/env bash
# Everything that says whether the hub is in order, in an environment of its own: checks first, then the tests by group.
#   ./test.sh                       all of it; with CI set, what is missing is installed and a skipped test fails
#   ./test.sh tests/unit -k money   only these, passed on to pytest
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here"
trap 'exit 130' INT
trap 'exit 143' TERM
# shellcheck source=scripts/environments.sh
source scripts/environments.sh
# shellcheck source=scripts/page.sh
source scripts/page.sh

# Debian package, then how one sees that it is there.
lacks_postgresql() { ! command -v initdb >/dev/null 2>&1 && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
lacks_bubblewrap() { ! command -v bwrap >/dev/null 2>&1; }
lacks_git() { ! command -v git >/dev/null 2>&1; }
lacks_chromium() { ! command -v chromium >/dev/null 2>&1; }

# The tests start an engine of their own where none answers, and make their images of Debian's packages.
lacks_docker.io() { ! docker info >/dev/null 2>&1 && ! command -v dockerd >/dev/null 2>&1; }
lacks_iptables() { ! command -v iptables >/dev/null 2>&1; }
lacks_bats() { ! command -v bats >/dev/null 2>&1; }
lacks_shellcheck() { ! command -v shellcheck >/dev/null 2>&1; }
lacks_caddy() { ! command -v caddy >/dev/null 2>&1; }
lacks_libnss3-tools() { ! command -v certutil >/dev/null 2>&1; }
lacks_docker-compose() { ! command -v docker-compose >/dev/null 2>&1 && ! docker compose version >/dev/null 2>&1; }
lacks_mmdebstrap() { grep -qsx 'ID=debian' /etc/os-release && ! command -v mmdebstrap >/dev/null 2>&1; }

missing=()
for package in git postgresql bubblewrap chromium docker.io docker-compose iptables mmdebstrap bats shellcheck caddy libnss3-tools; do
  if "lacks_$package"; then missing+=("$package"); fi
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ -n "${CI:-}" ]; then
    root=()
    if [ "$(id -u)" != 0 ]; then root=(sudo --non-interactive); fi
    run_quietly "Looking for packages" ${root[@]+"${root[@]}"} apt-get update
    run_quietly "Installing ${missing[*]}" ${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive \
      apt-get install --yes --no-install-recommends "${missing[@]}"
  else
    say "! Tests that need ${missing[*]} will be skipped. To run them too: apt install ${missing[*]}"
  fi
fi

page_begin
make_environment "$here/.venv-dev" "$here/requirements/dev.txt" "the tests' environment" yes
make_environment "$here/.venv-aider" "$here/requirements/aider.txt" "Aider's environment" no
export PATH="$here/.venv-dev/bin:$PATH" AIDER_PYTHON="$here/.venv-aider/bin/python"
# A person's own settings must not steer the tests.
unset WFHUB_HOME WFHUB_TOKEN WFHUB_SECRET_KEY DATABASE_URL MAIN_API_PORT AGENT_API_PORT WORKSPACES_DIR
unset PYTHONDONTWRITEBYTECODE  # each of the hundreds of processes would compile all that it imports
page_end

if [ $# -gt 0 ]; then exec python -m pytest "$@"; fi

results=$(mktemp -d)
lanes=()
leave() {
  local lane
  for lane in ${lanes[@]+"${lanes[@]}"}; do if kill -INT -- "-$lane" 2>/dev/null; then wait "$lane" || true; fi; done
  rm -rf "$results"
}
trap leave EXIT

# step NAME COMMAND...: what failed is told at the end; all the rest goes on.
step() {
  local name=$1 begun=$SECONDS
  shift
  printf '\n── %s\n' "$name"
  if "$@"; then
    printf '✓ %s (%d s)\n' "$name" "$((SECONDS - begun))"
  else
    printf '%s\n' "$name" >>"$results/failed"
    printf '✗ %s (%d s)\n' "$name" "$((SECONDS - begun))"
  fi
}

# What is left is taken by whichever lane is free, the longest first; each group tells at its end. One lane has all of the
# first three: Chromium drops its connections when a network interface comes or goes, as the engine's do.
lane() {
  local groups group
  for groups in "containers ui attacks" integration api kill takeover workflows git_safety unit fuzzing architecture; do
    mkdir "$results/${groups%% *}" 2>/dev/null || continue
    for group in $groups; do
      step "tests/$group" python -m pytest -q --durations=3 "tests/$group" >"$results/$group.log" 2>&1 </dev/null
      cat "$results/$group.log"
    done
  done
}

page_checks() (
  find_node && cd static && export PATH="$node_bin:$PATH" || exit
  [ -d node_modules ] || npm ci --ignore-scripts --loglevel=error || exit
  npm run --silent check && npm test --silent
)

# The scripts: read by shellcheck, then run by bats, which leaves nothing outside of its own folder.
shell_checks() {
  if lacks_shellcheck || lacks_bats || lacks_libnss3-tools; then
    say "! Skipped: they need bats, shellcheck and libnss3-tools."
    [ -z "${CI:-}" ]
    return
  fi
  shellcheck --external-sources start.sh test.sh .ci/run scripts/*.sh docker/*.sh && bats --print-output-on-failure tests/shell
}

# Three lanes for two processors, as whole hubs wait a lot. A lane has a process group of its own, as a program that the
# shell starts in the background would not hear Ctrl-C.
set -m
lane &
lanes+=($!)
lane &
lanes+=($!)
set +m

step "ruff" ruff check .
step "format" ruff format --check .
step "pyright" pyright
step "import contracts" lint-imports
step "static" page_checks
step "shell scripts" shell_checks
lane

for each in "${lanes[@]}"; do wait "$each" || true; done
lanes=()

if [ -s "$results/failed" ]; then printf '\n✗ Failed: %s\n' "$(paste -sd, "$results/failed")"; exit 1; fi
printf '\n✓ All in order (%d s)\n' "$SECONDS"
