# shellcheck shell=bash disable=SC2154  # here, setup_logs: of whoever sources this
# ./start.sh update: the newest version of this checkout, with its environments, images and database. Sourced by start.sh.
# Nothing is touched before the newer version is here. Whatever fails then, code, environments and database are put back.

update_kept="$here/.wfhub/update" # the environments as they were, while an update is under way

update() {
  local argument
  for argument in "$@"; do
    case $argument in
      -h | --help)
        say "./start.sh update: takes what its git remote has newer, renews environments, page and images, brings the"
        say "database up to date (a backup first), and starts what ran before. A failure leaves the old version running."
        return 0 ;;
      *) fail "update takes no '$argument'." "./start.sh update" ;;
    esac
  done
  [ -z "${WFHUB_OFFLINE:-}" ] || fail "The hub is offline, and an update has to be fetched." "Leave --offline and WFHUB_OFFLINE out."
  (
    if command -v flock >/dev/null 2>&1; then flock -n 7 || fail "Another update is under way."; fi
    if look_for_newer; then take_newer; fi
  ) 7>"$setup_logs/update.lock"
}

checkout() { git -C "$here" "$@"; }

# Sets old_commit and new_commit; 1 where there is nothing newer.
look_for_newer() {
  local top branch
  top=$(checkout rev-parse --show-toplevel 2>/dev/null) || top=""
  [ "$top" = "$here" ] || fail "$here is no git checkout, so there is nothing to update from." "Clone Workflow Hub with git, or unpack the newer version over this one and run ./start.sh."
  [ -z "$(checkout status --porcelain --untracked-files=no)" ] || fail "The checkout has changes of yours: $(changed_files)." "Commit or stash them (git stash), then update."
  branch=$(checkout symbolic-ref --quiet --short HEAD) || fail "No branch is checked out, but a single commit." "Check a branch out, such as: git checkout main."
  checkout rev-parse --quiet --verify '@{upstream}' >/dev/null || fail "The branch $branch follows no branch of a remote." "Tell it which: git branch --set-upstream-to=origin/$branch"
  run_quietly "Asking for the newest version" git -C "$here" fetch --quiet
  old_commit=$(checkout rev-parse HEAD) new_commit=$(checkout rev-parse '@{upstream}')
  if [ "$old_commit" = "$new_commit" ] || checkout merge-base --is-ancestor "$new_commit" "$old_commit"; then
    say "✓ This is the newest version: $(described "$old_commit")."
    return 1
  fi
  checkout merge-base --is-ancestor "$old_commit" "$new_commit" || fail "The branch $branch has commits of its own, so the newer ones can't simply follow." "Bring them together yourself (git rebase), then run ./start.sh."
}

changed_files() { checkout status --porcelain --untracked-files=no | cut -c4- | head -n 3 | paste -sd, -; }
described() { checkout log -1 --date=short --format='%h of %cd' "$1"; }

take_newer() {
  local updated=""
  was_running=$(what_runs) updating=""
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap put_back_cut_off EXIT
  keep_environments
  updating=1
  if [ "$was_running" = local ]; then # its processes load code from this folder as they need it
    run_quietly "Stopping the hub" hub_cli stop
  fi
  if checkout merge --quiet --ff-only "$new_commit" && "$here/start.sh" renew --was "$was_running"; then updated=1; fi
  updating=""
  if [ -z "$updated" ]; then
    put_back
    fail "The update failed, for the reason above. The hub is as it was: $(described "$old_commit")." "Try it again later, or report what is said above."
  fi
  rm -rf "$update_kept"
  say "✓ Updated from $(described "$old_commit") to $(described "$new_commit"): $(checkout rev-list --count "$old_commit..$new_commit") commits. CHANGELOG.md tells what they change."
}

put_back_cut_off() {
  if [ -n "$updating" ]; then
    updating=""
    put_back
    say "! The update was cut off. The hub is as it was."
  fi
}

# local, containers (without Caddy: containers-http) or nothing
what_runs() {
  if [ ! -f "$here/.venv/.complete" ]; then printf nothing; return; fi
  hub_cli renew --what-runs 2>/dev/null || printf nothing
}

hub_cli() { WFHUB_ROOT="$here" "$here/.venv/bin/python" -m services.cli "$@"; }

# They are changed in place, so that only what differs is fetched; copied only where the newer version changes them.
keep_environments() {
  local name
  rm -rf "$update_kept"
  mkdir -p "$update_kept"
  touch "$update_kept/began"
  if checkout diff --quiet "$old_commit" "$new_commit" -- requirements pyproject.toml; then return 0; fi
  for name in .venv .venv-aider; do
    if [ -f "$here/$name/.complete" ]; then run_quietly "Keeping $name as it is" cp -Rp "$here/$name" "$update_kept/$name"; fi
  done
}

# Code, environments, database, each as far as it was changed; then what ran is started again.
put_back() {
  local name backup options=""
  say "… Going back to $(described "$old_commit")"
  checkout reset --quiet --keep "$old_commit" || fail "The version before could not be checked out again." "By hand: git reset --keep $old_commit; its environments are in $update_kept."
  for name in .venv .venv-aider; do
    if [ -d "$update_kept/$name" ] && ! cmp -s "$here/$name/.complete" "$update_kept/$name/.complete"; then
      rm -rf "${here:?}/$name"
      mv "$update_kept/$name" "$here/$name"
    fi
  done
  # Migrations make a backup before they begin: there is one of this update only where they did.
  backup=$(find "$(hub_home)/backups" -name 'before-upgrade-*.wfbackup' -newer "$update_kept/began" 2>/dev/null | sort | tail -n 1 || true)
  if [ -n "$backup" ]; then
    hub_cli restore "$backup" --force --without-secrets || say "! The database was not put back. By hand: ./start.sh restore '$backup' --force --without-secrets"
  fi
  rm -rf "$update_kept"
  case $was_running in
    local) options=--local ;;
    containers) options=--containers ;;
    containers-http) options="--containers --skip-https" ;;
    *) return 0 ;;
  esac
  # shellcheck disable=SC2086  # one word for each option
  "$here/start.sh" start $options || say "! The hub did not start again: ./start.sh tells more."
}
