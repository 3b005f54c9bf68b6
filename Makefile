# What rule-outcomes is built, tried and tested with. `make` lists the targets.

# nginx stands there, where an ordinary user's PATH may not lead.
export PATH := $(PATH):/usr/sbin

# What is needed, and the Debian package that has it: to build and run, and for the tests besides.
needed := curl=curl nginx=nginx-light pkg-config=pkg-config setsid=util-linux \
    fcgi.pc=libfcgi-dev jansson.pc=libjansson-dev sqlite3.pc=libsqlite3-dev
needed_by_tests := openssl=openssl promtool=prometheus spawn-fcgi=spawn-fcgi strace=strace unshare=util-linux
sources := Package.swift Sources Tests

.PHONY: help deps build run demo test format lint

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

deps: ## installs the Debian packages that are missing
	@command -v swift > /dev/null || { echo 'make: swift is missing; install Swift 6.3 or later from swift.org' >&2; exit 1; }
	@missing=; \
	for each in $(needed); do \
	    case $$each in \
	    *.pc=*) pkg-config --exists "$${each%.pc=*}" 2> /dev/null ;; \
	    *) command -v "$${each%=*}" > /dev/null ;; \
	    esac || missing="$$missing $${each#*=}"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	echo "make: installing$$missing"; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing

build: deps ## builds the release executables into .build/release
	swift build -c release

run: build ## runs nginx, responder and aggregator until Ctrl-C
	@nginx/demo.sh run

demo: build ## sends known traffic through them and compares the report with it
	@nginx/demo.sh demo

test: needed += $(needed_by_tests)
test: deps ## runs every test
	swift build --build-tests
	swift test --skip-build

format: ## formats the sources
	swift format --in-place --recursive $(sources)

lint: ## checks the sources' format and the scripts' syntax
	swift format lint --strict --recursive $(sources)
	bash -n nginx/demo.sh
