# The front door. Every target delegates; what it does is in services/local (cluster) and package.json (checks, tests).
.DEFAULT_GOAL := help
.PHONY: help up restart down status logs token chaos-provider test test-providers test-browser check chaos hostile bench load load-test build

# Variables given on the command line (make up REPLICAS=5) reach the launcher as environment.
LOCAL := node --import tsx services/local/main.ts
PACKAGES := node_modules/.package-lock.json
# Root may give a program mounts that nobody else sees and that go with it.
OWN_MOUNTS = $(shell unshare --mount true 2>/dev/null && echo unshare --mount)

help: ## print this list
	@echo "Weir: a server for AI workflows that bends under load and does not break."
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

up: $(PACKAGES) ## start the whole cluster on this machine and run a sample (REPLICAS=3, MONITORING=1, WEIR_HTTP_PORT=8080, any WEIR_* setting)
	@$(LOCAL) up

restart: $(PACKAGES) ## bring changed sources into force, one replica after the other, while the others serve
	@$(LOCAL) restart

down: $(PACKAGES) ## stop what "make up" started; data stays in .weir/
	@$(LOCAL) down

status: $(PACKAGES) ## how each part is
	@$(LOCAL) status

logs: $(PACKAGES) ## follow the logs (PART=replica-1, TAIL=20, FOLLOW=0)
	@$(LOCAL) logs

token: $(PACKAGES) ## print an access token (USER_ID=alice, ROLE=admin)
	@$(LOCAL) token

chaos-provider: $(PACKAGES) ## break a simulated model provider, or mend it (MODE=unavailable, MODE=ok, PROVIDER=primary)
	@$(LOCAL) chaos-provider

test: $(PACKAGES) ## run every test (MOCHA_ARGS="--grep queue")
	@$(LOCAL) install
	@npm test --silent -- $(MOCHA_ARGS)

test-providers: $(PACKAGES) ## only the sixteen faults of model providers, through a real cluster
	@$(LOCAL) install
	@npx mocha "tests/providers/**/*.test.ts"

compose-update: ## replace the replicas of "docker compose" one by one by this release or these settings
	@compose/rolling-update.sh

compose-test: $(PACKAGES) ## docker compose for real: main path, scaling, a crash, a rolling update, TLS, monitoring (needs Docker)
	@npm run --silent test:compose

test-browser: $(PACKAGES) ## only what people see in the console, in a real Chromium
	@$(LOCAL) install
	@npx mocha "tests/browser/**/*.test.ts"

chaos: $(PACKAGES) ## break a private cluster in every way while a crowd uses it, and judge (SEED=7, RUNS=2000, SHORT=1; FIGURES=1: measure)
	@$(LOCAL) install
	@$(OWN_MOUNTS) node --import tsx tests/chaos/main.ts

hostile: $(PACKAGES) ## send everything hostile to every route and to the socket (SEED=7, CASES=50000, CROWD=10000)
	@$(LOCAL) install
	@npx mocha "tests/hostile/**/*.test.ts"

check: $(PACKAGES) ## types, lint, import rules, generated files
	@npm run --silent check

bench: $(PACKAGES) ## one benchmark beside its reference (NAME=trigger, admission, admit-cost, handoff, providers, comforts, tracing, flow, sockets, engines, explain, cached-reads or careful)
	@node --import tsx loadtests/bench/$(or $(NAME),trigger).ts $(ARGS)

load: $(PACKAGES) loadtests/$(PACKAGES) ## users who behave like users (SCENARIO=smoke, baseline, normal, peak, stress, spike, soak, reconnect-storm, chat, websocket or story; TARGET=http://…, TIME_SCALE=0.1, USERS=50)
	@node --import tsx loadtests/run/main.ts

load-test: $(PACKAGES) loadtests/$(PACKAGES) ## does "make load" work? Smoke and the story on a cluster of their own
	@$(LOCAL) install
	@npx mocha "loadtests/acceptance/**/*.test.ts"

build: $(PACKAGES) ## compile to dist/
	@npm run --silent build

# artillery is heavy, so it is installed only when somebody asks for load. It names Node 22 and runs on 20.
loadtests/$(PACKAGES): loadtests/package-lock.json
	@echo "Installing what only load tests need ..." >&2
	@npm ci --prefix loadtests --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	@touch $@

$(PACKAGES): package-lock.json
	@echo "Installing npm packages ..." >&2
	@npm ci --ignore-scripts --no-audit --no-fund >&2
	@touch $@
