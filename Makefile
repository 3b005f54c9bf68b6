# What rule-outcomes is built, tried and tested with. `make` lists the targets.

# nginx stands there, where an ordinary user's PATH may not lead.
export PATH := $(PATH):/usr/sbin

tools := curl nginx pkg-config spawn-fcgi strace unshare
libraries := fcgi jansson sqlite3
packages := curl libfcgi-dev libjansson-dev libsqlite3-dev nginx-light pkg-config spawn-fcgi strace util-linux
sources := Package.swift Sources Tests

.PHONY: help deps build run demo test format lint

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

deps: ## installs the Debian packages that are missing
	@missing=; \
	for tool in $(tools); do command -v $$tool > /dev/null || missing="$$missing $$tool"; done; \
	command -v pkg-config > /dev/null && \
	    for library in $(libraries); do pkg-config --exists $$library || missing="$$missing $$library"; done; \
	command -v swift > /dev/null || { echo 'make: swift is missing; install Swift 6.3 from swift.org' >&2; exit 1; }; \
	if [ -n "$$missing" ]; then \
	    echo "make: missing:$$missing; installing $(packages)"; \
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	    $$sudo apt-get update -qq && \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(packages); \
	fi

build: deps ## builds the release executables into .build/release
	swift build -c release

run: build ## runs nginx, responder and aggregator until Ctrl-C
	@nginx/demo.sh run

demo: build ## sends known traffic through them and compares the report with it
	@nginx/demo.sh demo

test: deps ## runs every test
	swift build --build-tests
	swift test --skip-build

format: ## formats the sources
	swift format --in-place --recursive $(sources)

lint: ## checks the sources' format and the scripts' syntax
	swift format lint --strict --recursive $(sources)
	bash -n nginx/demo.sh
