# 'make help' prints the lines that begin with '## '.
.PHONY: run test pytest test-pi test-service test-long test-worlds test-fuzz test-backends test-wheel test-page test-fleet test-home-assistant scan-page screenshots test-mutants check docs pictures lock bench bench-long bench-models bench-events bench-page bench-ablation train-anybin clean help

# The tests start some hundred processes: where the environment forbids byte code, each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PYTHON := $(VENV)/bin/python
ITEMS ?= 24
SPEED ?= 4
SPRITES ?=
PAGE ?= 1

## make help             this list
help:
	@sed -n 's/^## //p' Makefile

$(PYTHON):
	python3 -m venv $(VENV)

# The project itself goes in editable, for its commands (sorter, sorter-train, sorter-convert) in $(VENV)/bin.
SELF := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

$(VENV)/.run: requirements.txt pyproject.toml | $(PYTHON)
	$(if $(filter armv7l,$(shell uname -m)),$(PYTHON) -m pip install --quiet --only-binary :all: --no-deps -r systemd/requirements-piwheels.txt)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(SELF)
	@touch $@

# By uv, which takes half of pip's time for TensorFlow and its many packages; with the certificates that pip goes by as well.
$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(PYTHON)
	@echo "installing the packages for training and tests into $(VENV): 3 GB on disk, two thirds of it TensorFlow (minutes)"
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint requirements-dev.txt uv
	$(VENV)/bin/uv pip install --system-certs --quiet --python $(PYTHON) --compile-bytecode -r requirements-dev.txt
	$(SELF)
	@touch $@ $(VENV)/.run

## make run              the simulated bin sorts 24 items, with its page; ITEMS=N, SPEED=N, SPRITES=DIR, PAGE=0
# SPRITES: your photographs, a folder of label folders. No TensorFlow is installed for it. PAGE=0: without the page, which begins
# first, closes its output once it has said its address, and ends with the process that the shell becomes, however that ends.
run: $(VENV)/.run
	@echo "$$($(if $(filter 0,$(PAGE)),,$(PYTHON) -m edge page --host 127.0.0.1 --until-exit $$$$ &))"; \
	exec $(PYTHON) -m edge run --items $(ITEMS) --set simulation.speed=$(SPEED) $(if $(SPRITES),--set simulation.photos="$(SPRITES)")

## make test             everything that CI runs: style, types, tests
# Types are checked while the tests wait for processes and clocks.
test: $(VENV)/.dev
	$(MAKE) --no-print-directory --jobs=2 check pytest

# Two workers on two cores: libraries that start threads of their own only get in each other's way. And memory that was
# freed is kept: pages that are given back and asked for anew with every picture cost a third of the time on a virtual machine.
TEST_ENV := TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
	MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=268435456

## make pytest           the tests alone
pytest: $(VENV)/.dev
	$(TEST_ENV) $(PYTHON) -m pytest -n 2 -m "not slow and not browser"

## make test-long        checks that take minutes: kills, damaged states, days of 1,000 items
# 500 kills, 500 damaged states, 500 schedules, two devices in training.
test-long: $(VENV)/.dev
	$(PYTHON) -m pytest -m slow -v

## make test-worlds      random worlds that attack the bin (half an hour); WORLDS=N, SEED=N
# Ten thousand on two cores. What is in runs/worlds.jsonl is not played again; SEED replays one.
WORLDS ?= 10000
SEED ?=
test-worlds: $(VENV)/.dev
	@mkdir -p runs
	$(TEST_ENV) $(PYTHON) -m tests.worlds $(if $(SEED),--seed $(SEED),--count $(WORLDS) --results runs/worlds.jsonl)

## make test-fuzz        hostile files for every reader (ten minutes); FUZZ_S=N seconds for each
# Prints inputs and crashes, and keeps the inputs of those in runs/fuzz.
FUZZ_S ?= 40
test-fuzz: $(VENV)/.dev
	$(TEST_ENV) $(PYTHON) -m tests.fuzz --seconds $(FUZZ_S)

## make check            style, import contracts and types alone
check: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/mypy

## make test-mutants     mutation testing (hours); ROOM=guard does one room
# It changes the code of the rooms in [tool.mutmut] one place at a time, and counts the changes that neither a test nor a type
# notices. Needs 90 % in each; tests/mutants/equivalents.toml names the changes that nobody could notice.
ROOM ?=
test-mutants: $(VENV)/.dev
	$(PYTHON) -m pip install --quiet --disable-pip-version-check "mutmut>=3.8,<4"
	rm -rf mutants
	$(TEST_ENV) PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV)/bin/mutmut run --max-children 2 $(if $(ROOM),"edge.$(ROOM).*")
	$(PYTHON) -m tests.mutants --survivors $(if $(ROOM),--room $(ROOM))

