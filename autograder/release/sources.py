"""A notebook as its author writes it: py:percent text, cut into cells that know their line numbers.

jupytext reads the cells; this module adds what jupytext leaves out and every error needs: where in the text a
cell and its lines are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .markers import Region, ReleaseError, find_regions

__all__ = ["SourceCell", "read_notebook_text"]

HEADER = re.compile(r"#\s*%%%*(\s.*)?")
# what a cell's header may say: jupytext's own, Jupyter's own, and ours
KNOWN = {
    "tags",
    "written",
    "points",
    "title",
    "cell_marker",
    "lines_to_next_cell",
    "jupyter",
    "slideshow",
    "editable",
}


@dataclass(frozen=True)
class SourceCell:
    """A cell of the text: `line` is that of its header, after which `skipped` lines precede `source`.

    `regions` count lines of `source` from 1.
    """

    kind: str
    source: str
    metadata: dict[str, Any]
    line: int
    skipped: int
    where: str
    regions: tuple[Region, ...] = field(default=())

    @property
    def tags(self) -> list[str]:
        return list(self.metadata.get("tags", []))

    @property
    def lines(self) -> list[str]:
        return self.source.split("\n")

    def without_regions(self, replacement: str) -> str:
        """The source with every region replaced by a line."""
        lines = self.lines
        for region in reversed(self.regions):
            lines[region.begin - 1 : region.end] = [replacement]
        return "\n".join(lines)

    def inside(self, region: Region) -> str:
        return "\n".join(self.lines[region.begin : region.end - 1])

    def error(self, message: str, line: int = 0) -> ReleaseError:
        """An error at this cell; `line` counts its lines from 1, as `regions` do."""
        return ReleaseError(self.where, self.line + (self.skipped + line if line else 0), message)


def read_notebook_text(text: str, where: str) -> list[SourceCell]:
    """Cells of a py:percent notebook.

    Raises:
        ReleaseError: if a marker is mistyped or misplaced, or a header says something unknown.
    """
    import jupytext  # a second, and only where there is a notebook

    starts = [n for n, line in enumerate(text.split("\n"), start=1) if HEADER.fullmatch(line)]
    cells = jupytext.reads(text, fmt="py:percent").cells
    if cells and cells[0].cell_type == "raw" and len(cells) == len(starts) + 1:
        cells = cells[1:]  # a YAML header that says nothing to jupytext
    if len(cells) != len(starts):
        raise ReleaseError(
            where, 1, f'{len(starts)} lines start with "# %%" but jupytext reads {len(cells)} cells'
        )
    return list(_located(cells, starts, text.split("\n"), where))


def _located(cells: list[Any], starts: list[int], lines: list[str], where: str) -> Iterator[SourceCell]:
    for cell, start, end in zip(cells, starts, [*starts[1:], len(lines) + 1], strict=True):
        if cell.cell_type not in ("code", "markdown"):
            raise ReleaseError(
                where, start, f"a {cell.cell_type} cell; notebooks here have code and markdown cells"
            )
        unknown = set(cell.metadata) - KNOWN
        if unknown:
            raise ReleaseError(
                where,
                start,
                f"the cell's header says {', '.join(sorted(unknown))}; it may say tags, written and points",
            )
        body = list(enumerate(lines[start : end - 1], start=start + 1))
        quoted = "cell_marker" in cell.metadata  # markdown in triple quotes, which are a line of their own
        if cell.cell_type == "markdown" and not quoted:
            body = [(number, re.sub(r"\A# ?", "", line, count=1)) for number, line in body]
        find_regions(body, where)  # for its errors, which name lines of the file
        skipped = _blank_lines(line for _, line in body) - _blank_lines(cell.source.split("\n")) + quoted
        numbered = list(enumerate(cell.source.split("\n"), start=1))
        yield SourceCell(
            cell.cell_type,
            cell.source,
            dict(cell.metadata),
            start,
            skipped,
            where,
            tuple(find_regions(numbered, where)),
        )


def _blank_lines(lines: Iterable[str]) -> int:
    """How many lines come before the first that is not blank."""
    return next((number for number, line in enumerate(lines) if line.strip()), 0)
