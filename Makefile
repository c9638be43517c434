# Setting up, checking, showing. `make help` lists what there is.

PYTHON ?= python3
PYTEST_ARGS ?= -n auto
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help

.PHONY: help
help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/.installed-dev  ## make the virtual environment with what development needs

.PHONY: demo
demo: $(VENV)/.installed  ## the main job in a demonstration workspace: no account, no key
	@$(BIN)/ringfence demo

.PHONY: test
test: lint  ## all checks, then all tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: guarantee
guarantee: setup  ## the tests behind docs/security-model.md: all, or N="5 10"
	@PYTHONPATH=tests $(BIN)/python -m docs.guarantees $(N)

.PHONY: lint
lint: setup  ## style, format and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

.PHONY: format
format: setup  ## put the sources into their format
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

.PHONY: docs
docs: setup  ## write the generated pages
	@$(BIN)/python -m ringfence.core.pages docs/errors.md

.PHONY: bench
bench: setup  ## the measurements behind docs/decisions
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

FUZZ := parse check run labels serial given regex
SECONDS ?= 60

.PHONY: fuzz
fuzz: $(VENV)/.installed-fuzz  ## look for crashes and leaks: SECONDS=60 for each target
	@for target in $(FUZZ); do echo "== $$target"; $(BIN)/python fuzz/targets.py $$target $(SECONDS) || exit 1; done

.PHONY: clean
clean:  ## remove what was made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks

# The stamps are files, so that nothing is installed twice; they are older than a changed pyproject.toml.

$(VENV)/bin/python:
	@echo "making $(VENV)"
ifdef UV
	@$(UV) venv --quiet --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "no virtual environment: install uv, or python3-venv"; exit 1; }
endif
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")' \
		|| { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(call install,.)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(call install,.[dev])
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-fuzz: pyproject.toml | $(VENV)/bin/python
	$(call install,.[fuzz])
	@touch $@

ifdef UV
define install
	@echo "installing $(1)"
	@$(UV) pip install --quiet --python $(BIN)/python --editable '$(1)'
endef
else
define install
	@echo "installing $(1)"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable '$(1)'
endef
endif
