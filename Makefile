# Commands for running and changing Panelist. Needs only python3 (3.11 or newer, with venv and pip) and make.
# Settings come from the environment or .env; `make demo PORT=9000` works too.
# `make run EXTRAS=saml` installs an extra of pyproject.toml as well; without it the next command takes that away again.

PYTHON ?= python3
PY := .venv/bin/python
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo run test test-all coverage lint format bench walk soak crash mutants screenshots messages vendor sbom clean

# .venv is made by one Python at one place, and synced when the lock file is newer. Its file `whole-...` is away while an
# install runs: after one that was cut off, as with another Python, place or uv, .venv is made anew.
UV := uv==0.13.9
ID := $(shell $(PYTHON) -c 'import os, sys, zlib; print(zlib.crc32(repr((sys.version, os.getcwd(), "$(UV)")).encode()))')
WHOLE := .venv/whole-$(ID)
WITH := $(addprefix --extra ,$(EXTRAS))
RUN := .venv/run-$(ID)$(addprefix -,$(EXTRAS))
DEV := .venv/dev-$(ID)
SYNC := UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON=$(PY) UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV= \
  .venv/tools/bin/uv sync --frozen --quiet

$(RUN): SYNC += $(WITH) $(if $(wildcard $(DEV)),,--no-dev) # development tools that are there stay
$(RUN) $(DEV): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Panelist needs Python 3.11 or newer, and this " \
	  "is %d.%d. Install a newer one, or name it: make demo PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Preparing the Python environment in .venv ..."
	@test -e $(WHOLE) || rm -rf .venv
	@test -e $(WHOLE) || $(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "$(PYTHON) can't create a virtual environment with pip. Install what it lacks" \
	    "(Debian and Ubuntu: apt install python3-venv python3-pip) and start again." >&2; exit 1; }
	@rm -f $(WHOLE) .venv/run-$(ID)*
	@test -e .venv/tools || $(PY) -m pip install --quiet --no-deps --target .venv/tools $(UV) || { \
	  echo "pip could not install $(UV). Is the package index reachable?" >&2; exit 1; }
	@$(SYNC) || { echo "The locked packages could not be installed. The lines above say why." >&2; exit 1; }
	@touch $(WHOLE) $(RUN) $@

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1~/p' $(MAKEFILE_LIST) | awk -F'~' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: $(RUN) ## Start everything with demo data and a CodeSignal stand-in
	@$(PY) -m config.supervisor demo --with-parent

run: $(RUN) ## Start everything for real use; asks for the first admin
	@$(PY) -m config.supervisor run --with-parent

test: $(DEV) ## Run the tests that need no service and no browser
	@$(PY) -m pytest -q -n 3 --dist worksteal -m "not browser and not services and not thorough"

test-all: $(DEV) ## Run every test, also on PostgreSQL and Redis and in a real Chromium
	@$(PY) -m tests.services

coverage: $(DEV) ## Show the lines and branches that `make test` does not reach
	@$(PY) -m pytest -q -n 2 --dist worksteal --cov --cov-report=term -m "not browser and not services and not thorough"

lint: $(DEV) ## Check style, types, layers, scripts, templates, migrations and known vulnerabilities
	@PANELIST_IGNORE_DOTENV=1 .venv/bin/pre-commit run --all-files --color never

format: $(DEV) ## Format Python and templates
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .
	@$(PY) -m djlint --quiet --reformat templates integrations/sandbox/templates || true

messages: $(DEV) ## Bring the languages in locale/ up to date with the texts; says which lack a translation
	@$(PY) -m config.messages

vendor: $(DEV) ## Copy the pages' CSS, JavaScript and icons from npm (versions: static/vendor/versions.json)
	@$(PY) config/vendor.py

screenshots: $(DEV) ## Take a picture of every page of a demo, and of every mail: wide, narrow and dark
	@$(PY) -m tests.browser.screenshots
	@MAIL_PICTURES=screenshots/mails $(PY) -m pytest -q -m browser tests/test_mails_browser.py

bench: $(DEV) ## Measure links, clicks and pages; writes benchmarks/RESULTS.md
	@$(PY) -m benchmarks.pages
	@$(PY) -m benchmarks.bench

walk: $(DEV) ## Count the clicks and keys of a coordinator's main jobs; writes benchmarks/RESULTS.md
	@$(PY) -m benchmarks.work

soak: $(DEV) ## Create a thousand links through faults and killed workers; writes benchmarks/RESULTS.md
	@$(PY) -m benchmarks.soak

crash: $(DEV) ## Create links while each service is killed in turn; writes benchmarks/RESULTS.md
	@$(PY) -m benchmarks.crash

mutants: $(DEV) ## Try 200 small faults: do the tests notice? Writes benchmarks/RESULTS.md
	@UV_PYTHON=$(PY) UV_PYTHON_DOWNLOADS=never .venv/tools/bin/uv sync --frozen --quiet --group mutants
	@$(PY) -m benchmarks.mutants

sbom: $(RUN) ## Write what Panelist is made of to sbom.cdx.json (CycloneDX)
	@.venv/tools/bin/uv export --frozen --quiet --no-dev $(WITH) --format cyclonedx1.5 --output-file sbom.cdx.json >/dev/null
	@echo "sbom.cdx.json has the packages of uv.lock that run Panelist."

clean: ## Remove the environment and caches, never DATA_DIR
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
