# Every command of the project. The work is done by scripts/; caches live outside the clone (scripts/env.sh).
.DEFAULT_GOAL := help
.PHONY: help setup serve dev release test check fmt fault bench bench-files bench-search bench-ai fuzz split-list stickers audit clean

help: ## show this table
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing to build: wasm target, dx, wasm-bindgen, Tailwind, wasm-opt
	@scripts/setup.sh

serve: ## install, build and run; open http://localhost:8080 (PORT=… for another port)
	@scripts/serve.sh

dev: ## run with hot reload (dx serve)
	@scripts/dev.sh

release: ## build dist/, one folder that runs by itself: dist/lavender
	@scripts/release.sh

test: ## everything that must pass; STEPS="fmt unit" runs only those (scripts/test.sh lists them)
	@scripts/test.sh $(STEPS)

check: ## the quick part of `make test`: formatting, clippy for both sides
	@scripts/test.sh fmt css clippy-server clippy-web

fmt: ## format the code
	@. scripts/env.sh && cargo fmt

fault: ## kill processes and databases under load and check that nothing acked is lost
	@scripts/prepared.sh fault

bench: ## measure Lavender beside a peer, and its files beside a plain file server
	@scripts/prepared.sh bench

bench-files: ## the part of `make bench` about files and pictures
	@scripts/prepared.sh bench-files

bench-search: ## time searches over a million messages on both stores
	@scripts/prepared.sh bench-search

bench-ai: ## time a model's answers, and messages between people beside them
	@scripts/prepared.sh bench-ai

fuzz: ## fuzz the frame decoder for a while
	@scripts/prepared.sh fuzz

split-list: ## learn anew which part of the wasm a start needs (scripts/split)
	@scripts/split-list.sh

stickers: ## draw the built-in pack of moving pictures anew (scripts/stickers)
	@scripts/stickers.sh

audit: ## licences, sources and known vulnerabilities of all crates (cargo-deny)
	@scripts/audit.sh

clean: ## remove what was built in the clone and the build cache; the tools stay
	@. scripts/env.sh && rm -rf dist assets/tailwind.css "$$CARGO_TARGET_DIR"
