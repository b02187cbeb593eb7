# `make demo` and `make test` set up everything they need in .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= auto
SIZE ?= 20000000
METERS ?= 2854
INPUTS ?= 100000

ASSETS := bilanz/app/web/assets
KERN := $(ASSETS)/node_modules/.package-lock.json

.PHONY: help demo serve assets test lint types contract check bench fuzz lock clean

help:
	@echo "make demo      set up and run the fictional city Musterhafen"
	@echo "make serve     set up and serve the web application at http://127.0.0.1:8000"
	@echo "make test      set up and run every test"
	@echo "make check     lint, types, import contract"
	@echo "make bench     measure against raw DuckDB (SIZE=rows METERS=meters)"
	@echo "make fuzz      read damaged files with every importer (INPUTS=number)"
	@echo "make lock      write the locked requirements anew"

$(VENV)/base: .lock/requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .lock/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev: .lock/requirements-dev.txt $(VENV)/base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .lock/requirements-dev.txt
	@touch $@

demo: $(VENV)/base
	$(BIN)/bilanz demo

# The style sheets of the web application come from their package, by name and hash.
assets: $(KERN)

$(KERN): $(ASSETS)/package-lock.json
	cd $(ASSETS) && npm ci --ignore-scripts --no-audit --no-fund --silent

serve: $(VENV)/base assets
	$(BIN)/bilanz serve

test: $(VENV)/dev assets
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy
	$(BIN)/mypy tests/bench

contract: $(VENV)/dev
	$(BIN)/lint-imports

check: lint types contract

bench: $(VENV)/dev
	$(BIN)/python tests/bench/run.py --rows $(SIZE) --meters $(METERS)

fuzz: $(VENV)/dev
	cd tests && ../$(BIN)/python -m fuzz.run --inputs $(INPUTS)

lock: $(VENV)/dev
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --custom-compile-command 'make lock' pyproject.toml -o .lock/requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --custom-compile-command 'make lock' --extra dev pyproject.toml -o .lock/requirements-dev.txt

clean:
	rm -rf $(VENV) demo-data bench-data .pytest_cache .mypy_cache .ruff_cache
