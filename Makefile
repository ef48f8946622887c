# The workshop. `make test` and `make demo` need only Python 3.11 or newer, git and make.

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
READY := .venv/.installed
COMPILE := $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: faults soak journal schema replicas mutants help docs test demo tour bench lint format lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' Makefile

docs: $(READY) ## Take the docs' pictures anew, of the demo in a browser (needs chromium)
	$(BIN)/pytest -m slow tests/e2e/test_page.py -k verified --picture docs/demo.png
	$(BIN)/pytest -m slow tests/e2e/test_reports.py -k "page and jobs" --picture docs/reports.png
	for report in labels daily weekly; do \
		$(BIN)/pytest -m slow tests/e2e/test_reports.py -k "page and $$report" \
			--picture docs/report-$$report.png || exit 1; \
	done

test: lint ## Run every check and every test
	$(BIN)/pytest -n auto -m "not slow"
	$(BIN)/pytest -n auto -m slow

demo: $(READY) ## Start Houston in a simulated world, with a chat page in the browser
	$(BIN)/houston demo

tour: $(READY) ## Let the demo play its tour and check what comes of it
	$(BIN)/houston demo --tour

bench: $(READY) ## Measure Houston beside other bots and on big clusters: docs/performance.md
	$(BIN)/python -m tests.bench

faults: $(READY) ## Let every system fail in every way at every moment, and write docs/faults.md (takes long)
	$(BIN)/python -m tests.faults

soak: $(READY) ## Live a day with faults at random, over loopback too, and see nothing leak (takes minutes)
	$(BIN)/pytest -m slow -n 2 -rP --soak-whole tests/soak

lint: $(READY) ## Run the checks that need no test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

replicas: $(READY) ## Kill the replica that leads at every step of an upgrade (needs PostgreSQL)
	$(BIN)/pytest -n 2 -m slow tests/e2e/test_replicas.py

journal: $(READY) ## Make the journal of this version that every later one must finish
	$(BIN)/python -m tests.e2e.golden

schema: $(READY) ## Write down the store's tables of a raised SCHEMA, which every later one must bring up
	$(BIN)/python -m tests.adapters.schemas

mutants: $(READY) ## Break each guard of the trust rules and see a test fail (takes minutes)
	$(BIN)/python -m tests.guards

format: $(READY) ## Format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Only names, versions and hashes may land in the locks: they must install from any index.
lock: ## Choose the newest allowed dependencies anew (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## Remove what was made, the virtual environment too
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find bot commands adapters houston examples tests -name __pycache__ -type d -prune -exec rm -rf {} +

# `--clear` because a virtual environment whose Python is gone cannot be repaired.
$(READY): requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON) here. Houston needs Python 3.11 or newer: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$($(PYTHON) -V 2>&1). Houston needs 3.11 or newer: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv" >&2; \
		exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --only-binary :all: -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $(READY)
