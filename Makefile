# Each target sets up what it needs first: minutes on a bare machine, seconds after. What is built lies outside the clone,
# so that another clone need not build it again; CARGO_TARGET_DIR puts it elsewhere.
CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tenantry/target
export CARGO_TARGET_DIR
MAKEFLAGS += --no-print-directory
.PHONY: help run test build release check bench dev doc

help:
	@echo 'make run      build, and serve with a demo world'
	@echo 'make test     everything that proves it works; ends with a total'
	@echo 'make build    what make run serves; the last line is the path of the program'
	@echo 'make release  the same, optimized through and through, for production'
	@echo 'make check    formatting, clippy, the browser build and its size budget'
	@echo 'make bench    the budgets of the design, measured on the release build'
	@echo 'make dev      serve, and build again whenever a source changes'
	@echo 'make doc      the reference of the code, as pages'

run:
	@.ci/build.sh debug && exec "$(CARGO_TARGET_DIR)/debug/tenantry" serve

test:
	@.ci/test.sh

build:
	@.ci/build.sh debug

release:
	@.ci/build.sh release

check:
	@.ci/check.sh

bench:
	@.ci/bench.sh

dev:
	@.ci/dev.sh

doc:
	@.ci/doc.sh
