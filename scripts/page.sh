# shellcheck shell=bash disable=SC2154  # here, setup_logs: of whoever sources this
# Builds the page into static/dist; sourced by start.sh after environments.sh, with `here` set to the checkout.
# The hub runs without its page, so nothing here ends a start: what went wrong is said, and what to do.

page_log="$setup_logs/page.log"
page_pid=""

# True when the page is there and nothing it is made from is newer.
page_is_current() {
  [ -f "$here/static/dist/chat.html" ] || return 1
  [ -z "$(find "$here/static" \( -name node_modules -o -name dist \) -prune -o -type f \
    -newer "$here/static/dist/chat.html" -print -quit)" ]
}

# What the bundler asks for: 20.19, 22.12, or newer.
node_fits() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
    process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' >/dev/null 2>&1
}

# Sets `node_bin` to the folder of a node with its npm: the system's, else one from the package index.
find_node() {
  local found
  if found=$(command -v node) && command -v npm >/dev/null 2>&1 && node_fits "$found"; then
    node_bin=$(dirname "$found")
    return 0
  fi
  node_bin="$here/.venv-node/bin"
  make_environment "$here/.venv-node" "$here/requirements/node.txt" "Node, which builds the page" no
}

# Everything goes to the log. The new page is built beside the old one and takes its place at once.
build_page() {
  cd "$here/static" || return 1
  export PATH="$node_bin:$PATH" npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
  unset NODE_ENV
  local stamp=node_modules/.complete wanted new=node_modules/.page old=node_modules/.page-old
  wanted="$(node --version) $(digest package-lock.json)"
  if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    local offline=
    case ${WFHUB_OFFLINE:-} in 1 | true) offline=--offline ;; esac
    npm ci --ignore-scripts --loglevel=error ${offline:+"$offline"} || return 1
    printf '%s' "$wanted" >"$stamp"
  fi
  rm -rf "$new" "$old"
  # Types are checked where the page is worked on (`npm run build`): that would cost a start ten seconds.
  node_modules/.bin/vite build --outDir "$new" --emptyOutDir || return 1
  if [ -e dist ]; then mv dist "$old" || return 1; fi
  mv "$new" dist && rm -rf "$old"
}

# Starts the build beside what else a start has to do, when there is something to build. `page_end` waits for it.
page_begin() {
  [ -f "$here/static/package.json" ] || return 0
  page_is_current && return 0
  if ! find_node; then
    page_failed "There is no Node to build it with, and none could be fetched."
    return 0
  fi
  (
    if command -v flock >/dev/null 2>&1; then flock 8; fi
    page_is_current || build_page
  ) >"$page_log" 2>&1 </dev/null 8>"$setup_logs/page.lock" &
  page_pid=$!
}

page_end() {
  local begun=$SECONDS pid=$page_pid
  [ -n "$pid" ] || return 0
  page_pid=""
  if [ -t 2 ]; then printf '… Building the page' >&2; else printf '… Building the page\n' >&2; fi
  if wait "$pid"; then
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
    printf '✓ Building the page (%d s more)\n' "$((SECONDS - begun))" >&2
  else
    if [ -t 2 ]; then printf '\n' >&2; fi
    page_failed "$(grep -v '^[[:space:]]*$' "$page_log" 2>/dev/null | grep -v 'complete log of this run' | tail -n 1)"
  fi
}

page_failed() {
  say "! The page could not be built: ${1:-the build said nothing.}"
  if [ -f "$here/static/dist/chat.html" ]; then
    say "  The hub runs, and shows the page of the last build."
  else
    say "  The hub runs without it: its API, wf and the demo."
  fi
  say "  To try again: ./start.sh, with a network and Node 22.12 or newer (or none: it is fetched). Its log: $page_log"
}
