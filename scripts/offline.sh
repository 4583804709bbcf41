# shellcheck shell=bash disable=SC2154  # here, setup_logs: of whoever sources this
# Before a start without a network: is all here that it would fetch? Sourced by start.sh after page.sh.
# Images of containers and models are looked at by the start itself, which knows whether it takes containers.

# Lists what is missing with what to do; ends the start where it could not come to its end.
check_offline() {
  local missing=0
  check_environment "$here/.venv" "$here/requirements/runtime.txt" "the hub's environment" yes || missing=1
  check_environment "$here/.venv-aider" "$here/requirements/aider.txt" "Aider's environment" no || missing=1
  check_page
  [ "$missing" = 0 ] || fail "Without a network the hub can't start: what is marked ✗ has to be fetched first." \
    "Connect, run ./start.sh once, and it starts without a network from then on."
}

# check_environment FOLDER LOCK LABEL SELF: one that is missing is made of what the installer has kept, where it has all.
check_environment() {
  local folder=$1 lock=$2 label=$3 self=$4 stamped
  stamped=("$lock")
  if [ "$self" = yes ]; then stamped+=("$here/pyproject.toml"); fi
  if up_to_date "$folder" "${stamped[@]}"; then return 0; fi
  if (make_environment "$folder" "$lock" "$label" "$self") >"$setup_logs/offline.log" 2>&1; then return 0; fi
  say "✗ Missing: $label ($folder), and not all of it is in the installer's store. Why: $setup_logs/offline.log"
  return 1
}

# The page needs its packages or an earlier build. The hub runs without it, so this ends nothing.
check_page() {
  if [ -f "$here/static/dist/chat.html" ] || [ -f "$here/static/node_modules/.complete" ] || [ ! -f "$here/static/package.json" ]; then return 0; fi
  say "! Missing: the page's build (static/dist) and its packages. The hub runs without its page: its API, wf and the demo."
  say "  To have it: connect, and run ./start.sh once."
}
