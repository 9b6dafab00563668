# Everything a contributor does, by name; `make` alone lists it. Needs GNU make and Python 3.11 or newer.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: help demo demo-kafka test check bench soak lock

bin := .venv/bin
installed := .venv/.installed
ARGS ?=
compile = $(bin)/uv pip compile $(ARGS) --universal --python-version 3.11 --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet

help: ## List what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

demo: $(installed) ## Tell the story of five partners on a ledger of its own
	@$(bin)/python examples/five_partners/tell.py $(ARGS)

demo-kafka: $(installed) ## Tell it through a real Apache Kafka, from two nodes (needs a JDK and Maven, no Docker)
	@$(bin)/python -m examples.five_partners.tell_on_kafka $(ARGS)

test: $(installed) ## Run the tests (ARGS="-k holders" narrows them)
	$(bin)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(installed) ## Run every static check: format, lint, types, drift, house rules
	$(bin)/ruff format --check --diff .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/python -m schemas.generate --check
	$(bin)/python -m interfaces.cli.reference --check
	$(bin)/python -m interfaces.cli.refusal_reference --check
	$(bin)/python -m pytest --quiet --no-header tests/house

bench: $(installed) ## Measure speed and memory against their floors, as a table
	$(bin)/python -m bench $(ARGS)

soak: $(installed) ## Run the tests with the large counts (an hour or so)
	LEDGER_SOAK=1 $(bin)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

lock: $(installed) ## Pin, by hash, what pyproject.toml asks for (ARGS=--upgrade: the newest)
	$(compile) pyproject.toml --extra dev --output-file requirements.lock
	$(compile) bench/peers/requirements.in --output-file bench/peers/requirements.lock

# .venv follows the lock and the project's own metadata.
$(installed): requirements.lock pyproject.toml scripts/venv
	@scripts/venv
	@touch $@
