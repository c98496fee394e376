# Mandate: what a person types. Each target is one script in scripts/; read there what it does.
.DEFAULT_GOAL := help
.PHONY: help run test build bench check prove services services-stop fmt snapshots

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## build the console and the server, start them on http://127.0.0.1:8001
	@scripts/run

test: ## everything: format, lints, tests on SQLite and PostgreSQL, web, browser
	@scripts/test

build: ## release binary with the console inside; the last line is its path
	@scripts/build

prove: ## what takes long and proves much: races and crashes in many rounds; bench/PROOF.md
	@scripts/prove

bench: ## the figures of bench/RESULTS.md, measured here
	@scripts/bench

check: ## fast: format, lints, types
	@scripts/check

services: ## PostgreSQL and Redis for the tests, on loopback, started once
	@scripts/services start

services-stop: ## stop what `make services` started
	@scripts/services stop

fmt: ## format Rust and TypeScript
	@scripts/fmt

snapshots: ## rewrite docs/generated from the code
	@scripts/snapshots
