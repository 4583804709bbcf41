#!/usr/bin/env bash
# Has the programs and browsers of this machine trust the hub's own certificates (https://wfhub.localhost).
#   scripts/trust.sh [--yes] [--dry-run] [--ca FILE]     says first what it will change, and asks
#   scripts/untrust.sh [--yes] [--dry-run]               takes all of it away again
# Linux (the system's store; Chromium and Firefox), macOS (your login keychain), WSL (Linux, and Windows' store of yours).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=scripts/settings.sh
source "$here/scripts/settings.sh"

readonly file_prefix=workflow-hub- nss_prefix="Workflow Hub"
say() { printf '%s\n' "$*"; }
fail() { printf '✗ %s\n' "$1" >&2; shift; for line in "$@"; do printf '  %s\n' "$line" >&2; done; exit 1; }

action=trust yes='' dry='' authority=''
while [ $# -gt 0 ]; do
  case $1 in
    --remove) action=untrust ;;
    --yes | -y) yes=1 ;;
    --dry-run) dry=1 ;;
    --ca) [ $# -gt 1 ] || fail "--ca needs a file."; authority=$2; shift ;;
    -h | --help) sed -n '2,5p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0 ;;
    *) fail "There is no option '$1'." "scripts/$action.sh --help tells which there are." ;;
  esac
  shift
done

# What will be done: one word for the kind of store, where it is, and the sentence that a person reads.
kinds=() places=() sentences=() notes=()
plan() { kinds+=("$1"); places+=("$2"); sentences+=("$3"); }

# -- The certificate

