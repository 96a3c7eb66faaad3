"""Which file is the student's, and its import, always afresh from disk.

The rule, in this order:

1. ``$CVCOURSE_EXERCISES/<assignment>/``, if that is set (`use` sets it; Colab does);
2. the current folder, if the module lies in it (nbgrader, JupyterHub);
3. the nearest ``cvcourse/exercises/<assignment>/`` in the current folder or above it (a checkout);
4. the installed package's own.

Nothing depends on `%autoreload`, and no bytecode is read or written: what runs is what the file says now.
"""

from __future__ import annotations

import builtins
import difflib
import importlib.abc
import importlib.util
import json
import linecache
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from ._py2 import install as _install_py2_names

__all__ = [
    "Located",
    "ResolveError",
    "assignments",
    "exercise",
    "find",
    "find_notebook",
    "find_trained",
    "load",
    "modules",
    "shown",
    "stub",
    "trained",
    "use",
]

VARIABLE = "CVCOURSE_EXERCISES"
PACKAGED = Path(__file__).resolve().parent / "exercises"
RECORD = ".generated.json"  # in PACKAGED; `autograder release` lists there what it wrote


class ResolveError(LookupError):
    """There is no such assignment or module, or its file is missing: one sentence says what to do."""


@dataclass(frozen=True)
class Located:
    """The file that is used, the `layout` it was found in, and `why` it is this one."""

    path: Path
    layout: str
    why: str


def assignments() -> tuple[str, ...]:
    """Names of the assignments that this package holds stubs of."""
    if not PACKAGED.is_dir():
        return ()
    return tuple(sorted(p.name for p in PACKAGED.iterdir() if any(p.glob("*.py"))))


def modules(name: str) -> tuple[str, ...]:
    """Names of the modules of assignment `name` that a student fills in; the one called like it comes first.

    Raises:
        ResolveError: if there is no such assignment.
    """
    if name not in assignments():
        raise ResolveError(_unknown("assignment", name, assignments()))
    # in a checkout this folder is the student's own: modules may be missing there, and helper files added
    stems = {*_released(name)} or {p.stem for p in (PACKAGED / name).glob("*.py")}
    return tuple(sorted(stems - {"__init__"} or {name}, key=lambda stem: (stem != name, stem)))


def trained(name: str) -> tuple[str, ...]:
    """What assignment `name` wants trained, and handed in as ``<this>.safetensors``; mostly nothing."""
    return tuple((_record().get("trained") or {}).get(name, ()))


def stub(name: str, module: str | None = None) -> Path:
    """The untouched stub in the package."""
    return PACKAGED / name / f"{_module_name(name, module)}.py"


def use(folder: str | os.PathLike[str]) -> None:
    """Let students' files live in ``<folder>/<assignment>/``, in this process and those that it starts."""
    os.environ[VARIABLE] = str(Path(folder).resolve())


def find(name: str, module: str | None = None) -> Located:
    """The student's file of `module` (by default the first) of assignment `name`; see the rule above.

    Raises:
        ResolveError: if there is none.
    """
    module = _module_name(name, module)
    file = f"{module}.py"
    here = Path.cwd()
    if os.environ.get(VARIABLE):
        path = Path(os.environ[VARIABLE]) / name / file
        if not path.is_file():
            raise ResolveError(
                f"{shown(path)} is missing: {VARIABLE} says that your files live there; "
                f"put {file} back (the untouched one is {shown(stub(name, module))}) or unset {VARIABLE}"
            )
        return Located(path, "chosen folder", f"{VARIABLE} is set to {os.environ[VARIABLE]}")
    if (here / file).is_file() and not _is_our_own(here):
        return Located(here / file, "current folder", f"{file} lies in the current folder")
    for folder in (here, *here.parents):
        path = folder / "cvcourse" / "exercises" / name / file
        if path.is_file():
            return Located(path, "checkout", f"the nearest cvcourse/exercises/{name} is in {folder}")
    path = PACKAGED / name / file
    if path.is_file():
        return Located(
            path, "installed package", f"there is no {file} in {here} and no checkout of the course around it"
        )
    raise ResolveError(
        f"{file} is missing: put it back as {shown(path)} (`git checkout` brings the untouched one), "
        "or reinstall the course's package"
    )


def find_notebook(name: str) -> Path | None:
    """The student's notebook ``<name>.ipynb``: here, in a checkout's assignments, or beside the module."""
    return _beside_the_notebook(name, f"{name}.ipynb")


def find_trained(name: str, file: str) -> Path | None:
    """The student's ``<file>.safetensors``, looked for where the notebook is."""
    return _beside_the_notebook(name, f"{file}.safetensors")


