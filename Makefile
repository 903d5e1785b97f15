# `make` lists the targets. Everything is done by the tool in dev/ (Python standard library only).
PYTHON ?= python3
export PORT ONLY ALL HOUSEHOLDS

help: ## list the targets
	@sed -nE 's/^([a-z0-9-]+): ## (.*)/  make \1\t\2/p' Makefile | expand -t 22

run: ## set everything up and serve the demo at http://127.0.0.1:8069 (PORT=… another port)
stop: ## stop Odoo and PostgreSQL of this clone
reset: ## remove the demo database; the next run makes it anew
shell: ## Odoo's interactive shell in the demo database
psql: ## PostgreSQL's client in the demo database
test: ## all tests with a browser (ONLY=module[:Class[.method]] some of them)
lint: ## check style, XML, manifests and the Chinese translation
format: ## format the Python code
test-core: ## Odoo's own test suites with the addons installed (ALL=1 every suite concerned, ONLY=module,… some)
i18n: ## bring the Chinese translation files up to date
screenshots: ## take the screenshots in docs/ from the running product
benchmark: ## measure the addons against plain Odoo (HOUSEHOLDS=20000 fewer to import)

run stop reset shell psql test lint format test-core i18n screenshots benchmark:
	@$(PYTHON) -m dev $@

.PHONY: help run stop reset shell psql test lint format test-core i18n screenshots benchmark
