# `make run` and `make test` do all the set-up they need, in any order, as often as you like.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := true
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help run test bench lint types layers report clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("prefq needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

run: $(STAMP) ## set up, run the pipeline on the sample, say where the report is
	$(BIN)/dvc repro
	@$(BIN)/prefq audit

test: $(STAMP) ## set up, run every test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope

lint: $(STAMP) ## style of the code
	$(BIN)/ruff check prefq tests bench
	$(BIN)/ruff format --check prefq tests bench

types: $(STAMP) ## types, strict
	$(BIN)/mypy

layers: $(STAMP) ## who may import whom
	$(BIN)/lint-imports

bench: $(STAMP) ## measure the stages on this machine, write bench/RESULTS.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m bench

report: $(STAMP) ## only the audit report
	$(BIN)/dvc repro report
	@$(BIN)/prefq audit

clean: ## remove what the pipeline made (not the raw data, not .venv)
	rm -rf .prefq reports build *.egg-info
	rm -rf data/*.parquet data/*.json data/vectors data/curated data/release
