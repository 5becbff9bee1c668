# `make run` and `make test` need Python 3.11 or newer and nothing else: see `make help`.

VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
IS_NEW := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c '$(IS_NEW)' 2>/dev/null && echo $$p && break; done)
PIP_INSTALL := -m pip install --disable-pip-version-check --no-input --require-hashes
PIP_COMPILE := -m piptools compile --quiet --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
RUSSIAN := app/translations/ru/LC_MESSAGES/messages
# A file is never split. More at a time than a small machine has processors: much of the suite waits (tests/conftest.py).
PARALLEL ?= -n 4 --dist loadfile --no-loadscope-reorder
# Without a window it does the same at a fifth of the cost; where it is not to be had, Chromium itself serves.
HEADLESS := chromium-headless-shell
CAN_BROWSE = { command -v $(HEADLESS) || command -v chromium; } >/dev/null

.PHONY: help run test lint lock translations clean chromium
.DELETE_ON_ERROR:

help:
	@echo 'make run    start everything on this machine; PORT, HOST, VAR_DIR, DATABASE_URL … from the environment'
	@echo 'make test   run the whole test suite, browser and style included; ARGS="-k ingest" goes to pytest'
	@echo '            SCREENSHOTS=folder keeps pictures of all pages there'
	@echo 'make lint   run only the checks of style, types, layers and dependencies'
	@echo 'make lock   pin the newest versions that setup.cfg allows, with hashes'
	@echo 'make translations  collect the texts of code and templates for $(RUSSIAN).po, and compile it'
	@echo 'make clean  remove the virtual environment and caches; photos and database in var/ stay'

run: $(VENV)/installed
	@$(VENV_PYTHON) -m app run

test: $(VENV)/installed-dev chromium
	@if $(CAN_BROWSE); then \
		$(VENV_PYTHON) -m pytest $(PARALLEL) $(ARGS); \
	else \
		$(VENV_PYTHON) -m pytest -m 'not browser' $(PARALLEL) $(ARGS); \
	fi

lint: $(VENV)/installed-dev
	@$(VENV_PYTHON) -m pytest -q tests/test_lint.py tests/test_requirements.py

lock: $(VENV_PYTHON)
	$(VENV_PYTHON) -m pip install --quiet pip-tools==7.6.2
	$(VENV_PYTHON) $(PIP_COMPILE) --upgrade --output-file requirements.txt setup.cfg
	$(VENV_PYTHON) $(PIP_COMPILE) --upgrade --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt setup.cfg

translations: $(VENV)/installed-dev
	@$(VENV)/bin/pybabel --quiet extract --mapping-file babel.cfg --no-location --sort-output --output-file $(VENV)/messages.pot .
	@$(VENV)/bin/pybabel --quiet update --locale ru --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		--width 100 --input-file $(VENV)/messages.pot --output-file $(RUSSIAN).po
	@$(VENV)/bin/pybabel --quiet compile --statistics --locale ru --input-file $(RUSSIAN).po --output-file $(RUSSIAN).mo

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@$(CAN_BROWSE) && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the browser tests …'; \
		apt-get update && export DEBIAN_FRONTEND=noninteractive && { \
			apt-get install -y --no-install-recommends $(HEADLESS) || \
			apt-get install -y --no-install-recommends chromium; }; \
	else \
		echo 'There is no chromium: the browser tests are left out. On Debian: sudo apt-get install chromium' >&2; \
	fi

$(VENV)/installed: requirements.txt $(VENV_PYTHON)
	@echo 'Installing the packages of $< …'
	@$(VENV_PYTHON) $(PIP_INSTALL) -r $<
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo 'Installing the packages of $< …'
	@$(VENV_PYTHON) $(PIP_INSTALL) -r $<
	@touch $@

$(VENV_PYTHON):
	@$(if $(PYTHON),,echo 'PhotoChanger needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3' >&2; exit 1)
	@$(PYTHON) -c '$(IS_NEW)' || { echo 'PhotoChanger needs Python 3.11 or newer, and $(PYTHON) is older' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo 'The venv module of $(PYTHON) is missing. On Debian: sudo apt-get install python3-venv' >&2; exit 1; }
	@echo 'Making a virtual environment in $(VENV) …'
	@$(PYTHON) -m venv --clear $(VENV)
