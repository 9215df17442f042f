# Needs git, make and Python 3.11 or later; everything else comes into .venv from the lock.
# `make help` lists what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first Python that is new enough. `make PYTHON=/path/to/python3.12 test` takes another one.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$python" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo "$$python"; break; }; done)

VENV := .venv
RUN := $(VENV)/bin/python
LOCKED := $(VENV)/.locked
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Options for pytest: make test TESTS="tests/store -k append"
TESTS ?=

.PHONY: help setup demo test lint format types layers docs docs-check scorecard lab-scorecard lab-watch explain-scorecard reports-scorecard wheel lock upgrade clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 18

demo: $(READY) ## run the main job: a documented blackout through the whole pipeline, no network
	@$(RUN) -m zicht demo

test: $(READY) ## pass the tests
	@$(RUN) -m pytest --numprocesses auto --dist worksteal $(TESTS)

lint: $(READY) ## all of ruff's rules, and the formatting
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

format: $(READY) ## mend what ruff can mend by itself
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

types: $(READY) ## mypy, strict
	@$(RUN) -m mypy $(wildcard src tests scripts benchmarks)

layers: $(READY) ## what may import what
	@$(VENV)/bin/lint-imports --no-logo

docs: $(READY) ## write docs/cli.md from the commands themselves
	@$(RUN) scripts/cli_reference.py docs/cli.md

docs-check: $(READY) ## is docs/cli.md what the commands say?
	@$(RUN) scripts/cli_reference.py --check docs/cli.md

scorecard: $(READY) ## write docs/scorecard.md; needs the recordings (../shared/data, ZICHT_DATA) and statsmodels
	@$(RUN) scripts/scorecard.py docs/scorecard.md

lab-scorecard: $(READY) ## write docs/lab-scorecard.md: the lab's worlds held against their truth
	@$(RUN) scripts/lab_scorecard.py docs/lab-scorecard.md

explain-scorecard: $(READY) ## fit what marks of shutdowns weigh; needs the recordings' labels
	@$(RUN) scripts/shutdown_scorecard.py docs/explain-scorecard.md

lab-watch: $(READY) ## write docs/lab-watch.md: what a watch tells of the lab's worlds (takes half an hour)
	@$(RUN) scripts/lab_watch.py docs/lab-watch.md

reports-scorecard: $(READY) ## write docs/reports-scorecard.md: labelled sentences held against what is read of them
	@$(RUN) scripts/reports_scorecard.py docs/reports-scorecard.md

wheel: $(READY) ## build the wheel into dist/
	@rm -rf dist
	@$(RUN) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

setup: $(READY) ## make .venv from the lock; the other targets do so by themselves
	@:

# Made anew when the lock changes, and left alone otherwise.
$(LOCKED): requirements-dev.lock
	@test -n "$(PYTHON)" || { \
		echo "Zicht needs Python 3.11 or later, and no python3 here is one." >&2; \
		echo "Install it (Debian, Ubuntu: apt install python3 python3-venv) or name it:" >&2; \
		echo "make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { \
		echo "Zicht needs Python 3.11 or later; $(PYTHON) is $$("$(PYTHON)" --version 2>&1)." >&2; \
		exit 1; }
	@echo "Setting up $(VENV) with $$("$(PYTHON)" --version); once, about 250 MB to fetch"
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make virtual environments: its venv or ensurepip is missing." >&2; \
		echo "Install it (Debian, Ubuntu: apt install python3-venv) and try again." >&2; exit 1; }
	@$(RUN) -m pip install --require-hashes --only-binary :all: --requirement requirements-dev.lock
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	@$(RUN) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock: ## write the locks anew, keeping the releases that are in them
	@$(MAKE) --no-print-directory .lock-tools
	@scripts/lock .venv-lock/bin/python

upgrade: ## write the locks anew with the newest releases
	@$(MAKE) --no-print-directory .lock-tools
	@scripts/lock .venv-lock/bin/python --upgrade

.PHONY: .lock-tools
.lock-tools:
	@"$$(command -v python3.11 || echo "$(PYTHON)")" -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip install --quiet pip-tools

clean: ## remove what was made here: .venv, caches, dist, the demo's folder
	rm -rf $(VENV) .venv-lock dist zicht-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
