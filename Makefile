# The platform's few commands. `python3 manage.py up` does the same as `make up` without make.
PYTHON ?= python3
# What to pass on, for example: make up ARGS="--port 8080 --no-demo"
ARGS ?=
VENV := .venv/bin

.PHONY: up test check clean lock messages setup audit-dependencies licences

up:
	@exec $(PYTHON) manage.py up $(ARGS)

setup:
	@$(PYTHON) manage.py setup --dev

test: setup
	$(VENV)/python -m pytest --numprocesses logical --maxprocesses 4 $(ARGS)

check: setup
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports

# Asks a vulnerability service about every locked package; exit status 3 where none can be asked.
audit-dependencies: setup
	@PYTHONPATH=platform $(VENV)/python -m llmasos.runtime.dependencies audit $(ARGS)

licences: setup
	@PYTHONPATH=platform $(VENV)/python -m llmasos.runtime.dependencies licences $(ARGS)

# Removes what can be made again. Data (var/, and for root the servers' folders) stays.
clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# Needs uv: pip install uv
lock:
	@$(PYTHON) manage.py setup && PYTHONPATH=platform $(VENV)/python -m llmasos.runtime.locking

# Brings the Chinese catalogues up to date with the sources. Needs gettext (apt-get install gettext).
messages:
	@for place in platform/llmasos support_bot tutor clinical_assist; do \
	  (cd $$place && $(CURDIR)/$(VENV)/django-admin makemessages --locale zh_Hans --no-location --no-wrap --no-obsolete \
	    && $(CURDIR)/$(VENV)/django-admin compilemessages) || exit 1; \
	done
