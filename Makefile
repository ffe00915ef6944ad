# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors

.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# This Python sets up the environment, with the newest Python that it finds. `make PYTHON=...` uses another one for everything.
STARTER := $(or $(PYTHON),$(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& command -v "$$python" && break; done))

export PATH := $(CURDIR)/.venv/bin:$(PATH)

# Without byte code every run of a module would compile the cloud SDKs again, which takes a second or more.
unexport PYTHONDONTWRITEBYTECODE

# Ansible finds the configuration of this folder from any folder, and does not read the user's own configuration.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

.PHONY: help
help:  ## Show this list
	@sed -n 's/^\([a-z -]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 40

.PHONY: setup
setup:  ## Install everything that the other targets need; each of them runs this by itself
	@if [ -z "$(STARTER)" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 with its venv module is needed, and none was found on PATH." >&2; \
	  echo "On Debian or Ubuntu: apt-get install python3 python3-venv. Elsewhere: make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi
	@"$(STARTER)" tools/environment.py $(PYTHON)

.PHONY: demo
demo: setup  ## Show maintenance mode and a locked site, from a user's side
	@python -m lab.demo

.PHONY: drill
drill: setup  ## Fail over and back with users and a database in it (needs PostgreSQL); reports go to .cache/drill
	@python -m tests.drill

.PHONY: test
test: setup  ## Run all checks, or only STEPS="unit contract ..."
	@python -m tools.checks $(or $(STEPS),test)

.PHONY: unit contract integration scenarios
unit contract integration scenarios: setup  ## Run only these tests
	@python -m tools.checks $@

.PHONY: broken-invariants
broken-invariants: setup  ## Break the code on purpose, to see that the tests of the invariants can fail
	@python -m tools.broken_invariants --sound

.PHONY: matrix
matrix: setup  ## Run tests on each supported ansible-core and Python that this machine has; takes an hour
	@python -m tools.matrix $(PAIRS)

.PHONY: mutation
mutation: setup  ## Change the decisions with a tool, and check that a unit test fails; takes hours, and continues where it stopped
	@python -m tools.mutation $(FILES)

.PHONY: nightly
nightly: setup  ## Run what takes too long for each change: matrix, mutation, the whole bench
	@python -m tools.checks nightly

.PHONY: site
site: setup  ## Build the documentation site in .cache/site/html
	@python -m tools.site

.PHONY: lint
lint: setup  ## Run the linters
	@python -m tools.checks lint

.PHONY: format
format: setup  ## Format the Python code, and fix what can be fixed automatically
	@ruff check --fix .
	@ruff format .

.PHONY: event-sources
event-sources: setup  ## Copy the code that event sources share into each of them, from tools/event_sources
	@python -m tools.event_sources.insertion

.PHONY: bench
bench: setup  ## Measure calls, time and memory beside the bare SDKs and amazon.aws; takes a quarter of an hour
	@python -m tests.bench

.PHONY: environments
environments: setup  ## Create the build contexts of the execution and decision environments, and import the collection with their libraries
	@python -m tools.environments

.PHONY: gates
gates: setup  ## Generate what follows from the kinds of gates: registry, documentation, argument specs
	@python -m tools.gates

.PHONY: troubleshooting
troubleshooting: setup  ## Generate the documentation page that explains the error codes
	@python -m tools.troubleshooting.generation

.PHONY: permissions
permissions: setup  ## Generate the policies and tables of the documentation from tools/permissions
	@python -m tools.permissions.generation

.PHONY: pictures
pictures: setup  ## Draw the architecture, and take the pictures of the maintenance page and of a drill's report again (needs Chromium)
	@python -m tools.architecture
	@PYTHONPATH=.cache/clone python -m ansible_collections.tidegate.failover.tests.scenarios.page_pictures
	@PYTHONPATH=.cache/clone python -m ansible_collections.tidegate.failover.tests.scenarios.drill_pictures

.PHONY: changelog
changelog: setup  ## Gather changelogs/fragments into the release that galaxy.yml names
	@antsibull-changelog release --update-existing

.PHONY: build
build: setup  ## Build the collection's archive in .cache/build
	@python -m tools.built_collection

.PHONY: release
release: setup  ## Build what is published, in .cache/release: the archive, the documentation, their hashes
	@python -m tools.release

.PHONY: lock
lock: setup  ## Pin the newest versions of the packages in requirements/*.in
	@python -m tools.lock

.PHONY: clean
clean:  ## Remove everything that was made here
	@if [ -x .venv/bin/python ] && [ -d .lab ]; then python -m lab down; fi
	rm -rf .ansible .cache .hypothesis .lab .mypy_cache .pytest_cache .ruff_cache .venv tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
