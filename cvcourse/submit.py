"""Packs what is handed in: one zip with the modules, the notebook, what was trained, and a manifest.

Nothing is held back because a check fails: unfinished work may be handed in.  What might cost points without
being noticed is said: a notebook that is missing, unsaved or unanswered, a syntax error, a helper file of
one's own that the grader will not see.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import resolve
from ._files import write_whole
from .checks.answers import NotebookError, read_answers
from .checks.outcomes import StudentFault
from .checks.runner import syntax_sentence
from .checks.trained import SUFFIX, read_arrays

__all__ = ["NotATarget", "NothingToSubmit", "Submitted", "submit"]

UNSAVED_AFTER = 600  # seconds between the last change of a module and of the notebook


class NothingToSubmit(Exception):
    """Neither a module nor a notebook was found: one sentence."""


class NotATarget(Exception):
    """The zip must not be written there: one sentence."""


@dataclass(frozen=True)
class Submitted:
    """The zip that was written, where an earlier one is kept, what is in it, and what to look at again."""

    path: Path
    backup: Path | None
    files: tuple[Path, ...]
    warnings: tuple[str, ...]


def submit(
    name: str, to: Path | None = None, *, notebook: bytes | None = None, now: datetime | None = None
) -> Submitted:
    """Write the zip to hand in for assignment `name`.

    Args:
        name: the assignment.
        to: a file or folder to write to; by default ``<name>.zip`` in the current folder.
        notebook: the notebook's content, where it is not on disk (Colab).
        now: the time that the manifest states; by default the present.

    Raises:
        ResolveError: if there is no such assignment.
        NothingToSubmit: if there is nothing to pack.
        NotATarget: if `to` is something else than a zip, your module for instance.
        OSError: if the zip cannot be written; an earlier zip is untouched then.
    """
    contents: dict[str, bytes] = {}
    files: list[Path] = []
    warnings: list[str] = []
    for module in resolve.modules(name):
        try:
            path = resolve.find(name, module).path
        except resolve.ResolveError as e:
            warnings.append(str(e))
            continue
        contents[path.name] = path.read_bytes()
        files.append(path)
    for path in files:
        warnings += _module_warnings(path, contents[path.name], set(resolve.modules(name)))
    on_disk = resolve.find_notebook(name)
    if notebook is None and on_disk is not None:
        notebook = on_disk.read_bytes()
        files.append(on_disk)
        warnings += _age_warnings(on_disk, files[:-1])
    if notebook is None:
        instead = "run this in the notebook's folder"
        if os.environ.get("COLAB_RELEASE_TAG"):  # Colab's notebooks are not on its disk
            instead = f'run cvcourse.colab.submit("{name}") in a cell of the notebook instead'
        warnings.append(
            f"there is no {name}.ipynb here: answers in the notebook are not handed in; {instead}"
        )
    else:
        contents[f"{name}.ipynb"] = notebook
        warnings += _notebook_warnings(name, notebook)
    for product in resolve.trained(name):
        path = resolve.find_trained(name, product)
        if path is None:
            warnings.append(f"there is no {product}{SUFFIX} yet: what is trained for it is not handed in")
            continue
        contents[path.name] = path.read_bytes()
        files.append(path)
        warnings += _trained_warnings(path.name, contents[path.name])
    if not contents:
        raise NothingToSubmit(f"there is nothing to hand in: neither {name}.py nor {name}.ipynb was found")
    target = Path(to) if to is not None else Path.cwd() / f"{name}.zip"
    if target.is_dir():
        target = target / f"{name}.zip"
    if target.exists() and not (target.is_file() and (target.suffix == ".zip" or zipfile.is_zipfile(target))):
        raise NotATarget(f"{resolve.shown(target)} is there already and is no zip: choose another name")
    backup = write_whole(target, _zip(name, contents, now or datetime.now(UTC)))
    return Submitted(target, backup, tuple(files), tuple(warnings))


def _zip(name: str, contents: dict[str, bytes], now: datetime) -> bytes:
    from . import __version__

    manifest = {
        "assignment": name,
        "created": now.isoformat(timespec="seconds"),
        "cvcourse": __version__,
        "files": {n: hashlib.sha256(c).hexdigest() for n, c in sorted(contents.items())},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, content in [*sorted(contents.items()), ("manifest.json", text.encode())]:
            entry = zipfile.ZipInfo(n, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _module_warnings(path: Path, source: bytes, known: set[str]) -> Iterator[str]:
    try:
        tree = ast.parse(source, path.name)
    except SyntaxError as e:
        yield f"{syntax_sentence(path.name, e)}; so no task in it counts"
        return
    except ValueError as e:
        yield f"{path.name} is not Python text in UTF-8 ({e}); so no task in it counts"
        return
    imported = {n.name for s in ast.walk(tree) if isinstance(s, ast.Import) for n in s.names}
    imported |= {s.module for s in ast.walk(tree) if isinstance(s, ast.ImportFrom) and s.module}
    for module in sorted({m.partition(".")[0] for m in imported} - known):
        if path.with_name(f"{module}.py").is_file():
            yield f"{path.name} imports {module}.py, which is not handed in: move it into {path.name}"


def _age_warnings(notebook: Path, others: list[Path]) -> Iterator[str]:
    newest = max((p.stat().st_mtime for p in others), default=0.0)
    behind = newest - notebook.stat().st_mtime
    if behind > UNSAVED_AFTER:
        saved = datetime.fromtimestamp(notebook.stat().st_mtime).strftime("%d %B, %H:%M")
        yield f"{notebook.name} was last saved on {saved}, before your last change of the code: is it saved?"


def _trained_warnings(name: str, content: bytes) -> Iterator[str]:
    try:
        read_arrays(content, name)
    except StudentFault as e:
        yield f"{e}; it is handed in as it is"


def _notebook_warnings(name: str, notebook: bytes) -> Iterator[str]:
    try:
        answers = read_answers(notebook)
    except NotebookError as e:
        yield f"{name}.ipynb: {e}; it is handed in as it is"
        return
    unanswered = [n for n, value in answers.items() if value is ...]
    if unanswered:
        yield f"not answered yet in {name}.ipynb: {', '.join(unanswered)}"