def _beside_the_notebook(name: str, file: str) -> Path | None:
    here = Path.cwd()
    candidates = [here / file]
    candidates += [f / "assignments" / name / file for f in (here, *here.parents)]
    try:
        module = find(name).path
    except ResolveError:
        pass
    else:
        candidates += [module.with_name(file)]
        candidates += [f / "assignments" / name / file for f in module.parents[3:4]]
    return next((c for c in candidates if c.is_file()), None)


def load(name: str, module: str | None = None, *, afresh: bool = True) -> ModuleType:
    """Import the student's module afresh, its sibling modules with it, and return it.

    With ``afresh=False`` modules that a previous `load` imported stay, so that two modules of one assignment
    share a third.

    Raises:
        ResolveError: if there is no such file.
        Exception: whatever the student's code raises, a `SyntaxError` for instance.
    """
    wanted = _module_name(name, module)
    _install_py2_names()
    files = {}
    for m in modules(name):
        try:
            files[m] = find(name, m).path
        except ResolveError:
            if m == wanted:
                raise
    _FINDER.files.update(files)
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    before = {m: sys.modules.pop(m) for m in files if afresh and m in sys.modules}
    try:
        return importlib.import_module(wanted)
    except BaseException:
        # a notebook keeps working with the module that it has
        for m, old in before.items():
            sys.modules.setdefault(m, old)
        raise


def exercise(name: str, module: str | None = None, *, quiet: bool = False) -> ModuleType:
    """Your module of assignment `name`, as the file is on disk now; prints which file that is.

    >>> knn = exercise("knn")
    >>> layers = exercise("backprop", "layers")  # an assignment of several modules

    Modules of one assignment may import each other by name; they are then read anew as well.

    Raises:
        ResolveError: if there is no such file, or `name` has several modules and `module` names none.
    """
    if module is None and name not in modules(name):
        raise ResolveError(
            f"{name} has the modules {', '.join(modules(name))}: say which one you want, "
            f'as in exercise("{name}", "{modules(name)[0]}")'
        )
    located = find(name, module)
    if not quiet:
        print(f"using {shown(located.path)}")
    try:
        return load(name, module)
    except SyntaxError as e:
        # nothing of ours between the notebook's line and the line that is not Python
        raise e.with_traceback(None) from None


def shown(path: str | os.PathLike[str]) -> str:
    """A path as people want to read it: relative to the current folder, or to ``~``, if that is shorter."""
    absolute = Path(os.path.abspath(path))
    choices = [str(absolute)]
    try:
        choices.append(os.path.relpath(absolute))
        choices.append(str(Path("~") / absolute.relative_to(Path.home())))
    except (ValueError, RuntimeError):  # another drive; outside home; no home
        pass
    return min(choices, key=len)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports students' modules from their files' current source, ahead of everything else of their name."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        file = self.files.get(fullname)
        if path is not None or file is None or not file.is_file():
            return None
        return importlib.util.spec_from_file_location(fullname, file, loader=self)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        path = str(module.__file__)
        source = Path(path).read_bytes()
        # tracebacks then show the lines that ran, also after the next edit
        text = source.decode("utf-8", "replace")
        linecache.cache[path] = (len(source), None, text.splitlines(keepends=True), path)
        try:
            code = builtins.compile(source, path, "exec", dont_inherit=True)
        except (ValueError, UnicodeError) as e:  # a null byte, or another encoding
            raise SyntaxError(f"this is not Python text in UTF-8 ({e})", (path, 1, 0, "")) from None
        exec(code, module.__dict__)


_FINDER = _Finder()


def _module_name(name: str, module: str | None) -> str:
    known = modules(name)
    if module is None:
        return known[0]
    if module not in known:
        raise ResolveError(_unknown(f"module of {name}", module, known))
    return module


def _released(name: str) -> list[str]:
    """The modules of assignment `name` by the release's own record; none where that cannot be read."""
    paths = [PurePosixPath(path) for path in _record().get("sha256") or ()]
    return [p.stem for p in paths if p.parent.parts[-2:] == ("exercises", name) and p.suffix == ".py"]


def _record() -> dict[str, Any]:
    try:
        record = json.loads((PACKAGED / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _is_our_own(folder: Path) -> bool:
    """The package's checks are called like the assignments, and are no student's file."""
    return folder.resolve() == PACKAGED.parent / "checks"


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    meant = f": did you mean {close[0]!r}?" if close else f"; there is {', '.join(known) or 'none'}"
    return f"there is no {kind} {name!r}{meant}"
