"""Text that strangers wrote, made safe to look at; and numbers as people write them.

Exceptions, file names and student names come from student code.  Escaping for HTML is jinja's job, but no
HTML escape stops a terminal's control sequence, or a right-to-left override that makes ``gpj.py`` read as
``yp.jpg``.  `visible` shows such characters as what they are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["joined", "number", "one_line", "plural", "points", "some_of", "task_title", "visible"]

# Cc control, Cf invisible formatting (bidi overrides among them), Cs lone surrogates, Zl/Zp line separators.
_SHOWN_AS_CODE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# The joiners shape letters of several scripts and emoji; they neither hide nor reorder anything.
_KEPT = {"\n", "\t", "\u200c", "\u200d"}
_LIMIT = 4000
# Two accents on a letter are an alphabet; twenty are a way to paint over the lines above.
_MOST_MARKS = 4


def visible(text: object, limit: int = _LIMIT) -> str:
    r"""`text` with control, bidi and other invisible characters written out, as in ``\x1b`` or ``\u202e``.

    Newlines and tabs stay.  At most `limit` characters are kept: a student's exception may be a megabyte.
    """
    text = str(text)
    cut = text[:limit]
    if not cut.isascii() or not cut.isprintable():
        out, marks = [], 0
        for c in cut:
            marks = marks + 1 if unicodedata.combining(c) else 0
            if marks <= _MOST_MARKS:
                out.append(_code(c) if unicodedata.category(c) in _SHOWN_AS_CODE and c not in _KEPT else c)
        cut = "".join(out)
    return cut if len(text) <= limit else f"{cut} … (cut at {limit} of {len(text)} characters)"


def one_line(text: object, limit: int = 200) -> str:
    """`visible` for a table cell or a file name: no newlines or tabs either."""
    shown = visible(str(text)[: limit + 1], limit + 1).replace("\n", "\\n").replace("\t", "\\t")
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def some_of(names: Iterable[str], most: int = 3) -> str:
    """``a, b, c and 4 more``: a bounded list of names, each made visible."""
    names = list(names)
    shown = ", ".join(one_line(n, 60) for n in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def number(x: float, digits: int = 2) -> str:
    """A number without trailing zeros: 12.6, 84, 0.33."""
    return f"{round(x, digits) + 0:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{x:.0f}"


def points(x: float) -> str:
    return plural(x, "point")


def plural(n: float, noun: str, many: str = "") -> str:
    """``1 point``, ``2.5 points``."""
    return f"{number(n)} {noun if n == 1 else many or noun + 's'}"


def task_title(task: str) -> str:
    """``two loops`` for ``knn.two_loops``."""
    return task.partition(".")[2].replace("_", " ") or task


def joined(names: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else ""


def _code(c: str) -> str:
    n = ord(c)
    return f"\\x{n:02x}" if n < 0x100 else f"\\u{n:04x}" if n < 0x10000 else f"\\U{n:08x}"
