#!/bin/sh
# need.sh PROGRAM=PACKAGE...: installs the Debian packages of the programs that the base image lacks.
set -eu
missing=
for pair in "$@"; do command -v "${pair%%=*}" >/dev/null 2>&1 || missing="$missing ${pair#*=}"; done
[ -n "$missing" ] || exit 0
apt-get update
# shellcheck disable=SC2086  # one word for each package
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
rm -rf /var/lib/apt/lists/*
