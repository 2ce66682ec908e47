# What one does here, each a word. It needs GNU make, a POSIX shell and Python 3.11; no container.
PYTHON ?= python3.11
VENV ?= .venv
LOCK ?= requirements.lock
RUN = $(VENV)/bin/python
# In CI a test that cannot run here is a failure, not a note.
NO_SKIPS = $(if $(filter true,$(CI)),-p tools.pytest_no_skips)

.DEFAULT_GOAL := help
.PHONY: help install run test check bench cluster

help: ## say what there is
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

install: ## make .venv and put in it what requirements.lock names, if that is not done
	@PYTHON='$(PYTHON)' VENV='$(VENV)' LOCK='$(LOCK)' sh tools/install.sh

run: install ## run the whole platform on this machine, with a city's cases to look at
	@$(RUN) -m tools.demo

test: install ## run all tests; ARGS= goes to pytest: make test ARGS='-k dispatch'
	@$(RUN) -m pytest $(NO_SKIPS) $(ARGS)

check: install ## what can be seen without running: style, types, imports, events, deployment
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(RUN) -m tools.schemas check
	$(RUN) deploy/check.py

bench: install ## measure on this machine, what bounds each figure too; ARGS=--quick, --long, --gate
	@$(RUN) -m tools.bench $(ARGS)

cluster: install ## the platform as eight processes on a real Kafka and PostgreSQL, until Ctrl-C
	@$(RUN) -m tools.cluster
