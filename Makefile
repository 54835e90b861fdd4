# Everything a person does here. `make` alone lists it. Set-up is part of each target.
.DEFAULT_GOAL := help
.PHONY: help run test t check journeys screenshots bench faults map lock clean

unexport PYTHONDONTWRITEBYTECODE # each of a house's processes would compile a thousand files anew

PY := .venv/bin/python
BANCHENG := $(PY) -m bancheng.site.cli
AT_ONCE := -n 3 --dist loadfile --no-loadscope-reorder --randomly-dont-reorganize # three files, whatever the machine, in this order

help: ## 本页 · this page
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: .venv/.stamp ## 启动整座城市 · start the whole city; Ctrl-C stops it
	@$(BANCHENG) up

test: .venv/.stamp ## 全部测试（浏览器除外）· every test but the browser walks
	@$(PY) -m pytest -n auto --dist loadfile -m 'not fault'
	@$(PY) -m pytest $(AT_ONCE) -m fault tests/whole bancheng # real processes are killed and waited for, the longest walks first
	@echo '跳过的测试及原因见上面 SKIPPED 各行；浏览器行走：make journeys'
	@echo 'What was skipped and why stands in the lines SKIPPED above, if any; the browser walks are make journeys.'

t: .venv/.stamp ## 一个服务或部件的测试 · one service or part: make t S=expiry
	@test -n "$(S)" || { echo 'make t S=expiry'; exit 2; }
	@$(PY) -m pytest -m 'not fault' $(wildcard bancheng/$(S) bancheng/*/$(S))

check: .venv/.stamp ## 格式、类型、边界、迁移、地图 · format, types, walls, migrations, map
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy bancheng
	@.venv/bin/lint-imports
	@BANCHENG_VAR=$(CURDIR)/var/check $(BANCHENG) manage makemigrations --check --dry-run
	@$(BANCHENG) map --check
	@$(PY) tools/vendor.py --check

journeys: .venv/.stamp ## 浏览器行走（需 Chromium）· browser walks; they say so when there is no Chromium
	@$(PY) -m pytest -o addopts='-p bancheng.site.testing -p no:playwright --strict-markers -rfEs' -o timeout=300 tests/journeys

screenshots: .venv/.stamp ## 重拍说明里的图片（需 Chromium）· take the README's pictures anew
	@$(PY) -m pytest -q -o addopts='-p bancheng.site.testing -p no:playwright --strict-markers -rfEs' -o timeout=600 tests/journeys/screenshots.py

bench: .venv/.stamp ## 性能，与同次测得的极限之比 · figures as ratios to a limit of the same run
	@$(BANCHENG) bench $(if $(filter faults,$(MAKECMDGOALS)),--only faults)

faults: .venv/.stamp ## 逐个强杀进程二百轮（一小时以上）· the ladder of kill -9, two hundred rounds, an hour and more
	@$(if $(filter bench,$(MAKECMDGOALS)),:,$(BANCHENG) bench --only faults)

map: .venv/.stamp ## 重写架构地图 · write the map of parts anew
	@$(BANCHENG) map

lock: .venv/.stamp ## 重写 requirements.lock（需 uv）· write the lock anew; needs uv
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --extra dev pyproject.toml -o requirements.lock

clean: ## 删除 .venv 与缓存，不动 var · remove .venv and caches; var stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/.stamp: requirements.lock pyproject.toml tools/setup
	@tools/setup
