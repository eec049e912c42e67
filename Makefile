# `make` lists what there is. uv is fetched into .uv/ when it is not on the path.
SHELL := /bin/sh
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
export UV_PYTHON_DOWNLOADS := never

.PHONY: help run chat test evaluate widget
help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1	/' | expand -t 12

run: $(UV) ## Chat in the browser (sets everything up; trains on first start)
	@$(UV) sync --quiet --locked --no-dev --inexact
	@$(UV) run --no-sync handrail serve

chat: $(UV) ## Chat in the terminal
	@$(UV) sync --quiet --locked --no-dev --inexact
	@$(UV) run --no-sync handrail chat

test: $(UV) ## Run every check and test
	$(UV) sync --quiet --locked
	$(UV) run --no-sync ruff check .
	$(UV) run --no-sync mypy
	$(UV) run --no-sync lint-imports
	$(UV) run --no-sync handrail directory check
	$(UV) run --no-sync pytest

widget: ## Build the chat widget from web/ (needs Node 20 and npm; `make run` uses the built one)
	cd web && npm ci --no-fund --no-audit && npm run check && npm run build

evaluate: $(UV) ## Measure understanding on sentences never trained on
	@$(UV) sync --quiet --locked
	@$(UV) run --no-sync handrail evaluate

.uv/bin/uv:
	@echo "Fetching uv (only once)"
	@python3 -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv
