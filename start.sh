#!/usr/bin/env bash
# The one command: makes what is missing, then starts the hub. `./start.sh demo` shows it at work.
#   ./start.sh [start] [--workspace DIR] [--local | --containers] [--skip-https] [--offline]
#   ./start.sh demo|stop|status|login|sessions|token|secrets|doctor|backup|restore|aicoder [options]      (`--help` after any of them tells more)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
trap 'exit 130' INT
trap 'exit 143' TERM
# shellcheck source=scripts/environments.sh
source "$here/scripts/environments.sh"
# shellcheck source=scripts/page.sh
source "$here/scripts/page.sh"

command=start
case ${1:-} in
  start | demo | stop | status | login | sessions | token | secrets | doctor | backup | restore | aicoder) command=$1; shift ;;
  -h | --help) sed -n '2,4p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0 ;;
  -* | "") ;;
  *) fail "There is no command '$1'." "./start.sh [start|demo|stop|status|login|sessions|token|secrets|doctor|backup|restore|aicoder], or .venv/bin/wf for all of them." ;;
esac

arguments=()
for argument in "$@"; do
  if [ "$argument" = --offline ]; then export WFHUB_OFFLINE=1; else arguments+=("$argument"); fi
done
if [ -z "${WFHUB_OFFLINE+set}" ] && grep -qsE '^WFHUB_OFFLINE=["'"'"']?(1|true)' "$here/.env"; then export WFHUB_OFFLINE=1; fi
case ${WFHUB_OFFLINE:-} in 1 | true) export UV_OFFLINE=1 PIP_NO_INDEX=1 ;; esac

case $command in
  stop | status | login | sessions | token | secrets)
    if [ ! -f "$here/.venv/.complete" ]; then say "Nothing is set up here, so nothing runs."; exit 0; fi ;;
  *)
    command -v git >/dev/null 2>&1 || fail "git is not installed." "Install it, for instance with \`apt install git\`."
    make_environment "$here/.venv" "$here/requirements/runtime.txt" "the hub's environment" yes ;;
esac
case $command in
  start | demo)
    page_begin
    make_environment "$here/.venv-aider" "$here/requirements/aider.txt" "Aider's environment" no
    page_end ;;
esac

export WFHUB_ROOT="$here"
exec "$here/.venv/bin/python" -m services.cli "$command" ${arguments[@]+"${arguments[@]}"}
