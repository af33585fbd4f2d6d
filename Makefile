# Two commands do everything on a fresh machine: `make demo` and `make test`. Both use one virtual environment, .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALLED := .venv/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-all check format install wheel clean

$(INSTALLED): pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt setuptools wheel
	$(BIN)/pip install -q -c constraints.txt torch==2.13.0
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	$(BIN)/python tools/warm.py
	touch $@

install: $(INSTALLED)  ## the virtual environment, and compiled loops warmed

demo: $(INSTALLED)  ## install and run the main job
	$(BIN)/genstudio demo -o out

test: $(INSTALLED)  ## install and pass the tests
	$(BIN)/python -m pytest

test-all: $(INSTALLED)  ## slow tests too
	$(BIN)/python -m pytest -m "not gpu and not network and not coqui"

check: $(INSTALLED)  ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/link_tree.py
	MYPYPATH=build/tree $(BIN)/mypy -p genstudio

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(INSTALLED)
	$(BIN)/pip wheel -q --no-deps --no-build-isolation -w dist .

clean:
	rm -rf build dist .venv .pytest_cache .mypy_cache .ruff_cache
