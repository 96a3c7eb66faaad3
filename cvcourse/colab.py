"""Google Colab: keeps a student's files on their Drive, so that they outlive the machine.

The first cell of every notebook calls `setup`.  Anywhere but in Colab it does nothing.

Without Drive, the work stays in /content, which Colab deletes after some hours; the notebook itself is kept
by Colab, so a cell that starts with ``%%stub knn`` and holds the module's text is the way to keep it all.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from . import resolve
from ._files import write_whole

__all__ = ["load_ipython_extension", "setup", "submit", "write_stub"]

CONTENT = "CVCOURSE_CONTENT"  # tests have no /content


def setup(name: str, content: str | os.PathLike[str] | None = None) -> Path | None:
    """Put assignment `name` where it is kept, and let checks and `exercise` use it there.

    Stubs are copied only where there is no file yet: what you have written is never overwritten.

    Args:
        name: the assignment.
        content: Colab's working folder, ``/content``.

    Returns:
        The folder that holds your files; None if this is not Colab.
    """
    if "google.colab" not in sys.modules:
        return None
    sys.dont_write_bytecode = True
    root = Path(content or os.environ.get(CONTENT) or "/content")
    local = root / "cvcourse"
    home = _drive_folder(root / "drive")
    folder = None
    if home is not None:
        try:
            folder = _furnish(home, name, local / name)
        except OSError as e:
            print(f"Your Drive cannot be written to ({e.strerror or e}): is it full?")
    if folder is None:
        home, folder = local, _furnish(local, name)
        print(
            f"Working without Drive, in {folder}: Colab deletes it when this machine is given back.\n"
            f"To keep your work, download {name}.py from the folder icon on the left, "
            f"or write it in a cell that begins with %%stub {name}."
        )
    resolve.use(home)
    _register_magic()
    files = ", ".join(f"{m}.py" for m in resolve.modules(name))
    print(
        f"Your files ({files}) are in {folder}. Double-click one in the folder view on the left to edit it.\n"
        f'When you are done, cvcourse.colab.submit("{name}") in a cell makes the zip to hand in.'
    )
    return folder


def submit(name: str) -> Path:
    """In a Colab cell: pack the module and this very notebook, and let the browser download the zip."""
    from .submit import submit as pack

    done = pack(name, resolve.find(name).path.parent, notebook=_this_notebook())
    for warning in done.warnings:
        print(f"! {warning}")
    print(f"Written: {done.path}")
    if done.backup:
        print(f"The earlier one is kept as {done.backup}")
    if "google.colab" in sys.modules:
        from google.colab import files

        files.download(str(done.path))
    return done.path


def write_stub(line: str, cell: str) -> Path:
    """The cell magic ``%%stub knn``: writes the cell to ``knn.py``, and keeps what was there beside it.

    ``%%stub cnn layers`` writes the module `layers` of assignment `cnn`.
    """
    name, *rest = line.split() or [""]
    module = rest[0] if rest else None
    file = resolve.stub(name, module).name
    from .checks.runner import syntax_sentence

    try:
        located = resolve.find(name, module)
        path = located.path if located.layout != "installed package" else Path.cwd() / file
    except resolve.ResolveError:  # the folder that was chosen lacks the file
        path = Path(os.environ[resolve.VARIABLE]) / name / file
    backup = write_whole(path, (cell.rstrip() + "\n").encode())
    print(
        f"wrote {resolve.shown(path)}" + (f"; the earlier one is {resolve.shown(backup)}" if backup else "")
    )
    try:
        compile(cell, file, "exec")
    except SyntaxError as e:
        print(f"! {syntax_sentence(file, e)}")
    return path


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext cvcourse.colab`` gives any notebook the magic ``%%stub``."""
    shell.register_magic_function(_stub_magic, "cell", "stub")


def _stub_magic(line: str, cell: str) -> None:
    try:
        write_stub(line, cell)
    except (resolve.ResolveError, OSError) as e:
        print(f"nothing was written: {e}")


def _register_magic() -> None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        load_ipython_extension(shell)


def _drive_folder(mount_point: Path) -> Path | None:
    """The course's folder on Drive, or None with a sentence why there is none."""
    try:
        from google.colab import drive

        drive.mount(str(mount_point))
    except Exception as e:  # Colab raises several of its own kinds when access is refused or times out
        print(f"Your Drive is not connected ({type(e).__name__}: {e}).")
        return None
    if not (mount_point / "MyDrive").is_dir():
        print(f"Your Drive is not connected: {mount_point} holds no MyDrive.")
        return None
    return mount_point / "MyDrive" / "cvcourse"


def _furnish(home: Path, name: str, earlier: Path | None = None) -> Path:
    """Make ``home/name`` and copy into it what it lacks, from `earlier` work without Drive or the stubs."""
    folder = home / name
    folder.mkdir(parents=True, exist_ok=True)
    for module in resolve.modules(name):
        packaged = resolve.stub(name, module)
        target = folder / packaged.name
        found = earlier / packaged.name if earlier else packaged
        done_earlier = found.is_file() and found.read_bytes() != packaged.read_bytes()
        if not target.exists():
            write_whole(target, (found if done_earlier else packaged).read_bytes())
        elif done_earlier and found.read_bytes() != target.read_bytes():
            print(f"! {found} differs from {target}, which is used: copy over what you want to keep.")
    return folder


def _this_notebook() -> bytes | None:
    """The notebook as it is in the browser; None where Colab does not tell."""
    if "google.colab" not in sys.modules:
        return None
    try:
        from google.colab import _message

        reply = _message.blocking_request("get_ipynb", request="", timeout_sec=60)
        return json.dumps(reply["ipynb"], ensure_ascii=False, indent=1).encode()
    except Exception as e:  # not a public interface: without it the notebook is handed in by hand
        print(
            f"! Colab did not hand over this notebook ({type(e).__name__}): download it from the File menu."
        )
        return None
