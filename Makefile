# The commands of this house. `demo`, `check`, `test` and `bench` install what they miss first, so that a bare machine will do.
.DEFAULT_GOAL := help
.PHONY: help demo test bench check clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Run the ledger on a simulated warehouse, with orders that live by themselves
	@.ci/prepare demo
	@cargo run --quiet -- demo

test: ## Check the style, then run every test
	@.ci/test

bench: ## Measure the write path beside the stock framework, and lists beside their SQL, on this machine
	@.ci/prepare bench
	@cargo bench --bench write_path
	@cargo bench --bench lists

check: ## Check formatting, lints and the links of the documentation
	@.ci/prepare check
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps --document-private-items

clean: ## Stop the tests' database server and remove all that was built
	@.ci/stop-test-server --remove
	cargo clean
