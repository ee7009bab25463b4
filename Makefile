# make demo   install into .venv and serve the page
# make test   install into .venv, check the style, run every test
#
# PYTHON=python3.12 picks the interpreter that makes .venv.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

# Installs Debian packages where that needs no password, and fails elsewhere.
APT_INSTALL := as_root=; [ "$$(id -u)" = 0 ] || as_root="sudo -n"; \
	apt_install() { command -v apt-get >/dev/null && $$as_root apt-get update -qq \
		&& $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@"; }

.DELETE_ON_ERROR:
.PHONY: demo test

demo: $(VENV)/.demo-installed
	$(RUN) app.py

test: $(VENV)/.test-installed
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| { $(APT_INSTALL); apt_install chromium; } \
		|| echo "No Chromium here, and it cannot be installed without a password: browser tests will be skipped."
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m pytest

$(VENV)/.demo-installed: requirements.txt packages.txt | $(RUN)
	@echo "Installing into $(VENV): some minutes the first time."
	$(RUN) -m pip install --quiet -r requirements.txt
	@$(check_opencv)
	@touch $@

$(VENV)/.test-installed: $(VENV)/.demo-installed pyproject.toml
	$(RUN) -m pip install --quiet --editable '.[train,synthetic,test]'
	@touch $@

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "Python 3.10 or newer is needed: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { $(APT_INSTALL); apt_install python3-venv; } \
		|| { echo "Python's venv module is missing. Run: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# OpenCV's wheel expects a few system libraries, those of packages.txt.
check_opencv = $(RUN) -c 'import cv2' 2>/dev/null \
	|| { $(APT_INSTALL); apt_install $$(cat packages.txt) && $(RUN) -c 'import cv2'; } \
	|| { echo "OpenCV needs system libraries. Run: sudo apt-get install $$(tr '\n' ' ' < packages.txt)"; exit 1; }
