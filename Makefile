# Zhike: `make demo` shows it, `make run` serves it, `make check test` keeps it honest.
# Every target installs what it needs; a stamp named after the content it was made from keeps it from doing so twice.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

hash = $(shell cat $(1) 2>/dev/null | sha256sum | cut -c1-16)
static_files := $(shell find src/zhike/*/static -type f -not -path '*/vendor/*' 2>/dev/null | LC_ALL=C sort)

VENV_MADE := $(STAMPS)/venv-$(call hash,requirements-tools.lock)
RUN_MADE := $(STAMPS)/run-$(call hash,requirements.lock requirements-tools.lock pyproject.toml)
DEV_MADE := $(STAMPS)/dev-$(call hash,requirements-dev.lock requirements.lock)
FRONT_MADE := $(STAMPS)/front-$(call hash,package-lock.json src/zhike/desk/vendor.json tools/front_end.py)
STATIC_MADE := $(STAMPS)/static-$(call hash,package-lock.json src/zhike/desk/vendor.json $(static_files))

# uv does not read pip's configuration: a mirror set there is meant for us as well.
UV = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$($(BIN)/pip config get global.index-url 2>/dev/null || true)}"; \
	if [ -n "$$UV_DEFAULT_INDEX" ]; then export UV_DEFAULT_INDEX; else unset UV_DEFAULT_INDEX; fi; \
	$(BIN)/uv --quiet
# Tools that load the settings must not touch anybody's real home.
ASIDE := env -u DATABASE_URL ZHIKE_HOME=$(CURDIR)/build/home ZHIKE_SECRET_KEY=only-for-checks-$$RANDOM$$RANDOM$$RANDOM$$RANDOM-$$RANDOM$$RANDOM$$RANDOM$$RANDOM

.PHONY: help install demo run test check bench bench-insight lock messages docs clean system-packages check-style check-types \
	check-contract check-migrations check-settings check-words check-locks

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: ## make .venv/bin/zhike work
	@$(MAKE) -s -j2 $(RUN_MADE) $(FRONT_MADE)
	@$(MAKE) -s $(STATIC_MADE)
	@$(BIN)/python -m tools.messages compile
	@$(BIN)/python -m compileall -q src tools

demo: install ## fill a home with real shopping data, run a year of the loop, serve it
	@$(BIN)/zhike demo

run: install ## serve the home in ~/.zhike (or ZHIKE_HOME)
	@$(BIN)/zhike up

test: install $(DEV_MADE) system-packages ## everything, on real PostgreSQL and real Chromium
	$(BIN)/python -m pytest $(ARGS)

CHECKS := style types contract migrations settings words locks
check: $(addprefix check-,$(CHECKS)) ## style, types, contract, migrations, settings, translations, locks (-k: all of them)
$(addprefix check-,$(CHECKS)): install $(DEV_MADE)

check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types:
	$(ASIDE) $(BIN)/mypy
	$(BIN)/mypy --strict tools

check-contract:
	$(BIN)/lint-imports

check-migrations:
	$(ASIDE) $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run --settings zhike.settings

check-settings:
	$(ASIDE) ZHIKE_ORIGIN=https://zhike.example ZHIKE_HOSTS=zhike.example \
		$(BIN)/python -m django check --deploy --fail-level WARNING --settings zhike.settings

check-words:
	$(BIN)/python -m tools.messages check
	$(BIN)/python -m tools.bare_text

check-locks:
	$(BIN)/python -m tools.locks

bench: install ## 100,000 customers, 2,000,000 orders: how fast, how big
	$(BIN)/python -m bench $(ARGS)

bench-insight: install $(DEV_MADE) system-packages ## 1,000,000 customers × 20,000,000 orders against DuckDB's bare group-by
	$(BIN)/python -m bench.insight $(ARGS)

lock: $(VENV_MADE) ## choose versions anew and write the lock files
	for part in run tools dev; do \
		case $$part in run) from=pyproject.toml; to=requirements.lock;; *) from="--group $$part -c requirements.lock"; to=requirements-$$part.lock;; esac; \
		$(UV) pip compile $$from --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --no-annotate --no-header --output-file $$to >/dev/null; \
	done
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm install --package-lock-only --ignore-scripts
	$(BIN)/python -m tools.locks

messages: install ## bring every stage's .po up to date; translate what it lists
	$(BIN)/python -m tools.messages update

docs: install ## write docs/guide/cli.md from the commands themselves
	$(BIN)/python -m tools.cli_reference

clean: ## remove what was installed or made here; homes and their data stay
	rm -rf $(VENV) node_modules build dist src/zhike/desk/static/vendor src/zhike/desk/collected
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find src -name '*.mo' -delete
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# ── what the targets stand on

$(VENV_MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python ≥ 3.11 / Python 3.11 or later is needed (set PYTHON=…)"; exit 1; }
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV) 2>/dev/null || { \
		echo "── apt: python3-venv"; rm -rf $(VENV); \
		$(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); \
	} || { echo "缺少 venv:请安装 python3-venv / venv is missing: install python3-venv"; exit 1; }
	@echo "── tools"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@mkdir -p $(STAMPS) && rm -f $(STAMPS)/venv-* && touch $@

$(RUN_MADE): $(VENV_MADE)
	@echo "── Python packages"
	@$(UV) pip install --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -f $(STAMPS)/run-* && touch $@

$(DEV_MADE): $(RUN_MADE)
	@echo "── development packages"
	@$(UV) pip install --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.lock
	@rm -f $(STAMPS)/dev-* && touch $@

$(FRONT_MADE): $(VENV_MADE)
	@echo "── front end"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(BIN)/python -m tools.front_end
	@rm -f $(STAMPS)/front-* && touch $@

$(STATIC_MADE): $(RUN_MADE) $(FRONT_MADE)
	@$(ASIDE) $(BIN)/python -m django collectstatic --noinput --clear --verbosity 0 --settings zhike.settings
	@rm -f $(STAMPS)/static-* && touch $@

system-packages:
	@need=""; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || need="$$need chromium"; \
	command -v fc-list >/dev/null && fc-list :lang=zh family | grep -q . || need="$$need fonts-noto-cjk fontconfig"; \
	command -v java >/dev/null || [ -x "$${JAVA_HOME:-/nowhere}/bin/java" ] || need="$$need openjdk-17-jre-headless"; \
	if [ -n "$$need" ]; then \
		command -v apt-get >/dev/null || { echo "请先安装 / please install:$$need"; exit 1; }; \
		echo "── apt:$$need"; \
		$(SUDO) apt-get update -qq; \
		DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$need >/dev/null; \
	fi
