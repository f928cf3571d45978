# One command each: they set up what is missing, and only that. `make` lists them.

PYTHON3 = $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)
PYTHON := .venv/bin/python
PIP = $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
# uv is quick; where it may not reach a package index that pip is set up for, pip installs the same files.
INSTALL = .venv/bin/uv pip install --quiet --system-certs --python $(PYTHON) --require-hashes --requirement $(1) || $(PIP) $(1)

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: .venv/.run static/vendor/.built ## serve the portal (PORT, PORTAL_HOME, DEMO)
	@exec $(PYTHON) -m registry_portal.run

.PHONY: setup
setup: .venv/.dev static/vendor/.built ## install everything that developing needs

.PHONY: test
test: setup browser ## run the whole suite on real PostgreSQL, on all cores
	$(PYTHON) -m pytest -n auto $(TESTS)

.PHONY: check
check: lint test ## lint, types, contracts, snapshots and the whole suite

.PHONY: lint
lint: setup ## everything that `make check` does beside the suite
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	.venv/bin/djlint --check --quiet templates
	.venv/bin/djlint --lint --quiet templates
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) -m registry_portal.contract --check

.PHONY: openapi
openapi: setup ## write docs/openapi.yaml anew
	$(PYTHON) -m registry_portal.contract

.PHONY: bench
bench: setup ## measure rates and page times (BENCH, BENCH_SECONDS)
	$(PYTHON) -m benchmarks

.PHONY: fuzz
fuzz: setup ## fuzz the API and the pages for longer than the suite does (EXAMPLES)
	FUZZ_EXAMPLES=$${EXAMPLES:-300} $(PYTHON) -m pytest -n auto tests/fuzz

.PHONY: screenshots
screenshots: setup browser ## write pictures of every page into docs/pictures/pages (ONLY, ALL)
	$(PYTHON) -m tests.e2e.screenshots

.PHONY: browser
browser: .venv/.dev ## install a browser for the tests where there is none
	@$(PYTHON) -m tests.infrastructure.browser

.PHONY: requirements
requirements: .venv/.tools ## compile requirements/*.txt from pyproject.toml
	$(COMPILE) --output-file requirements/run.txt
	$(COMPILE) --group test --group lint --constraint requirements/run.txt --output-file requirements/dev.txt
	$(COMPILE) --group examples --constraint requirements/dev.txt --output-file requirements/examples.txt
	$(COMPILE_GROUP):node --output-file requirements/node.txt
	$(COMPILE_GROUP):setup --output-file requirements/setup.txt

COMPILE_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
COMPILE = .venv/bin/uv pip compile pyproject.toml $(COMPILE_FLAGS)
COMPILE_GROUP = .venv/bin/uv pip compile $(COMPILE_FLAGS) --group pyproject.toml

.venv/.tools: requirements/setup.txt
	@test -n "$(PYTHON3)" || { echo "Registry Portal needs Python 3.11 or newer as python3." >&2; exit 1; }
	@test -x $(PYTHON) || "$(PYTHON3)" -m venv .venv
	@$(PIP) requirements/setup.txt
	@touch $@

.venv/.run: requirements/run.txt .venv/.tools
	@$(call INSTALL,requirements/run.txt)
	@touch $@

.venv/.dev: requirements/dev.txt requirements/examples.txt .venv/.run
	@$(call INSTALL,requirements/dev.txt)
	@$(call INSTALL,requirements/examples.txt)
	@touch $@

static/vendor/.built: package-lock.json static/icons.txt registry_portal/vendor.py .venv/.run
	@npm --version 2>/dev/null | grep -qE '^([89]|[1-9][0-9]+)\.' || { $(call INSTALL,requirements/node.txt); }
	@$(PYTHON) -m registry_portal.vendor
	@touch $@
