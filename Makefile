# make demo         install into .venv and serve the page
# make test         install into .venv, check the style, run every test
# make evaluate     install into .venv, and print what the built-in weights are worth on the test photos of DATA;
#                   DATA="one/folder another/folder" BACKGROUNDS=photos/without/a/bike
# make train-demo   install into .venv, train both stages on datasets/bike-damage-sample, and write their cards
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
.PHONY: demo test evaluate train-demo

demo: $(VENV)/.demo-installed
	$(RUN) app.py

test: $(VENV)/.test-installed
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| { $(APT_INSTALL); apt_install chromium; } \
		|| echo "No Chromium here, and it cannot be installed without a password: browser tests will be skipped."
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	OMP_NUM_THREADS=1 $(RUN) -m pytest --numprocesses 2 --dist loadfile

DATA ?= $(SAMPLE)
evaluate: $(VENV)/.train-installed
	$(RUN) -m training.overview $(DATA) --robustness 80 $(if $(BACKGROUNDS),--background_dir $(BACKGROUNDS))

# A few minutes on two cores: enough to see every step, not to learn much.
SAMPLE := datasets/bike-damage-sample
LAUNCH := $(VENV)/bin/accelerate launch --num_processes 1 --num_machines 1 --mixed_precision no --dynamo_backend no -m
train-demo: $(VENV)/.train-installed
	$(RUN) -m training.data_report $(SAMPLE) --sheet runs/demo/sheet.jpg
	$(LAUNCH) training.train_classifier --config training/configs/classifier_fine_tune.yaml --data_dir $(SAMPLE) \
		--output_dir runs/demo/classifier --height 288 --width 384 --epochs 5
	$(LAUNCH) training.train_draem --config training/configs/draem.yaml --intact_dir $(SAMPLE)/intact \
		--initial_model model_cards/bike-draem --output_dir runs/demo/localizer --height 128 --width 192 --epochs 5 --epoch_examples 240
	$(RUN) -m training.evaluate --classifier runs/demo/classifier/model --localizer runs/demo/localizer/model \
		--data_dir $(SAMPLE) --output_dir runs/demo/evaluation --write_cards model_cards/demo_note.md
	@echo "The models and their cards: runs/demo/classifier/model and runs/demo/localizer/model"

$(VENV)/.demo-installed: requirements.txt packages.txt | $(RUN)
	@echo "Installing into $(VENV): some minutes the first time."
	$(RUN) -m pip install --quiet -r requirements.txt
	@$(check_opencv)
	@touch $@

$(VENV)/.train-installed: $(VENV)/.demo-installed pyproject.toml
	$(RUN) -m pip install --quiet --editable '.[train]'
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