find_authority() {
  [ -f "$authority" ] || fail "There is no certificate at $authority." \
    "Start the hub in containers once (./start.sh --containers): Caddy makes it then. Or name another file with --ca."
  grep -q 'BEGIN CERTIFICATE' "$authority" || fail "$authority is no certificate in PEM." "Name another file with --ca."
  fingerprint=$(sha1_of "$authority") || fingerprint=''
  [ ${#fingerprint} = 40 ] || fail "The fingerprint of $authority could not be computed." "Is it whole?"
}

# As certificate stores show it: SHA-1 of the binary form.
sha1_of() {
  sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/{/CERTIFICATE/!p;}' "$1" | base64 --decode 2>/dev/null | sha1 |
    cut -c1-40 | tr a-f A-F
}
sha1() { if command -v sha1sum >/dev/null 2>&1; then sha1sum; else shasum -a 1; fi; }
short() { printf '%s' "$fingerprint" | cut -c1-8; }

# -- The system's store on Linux

# Sets `system_folder` and `refresh` to what this distribution has; both empty where none is known.
find_system_store() {
  system_folder='' refresh=''
  if command -v update-ca-certificates >/dev/null 2>&1; then
    refresh=update-ca-certificates system_folder=/usr/local/share/ca-certificates
    if [ -d /etc/pki/trust/anchors ]; then system_folder=/etc/pki/trust/anchors; fi # openSUSE
  elif command -v update-ca-trust >/dev/null 2>&1; then
    refresh=update-ca-trust system_folder=/etc/pki/ca-trust/source/anchors
    if [ -d /etc/ca-certificates/trust-source/anchors ]; then system_folder=/etc/ca-certificates/trust-source/anchors; fi # Arch
  fi
  system_folder=${WFHUB_TRUST_FOLDER:-$system_folder}
}

plan_system() {
  find_system_store
  if [ -z "$refresh" ]; then notes+=("This system has neither update-ca-certificates nor update-ca-trust: its own store is left alone."); return; fi
  if [ "$action" = untrust ]; then
    local file
    for file in "$system_folder/$file_prefix"*.crt; do
      if [ -f "$file" ]; then plan system "$file" "remove $file, and run $refresh"; fi
    done
  elif ! cmp -s "$authority" "$system_folder/$file_prefix$(short).crt"; then
    plan system "$system_folder/$file_prefix$(short).crt" "put the certificate into $system_folder, and run $refresh"
  fi
}

do_system() {
  if [ "$action" = trust ]; then
    as_root mkdir -p "$system_folder" && as_root cp "$authority" "$1" && as_root chmod 644 "$1" && as_root "$refresh"
  elif [ "$refresh" = update-ca-certificates ]; then
    as_root rm -f "$1" && as_root "$refresh" --fresh
  else
    as_root rm -f "$1" && as_root "$refresh"
  fi
}

as_root() { if [ "$(id -u)" = 0 ] || [ -n "${WFHUB_TRUST_FOLDER:-}" ]; then "$@"; else sudo "$@"; fi; }

# -- The stores of Chromium and Firefox: databases of NSS

nss_databases() {
  local folder
  for folder in "$HOME/.pki/nssdb" "$HOME"/snap/chromium/current/.pki/nssdb \
    "$HOME"/.mozilla/firefox/* "$HOME"/snap/firefox/common/.mozilla/firefox/* "$HOME"/.librewolf/* \
    "$HOME"/.var/app/org.mozilla.firefox/.mozilla/firefox/* "$HOME"/.config/mozilla/firefox/*; do
    if [ -f "$folder/cert9.db" ]; then printf '%s\n' "$folder"; fi
  done
}

has_chromium() {
  local program
  for program in chromium chromium-browser google-chrome google-chrome-stable microsoft-edge brave-browser; do
    if command -v "$program" >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

# The names under which the hub's certificates are in a database, one a line.
nss_names() { certutil -L -d "sql:$1" 2>/dev/null | sed -n "s/^\($nss_prefix [0-9A-F]\{8\}\).*/\1/p"; }

plan_nss() {
  local folder name databases
  databases=$(nss_databases)
  if ! command -v certutil >/dev/null 2>&1; then
    if [ -n "$databases" ] || has_chromium; then
      notes+=("Chromium and Firefox have stores of their own, which need certutil: install libnss3-tools (Debian, Ubuntu), nss-tools (Fedora) or nss (Arch), then run this again.")
    fi
    return
  fi
  if [ "$action" = trust ] && [ ! -f "$HOME/.pki/nssdb/cert9.db" ] && has_chromium; then
    plan nss "$HOME/.pki/nssdb" "make $HOME/.pki/nssdb, where Chromium looks, and put the certificate into it"
  fi
  while IFS= read -r folder; do
    if [ -z "$folder" ]; then continue; fi
    if [ "$action" = trust ]; then
      if ! nss_names "$folder" | grep -qx "$nss_prefix $(short)"; then
        plan nss "$folder" "put the certificate into the browser's store $folder"
      fi
    else
      while IFS= read -r name; do
        if [ -n "$name" ]; then plan nss "$folder|$name" "remove \"$name\" from the browser's store $folder"; fi
      done <<<"$(nss_names "$folder")"
    fi
  done <<<"$databases"
}

do_nss() {
  local folder=${1%%|*}
  if [ "$action" = untrust ]; then certutil -D -d "sql:$folder" -n "${1#*|}"; return; fi
  if [ ! -f "$folder/cert9.db" ]; then
    mkdir -p "$folder" && chmod 700 "$folder" && certutil -N -d "sql:$folder" --empty-password || return 1
  fi
  certutil -A -d "sql:$folder" -t C,, -n "$nss_prefix $(short)" -i "$authority"
}

# -- macOS: the login keychain; Safari, Chrome and Firefox ask it

keychain() { printf '%s' "$HOME/Library/Keychains/login.keychain-db"; }
# Caddy names its authority so; the fingerprints of those there are.
keychain_prints() { security find-certificate -a -Z -c "Caddy Local Authority" "$(keychain)" 2>/dev/null | sed -n 's/^SHA-1 hash: *//p'; }

plan_keychain() {
  local there
  there=$(keychain_prints)
  if [ "$action" = trust ]; then
    if ! printf '%s\n' "$there" | grep -qx "$fingerprint"; then
      plan keychain "$fingerprint" "add the certificate to your login keychain, trusted for TLS (macOS asks you)"
    fi
  elif printf '%s\n' "$there" | grep -qx "$fingerprint"; then
    plan keychain "$fingerprint" "remove the certificate from your login keychain (macOS asks you)"
  fi
}

do_keychain() {
  if [ "$action" = trust ]; then
    security add-trusted-cert -r trustRoot -p ssl -k "$(keychain)" "$authority"
  else
    security remove-trusted-cert "$authority" || true # without it the certificate is of no use either
    security delete-certificate -Z "$1" "$(keychain)"
  fi
}

# -- WSL: browsers run on Windows, and ask the store of its user

is_wsl() { [ -n "${WSL_DISTRO_NAME:-}" ] || grep -qsi microsoft /proc/sys/kernel/osrelease; }
windows_has() { certutil.exe -user -store Root "$fingerprint" >/dev/null 2>&1; }

plan_windows() {
  if ! command -v certutil.exe >/dev/null 2>&1; then
    notes+=("Windows' programs can't be reached from here: its browsers are left alone. On Windows: certutil -user -addstore Root FILE.")
  elif [ -z "$fingerprint" ]; then
    notes+=("Windows' store tells certificates by their fingerprint, and the hub's certificate is gone: look there for \"Caddy Local Authority\" yourself (certmgr.msc).")
  elif [ "$action" = trust ]; then
    if ! windows_has; then plan windows "$fingerprint" "add the certificate to Windows' trusted roots of your account (Windows asks you)"; fi
  elif windows_has; then
    plan windows "$fingerprint" "remove the certificate from Windows' trusted roots of your account (Windows asks you)"
  fi
}

do_windows() {
  if [ "$action" = trust ]; then
    certutil.exe -user -addstore Root "$(wslpath -w "$authority")"
  else
    certutil.exe -user -delstore Root "$1"
  fi
}

# -- The story

if [ -n "${SUDO_USER:-}" ] && [ "$(id -u)" = 0 ] && [ "$SUDO_USER" != root ]; then
  fail "Run this as yourself, not with sudo: your browsers' stores are yours." "It uses sudo where it has to."
fi
system=$(uname -s)
[ -n "$authority" ] || authority=$(hub_home)/containers/private/caddy/data/caddy/pki/authorities/local/root.crt
fingerprint=''
# What is in files and databases is taken away by its name, as the certificate may be gone; keychain and Windows need it.
if [ "$action" = trust ] || [ "$system" = Darwin ] || { is_wsl && [ -f "$authority" ]; }; then find_authority; fi
case $system in
  Darwin) plan_keychain ;;
  Linux)
    plan_system
    plan_nss
    if is_wsl; then plan_windows; fi ;;
  *) fail "This system ($system) is not known here." "Have your browser trust $authority by its own settings." ;;
