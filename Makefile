# make run: serve the app.  make class: serve it to the local network, for a class.  make test: every check.
# make lessons: play every lesson.  Each sets up .venv first where it is missing or old.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run class test lessons
run: $(VENV)/.run
	$(BIN)/streamlit run app.py

class: $(VENV)/.run
	$(BIN)/python -m ui.class_server

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -rR

lessons: $(VENV)/.run
	$(BIN)/python -m gan_core lesson lessons/[0-9]*.md

$(VENV)/.run: requirements.txt
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed, e.g. make PYTHON=python3.12')"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
