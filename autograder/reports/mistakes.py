"""Which catalogued mistakes explain what a student lost: the fewest that do.

A test may leave two mistakes open ("A or B") of which another test of the same student has only one.  Told
test by test, one mistake would then look like two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cvcourse.results import CaseResult, Report

__all__ = ["mistakes"]


def mistakes(report: Report) -> dict[str, tuple[CaseResult, ...]]:
    """The mistakes of a report and the cases that each explains, every case once.

    A name is that of one mistake; where no test can tell some apart, it is ``first or second``.
    """
    left = [c for c in report.cases if c.suspects and c.outcome != "passed"]
    alone = [c.diagnosis for c in left if len(c.suspects) == 1]
    found: dict[str, tuple[CaseResult, ...]] = {}
    for names in (*dict.fromkeys((n,) for n, _ in Counter(alone).most_common()), *_open(left, set(alone))):
        explained = tuple(c for c in left if set(names) & set(c.suspects))
        if explained:
            found[" or ".join(names)] = explained
            left = [c for c in left if c not in explained]
    return found


def _open(cases: list[CaseResult], known: set[str]) -> Iterator[tuple[str, ...]]:
    """For each case that no known mistake explains, those of its suspects that explain the most."""
    left = [c for c in cases if not known & set(c.suspects)]
    counts = Counter(name for c in left for name in c.suspects)
    for c in left:
        most = max(counts[name] for name in c.suspects)
        yield tuple(name for name in c.suspects if counts[name] == most)