## make test-backends    training on JAX and on PyTorch, each in a venv of its own
BACKENDS := jax torch
BACKEND_TESTS := tests/train/views/test_batches.py tests/train/network tests/train/measuring/test_evaluate.py tests/train/learning
test-backends: $(BACKENDS:%=test-on-%)

.venv-%/.ready: pyproject.toml
	python3 -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[fit]" pytest hypothesis $*
	@touch $@

test-on-%: .venv-%/.ready
	KERAS_BACKEND=$* .venv-$*/bin/python -m pytest -q -p no:cacheprovider $(BACKEND_TESTS)

## make test-wheel       the wheel in a fresh environment, in empty folders
test-wheel: $(VENV)/.dev
	$(PYTHON) -m tests.wheel .venv-wheel
	WHEEL_ENVIRONMENT=.venv-wheel $(PYTHON) -m pytest -v tests/wheel

## make test-page        the bin's page in a real browser, Debian's chromium (minutes)
# Playwright drives the system's browser and brings none.
test-page: $(VENV)/.page-test
	$(TEST_ENV) $(PYTHON) -m pytest -v -m browser tests/page

## make test-fleet       2,000 bins at one MQTT broker, and faults (a quarter of an hour); FLEET="..."
# FLEET: options of python -m tests.fleet, such as "--bins 100 --processes 5 --events 20000 --over 60", or "--broker 10000".
FLEET ?=
test-fleet: $(VENV)/.dev
	$(TEST_ENV) $(PYTHON) -m tests.fleet $(FLEET)

## make test-home-assistant  as root, on Debian: a bin seen by Home Assistant's own program (minutes)
# It needs a newer Python than the bin: in a Debian 13 of its own.
test-home-assistant: $(VENV)/.dev
	$(PYTHON) -m tests.home_assistant .cache/home-assistant
	HOME_ASSISTANT=.cache/home-assistant $(PYTHON) -m pytest -v -m slow tests/home_assistant

## make scan-page        Wapiti, in an environment of its own, attacks the page (half an hour)
scan-page: $(VENV)/.dev .venv-scan/.ready
	$(PYTHON) -m tests.page.scan .venv-scan/bin/wapiti

.venv-scan/.ready:
	python3 -m venv .venv-scan
	.venv-scan/bin/python -m pip install --quiet --disable-pip-version-check "wapiti3>=3.2,<4"
	@touch $@

## make screenshots      take the pictures of the page's docs
screenshots: $(VENV)/.page-test
	$(PYTHON) -m tests.page.screenshots docs/page

$(VENV)/.page-test: pyproject.toml | $(VENV)/.dev
	@test -x /usr/bin/chromium || { echo "/usr/bin/chromium: not found; sudo apt-get install chromium" >&2; exit 1; }
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable ".[page-test]"
	@touch $@

## make bench            compare with MediaPipe, the usual loop, the bare model; WRITE=1: docs/performance.md
## make bench-long       the same, and the memory over 200,000 frames (minutes)
BENCH := $(PYTHON) -m tests.bench.comparison $(if $(WRITE),--write-docs)
bench: $(VENV)/.dev .venv-bench/.ready
	$(BENCH)

bench-long: $(VENV)/.dev .venv-bench/.ready
	$(BENCH) --long 200000

# MediaPipe in an environment of its own: it brings another OpenCV, and nothing of it may reach the bin.
.venv-bench/.ready:
	python3 -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check "mediapipe>=1.2,<2"
	@touch $@

## make bench-models     size and time of every recipe's network as int8, in one run
bench-models: $(VENV)/.dev
	$(PYTHON) -m tests.bench.models

## make bench-events     the event log with ten million events: list, count, delete (minutes, 3 GB); EVENTS=N
EVENTS ?= 10000000
bench-events: $(VENV)/.dev
	$(PYTHON) -m tests.bench.event_log --events $(EVENTS)

## make bench-page       what the bin's page costs, itself and the loop (minutes)
bench-page: $(VENV)/.dev
	$(PYTHON) -m tests.bench.page

## make bench-ablation   short training runs with one thing changed in each (an hour); DATA, WEIGHTS, ...
# DATA, SPLIT, WEIGHTS, TEACHER, OUT.
SPLIT ?= train/splits/bin8.json
OUT ?= runs/ablation
bench-ablation: $(VENV)/.dev
	$(PYTHON) -m tests.bench.ablation --data $(DATA) --split $(SPLIT) --weights $(WEIGHTS) --teacher $(TEACHER) --out $(OUT)

