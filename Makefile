# 社区e通. `make` alone prints the help below; every target works from a bare clone.
# Nothing outside this directory is changed but caches, and on Debian as root the system
# libraries named in .ci/system-libraries.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
BIN := .venv/bin
RUN := $(BIN)/python
STAMP := .venv/installed
COMPILE := pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --python-version 3.11

# Each of the many programs started here would compile every source anew: a quarter of its start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env demo hub app test soak bench lint format lock clean

help: ## 列出全部命令 · list the commands
	@awk -F ' ## ' '/^[a-z]+:.* ## /{sub(/:.*/, "", $$1); printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  PORT=8000 端口 · port      ARGS="…" 附加参数 · further arguments'

env: $(STAMP) ## 建立 Python 环境 .venv · make the Python environment
	@:

$(STAMP): .ci/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo '需要 Python 3.11 或更高版本：make PYTHON=<解释器> · Python 3.11 or newer is needed: make PYTHON=<interpreter>' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo '缺少 venv 模块：请安装 python3-venv · the venv module is missing: install python3-venv' >&2; exit 1; }
	@echo '正在安装依赖，首次约需两分钟 · installing the dependencies, about two minutes the first time' >&2
	@test -x $(RUN) || $(PYTHON) -m venv .venv
	@$(RUN) -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r .ci/requirements.lock
	@touch $(STAMP)

demo: env ## 演示：一条街道、一台平板的一天（ARGS=--exit 演完即止）· one street, one tablet's day
	@$(RUN) manage.py demo --port $(PORT) $(ARGS)

hub: env ## 启动平台服务 · run the hub (database, data, web server, task worker)
	@$(RUN) manage.py serve --port $(PORT) $(ARGS)

app: env ## 启动平板端 · run the tablet application
	@.ci/system-libraries tablet
	@$(RUN) -m field_app $(ARGS)

test: env ## 全部检查与测试（ARGS=步骤名 只跑一步）· every check and test (ARGS=step for one)
	@.ci/system-libraries tablet browser
	@$(RUN) -m tests $(ARGS)

soak: env ## 长时间验证（ARGS="名称 --tried N --seed S" 只跑一项）· every proof at length
	@$(RUN) -m tests.soak $(ARGS)

bench: env ## 性能对比（ARGS=名称 只跑一项）· measure against peers (ARGS=name for one)
	@$(RUN) -m tests.bench $(ARGS)

lint: env ## 静态检查 · style, types and import order
	@$(RUN) -m tests style form types rooms

format: env ## 整理代码格式 · format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

lock: ## 按 pyproject.toml 重新生成锁文件（ARGS=--upgrade 升级）· write the lock files anew
	@set -eu; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	$(PYTHON) -m venv "$$scratch"; \
	"$$scratch/bin/pip" install --quiet --disable-pip-version-check uv; \
	"$$scratch/bin/uv" $(COMPILE) --all-extras $(ARGS) -o .ci/requirements.lock; \
	"$$scratch/bin/uv" $(COMPILE) --constraints .ci/requirements.lock $(ARGS) -o field_app/requirements.lock

clean: ## 删除环境、数据与缓存 · remove environment, data and caches
	@rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
