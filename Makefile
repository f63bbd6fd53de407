# `make bench` and `make test` each make .venv when there is none, and reuse it when there is one.
# Options: make bench PRESET=full STRATEGIES="sum pcgrad" TASKS=shortcut SEEDS=5 DEVICES=gpu XLA=both

PRESET ?= quick
OUT ?= results/latest
VENV := .venv
BIN := $(VENV)/bin
# The first Python that TensorFlow supports; choose another one with make PYTHON=...
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$p && break; done)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
RUN_OPTIONS = $(if $(STRATEGIES),--strategies "$(STRATEGIES)") $(if $(TASKS),--tasks "$(TASKS)") \
	$(if $(SEEDS),--seeds $(SEEDS)) $(if $(DEVICES),--devices "$(DEVICES)") \
	$(if $(XLA),--xla $(XLA)) $(ARGS)

.PHONY: help bench bench-steps smoke compare docs report plots test lint format clean distclean

help:
	@echo "make bench    train what is missing and write $(OUT)/report.html"
	@echo "              PRESET=smoke|quick|reference|tasks|full STRATEGIES=\"sum pcgrad\" TASKS=... SEEDS=N"
	@echo "              DEVICES=cpu|gpu XLA=off|on|both OUT=folder ARGS=\"further options\""
	@echo "make smoke    the same in a minute: does everything work?"
	@echo "make bench-steps  times every strategy's compiled step, into results/benchmarks"
	@echo "              STRATEGY=\"sum pcgrad\" LOSSES=\"2 3\" HISTOGRAM=1 ARGS=--benchmark-compare"
	@echo "make report   tables, figures and report of $(OUT) again (make plots does the same)"
	@echo "make compare  BASE=folder HEAD=folder ARGS=\"--fail-if-worse 5%\": what changed between two results"
	@echo "make docs     datasets/TASKS.md and its pictures, from the task objects"
	@echo "make test     the test suite"
	@echo "make lint     ruff and the type checker"
	@echo "make clean    remove caches; make distclean removes $(VENV) too"

bench: $(VENV)/.run
	$(BIN)/lossbench run --preset $(PRESET) --out "$(OUT)" $(RUN_OPTIONS)

smoke: $(VENV)/.run
	$(BIN)/lossbench run --preset smoke --out results/smoke $(RUN_OPTIONS)

# One version of the code against another; which strategy is faster than which, `lossbench time` says.
bench-steps: $(VENV)/.dev
	LOSSBENCH_STEPS="$(or $(STRATEGY),all)" LOSSBENCH_LOSSES="$(or $(LOSSES),2 3)" \
	TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 TF_CPP_MIN_LOG_LEVEL=3 \
	$(BIN)/python -m pytest -q tests/benchmarks/test_steps.py --benchmark-enable --benchmark-only \
		--benchmark-storage=file://./results/benchmarks --benchmark-autosave \
		--benchmark-timer=time.process_time --benchmark-disable-gc \
		--benchmark-columns=median,iqr,min,max,rounds \
		$(if $(HISTOGRAM),--benchmark-histogram=results/benchmarks/steps) $(ARGS)

compare: $(VENV)/.run
	@test -n "$(BASE)" || { echo "make compare BASE=folder [HEAD=folder]: which results to compare with"; exit 2; }
	$(BIN)/lossbench compare "$(BASE)" "$(or $(HEAD),$(OUT))" $(ARGS)

docs: $(VENV)/.run
	$(BIN)/python -m lossbench.datasets.core.document

report plots: $(VENV)/.run
	$(BIN)/lossbench report "$(OUT)"

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# An installation for `make test` serves `make bench` too, and the other way round it is extended.
$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e ".[dev]"
	@mkdir -p $(VENV)/typing/lossbench  # where the type checker finds `lossbench`
	@cd $(VENV)/typing/lossbench && ln -sfn ../../../__init__.py ../../../bench ../../../datasets ../../../strategies .
	@touch $(VENV)/.run $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "lossbench needs Python 3.11, 3.12 or 3.13: install one, or name it with make PYTHON=..."; exit 2; }
	@echo "setting up $(VENV) with $(PYTHON): downloads TensorFlow, once"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "no virtual environment could be made: install Python's venv (Debian: apt install python3-venv)"; exit 2; }

clean:
	rm -rf build *.egg-info .pytest_cache .hypothesis .ruff_cache .benchmarks
	find . -name __pycache__ -not -path "./$(VENV)/*" -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