esac

if [ ${#kinds[@]} = 0 ]; then
  if [ "$action" = trust ]; then say "✓ All stores that I know here trust the hub's certificate already."; else say "✓ No store that I know here has a certificate of the hub."; fi
else
  if [ "$action" = trust ]; then
    say "So that https://wfhub.localhost opens without a warning, this will trust the authority of this hub's Caddy:"
    say "  $authority (SHA-1 $fingerprint)"
    say "Whoever can read the key beside it, which is you, can then make certificates that this machine believes."
  fi
  say "It will:"
  for sentence in "${sentences[@]}"; do say "  - $sentence"; done
fi
for note in ${notes[@]+"${notes[@]}"}; do say "! $note"; done
if [ ${#kinds[@]} = 0 ] || [ -n "$dry" ]; then exit 0; fi

if [ -z "$yes" ]; then
  [ -t 0 ] || fail "Nobody is there to say yes." "Read what it will do, then give --yes."
  printf 'Do it? [y/N] '
  read -r answer
  case $answer in y | Y | yes) ;; *) say "Nothing was changed."; exit 1 ;; esac
fi

failed=0 index=0
while [ "$index" -lt ${#kinds[@]} ]; do
  if "do_${kinds[$index]}" "${places[$index]}"; then say "✓ ${sentences[$index]}"; else failed=1; say "✗ could not ${sentences[$index]}"; fi
  index=$((index + 1))
done
if [ "$failed" = 1 ]; then fail "Not all of it could be done; what failed is above."; fi
if [ "$action" = trust ]; then say "Start your browser anew. To take it back: ./start.sh untrust"; fi
