#!/usr/bin/env bash
# Resolves every lock file anew: versions and hashes for Python 3.11 and 3.12 on all platforms. `just lock` calls it.
# `scripts/lock.sh --upgrade` takes the newest versions; without it, what is locked stays where it may.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
uv=${UV:-.venv-dev/bin/uv}
options=(--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header "$@")
extras=(--extra main --extra agent --extra orchestrator --extra cli)

"$uv" pip compile "${options[@]}" "${extras[@]}" pyproject.toml requirements/build.in -o requirements/runtime.txt
"$uv" pip compile "${options[@]}" "${extras[@]}" --extra dev -c requirements/runtime.txt pyproject.toml requirements/build.in \
  -o requirements/dev.txt
# What each image installs: its extra's part of the same versions.
for image in main agent orchestrator stack; do
  "$uv" pip compile "${options[@]}" --extra "$image" -c requirements/runtime.txt pyproject.toml \
    -o "requirements/image-$image.txt"
done
"$uv" pip compile "${options[@]}" -c requirements/runtime.txt requirements/uv.in -o requirements/uv.txt
"$uv" pip compile "${options[@]}" requirements/aider.in -o requirements/aider.txt
"$uv" pip compile "${options[@]}" requirements/node.in -o requirements/node.txt
# What the benchmarks are measured beside, each in an environment of its own.
for peer in litellm langgraph celery prefect; do
  "$uv" pip compile "${options[@]}" "requirements/$peer.in" -o "requirements/$peer.txt"
done
