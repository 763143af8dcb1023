# passerby: `make demo` shows it, `make test` proves it. Everything is kept in .tools/, .venv/ and the user's cache; `make clean` undoes it.

UV_VERSION := 0.13.9
SHELL := /bin/bash
DEMO_ARGS ?=
# Three processes, each with whole files: the suite waits for much of its time. `-n 0` in PYTEST_ARGS makes it one.
PYTEST_ARGS ?=
PYTEST := .venv/bin/pytest -q -n 3 --dist loadfile --no-loadscope-reorder
# Given, it goes to every benchmark. Else those that take long have a quick form here; all together take under 15 minutes on two cores.
BENCH_ARGS ?=
QUICK_accuracy := --model passerby-person
QUICK_overhead := --scenes 8
QUICK_shelves := --scenes 1 --alone 0 --looks 40
QUICK_zones := --people 25
QUICK_page := --requests 15 --days 40 --recent-days 3
# A file, or a folder with a __main__.py; those that only help others have another place. The soak goes on for as long as it is told to.
BENCHMARKS ?= $(wildcard benchmarks/*.py) $(filter-out benchmarks/soak,$(patsubst %/__main__.py,%,$(wildcard benchmarks/*/__main__.py)))

# uv reads SSL_CERT_FILE; who has told only pip or requests about a company's certificate is understood too.
CERTIFICATES := $(or $(SSL_CERT_FILE),$(PIP_CERT),$(REQUESTS_CA_BUNDLE))
ifneq ($(CERTIFICATES),)
export SSL_CERT_FILE := $(CERTIFICATES)
endif
export UV_PYTHON_DOWNLOADS := never
export UV_HTTP_TIMEOUT := 180
# A start costs a third: the rooms write no byte code, and some machines forbid it to everybody. A stale one is passed over.
export UV_COMPILE_BYTECODE := 1
COMPILE := .venv/bin/python -m compileall -q
export UV_NO_PROGRESS := $(if $(shell [ -t 2 ] || echo none),1,)
export PATH := $(PATH):$(CURDIR)/.tools/bin

READY := .venv/.ready
READY_DEV := .venv/.ready-dev
READY_DOCS := .venv/.ready-docs
READY_BENCH := .venv/.ready-bench

.PHONY: demo test faults lint bench docs clean system-packages
.NOTPARALLEL:

demo: $(READY) ## Counts people in a real clip and shows it on a page
	@$(COMPILE) src
	@.venv/bin/passerby demo $(DEMO_ARGS)

test: $(READY_DEV) system-packages lint ## Lint, then every test
	@$(COMPILE) src tests
	@$(PYTEST) $(PYTEST_ARGS)

# Every file that plays a fault; who notes one is found by the word.
faults: $(READY_DEV) system-packages ## Plays every fault, and writes benchmarks/faults.md
	@rm -rf .cache/faults
	@$(COMPILE) src tests
	@$(PYTEST) $(PYTEST_ARGS) \
	  $$(grep -rl --include='test_*.py' --exclude-dir=contract 'with noted(' tests)
	@.venv/bin/python -m scripts.faults

lint: $(READY_DEV) ## ruff, mypy, import-linter
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet . || { echo "ruff format . would change files (see above)"; exit 1; }
	@.venv/bin/mypy --no-error-summary
	@mkdir -p .cache && .venv/bin/lint-imports --no-logo > .cache/lint-imports.txt || { cat .cache/lint-imports.txt; exit 1; }

bench: $(READY_BENCH) ## Accuracy and speed on every clip that is present
	@$(foreach run,$(basename $(BENCHMARKS)),echo "== $(run)"; .venv/bin/python -m $(subst /,.,$(run)) \
	  $(or $(BENCH_ARGS),$(QUICK_$(notdir $(run)))) || exit 1;)

docs: $(READY_DOCS) ## The documentation as pages in site-docs/
	@.venv/bin/python -m scripts.reference > /dev/null
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet --site-dir site-docs
	@echo "open site-docs/index.html"

clean: ## Removes what the other targets made, here
	@rm -rf .venv .tools .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache site-docs dist
	@find src tests scripts benchmarks -name __pycache__ -prune -exec rm -rf {} +

system-packages:
	@scripts/system-packages.sh

# Environments: made from uv.lock alone, so that everyone runs the same versions. A stamp keeps later runs offline and quick.
$(READY): pyproject.toml uv.lock
	@$(MAKE) --no-print-directory .uv
	@uv sync --locked --quiet --inexact --no-dev
	@touch $@

$(READY_DEV): pyproject.toml uv.lock
	@$(MAKE) --no-print-directory .uv
	@uv sync --locked --quiet --inexact
	@touch $@ $(READY)

$(READY_DOCS): $(READY_DEV)
	@uv sync --locked --quiet --inexact --group docs
	@touch $@

$(READY_BENCH): $(READY_DEV)
	@uv sync --locked --quiet --inexact --group bench
	@touch $@

.PHONY: .uv
.uv:
	@uv --version > /dev/null 2>&1 || UV_VERSION=$(UV_VERSION) scripts/get-uv.sh
