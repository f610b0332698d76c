# Each command makes the Python environment that it needs, once, in build/.
#   build/user   flash, configure, board, mailbox, demo
#   build/venv   all commands, for working on hssmtp itself; if it is there, the former use it too

PYTHON3 ?= python3

USER := build/user
VENV := build/venv
PYTHON := $(VENV)/bin/python
ifeq ($(wildcard $(VENV)/ready),)
TOOLS := $(USER)
else
TOOLS := $(VENV)
endif
RUN := $(TOOLS)/bin/python

# A file's tests stay in one process: they share interpreters and servers.
PYTEST := $(PYTHON) -m pytest -n auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help flash configure demo mailbox board test test-32bit test-qemu soak fuzz lint docs \
	bench diagram package release clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-11s %s\n", $$1, $$2} /^##+ /{sub(/^##+ /, ""); print "\n" $$0}' Makefile

## For your board

configure: $(TOOLS)/ready  ## ask for Wi-Fi and mail server, try them, write device/
	@$(RUN) -m tools.configure $(ARGS)

flash: $(TOOLS)/ready  ## put the application onto a board: PORT=/dev/ttyACM0
	@$(RUN) -m tools.flash $(PORT) $(if $(BOARD),--board $(BOARD)) $(ARGS)

demo: $(TOOLS)/ready  ## see it at work without hardware: a board, a button, an alert
	@$(RUN) -m tools.demo $(ARGS)

board: $(TOOLS)/ready  ## run a virtual board; KEEP=FOLDER is where its flash is stored
	@$(RUN) -m tools.virtual_board --keep "$(or $(KEEP),build/board)" \
		--machine "Raspberry Pi Pico W with RP2040"

mailbox: $(TOOLS)/ready  ## run a mail server on this PC that shows each mail
	@$(RUN) -m tools.mailbox $(ARGS)

## For working on hssmtp

test: $(VENV)/ready  ## run all tests; ARGS="-k reply -x" goes to pytest
	$(PYTEST) $(ARGS)

lint: $(VENV)/ready  ## check style and types, and compile for every processor
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/codespell
	$(PYTHON) -m tools.compile_check
	$(VENV)/bin/pyright
	$(VENV)/bin/pyright -p pyright-device.json

docs: $(VENV)/ready  ## build the documentation site, strictly, into build/docs
	@$(PYTHON) -m sphinx -q -E -W --keep-going -b html -d build/docs-doctrees docs build/docs
	@echo build/docs/index.html

bench: $(VENV)/ready  ## measure heap, waits, instructions; NAMES="installed ticks"
	@$(PYTHON) -m tools.micropython32 || true
	@$(PYTHON) -m tools.qemu.firmware || true
	@$(PYTHON) -m tools.bench $(NAMES)

package: $(VENV)/ready  ## compile the library for mip into build/package
	@$(PYTHON) -m tools.package

release: $(VENV)/ready  ## build and try all that is published, into build/release
	@$(PYTHON) -m tools.release $(ARGS)

diagram: $(VENV)/ready  ## draw docs/dialogue.md from sessions as they are played
	@$(PYTHON) -m host_tests.support.session_diagram

fuzz: $(VENV)/ready  ## play 200,000 dialogues with hostile servers; ARGS=--help
	@$(PYTHON) -m host_tests.fuzz $(ARGS)

soak: $(VENV)/ready  ## send 10,000 mails from one process; `make test` sends 1,000
	HSSMTP_SOAK=10000 $(PYTEST) -k soak $(ARGS)

# `make test` includes the following two once the interpreter is in build/.
test-32bit: $(VENV)/ready  ## get a 32-bit MicroPython (14 MB), and run the tests on it
	@$(PYTHON) -m tools.micropython32 || true
	$(PYTEST) -k micropython32 $(ARGS)

test-qemu: $(VENV)/ready  ## build MicroPython for a Cortex-M3 in QEMU, and run its tests
	@$(PYTHON) -m tools.qemu.firmware || true
	$(PYTEST) -k qemu $(ARGS)

clean:  ## remove all that was made
	rm -rf build
	find . -name __pycache__ -prune -exec rm -r {} +

$(USER)/ready: pyproject.toml tools/environment.py
	@$(PYTHON3) tools/environment.py $(USER) user

# build/stubs: pyright needs MicroPython's stubs at a path without a Python version in it.
$(VENV)/ready: pyproject.toml tools/environment.py
	@$(PYTHON3) tools/environment.py $(VENV) dev
	@ln -sfn "$$($(PYTHON) -c 'import os, sysconfig; print(os.path.relpath(sysconfig.get_path("purelib"), "build"))')" build/stubs
