"""What can go wrong when data is fetched, as exceptions that carry it.

DatasetUnavailable   what a student sees: the data cannot be had, and what to do about it
SourceFailed         inside this package: one source did not deliver, the next one is asked
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Attempt", "DatasetUnavailable", "SourceFailed", "summary"]


class Attempt(NamedTuple):
    """One source that was asked, and why it did not deliver."""

    source: str
    reason: str


class DatasetUnavailable(RuntimeError):
    """A dataset cannot be had now.  The message says what was tried and what to do next.

    Attributes:
        name: the dataset.
        tried: every source that was asked, in order, with the reason that it gave.
    """

    def __init__(self, message: str, *, name: str = "", tried: Iterable[Attempt] = ()):
        super().__init__(message)
        self.name = name
        self.tried = tuple(tried)


class SourceFailed(Exception):
    """A source, or all mirrors of one, did not deliver."""

    def __init__(self, *tried: Attempt):
        super().__init__(summary(tried))
        self.tried = tried


def summary(tried: Iterable[Attempt]) -> str:
    """The attempts in one line, those with the same reason together.

    >>> summary([Attempt("a.org", "no connection"), Attempt("b.org", "no connection"), Attempt("npm", "no")])
    '2 mirrors: no connection; npm: no'
    """
    sources = defaultdict(list)
    for source, reason in tried:
        sources[reason].append(source)
    return "; ".join(
        f"{names[0] if len(names) == 1 else f'{len(names)} mirrors'}: {reason}"
        for reason, names in sources.items()
    )
