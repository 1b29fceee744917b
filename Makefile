# What you can do here. Needs only python3 (3.11 or newer, with venv and pip) and make.
# Settings come from the environment or .env; `make demo PORT=9000` works too.

PYTHON ?= python3
PY := .venv/bin/python
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo run test test-all coverage lint format bench soak crash mutants screenshots vendor env env-dev clean

help: ## Shows this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1~/p' $(MAKEFILE_LIST) | awk -F'~' '{ printf "%-18s %s\n", $$1, $$2 }'

env:
	@$(PYTHON) config/bootstrap.py

env-dev:
	@$(PYTHON) config/bootstrap.py --dev

demo: env ## Starts everything with demo data and a CodeSignal stand-in
	@$(PY) -m config.supervisor demo --with-parent

run: env ## Starts everything for real use; asks for the first admin
	@$(PY) -m config.supervisor run --with-parent

test: env-dev ## Runs the tests that need no service and no browser
	@$(PY) -m pytest -q -n 3 --dist worksteal -m "not browser and not services and not thorough"

test-all: env-dev ## Runs every test: on PostgreSQL and Redis, and in a real Chromium
	@$(PY) -m tests.services

coverage: env-dev ## Says which lines and branches the tests of `make test` do not reach
	@$(PY) -m pytest -q -n 2 --dist worksteal --cov --cov-report=term -m "not browser and not services and not thorough"

lint: env-dev ## Checks style, types, layers, scripts, templates, migrations and known vulnerabilities
	@$(PY) -m config.lint

format: env-dev ## Formats Python and templates
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .
	@$(PY) -m djlint --quiet --reformat templates || true

vendor: env-dev ## Brings the pages' CSS, JavaScript and icons from npm again (versions: static/vendor/versions.json)
	@$(PY) config/vendor.py

screenshots: env-dev ## Takes a picture of every page of a demo, wide, narrow and dark
	@$(PY) -m tests.browser.screenshots

bench: env-dev ## Measures links, clicks and pages; writes benchmarks/RESULTS.md
	@$(PY) -m benchmarks.pages
	@$(PY) -m benchmarks.bench

soak: env-dev ## A thousand links through trouble and killed workers; writes benchmarks/RESULTS.md
	@$(PY) -m benchmarks.soak

crash: env-dev ## Links, while all that Panelist stands on is killed in turn; writes benchmarks/RESULTS.md
	@$(PY) -m benchmarks.crash

mutants: env-dev ## Tries 200 small faults: would the tests notice? Writes benchmarks/RESULTS.md
	@UV_PYTHON=$(PY) UV_PYTHON_DOWNLOADS=never .venv/tools/bin/uv sync --frozen --quiet --group mutants
	@$(PY) -m benchmarks.mutants

clean: ## Removes the environment and caches; never touches DATA_DIR
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
