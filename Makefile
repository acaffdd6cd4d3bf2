# Everything below works on a fresh machine with Python 3.11+ and make.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

# Many tests start the command: with its bytecode kept it begins three times sooner.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test browser lint types unit sweep evaluate live mutants bench lock clean

demo: $(STAMP)           ## the whole runbook in the sandbox, on a real recording
	$(BIN)/cci-lite demo

test: $(STAMP) browser lint  ## everything that is checked; the types beside the tests, which leave a processor idle now and then
	$(MAKE) --no-print-directory -j 2 types unit

browser:                 ## for the dashboard's tests
	@tools/install-chromium

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP)
	$(BIN)/mypy

unit: $(STAMP)
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

sweep: $(STAMP)           ## every fault at every call of provision and teardown, not only those that tell most
	SWEEP_EVERY_FAULT=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder tests/steps/test_sweep_provision.py tests/steps/test_sweep_teardown.py

evaluate: $(STAMP)        ## calls whose truth is known, through the sandbox; needs espeak-ng, writes docs/evaluation.md
	$(BIN)/python -m tests.calls.evaluate

live: $(STAMP)            ## the runbook in a real account; costs money, see docs/live.md
	$(BIN)/pytest tests/live

mutants: $(STAMP)         ## what the tests would notice: engine, policies, payload; about an hour, see docs/mutation.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/mutation/requirements.txt
	$(BIN)/python -m tests.mutation.run

bench: $(STAMP)           ## time and memory of each command; leave the machine alone meanwhile
	$(BIN)/python -m bench.run
	$(BIN)/python -m bench.dashboard
	$(BIN)/python -m bench.query

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("cci-lite needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

lock:                    ## write requirements.lock anew from pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --extra sandbox --extra test --output-file requirements.lock pyproject.toml requirements-build.in

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
