# Everything stays in this folder: .venv, node_modules, static/vendor, static/built.
# PYTHON=python3.13 picks another one.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := .venv/bin/pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes --only-binary=:all:
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# The tests start Python several hundred times: it compiles a module once, not each time.
unexport PYTHONDONTWRITEBYTECODE

# Stamps: a step runs again only when what it was made from has changed.
RUN := .venv/.run
TEST := .venv/.test
VENDOR := static/vendor/.done
BUILT := static/built/.done
TOOLS := node_modules/.done
NPM_CI := npm ci --no-audit --no-fund --loglevel=error

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-fast campaign check check-bare check-browser format pictures bench bench-full wheel lock clean packages
# A step stands on the one before it.
.NOTPARALLEL:

# Six workers for two cores, three each on the second and third database, which run side by side:
# much of a test is waiting. `make test WORKERS=` runs one by one.
WORKERS ?= -n 6 --dist worksteal

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(RUN) $(BUILT) ## make .venv and the browser files, start nothing

run: setup ## the demo: Paywatch, a simulated WeChat and traffic
	.venv/bin/paywatch demo

test: setup $(TEST) $(TOOLS) ## all checks and all tests, on SQLite, PostgreSQL and MariaDB
	$(MAKE) --no-print-directory check
	.venv/bin/python -m tests.support.phases $(WORKERS) --durations=20

test-fast: setup $(TEST) $(TOOLS) ## for the edit loop, in under a minute: the pure rules, the house and its documents
	.venv/bin/python -m pytest -q -n 2 --dist worksteal tests/payments tests/house

check-bare: ## the README's two commands in a new DEBIAN=bookworm or trixie; needs root and debootstrap
	.ci/bare $(DEBIAN)

check-browser: setup $(TEST) $(TOOLS) ## every browser check at every width, theme and language; the storm and the heap
	PAYWATCH_TEST_BROWSER=full .venv/bin/python -m pytest -n 2 --dist worksteal tests/browser

campaign: setup $(TEST) ## the long runs: 10,000 orders over two processes, 1,000,000 requests to both doors, floods, kills, order lives
	PAYWATCH_TEST_ORDERS=10000 .venv/bin/python -m pytest -s tests/commands/test_processes.py
	PAYWATCH_TEST_DOORS=1000000 .venv/bin/python -m pytest tests/doors
	PAYWATCH_TEST_FORGED=10000 .venv/bin/python -m pytest -s tests/notify/test_flood.py
	PAYWATCH_TEST_PAGES=2000 .venv/bin/python -m pytest -s tests/live/test_status_many.py
	PAYWATCH_TEST_KILLS=200 .venv/bin/python -m pytest -s tests/storage/test_crash.py
	PAYWATCH_TEST_RECEIPTS=200 .venv/bin/python -m pytest tests/refunds/test_receipts.py
	PAYWATCH_TEST_REFUND_KILLS=60 .venv/bin/python -m pytest -s --async-test-timeout=7000 tests/storage/test_refund_crash.py
	PAYWATCH_TEST_SEARCHES=10000 .venv/bin/python -m pytest -s tests/views/test_search_mask.py
	PAYWATCH_TEST_FLOODING=50 .venv/bin/python -m pytest -s tests/auth/test_sign_in_attack.py
	PAYWATCH_TEST_HEALING=1000 .venv/bin/python -m pytest -s tests/orders/test_healing.py
	PAYWATCH_TEST_LIFE_EXAMPLES=3000 .venv/bin/python -m pytest -s tests/life/test_order_life.py
	PAYWATCH_TEST_SWITCH_RATE=200 PAYWATCH_TEST_SWITCH_SECONDS=10 .venv/bin/python -m pytest tests/wechat/test_key_switch.py

check: $(TEST) $(TOOLS) ## format, lint and types
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	npm run --silent check

format: $(TEST) $(TOOLS) ## put the code in order
	.venv/bin/ruff check --select I --fix .
	.venv/bin/ruff format .
	npm run --silent format

pictures: setup $(TEST) $(TOOLS) ## retake the pictures of docs from the demo, after it ran MINUTES=10
	.venv/bin/python -m bench.pictures docs/pictures $(MINUTES)

bench: setup ## two minutes: a notify beside a bare Tornado handler and an earlier build
	.venv/bin/python -m bench.run

bench-full: setup $(TEST) ## half an hour: all figures into docs/benchmarks.md; SECTIONS="notify peers" takes some
	.venv/bin/python -m bench.full $(SECTIONS)

wheel: setup ## the package in dist/; the same commit gives the same bytes
	rm -rf build dist
	umask 022; SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} \
		$(PIP) wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir dist .

lock: $(RUN) ## take the newest versions into requirements/*.lock
	$(PIP) install --quiet 'uv>=0.9'
	$(UV) $(PRODUCT) requirements/run.in -o requirements/run.lock
	$(UV) $(PRODUCT) requirements/test.in -o requirements/test.lock
	$(UV) requirements/node.in -o requirements/node.lock
	$(UV) requirements/peers.in -o requirements/peers.lock
	cd bench/peers && npm install --package-lock-only --no-audit --no-fund --loglevel=error

UV := .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
PRODUCT := setup.py --extra postgresql --extra mysql --extra demo --extra notify

clean: ## remove what make made; data/ stays
	rm -rf .venv .venv-peers .bench node_modules static/vendor static/built build dist *.egg-info .coverage* htmlcov
	rm -rf .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# Before anything else: what the goal needs of Debian's packages. PostgreSQL and Redis come as wheels.
test campaign check-browser pictures bench-full: NEEDS := test
packages:
	@PYTHON=$(PYTHON) sh requirements/packages.sh $(NEEDS)

.venv/bin/pip: | packages
	@test -n "$(PYTHON)" || { echo 'Paywatch needs Python 3.11 or newer on PATH.' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv

$(RUN): requirements/run.lock setup.py | .venv/bin/pip
	$(INSTALL) -r requirements/run.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(TEST): requirements/test.lock $(RUN)
	$(INSTALL) -r requirements/test.lock
	@touch $@

$(VENDOR): package.json package-lock.json static/copy-vendor.mjs | $(RUN)
	sh requirements/has-node.sh || $(INSTALL) -r requirements/node.lock
	$(NPM_CI) --omit=dev
	npm run --silent vendor
	@touch $@

# The folders too: one changes when a source in it comes or goes.
$(BUILT): $(VENDOR) static/build.mjs static/icon.svg $(shell find static/js static/css)
	npm run --silent build
	@touch $@

# A machine that only serves fetches no linter.
$(TOOLS): $(VENDOR)
	$(NPM_CI)
	@touch $@
