"""The two markers of a blank, and everything that looks like one but is not.

    ### BEGIN SOLUTION two_loops
    ...
    ### END SOLUTION

A line that is nearly a marker (`## BEGIN SOLUTION`, `### BEGIN SOLUTON`) is the most expensive typing error
of a course: a tool that does not know it publishes the answer.  So nothing is guessed here: a marker is
spelled exactly, and whatever resembles one is an error that names its file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.course import CourseError

__all__ = ["Region", "ReleaseError", "find_regions", "looks_like_marker"]

BEGIN = re.compile(r"(?P<indent> *)### BEGIN SOLUTION(?: (?P<task>[a-z][a-z0-9_]*))?")
END = re.compile(r"(?P<indent> *)### END SOLUTION")
EXACT = '"### BEGIN SOLUTION" and "### END SOLUTION"'


class ReleaseError(CourseError):
    """A source cannot be released as it is; the message names its file and line."""

    def __init__(self, where: str, line: int | None, message: str) -> None:
        super().__init__(f"{where}:{line}: {message}" if line else f"{where}: {message}")


@dataclass(frozen=True)
class Region:
    """One blank: the line numbers of its two markers (from 1), their indentation, and the task it names."""

    begin: int
    end: int
    indent: str
    task: str | None

    def holds(self, line: int) -> bool:
        return self.begin < line < self.end


def find_regions(lines: Iterable[tuple[int, str]], where: str) -> list[Region]:
    """Regions of numbered lines, in order.

    Raises:
        ReleaseError: at the first line that is nearly a marker, opens a second region, or closes none.
    """
    regions: list[Region] = []
    open_: tuple[int, str, str | None] | None = None
    for number, line in lines:
        begin, end = BEGIN.fullmatch(line), END.fullmatch(line)
        if begin:
            if open_:
                raise ReleaseError(
                    where, number, f"BEGIN SOLUTION inside the region that begins in line {open_[0]}"
                )
            open_ = number, begin["indent"], begin["task"]
        elif end:
            if not open_:
                raise ReleaseError(where, number, "END SOLUTION without a BEGIN SOLUTION above it")
            if end["indent"] != open_[1]:
                raise ReleaseError(
                    where,
                    number,
                    f"END SOLUTION is indented by {len(end['indent'])}, "
                    f"its BEGIN SOLUTION in line {open_[0]} by {len(open_[1])}",
                )
            regions.append(Region(open_[0], number, open_[1], open_[2]))
            open_ = None
        elif looks_like_marker(line):
            raise ReleaseError(
                where,
                number,
                f"{line.strip()!r} looks like a marker but is not spelled like one: use exactly {EXACT}",
            )
    if open_:
        raise ReleaseError(where, open_[0], "BEGIN SOLUTION without an END SOLUTION below it")
    return regions


def looks_like_marker(line: str) -> bool:
    """Whether a person may have meant `line` as a marker.

    It does when it *starts*, after hashes and other punctuation, with two words close to BEGIN or END and
    SOLUTION (in either order, joined or not), or holds two such words in capitals anywhere.  nbgrader's
    markers for hidden tests and marking schemes count too: they have no meaning here, and would be
    published.
    """
    words = [(m.group(), line[: m.start()]) for m in re.finditer(r"[^\W_]+", line)]
    for (word, before), (follower, _) in zip(words, [*words[1:], ("", "")], strict=False):
        if not _is_marker(word.upper(), follower.upper()):
            continue
        commented = re.search(r"#\W*\Z", before) is not None
        alone = len(words) <= 3 and not re.search(r"\w", before) and not re.search(r"[=(.\[]", line)
        if commented or alone or (word + follower).isupper():
            return True
    first = words[0] if words else ("", "")
    if re.fullmatch(r"\W*##+\W*", first[1]) and first[0] in ("BEGIN", "END"):
        return True
    return "#" in line and _starts_like_marker(re.sub(r"[^A-Za-z]", "", line.partition("#")[2]))


def _starts_like_marker(letters: str) -> bool:
    """Whether a comment's first letters, in capitals, are a marker's: whatever stands between them."""
    starts = (letters[:length] for length in range(9, 16))
    return any(s.isupper() and (_near(s, "BEGINSOLUTION", 2) or _near(s, "ENDSOLUTION", 2)) for s in starts)


def _is_marker(word: str, follower: str) -> bool:
    pairs = ((word, follower), (follower, word), *_split(word))
    return any(_is_edge(a) and (_is_solution(b) or b in ("HIDDEN", "MARK")) for a, b in pairs)


def _split(word: str) -> Iterator[tuple[str, str]]:
    """``BEGINSOLUTION`` as ``BEGIN``, ``SOLUTION``, and nearly so."""
    if len(word) >= len("ENDSOLUTION") - 1:
        yield from ((word[:cut], word[cut:]) for cut in range(2, 7))


def _is_solution(word: str) -> bool:
    return any(_near(word[:length], "SOLUTION", 2) for length in (6, 7, 8, 9))


def _is_edge(word: str) -> bool:
    return _near(word, "BEGIN", 2) or (_near(word, "END", 1) and word != "AND") or word in ("START", "STOP")


def _near(word: str, target: str, distance: int) -> bool:
    """Whether at most `distance` typing errors (a letter more, fewer, other; two swapped) lie between."""
    if abs(len(word) - len(target)) > distance:
        return False
    before: list[int] = []
    row = list(range(len(target) + 1))
    for i, a in enumerate(word, start=1):
        previous, before, row = before, row, [i]
        for j, b in enumerate(target, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == target[j - 2] and word[i - 2] == b:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1] <= distance
