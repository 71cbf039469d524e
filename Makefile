# The one door. Each command does all the set-up it needs, skips what is done, and says both.
# Another interpreter than the system's: make demo PYTHON=python3.12

PYTHON ?= python3
SETUP := $(PYTHON) -m ivr.provision
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo run test check bench fuzz sim mutants lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## do all set-up and start nothing
	@exec $(SETUP) --for test

demo: ## place real calls through a real Asterisk, and show what both ends heard
	@$(SETUP) --for demo && exec $(VENV)/python -m simulator.live.demo

run: ## keep the hotline up until Ctrl-C, for a softphone of yours
	@$(SETUP) --for run && exec $(VENV)/python -m simulator.live.run $(FORGET)

test: ## run all tests, with calls on the real Asterisk
	@$(SETUP) --for test && exec $(VENV)/python -m pytest -n 2

check: ## read the code, the prompts and the dialplans for mistakes, without running a call
	@$(SETUP) --for check
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/pyright
	$(VENV)/lint-imports
	$(VENV)/expertline prompts check
	$(VENV)/expertline check dialplans
	$(VENV)/expertline test dialplans

SUITE ?=

bench: ## measure what calls and dialplans cost, judged; SUITE=call, flow, router or all
	@$(SETUP) --for $(if $(filter flow router,$(SUITE)),check,bench) && \
	    exec $(VENV)/python -m simulator.bench $(if $(SUITE),'$(SUITE)')

FUZZ_S ?= 60

fuzz: ## give any bytes to what reads bytes, for a minute or FUZZ_S seconds
	@$(SETUP) --for check && exec $(VENV)/python tests/fuzz/fuzz_run.py --seconds '$(FUZZ_S)'

POOLS ?= 500
WORLDS ?= 200

sim: ## the router beside its oracle, a million events or POOLS times 2,000; then WORLDS worlds
	@$(SETUP) --for check
	$(VENV)/python -m simulator.router_run --pools '$(POOLS)'
	$(VENV)/python -m simulator.world --worlds '$(WORLDS)'

mutants: ## plant one bug after another in a copy of the cores: the suite must find each
	@$(SETUP) --for check && exec $(VENV)/python tests/mutants/mutants_run.py

# No index address goes into the lock: each machine's own pip knows where to fetch.
lock: ## write requirements.lock anew from pyproject.toml
	@test -x $(VENV)/python || $(PYTHON) -m venv .venv
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --quiet pyproject.toml --group dev -o requirements.lock

clean: ## remove all that was built here; the private Asterisk in your cache stays
	rm -rf .venv build prompts/audio .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find ivr router simulator tests -name __pycache__ -type d -prune -exec rm -rf {} +