## make train-anybin     a model for bins never seen (a night); DATA, NETWORK, WEIGHTS, ...
# DATA: the data sets' folders. NETWORK: U2-Net, see 'sorter-train masks --help'. RECIPE, FOLDS (names of sets that are left out in
# turn, to choose how far to fine-tune), MASKS, ANYBIN (folder of the runs). Started again, it goes on: what is finished stays.
# On two cores: masks 75 minutes, then about 20 for each fold and for the last run, 8 for the weights between.
RECIPE ?= anybin6-mobilenetv2
FOLDS ?= aquatrash wasteset trashnet
ANYBIN ?= runs/$(RECIPE)
MASKS ?= runs/masks
TRAIN := $(VENV)/bin/sorter-train
ANYBIN_FIT = $(TRAIN) fit --recipe $(RECIPE) --data $(DATA) --weights $(WEIGHTS) --split $(ANYBIN)/split.json \
	--set masks=$(MASKS) --set cache=$(ANYBIN)/pictures
train-anybin: $(ANYBIN)/model/bias.json
	$(TRAIN) evaluate $(ANYBIN)/model

$(ANYBIN)/masks.done: | $(VENV)/.dev
	$(TRAIN) masks --data $(DATA) --network $(NETWORK) --out $(MASKS) --threads 2
	mkdir -p $(ANYBIN) && touch $@

$(ANYBIN)/split.json: | $(VENV)/.dev
	mkdir -p $(ANYBIN)
	$(TRAIN) split --data $(DATA) --map battery=e-waste --map lightbulb=e-waste --keep $(SPLIT) --weights $(WEIGHTS) \
		--val 0.12 --test 0.12 --out $@

$(ANYBIN)/fold-%/bias.json: $(ANYBIN)/masks.done $(ANYBIN)/split.json
	$(ANYBIN_FIT) --set validate_on=$* --out $(@D)

$(ANYBIN)/all/bias.json: $(ANYBIN)/masks.done $(ANYBIN)/split.json
	$(ANYBIN_FIT) --out $(@D)

# 'interpolate' takes no folder that holds a finished run: one that was stopped while it was finished is made again.
$(ANYBIN)/between-%/bias.json: $(ANYBIN)/fold-%/bias.json
	rm -rf $(@D) && $(TRAIN) interpolate $(<D) --out $(@D)

$(ANYBIN)/model/bias.json: $(ANYBIN)/all/bias.json $(FOLDS:%=$(ANYBIN)/between-%/bias.json)
	rm -rf $(@D) && $(TRAIN) interpolate $(<D) --out $(@D) --as $(FOLDS:%=$(ANYBIN)/between-%)

.PRECIOUS: $(ANYBIN)/fold-%/bias.json $(ANYBIN)/between-%/bias.json

## make docs             the pages of docs/ as a site in site/; a link that leads nowhere is an error
docs: $(VENV)/.docs
	$(VENV)/bin/sphinx-build --fail-on-warning --keep-going --quiet --builder html docs site
	@echo "site/index.html"

## make pictures         draw the pictures of the docs (minutes); a test says when they are out of date
pictures: $(VENV)/.docs
	$(PYTHON) -m docs.drawings
	$(PYTHON) -m docs.make_picture
	$(PYTHON) -m docs.make_teaching_picture
	$(PYTHON) -m docs.make_demo

$(VENV)/.docs: pyproject.toml | $(VENV)/.run
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-build-isolation -c requirements-dev.txt --editable ".[docs]"
	@touch $@

## make lock             compile the requirements files anew from pyproject.toml
# What install.sh installs as root has hashes.
LOCK := $(VENV)/bin/uv pip compile --universal --python-version 3.11 --quiet --upgrade \
	--no-emit-index-url --custom-compile-command "make lock"
lock: $(VENV)/.dev
	$(LOCK) --generate-hashes --extra pi --extra page --extra link --extra update -o requirements.txt pyproject.toml
	$(LOCK) --extra train -o requirements-train.txt pyproject.toml
	$(LOCK) --extra train --extra dev -o requirements-dev.txt pyproject.toml
	echo "simplejpeg>=1.8" | $(LOCK) --generate-hashes --no-deps -o systemd/requirements-picamera2.txt -

## make test-service     as root, on Debian: the service in a container (minutes); SUITE=bookworm
# Under a real systemd, from install to uninstall.
SUITE ?= trixie
test-service: | $(PYTHON)
	$(PYTHON) -m tests.service $(SUITE)

## make test-pi          as root, on Debian: an emulated Raspberry Pi with pins and cameras (minutes)
# Its kernel's pins and cameras, and its first boot.
test-pi: $(VENV)/.run
	$(PYTHON) -m tests.pi

## make clean            remove environments, caches, state/ and site/
clean:
	rm -rf $(VENV) .venv-bench .venv-scan .venv-wheel $(BACKENDS:%=.venv-%) state site .mypy_cache .ruff_cache .pytest_cache .hypothesis
