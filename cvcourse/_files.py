"""Writing files without ever losing what was there: backups beside, and replacing in one step."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["back_up", "write_whole"]


def back_up(path: Path) -> Path | None:
    """Move the file at `path` aside, to ``name.backup-1.ext`` or the next free number.

    Returns:
        Where it is now; None if there was none.
    """
    if not path.exists():
        return None
    number = 1
    while (aside := path.with_name(f"{path.stem}.backup-{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
    return aside


def write_whole(path: Path, content: bytes) -> Path | None:
    """Write `content` to `path` completely or not at all, and keep what was there before.

    Returns:
        Where the earlier file is now; None if there was none, or if it held the same.

    Raises:
        OSError: if it cannot be written; an earlier file is then where it was.
    """
    if path.is_file() and path.read_bytes() == content:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside = None
    try:
        with temporary.open("wb") as f:
            f.write(content)
            f.flush()
            with contextlib.suppress(OSError):  # some network drives cannot
                os.fsync(f.fileno())
        aside = back_up(path)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        if aside is not None and not path.exists():
            aside.rename(path)
        raise
    return aside
