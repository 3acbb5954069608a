# `make` lists what there is to make.

SWIFT_FLAGS := --explicit-target-dependency-import-check error
# The libraries of Swift are inside: it runs where no toolchain is, starts sooner, and takes less memory.
RELEASE_FLAGS := --configuration release --static-swift-stdlib $(SWIFT_FLAGS)
SWIFT_SOURCES := Package.swift Sources Tests Fuzz
SHELL_SCRIPTS := .ci/run Fuzz/run Tests/Clients/run $(wildcard Tests/Clients/*.sh) \
  $(wildcard Tests/Clients/*.bash) $(wildcard scripts/*)

# Settings of `berth serve` for `make run`, such as ARGS='--listen 127.0.0.1:5001'.
ARGS ?= --listen 127.0.0.1:5000
# Of each fuzz target in `make fuzz`, and in `make test`.
FUZZ_SECONDS ?= 600
SHORT_FUZZ_SECONDS ?= 20

export TEST_BERTH_EXECUTABLE := $(CURDIR)/.build/debug/berth

.DEFAULT_GOAL := help
.PHONY: help run build test test-swift test-races test-fuzz test-clients bench fuzz format lint clean

help: ## List what there is to make.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: build ## Build for release and serve on 127.0.0.1:5000; settings by ARGS='...'.
	exec .build/release/berth serve $(ARGS)

build: ## Install the packages that building takes, and build for release.
	scripts/system-packages build
	swift build $(RELEASE_FLAGS) --product berth

test: test-swift test-races test-fuzz test-clients ## Run every test; what they take is installed first.

test-swift: ## Run the tests that are written in Swift, crash tests included (CRASH_KILLS sets how many).
	scripts/system-packages build
	swift test $(SWIFT_FLAGS)

test-races: ## Run the race tests under the thread sanitizer.
	scripts/system-packages build
	swift test $(SWIFT_FLAGS) --sanitize thread --scratch-path .build-tsan --filter Race

test-fuzz: ## Run each fuzz target for some seconds.
	scripts/system-packages build
	Fuzz/run $(SHORT_FUZZ_SECONDS)

test-clients: build ## Run Docker, Podman, Skopeo, Buildah and others against the release build.
	scripts/system-packages test
	Tests/Clients/run --berth .build/release/berth

bench: build ## Measure Berth and CNCF Distribution side by side; writes docs/performance.md.
	scripts/system-packages bench
	Benchmarks/run

fuzz: ## Run each fuzz target for FUZZ_SECONDS (600).
	scripts/system-packages build
	Fuzz/run $(FUZZ_SECONDS)

format: ## Format the Swift sources.
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## Check the format, the scripts, and that everything builds without a warning.
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	@if command -v shellcheck >/dev/null; then echo shellcheck; shellcheck $(SHELL_SCRIPTS); \
	else echo 'lint: shellcheck is not installed, the scripts are not checked'; fi
	scripts/system-packages build
	swift build $(SWIFT_FLAGS) --build-tests

clean: ## Remove everything that was built.
	rm -rf .build .build-tsan .build-fuzz
