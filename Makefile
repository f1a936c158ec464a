SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test test-slow test-explore test-soak lint format eval train bench serve docs lock clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/run.done: requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/run.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

setup: $(VENV)/run.done ## Make .venv with the locked packages and the creditdesk command

setup-dev: $(VENV)/dev.done ## The same, with what tests and linters need

demo: setup ## See e-mails become checked, allocated cases (no keys, no servers)
	$(BIN)/creditdesk demo

test: setup-dev ## Run the tests (at most 8 minutes on 2 cores)
	$(PYTEST) -n 2 --dist loadgroup -m "not slow and not soak"

test-slow: setup-dev ## Run the long tests: kills, load, both databases at length
	$(PYTEST) -n 2 --dist loadgroup -m "slow and not soak"

test-explore: setup-dev ## Run the property tests with new random examples, before a release
	$(PYTEST) -n 2 --dist loadgroup -m hypothesis --hypothesis-profile explore

test-soak: setup-dev ## Run the very long tests, before a release (hours)
	$(PYTEST) -m soak

lint: setup-dev ## Formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-dev ## Format and fix what can be fixed by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

eval: setup-dev ## Measure how well mails are understood and questions answered
	$(BIN)/python -m tests.evaluation

train: setup-dev ## Count the weights of the linear models anew, from labelled mails (some minutes)
	$(BIN)/python -m tests.training

docs: setup-dev ## Write docs/commands.md and docs/settings.md from the code
	$(BIN)/python -m tests.docs.pages

bench: setup-dev ## Measure speed, as ratios in one run
	$(BIN)/python -m tests.bench

serve: setup ## Run the desk: mailbox, workers, Slack, schedules, health
	$(BIN)/creditdesk serve

lock: ## Renew the lock files (needs uv on the PATH)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements/run.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -c requirements/run.txt requirements/dev.in -o requirements/dev.txt

clean: ## Remove the environment and local data
	rm -rf $(VENV) data
