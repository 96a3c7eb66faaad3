# make demo · test · lab · check · selftest · release · bench · bench-grader · fuzz · lock   (each does its own set-up)
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUTF8 = 1

.PHONY: setup demo test lab check lint selftest release bench bench-grader fuzz lock
.DEFAULT_GOAL := help

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: ## .venv with the locked versions
	@$(PYTHON) tools/bootstrap.py

demo: setup ## the whole loop: release, a class of 24, grade, nbgrader, feedback
	@$(BIN)/autograder demo

test: setup ## every test that needs no GPU and no network
	@$(BIN)/python -m pytest

lab: setup ## JupyterLab on the kNN notebook
	@$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" $(if $(filter 0,$(shell id -u)),--allow-root) assignments/knn/knn.ipynb

check: setup lint ## what CI runs before the tests
	@$(BIN)/autograder release --check

selftest: setup ## the hidden tests tested: every known mistake, mutants, right answers
	@$(BIN)/autograder selftest

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

release: setup ## regenerate stubs, notebooks and fingerprints from solutions/
	@$(BIN)/autograder release

bench: setup ## the references side by side with the libraries
	@for b in knn_distances losses layers conv kmeans segmentation trainer; do $(BIN)/python benchmarks/$$b.py || exit 1; done

bench-grader: setup ## what grading costs: ours, stock nbgrader, otter, plain pytest (half an hour)
	@$(BIN)/python benchmarks/grader --scale 40 200 1000

fuzz: setup ## ten minutes each of coverage-guided fuzzing (needs atheris)
	@$(BIN)/python -m tests.attacks.fuzz wire
	@$(BIN)/python -m tests.attacks.fuzz submissions

lock: setup ## requirements.lock from pyproject.toml
	@$(BIN)/python tools/lock.py
