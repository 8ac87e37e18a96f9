# Needs Python 3.11+, git and make; everything else is brought by the targets themselves.
PYTHON ?= python3
V := .venv
DEV := $(V)/dev/bin
# Two at a time, a whole file on one worker: its real hosts are started once.
PYTEST := $(PYTHON) tools/run_tests.py -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test unit check test-matrix bench bench-sql bench-spark bench-airflow fuzz-sql faults golden format clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: ## a real Airflow and Spark, the catalog and an answer; serves until interrupted (CI=1: ends by itself)
	@$(PYTHON) tools/demo.py $(if $(CI),--end)

test: ## all set-up, then the tests: units, and journeys on Airflow 3.3 and Spark 4.3
	@$(PYTHON) tools/environments.py dev airflow-3.3 dbt-1 spark-4.3 jupyter-7 java kafka spark-jars-4.3
	@$(PYTEST) -m "not matrix"

unit: ## only the rooms' own tests, which need no host; seconds
	@$(PYTHON) tools/environments.py dev
	@$(PYTEST) --dist worksteal -m "not matrix and not journey and not fault" --ignore tests/house

check: ## format, lint, types, contracts, dependencies
	@$(PYTHON) tools/environments.py dev
	$(DEV)/ruff format --check
	$(DEV)/ruff check
	$(DEV)/mypy
	$(DEV)/lint-imports
	$(DEV)/deptry .

test-matrix: ## the other host versions, and the full fault set
	@$(PYTHON) tools/environments.py dev airflow-2.11 airflow-2.11-wide airflow-3.3 airflow-3.3-wide dbt-1 spark-3.5 spark-4.0 spark-4.3 java kafka spark-jars-3.5 spark-jars-4.0 spark-jars-4.1 spark-jars-4.2 spark-jars-4.3
	@$(PYTEST) -m matrix

bench: ## the figures, each beside its peer in the same run
	@$(PYTHON) tools/environments.py dev
	@$(DEV)/python benchmarks/emitter/emit.py

bench-sql: ## which column came from which, beside four other parsers: how right, how fast; three minutes
	@$(PYTHON) tools/environments.py dev sql-datahub sql-openlineage sql-sqlglot sql-sqllineage
	@$(DEV)/python benchmarks/sql/compare.py

bench-spark: ## what a Spark job pays for being listened to, beside the official agent; twenty minutes
	@$(PYTHON) tools/environments.py dev spark-3.5 spark-4.0 java spark-jars-3.5 spark-jars-4.0
	@$(DEV)/python benchmarks/spark/compare.py --spark 3.5
	@$(DEV)/python benchmarks/spark/compare.py --spark 4.0

bench-airflow: ## what an Airflow task pays, beside no plugin and the official provider; twenty minutes
	@$(PYTHON) tools/environments.py dev airflow-3.3 airflow-2.11
	@$(DEV)/python benchmarks/airflow/compare.py --airflow 3.3
	@$(DEV)/python benchmarks/airflow/compare.py --airflow 2.11

fuzz-sql: ## tens of thousands of broken SQL texts, and every answer that breaks a law; three minutes
	@$(PYTHON) tools/environments.py dev
	@$(DEV)/python benchmarks/sql/fuzz.py

faults: ## every fault test, with what it counted, and where planted secrets were looked for
	@$(PYTHON) tools/environments.py dev
	@$(PYTEST) -rP tests/faults tests/emitter/test_canary.py

golden: ## rewrite the golden files; review the difference like code
	@$(PYTHON) tools/environments.py dev airflow-3.3 airflow-3.3-wide airflow-2.11 airflow-2.11-wide dbt-1 spark-4.3 spark-4.0 spark-3.5 java
	@$(PYTHON) tools/record_plans.py
	@$(PYTEST) --golden -m "not matrix"
	@$(PYTEST) --golden -m matrix tests/journeys/test_airflow_examples.py tests/journeys/test_airflow_sources.py

format: ## let the formatter and the linter mend what they can
	@$(PYTHON) tools/environments.py dev
	$(DEV)/ruff format
	$(DEV)/ruff check --fix

clean: ## remove environments, caches and the demo's data
	rm -rf $(V) .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
