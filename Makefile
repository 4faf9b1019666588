# `make help` lists the targets. Everything they need is set up first, by scripts/setup.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test test-fast check format bench bench-serving bench-catalogue bench-time fuzz identity stress conformance clients browser
.NOTPARALLEL:

# compiled modules, also of tests, save each run half a minute of reading them
unexport PYTHONDONTWRITEBYTECODE

PYTHON_RUN = .venv/bin/python
# one process more than there are cores: tests also wait for servers and databases
PARALLEL = --numprocesses=$$(($$(nproc) + 1)) --dist=loadfile --no-loadscope-reorder

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

setup: ## Install what is missing: packages, uv, PostgreSQL with PostGIS
	@scripts/setup

demo: setup ## Ingest the demo datasets and serve them (PORT=8080, DATA=folder ingests more, CHECK=1 fetches every link and stops)
	@exec $(PYTHON_RUN) -m services.cli demo $${PORT:+--port "$$PORT"} $${DATA:+--data "$$DATA"} $(if $(filter-out 0,$(CHECK)),--check)

serve: setup ## Serve the catalogue (ARGS="--workers 4")
	@exec $(PYTHON_RUN) -m services.cli serve $(ARGS)

test: setup ## Run the tests in a process more than there are cores, each with a database cluster of its own (ARGS="-k records")
	@exec $(PYTHON_RUN) -m pytest $(PARALLEL) $(ARGS)

test-fast: setup ## Run the tests that neither start servers nor fuzz
	@exec $(PYTHON_RUN) -m pytest $(PARALLEL) -m "not served and not fuzzed" $(ARGS)

check: setup ## Check format, lint, types, layers and the lock file
	@$(PYTHON_RUN) -m ruff format --check .
	@$(PYTHON_RUN) -m ruff check .
	@$(PYTHON_RUN) -m mypy
	@$(PYTHON_RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true .tools/uv/bin/uv lock --check --python $(PYTHON_RUN)

format: setup ## Format the code
	@$(PYTHON_RUN) -m ruff check --fix-only --quiet .
	@$(PYTHON_RUN) -m ruff format .

bench: setup ## Run the benchmarks of functions
	@exec $(PYTHON_RUN) -m pytest tests/benchmarks $(ARGS)

bench-serving: setup ## Measure whole servers on the same tiles: Graticule, titiler, MapServer, nginx (ARGS="--help")
	@exec $(PYTHON_RUN) -m tests.benchmarks.serving $(ARGS)

bench-catalogue: setup ## Measure searches of a large catalogue through HTTP, beside TinyDB and ILIKE (ARGS="--records 1000000")
	@exec $(PYTHON_RUN) -m tests.benchmarks.catalogue $(ARGS)

bench-time: setup ## Make, ingest, serve and read 34 years of days, beside rasterio, xarray and zarr-python (ARGS="--folder DIR")
	@exec $(PYTHON_RUN) -m tests.benchmarks.time $(ARGS)

identity: setup ## Compare 10,000 random tiles with rio-tiler's, pixel for pixel (COUNT=10000, ARGS="--help")
	@exec $(PYTHON_RUN) -m tests.identity $${COUNT:+--count "$$COUNT"} $(ARGS)

fuzz: setup ## Send nasty values and generated requests to every route (many minutes)
	@exec env GRATICULE_TEST_FUZZ=60 $(PYTHON_RUN) -m pytest tests/services/fuzz $(ARGS)

stress: setup ## Kill ingests at twenty moments of every stage, and servers in the middle of jobs (many minutes)
	@exec $(PYTHON_RUN) -m pytest tests/stress $(ARGS)

conformance: setup ## Hold the service against the clauses of the standards, each shown able to fail (ETS_HOME=folder of OGC's jars)
	@exec $(PYTHON_RUN) -m pytest tests/conformance -rs --table docs/conformance.md $(ARGS)

clients: ## Try the real clients that this machine has, and those of PyPI, which are installed for it
	@scripts/setup --clients
	@command -v npm > /dev/null && npm ci --prefix tests/clients/web --ignore-scripts --no-audit --no-fund --silent || echo "without npm: the libraries of the guide for web pages are not tried"
	@exec $(PYTHON_RUN) -m pytest tests/clients -rs $(ARGS)

browser: setup ## Use the pages in headless Chromium as a person does, and check the types of their scripts
	@command -v npm > /dev/null && npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent || echo "without npm: neither axe nor tsc"
	@exec $(PYTHON_RUN) -m pytest tests/browser -rs $(ARGS)
