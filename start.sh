#!/usr/bin/env bash
# The one command: makes what is missing, then starts the hub. `./start.sh demo` shows it at work.
#   ./start.sh [start] [--workspace DIR] [--port N] [--local | --containers] [--skip-https] [--offline]
#   ./start.sh update                takes the newest version of this checkout; what fails leaves the old one
#   ./start.sh trust|untrust         has this machine's browsers trust https://wfhub.localhost, or no longer
#   ./start.sh demo|stop|status|login|sessions|token|secrets|doctor|backup|restore|aicoder [options]      (`--help` after any of them tells more)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
trap 'exit 130' INT
trap 'exit 143' TERM
# shellcheck source=scripts/settings.sh
source "$here/scripts/settings.sh"
# shellcheck source=scripts/environments.sh
source "$here/scripts/environments.sh"
# shellcheck source=scripts/page.sh
source "$here/scripts/page.sh"

command=start
case ${1:-} in
  start | demo | stop | status | login | sessions | token | secrets | doctor | backup | restore | aicoder) command=$1; shift ;;
  update | renew | trust | untrust) command=$1; shift ;;
  -h | --help) sed -n '2,6p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0 ;;
  -* | "") ;;
  *) fail "There is no command '$1'." "./start.sh --help tells which there are, .venv/bin/wf --help all of the hub's." ;;
esac

arguments=()
for argument in "$@"; do
  if [ "$argument" = --offline ]; then export WFHUB_OFFLINE=1; else arguments+=("$argument"); fi
done
case $(setting WFHUB_OFFLINE 0) in
  1 | true) export WFHUB_OFFLINE=1 UV_OFFLINE=1 PIP_NO_INDEX=1 ;;
esac
needs_git() { command -v git >/dev/null 2>&1 || fail "git is not installed." "Install it, for instance with \`apt install git\`."; }

case $command in
  trust | untrust)
    exec "$here/scripts/$command.sh" ${arguments[@]+"${arguments[@]}"} ;;
  stop | status | login | sessions | token | secrets)
    if [ ! -f "$here/.venv/.complete" ]; then
      case $command in # with the exit codes of docs/cli.md
        stop) say "Nothing is set up here, so nothing runs."; exit 0 ;;
        status) say "Nothing is set up here, so nothing runs."; exit 3 ;;
        *) say "✗ There is no hub set up here yet."; say "  Start it with ./start.sh."; exit 6 ;;
      esac
    fi ;;
  update)
    needs_git
    # shellcheck source=scripts/update.sh
    source "$here/scripts/update.sh"
    update ${arguments[@]+"${arguments[@]}"}
    exit ;;
  *)
    needs_git
    case "$command ${WFHUB_OFFLINE:-}" in
      "start 1" | "demo 1")
        # shellcheck source=scripts/offline.sh
        source "$here/scripts/offline.sh"
        check_offline ;;
    esac
    make_environment "$here/.venv" "$here/requirements/runtime.txt" "the hub's environment" yes ;;
esac
case $command in
  start | demo | renew)
    page_begin
    make_environment "$here/.venv-aider" "$here/requirements/aider.txt" "Aider's environment" no
    page_end ;;
esac

export WFHUB_ROOT="$here"
exec "$here/.venv/bin/python" -m services.cli "$command" ${arguments[@]+"${arguments[@]}"}
