# The front door. `just` is in the tests' environment: .venv-dev/bin/just (./test.sh makes it).
export PATH := justfile_directory() / ".venv-dev/bin" + ":" + env("PATH")
export AIDER_PYTHON := justfile_directory() / ".venv-aider/bin/python"

# What there is
default:
    @just --list --unsorted

# The product from this checkout; run again, it is restarted with the code as it is now
dev *arguments:
    ./start.sh stop
    ./start.sh start {{arguments}}

# Style, types, arrows between the rooms
check:
    ruff check .
    ruff format --check .
    pyright
    lint-imports
    python -m main_api.openapi --check
    python -m scripts.error_table --check
    python -m scripts.cli_reference --check
    cd static && npm run --silent check && npm test --silent
    python -m pytest -q tests/architecture

# The tests, or a part: `just test tests/unit -k money`
test *arguments="tests":
    python -m pytest -q {{arguments}}

# The page in Chromium, by clicking; with UI_SHOTS=folder it leaves its screenshots there
ui *arguments:
    cd static && npm ci --ignore-scripts && npm run build
    python -m pytest -q tests/ui {{arguments}}

# The page's screens, drawn anew into docs/screens; `just screens board inbox` those two
screens *names:
    cd static && npm ci --ignore-scripts && npm run build
    python -m tests.ui.screens {{names}}

# Format and mend what can be mended
format:
    ruff check --fix .
    ruff format .
    cd static && npm run --silent format

# Resolve the lock files anew; `just lock --upgrade` takes the newest versions
lock *arguments:
    scripts/lock.sh {{arguments}}

# A new migration out of what the models say now
migrate message:
    cd alembic && alembic revision --autogenerate -m "{{message}}"

# The generated documents
docs:
    python -m main_api.openapi
    python -m scripts.error_table
    python -m scripts.cli_reference
    cd static && npm run api

# The documentation as pages in dist/docs, strictly; `just site serve` shows them while they are written
site command="build --strict":
    NO_MKDOCS_2_WARNING=1 python -m mkdocs {{command}} -f docs/site/mkdocs.yml

# The words that each role is told, as the tests keep them
prompts:
    RENEW_SNAPSHOTS=1 python -m pytest -q tests/unit/prompts/test_snapshots.py

# Kill and stop each process at each point it reports; `just kill-matrix --victim orchestrator` a part of it
kill-matrix *arguments:
    python -m tests.kill.matrix {{arguments}}

# Blows that nobody chose, for so many seconds, on each database
random-faults seconds="300":
    WFHUB_FAULTS_SECONDS={{seconds}} WFHUB_FAULTS_SEED="$(date +%s)0" python -m pytest -q -s tests/kill/test_random_faults.py
    WFHUB_FAULTS_SECONDS={{seconds}} WFHUB_FAULTS_SEED="$(date +%s)1" python -m pytest -q -s tests/kill/test_random_faults.py

# Kill, freeze and cut off one of several orchestrators on PostgreSQL
takeover:
    python -m pytest -q tests/takeover

# Random histories of git for so many seconds, and files of 500 MB
git-safety seconds="300":
    WFHUB_HISTORY_SECONDS={{seconds}} WFHUB_BIG_FILE_MB=500 python -m pytest -q tests/git_safety

# A hub that an older version left with tasks at every stage, killed, is finished by this one
upgrade-check *commit:
    python -m scripts.upgrade_check {{commit}}

# Known holes in all that is locked; it needs the network
audit:
    python -m scripts.audit

# Each parser of outside text against what nobody thought of, for so many seconds: `just fuzz 600 junit`
fuzz seconds="600" *targets="workflow scenario junit sarif coverage tool_calls":
    for target in {{targets}}; do python -m tests.fuzzing.fuzz $target --seconds {{seconds}} || exit; done

# The numbers, as ratios, and docs/benchmarks.md of them; `just bench --only gateway,tools`, `--quick`, `--list`
bench *arguments:
    python -m benchmarks.all {{arguments}}
