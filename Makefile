# make run    the simulated bin sorts (no TensorFlow is installed for it)
# make test   everything that CI runs: style, types, tests
.PHONY: run test test-long test-backends check lock bench bench-models clean help

VENV := .venv
PYTHON := $(VENV)/bin/python
ITEMS ?= 24
SPEED ?= 4
SPRITES ?=

help:
	@sed -n 's/^# //p' Makefile

$(PYTHON):
	python3 -m venv $(VENV)

# The project itself goes in editable, for its commands (sorter, sorter-train, sorter-convert) in $(VENV)/bin.
SELF := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

$(VENV)/.run: requirements.txt pyproject.toml | $(PYTHON)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(SELF)
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(PYTHON)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(SELF)
	@touch $@ $(VENV)/.run

# make run SPRITES=DIR shows your own photographs (a folder of label folders); ITEMS=N and SPEED=N say how many, how fast
run: $(VENV)/.run
	$(PYTHON) -m edge run --items $(ITEMS) --set simulation.speed=$(SPEED) $(if $(SPRITES),--set simulation.photos="$(SPRITES)")

test: check
	$(PYTHON) -m pytest -n 2 -m "not slow"

# make test-long   the checks that take minutes (50 kills)
test-long: $(VENV)/.dev
	$(PYTHON) -m pytest -m slow -v

check: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# make test-backends   training without TensorFlow: the training tests on JAX and on PyTorch, each in a venv of its own
BACKENDS := jax torch
BACKEND_TESTS := $(patsubst %,tests/test_train_%.py,batches evaluate features fit model weights)
test-backends: $(BACKENDS:%=test-on-%)

.venv-%/.ready: pyproject.toml
	python3 -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[fit]" pytest hypothesis $*
	@touch $@

test-on-%: .venv-%/.ready
	KERAS_BACKEND=$* .venv-$*/bin/python -m pytest -q -p no:cacheprovider $(BACKEND_TESTS)

# make bench   time per frame of each stage beside the bare model
bench: $(VENV)/.run
	$(PYTHON) -m tests.bench_line

# make bench-models   size and time of every recipe's network as int8, in one run
bench-models: $(VENV)/.dev
	$(PYTHON) -m tests.bench_models

# make lock   compile the requirements files anew from pyproject.toml
LOCK := $(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --quiet --upgrade \
	--no-emit-index-url --custom-compile-command "make lock"
lock: $(VENV)/.dev
	$(LOCK) --extra pi -o requirements.txt
	$(LOCK) --extra train -o requirements-train.txt
	$(LOCK) --extra train --extra dev -o requirements-dev.txt

clean:
	rm -rf $(VENV) $(BACKENDS:%=.venv-%) state .mypy_cache .ruff_cache .pytest_cache .hypothesis
