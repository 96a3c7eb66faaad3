"""What a question to the forum needs: versions, which files are used and why, and what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import site
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from . import resolve

__all__ = ["Finding", "examine"]

Kind = Literal["ok", "note", "problem"]
OVERRIDE = Path("share/jupyter/lab/settings/overrides.d/cvcourse.json")
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, what was found, and whether it is a problem."""

    what: str
    found: str
    kind: Kind = "ok"


def examine() -> tuple[Finding, ...]:
    """Look at everything; nothing is changed."""
    return (
        _python(),
        *_packages(),
        *_files(),
        _gpu(),
        _data(),
        _jupyter(),
        Finding(
            "Colab", "yes" if "google.colab" in sys.modules or os.environ.get("COLAB_RELEASE_TAG") else "no"
        ),
    )


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} ({resolve.shown(sys.executable)})"
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", f"{found}, expected {'.'.join(map(str, OLDEST_PYTHON))} or later", "problem")
    return Finding("Python", found)


def _packages() -> Iterator[Finding]:
    from packaging.requirements import Requirement

    yield _own_package()
    for text in _requirements():
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        floor = f", needs {wanted.specifier}" if wanted.specifier else ""
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(wanted.name, f'missing{floor}: pip install "{wanted}"', "problem")
            continue
        if wanted.specifier.contains(version, prereleases=True):
            yield Finding(wanted.name, version)
        else:
            yield Finding(wanted.name, f'{version}{floor}: pip install "{wanted}"', "problem")


def _own_package() -> Finding:
    from . import __version__

    folder = resolve.shown(resolve.PACKAGED.parent)
    try:
        importlib.metadata.version("cvcourse")
    except importlib.metadata.PackageNotFoundError:
        return Finding("cvcourse", f"{__version__} in {folder}, not installed: pip install -e .", "note")
    return Finding("cvcourse", f"{__version__} in {folder}")


def _requirements() -> list[str]:
    """What the installed package needs, or what the checkout's pyproject.toml says."""
    try:
        return importlib.metadata.requires("cvcourse") or []
    except importlib.metadata.PackageNotFoundError:
        import tomllib

        path = resolve.PACKAGED.parents[1] / "pyproject.toml"
        if not path.is_file():
            return []
        return tomllib.loads(path.read_text(encoding="utf-8"))["project"]["dependencies"]


def _files() -> Iterator[Finding]:
    if not resolve.assignments():
        yield Finding("assignments", f"no stubs in {resolve.PACKAGED}: reinstall the course", "problem")
    for name in resolve.assignments():
        for module in resolve.modules(name):
            try:
                located = resolve.find(name, module)
            except resolve.ResolveError as e:
                yield Finding(f"{module}.py", str(e), "problem")
                continue
            found = f"{resolve.shown(located.path)} ({located.layout}: {located.why})"
            # a checkout that was installed with -e is seen from elsewhere: git keeps what is in it
            checkout = (resolve.PACKAGED.parents[1] / "pyproject.toml").is_file()
            kept = located.layout != "installed package" or checkout
            yield Finding(
                f"{module}.py", found if kept else f"{found}; an update replaces it", "ok" if kept else "note"
            )
        notebook = resolve.find_notebook(name)
        yield Finding(
            f"{name}.ipynb",
            resolve.shown(notebook) if notebook else "not found from this folder",
            "ok" if notebook else "note",
        )


def _gpu() -> Finding:
    try:
        import torch
    except Exception as e:  # a broken torch raises OSError, ImportError and others
        return Finding("GPU", f"torch cannot be imported ({type(e).__name__}: {e})", "problem")
    if torch.cuda.is_available():
        return Finding("GPU", f"{torch.cuda.get_device_name()} (CUDA {torch.version.cuda})")
    if torch.backends.mps.is_available():
        return Finding("GPU", "Apple GPU (mps)")
    return Finding("GPU", "none: everything runs on the CPU, the large-scale cells in a shortened form")


def _data() -> Finding:
    from .datasets import available
    from .datasets.storage import data_folder

    names = [d.name for d in available() if d.cached]
    return Finding(
        "data", f"{', '.join(names) or 'nothing'} at hand; downloads go to {resolve.shown(data_folder())}"
    )


def _jupyter() -> Finding:
    try:
        version = importlib.metadata.version("jupyterlab")
    except importlib.metadata.PackageNotFoundError:
        return Finding("JupyterLab", "not installed; VS Code and Colab do without", "note")
    prefixes = [sys.prefix, *([site.getuserbase()] if site.ENABLE_USER_SITE else [])]
    found = next((p for p in prefixes if (Path(p) / OVERRIDE).is_file()), None)
    if found:
        return Finding(
            "JupyterLab", f"{version}, the course's settings are in {resolve.shown(Path(found) / OVERRIDE)}"
        )
    # without them, pyplot figures driven by a slider stay blank
    numbers = [int(n) for n in re.findall(r"\d+", version)[:2]]
    return Finding(
        "JupyterLab",
        f"{version}, without the course's settings: reinstall the package (pip install -e .)",
        "problem" if numbers >= [4, 4] else "note",
    )
