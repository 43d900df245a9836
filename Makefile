# `make help` lists what there is. Each target installs what it needs first.

CSV ?=
RUNTIME ?=
ARGS ?=

BIN := .venv/bin
ENVIRONMENT := .venv/.installed
EMULATOR := .venv-emulator/.installed
INFRA := .venv-infra/.installed
INFRA_CHECKED := build/.infra-checked
INFRA_SOURCES := $(shell find infra -type f)
JAR := connectors/target/invoice-stream-flink.jar
CHAIN := $(ENVIRONMENT) $(EMULATOR) $(JAR)
JAR_SOURCES := connectors/pom.xml $(shell find connectors/src -type f 2>/dev/null)
SPARK_JARS := warehouse/target/jars/.installed

# What Lambda's own Python runtime brings.
LAMBDA_RUNTIME := boto3 botocore jmespath python-dateutil s3transfer six urllib3

PIP := python -m pip --disable-pip-version-check --quiet
# Says nothing unless it fails; Debian's Maven writes colour codes even then.
maven_package = said=$$(mvn --batch-mode --quiet --file $(1) package 2>&1) || { echo "$$said"; exit 1; }

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format bench package install jars docs lock clean prerequisites

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(CHAIN)  ## Send invoices through the whole chain and prove that nothing was lost (CSV=path for your own)
	@$(BIN)/invoice-stream demo $(if $(CSV),"$(CSV)") $(ARGS)

test: install  ## Run every test, on a machine whose clock is not UTC's (ARGS="-k name" for some)
	@TZ=America/New_York $(BIN)/pytest $(ARGS)

check: $(ENVIRONMENT) $(INFRA_CHECKED)  ## Format, lint, types, import rules, generated pages, templates
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m invoices.contract_page --check
	@$(BIN)/python -m api.description_files --check

# Half a minute, so only when a template or a rule has changed.
$(INFRA_CHECKED): $(INFRA_SOURCES) $(INFRA)
	@echo "checking the templates"
	@.venv-infra/bin/cfn-lint infra/cloudformation/*.yaml
	@.venv-infra/bin/checkov --config-file infra/checkov.yaml
	@.venv-infra/bin/python infra/guard/evaluate.py
	@mkdir -p $(@D) && touch $@

format: $(ENVIRONMENT)  ## Format the code and mend what the linter can
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: $(CHAIN)  ## Measure the job; ends with ratio-to-naive and ratio-to-decode
	@$(BIN)/python -m benchmarks.run $(ARGS)

package: install  ## Make the package for Managed Flink, into dist/ (RUNTIME=FLINK-2_2 for another)
	@$(BIN)/invoice-stream package $(if $(RUNTIME),--runtime $(RUNTIME)) $(ARGS)

docs: $(ENVIRONMENT)  ## Write the contract's pages and schemas, and the API's description, from the code
	@$(BIN)/python -m invoices.contract_page
	@$(BIN)/python -m api.description_files

install: $(CHAIN) $(SPARK_JARS)  ## Install the environments and Flink's jars

jars: $(JAR)  ## Build the uber jar with Flink's connectors and the operators in Java

lock: $(ENVIRONMENT)  ## Resolve requirements/*.in anew into hash-pinned files
	@for name in build dev emulator infra flink-app glue; do \
	    $(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-annotate \
	        --custom-compile-command "make lock" requirements/$$name.in --output-file requirements/$$name.txt \
	    || exit 1; \
	done
	@$(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --only-binary :all: --constraints requirements/dev.txt \
	    $(addprefix --no-emit-package ,$(LAMBDA_RUNTIME)) requirements/lambda.in \
	    --output-file requirements/lambda.txt

clean:  ## Remove what was installed and built; what the services hold in var/ stays
	@rm -rf .venv .venv-emulator .venv-infra .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -rf build dist connectors/target warehouse/target *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

prerequisites:
	@scripts/prerequisites > /dev/null

# Some dependencies come as source only: they are built with the pinned setuptools.
$(ENVIRONMENT): requirements/build.txt requirements/dev.txt requirements/runtime.in requirements/warehouse.in pyproject.toml | prerequisites
	@echo "installing the environment into .venv (about 1 GB)"
	@"$$(scripts/prerequisites)" -m venv .venv
	@$(BIN)/$(PIP) install --require-hashes --requirement requirements/build.txt
	@$(BIN)/$(PIP) install --require-hashes --no-build-isolation --requirement requirements/dev.txt
	@$(BIN)/$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(EMULATOR): requirements/emulator.txt | prerequisites
	@echo "installing the emulator into .venv-emulator"
	@"$$(scripts/prerequisites)" -m venv .venv-emulator
	@.venv-emulator/bin/$(PIP) install --require-hashes --only-binary :all: --requirement requirements/emulator.txt
	@touch $@

$(INFRA): requirements/infra.txt | prerequisites
	@echo "installing what checks the templates into .venv-infra (about 300 MB)"
	@"$$(scripts/prerequisites)" -m venv .venv-infra
	@.venv-infra/bin/$(PIP) install --require-hashes --only-binary :all: --requirement requirements/infra.txt
	@touch $@

$(JAR): $(JAR_SOURCES) | prerequisites
	@echo "building $@"
	@$(call maven_package,connectors/pom.xml)
	@touch $@

$(SPARK_JARS): warehouse/pom.xml | prerequisites
	@echo "fetching what Spark needs to read S3"
	@$(call maven_package,warehouse/pom.xml)
	@touch $@
