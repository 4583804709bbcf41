# shellcheck shell=bash disable=SC2154  # here, setup_logs: of whoever sources this
# Makes the Python environments; sourced by start.sh and test.sh with `here` set to the checkout.
# An environment counts only once its stamp is written, which is the last thing done: an interrupted set-up is done anew.

say() { printf '%s\n' "$*" >&2; }
fail() { printf '✗ %s\n' "$1" >&2; shift; for line in "$@"; do printf '  %s\n' "$line" >&2; done; exit 1; }

# Prints the first Python that can carry the hub. `WFHUB_PYTHON` names one outright.
find_python() {
  local candidate verdict newest="" trapped=""
  for candidate in "${WFHUB_PYTHON:-}" python3.12 python3.11 python3 python; do
    { [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1; } || continue
    verdict=$("$candidate" - 2>/dev/null <<'PY' || true
import sqlite3, sys
version = sys.version_info[:2]
if version < (3, 11): print("old")
elif version > (3, 12): print("new")
elif version == (3, 12) and sqlite3.sqlite_version_info < (3, 42): print("trapped")
else: print("fits")
PY
    )
    case $verdict in
      fits) command -v "$candidate"; return 0 ;;
      trapped) trapped=$candidate ;;
      new) newest=$candidate ;;
    esac
  done
  if [ -n "$trapped" ]; then
    case ${DATABASE_URL:-} in postgres*) command -v "$trapped"; return 0 ;; esac
    fail "$("$trapped" --version) is here, but its SQLite is older than 3.42, which the engine needs from Python 3.12 on." \
      "Install Python 3.11, or set DATABASE_URL to a PostgreSQL database."
  fi
  if [ -n "$newest" ]; then
    fail "$("$newest" --version) is too new: the hub needs Python 3.11 or 3.12 (its engine and Aider end there)." \
      "Install one beside it (for instance \`apt install python3.11 python3.11-venv\`), or name one with WFHUB_PYTHON."
  fi
  fail "There is no Python 3.11 or 3.12 on this machine." \
    "Install one, for instance with \`apt install python3 python3-venv\`, or name one with WFHUB_PYTHON."
}

# run_quietly WHAT COMMAND...: one line of progress; what the command says is shown only when it fails.
run_quietly() {
  local what=$1 log="$setup_logs/setup.log" begun=$SECONDS
  shift
  if [ -t 2 ]; then printf '… %s' "$what" >&2; else printf '… %s\n' "$what" >&2; fi
  if ! "$@" >"$log" 2>&1 </dev/null; then
    [ -t 2 ] && printf '\n' >&2
    tail -n 25 "$log" >&2
    fail "$what: this failed; the last lines are above." "All of it is in $log."
  fi
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  printf '✓ %s (%d s)\n' "$what" "$((SECONDS - begun))" >&2
}

digest() {
  if command -v sha256sum >/dev/null 2>&1; then cat "$@" | sha256sum; else cat "$@" | shasum -a 256; fi | cut -d' ' -f1
}

# make_venv FOLDER PYTHON: an empty environment, with pip only where there is no uv yet.
make_venv() {
  rm -rf "$1"
  if [ -n "${uv:-}" ] && [ -x "$uv" ]; then
    "$uv" venv --quiet --python "$2" "$1"
  else
    "$2" -m venv "$1"
  fi
}

# up_to_date FOLDER LOCK...: true when the stamp names this place, these locks and a Python that still answers.
up_to_date() {
  local folder=$1
  shift
  [ -f "$folder/.complete" ] && [ "$(cat "$folder/.complete")" = "$folder $(digest "$@")" ] && [ -x "$folder/bin/python" ]
}

# bring_uv PYTHON: sets `uv`, from the environment that has it, else by pip from the index into one of its own.
bring_uv() {
  local own="$here/.venv-uv"
  uv="$own/bin/uv"
  up_to_date "$own" "$here/requirements/uv.txt" && return 0
  uv=""
  "$1" -c 'import ensurepip' 2>/dev/null || fail "$("$1" --version) cannot make environments: it comes without ensurepip." \
    "Install it with \`apt install python3-venv\` (or the python3.x-venv of your version), then run this again."
  run_quietly "Making room for the installer" make_venv "$own" "$1"
  run_quietly "Fetching the installer" "$own/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes -r "$here/requirements/uv.txt"
  printf '%s' "$own $(digest "$here/requirements/uv.txt")" >"$own/.complete"
  uv="$own/bin/uv"
}

# uv does not read pip's configuration; who set an index there (a company's mirror) means it for us too.
same_index() {
  local index
  [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] || return 0
  index=${PIP_INDEX_URL:-$("$here/.venv-uv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
  if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
}

# make_environment FOLDER LOCK LABEL SELF: installs exactly LOCK; SELF=yes installs this checkout too, editable.
make_environment() {
  local folder=$1 lock=$2 label=$3 self=$4 stamped=("$2")
  [ "$self" = yes ] && stamped+=("$here/pyproject.toml")
  up_to_date "$folder" "${stamped[@]}" && return 0
  (
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    up_to_date "$folder" "${stamped[@]}" && exit 0  # another start made it while this one waited
    python=$(find_python) || exit # -e does not hold where a caller asks whether this failed
    bring_uv "$python"
    same_index
    # Without a stamp nothing in there is trusted; with one, the lock changed, and only the difference is fetched.
    case $(cat "$folder/.complete" 2>/dev/null) in
      "$folder "*) rm -f "$folder/.complete" ;;
      *) run_quietly "Making $label" make_venv "$folder" "$python" ;;
    esac
    run_quietly "Installing $label" "$uv" pip sync --python "$folder/bin/python" --compile-bytecode \
      --require-hashes "$lock"
    if [ "$self" = yes ]; then
      run_quietly "Installing Workflow Hub" "$uv" pip install --python "$folder/bin/python" \
        --no-build-isolation --no-deps --editable "$here"
    fi
    printf '%s' "$folder $(digest "${stamped[@]}")" >"$folder/.complete"
  ) 9>"$setup_logs/setup.lock"
}

setup_logs="$here/.wfhub/logs"
mkdir -p "$setup_logs" 2>/dev/null || fail "$here cannot be written." "Give yourself the right to, or clone it elsewhere."
