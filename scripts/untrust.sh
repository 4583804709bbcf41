#!/usr/bin/env bash
# Takes away what scripts/trust.sh has put into this machine's stores of certificates. Its --help tells more.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/trust.sh" --remove "$@"
