# shellcheck shell=bash
# For the tests of the shell scripts: a checkout of their own in a folder with a space, and programs that only write down
# what they were asked. `bats tests/shell` runs them; they touch nothing outside of BATS_TEST_TMPDIR.

repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)

# A checkout with the scripts as they are, a home and a folder of programs in front of the system's.
make_checkout() {
  checkout=$BATS_TEST_TMPDIR/check\ out
  programs=$BATS_TEST_TMPDIR/programs
  export HOME=$BATS_TEST_TMPDIR/home
  mkdir -p "$checkout" "$programs" "$HOME"
  checkout=$(cd "$checkout" && pwd -P)
  cp -R "$repository/start.sh" "$repository/scripts" "$checkout/"
  export PATH=$programs:$PATH
  unset WFHUB_HOME WFHUB_OFFLINE WFHUB_PYTHON SUDO_USER WSL_DISTRO_NAME MAIN_API_PORT
}

# program NAME: its text comes from standard input; it stands in front of the system's.
program() {
  { printf '#!/bin/bash\n'; cat; } >"$programs/$1"
  chmod +x "$programs/$1"
}

says() {
  if [[ $output != *"$1"* ]]; then printf 'not said: %s\n--- but:\n%s\n' "$1" "$output" >&2; return 1; fi
}

says_not() {
  if [[ $output == *"$1"* ]]; then printf 'said: %s\n--- in:\n%s\n' "$1" "$output" >&2; return 1; fi
}
