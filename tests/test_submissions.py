"""Reading what students hand in: every kind of bad input gives one sentence, and nobody else notices."""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Assignment, Course, CourseError
from autograder.grading import members
from autograder.grading import submissions as reading
from autograder.grading.submissions import read_folder, read_submission, safe_id, with_lateness
from cvcourse.results import CaseResult, Report

MODULE = b"def f():\n    return 1\n"
NOTEBOOK = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}).encode()
BOTH = {"knn.py": MODULE, "knn.ipynb": NOTEBOOK}
COURSE = """
title = "T"
term = "T"
repository = "https://example.org/r"
ref = "main"
[late]
after = 1.0
steps = [{ hours = 24, penalty = 0.15 }, { hours = 48, penalty = 0.30 }]
[[assignments]]
name = "knn"
title = "kNN"
due = 2026-12-04T23:59:00Z
[[assignments]]
name = "linear"
title = "Linear"
"""
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and such names need POSIX")


@pytest.fixture
def a(tmp_path: Path) -> Assignment:
    """An assignment of one module and one notebook, both called knn."""
    root = tmp_path / "course"
    (root / "solutions" / "knn").mkdir(parents=True)
    (root / "course.toml").write_text(COURSE, encoding="utf-8")
    (root / "solutions" / "knn" / "knn.py").write_text("", encoding="utf-8")
    (root / "solutions" / "knn" / "knn.nb.py").write_text("", encoding="utf-8")
    return Course.load(root).assignment("knn")


@pytest.fixture
def class_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted"
    folder.mkdir()
    return folder


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / name.replace("__", ".")).write_bytes(data)
    return path


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as z:
        for name, data in files.items():
            z.writestr(name, data)
    return path


# ------------------------------------------------------------------------------------------------- good input


def test_folder_zip_and_bare_module(a: Assignment, class_folder: Path) -> None:
    folder(class_folder / "alice", knn__py=MODULE, knn__ipynb=NOTEBOOK)
    zipped(class_folder / "bob.zip", {"knn.py": MODULE, "knn.ipynb": NOTEBOOK, "manifest.json": b"{}"})
    for s in read_folder(class_folder, a):
        assert (s.files, s.notebooks) == ({"knn.py": MODULE}, {"knn.ipynb": NOTEBOOK})
        assert (s.notes, s.problem, s.submitted) == ((), "", None)
    assert [s.student for s in read_folder(class_folder, a)] == ["alice", "bob"]
    assert [s.student for s in read_folder(class_folder / "alice", a)] == ["alice"]
    assert [s.student for s in read_folder(class_folder / "bob.zip", a)] == ["bob"]
    assert read_submission(class_folder / "alice" / "knn.py", a, student="x").files == {"knn.py": MODULE}


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({"hw1/knn.py": b"1"}, b"1"),
        ({"hw1/knn.py": b"1", "hw1/old/knn.py": b"2"}, b"1"),
        ({"a/b/knn.py": b"2", "c/knn.py": b"1"}, b"1"),
        ({"__MACOSX/._knn.py": b"x", "__MACOSX/knn.py": b"x", "hw/knn.py": b"1"}, b"1"),
        # The whole checkout: cvcourse/checks/knn.py lies less deep, but is not what a student edits.
        ({"r/cvcourse/checks/knn.py": b"x", "r/cvcourse/exercises/knn/knn.py": b"1", "r/README": b""}, b"1"),
        ({"knn.py": b"1", "cvcourse/exercises/knn/knn.py": b"x"}, b"1"),
        ({"hw1\\knn.py": b"1"}, b"1"),
    ],
)
def test_the_module_is_found_where_students_put_it(
    a: Assignment, tmp_path: Path, files: dict[str, bytes], chosen: bytes
) -> None:
    s = read_submission(zipped(tmp_path / "s.zip", files), a)
    assert (s.files, s.problem) == ({"knn.py": chosen}, "")
    on_disk = tmp_path / "s"
    for name, data in files.items():
        path = on_disk / name.replace("\\", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert read_submission(on_disk, a).files == {"knn.py": chosen}


def test_a_folder_with_nothing_but_a_zip_is_that_zip(a: Assignment, class_folder: Path) -> None:
    """As learning platforms export: one folder for each student, the upload in it under any name."""
    folder(class_folder / "ada")
    zipped(class_folder / "ada" / "my homework (2).zip", {"homework/knn.py": MODULE})
    folder(class_folder / "bob", notes__txt=b"hello")
    zipped(class_folder / "bob" / "upload.ZIP", BOTH)
    folder(class_folder / "eve", knn__py=MODULE)
    zipped(class_folder / "eve" / "old.zip", {"knn.py": b"old = True\n"})
    folder(class_folder / "mal")
    for name in ("one.zip", "two.zip"):
        zipped(class_folder / "mal" / name, BOTH)
    found = {s.student: s for s in read_folder(class_folder, a)}
    assert {name: s.files for name, s in found.items()} == {
        "ada": {"knn.py": MODULE},
        "bob": {"knn.py": MODULE},
        "eve": {"knn.py": MODULE},
        "mal": {},
    }
    several = "there are several zips (one.zip, two.zip) and no knn.py: hand in one zip, or knn.py itself"
    assert found["mal"].problem == several


def test_other_files_are_ignored_and_named(a: Assignment, tmp_path: Path) -> None:
    extra = {f"x{i}.py": b"" for i in range(4)}
    s = read_submission(zipped(tmp_path / "s.zip", {**BOTH, "conftest.py": b"", **extra}), a)
    assert s.files == {"knn.py": MODULE}
    assert s.notes == ("ignored: conftest.py, x0.py, x1.py and 2 more",)


def test_which_of_two_modules_was_graded_is_said(a: Assignment, tmp_path: Path) -> None:
    s = read_submission(
        zipped(tmp_path / "s.zip", {"knn.ipynb": NOTEBOOK, "x/knn.py": b"1", "x/y/knn.py": b"2"}), a
    )
    assert s.notes == ("knn.py is there 2 times; x/knn.py was graded",)


def test_a_missing_notebook_is_said_and_the_module_graded(a: Assignment, tmp_path: Path) -> None:
    s = read_submission(folder(tmp_path / "s", knn__py=MODULE), a)
    assert (s.files, s.problem) == ({"knn.py": MODULE}, "")
    assert s.notes == ("there is no knn.ipynb in the submission, so answers in it could not be graded",)


# -------------------------------------------------------------------------------------------------- bad input


def bad_zip(data: bytes) -> Callable[[Path], Path]:
    def make(where: Path) -> Path:
        path = where / "bad.zip"
        path.write_bytes(data)
        return path

    return make


def truncated(where: Path) -> Path:
    path = zipped(where / "bad.zip", {"knn.py": os.urandom(5000)})
    path.write_bytes(path.read_bytes()[:-40])
    return path


def damaged(where: Path) -> Path:
    path = zipped(where / "bad.zip", {"knn.py": os.urandom(5000)}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[100] ^= 0xFF
    path.write_bytes(data)
    return path


def encrypted(where: Path) -> Path:
    path = zipped(where / "bad.zip", {"knn.py": MODULE})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    return path


def bomb(where: Path) -> Path:
    return zipped(where / "bad.zip", {"knn.py": bytes(300_000_000)})


def lying_bomb(where: Path) -> Path:
    """A bomb whose headers say that it unpacks to 10 bytes."""
    path = zipped(where / "bad.zip", {"knn.py": bytes(300_000_000)})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(data)
    return path


def lzma(where: Path) -> Path:
    return zipped(where / "bad.zip", {"knn.py": MODULE}, zipfile.ZIP_LZMA)


def many(where: Path) -> Path:
    return zipped(where / "bad.zip", {"knn.py": MODULE} | {f"{i}": b"" for i in range(members.MAX_MEMBERS)})


def huge_directory(where: Path) -> Path:
    """Headers that claim, and hold, a table of contents of 3 MB."""
    entries = {"knn.py": MODULE} | {f"{i:03d}" + "x" * 60_000: b"" for i in range(50)}
    return zipped(where / "bad.zip", entries)


def link_in_zip(where: Path) -> Path:
    path = where / "bad.zip"
    with zipfile.ZipFile(path, "w") as z:
        info = zipfile.ZipInfo("knn.py")
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        z.writestr(info, "/etc/passwd")
    return path


def gigabyte_zip(where: Path) -> Path:
    path = where / "bad.zip"
    with open(path, "wb") as f:
        f.truncate(1_000_000_000)
    return path


def gigabyte_folder(where: Path) -> Path:
    path = folder(where / "bad", knn__py=MODULE)
    with open(path / "data.bin", "wb") as f:
        f.truncate(1_000_000_000)
    return path


def gigabyte_module(where: Path) -> Path:
    path = folder(where / "bad")
    with open(path / "knn.py", "wb") as f:
        f.truncate(members.MAX_SUBMISSION - 1)
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(bad_zip(b""), "is empty", id="no bytes"),
        pytest.param(bad_zip(b"PK\x03\x04 no zip at all" * 9), "not a zip that can be opened", id="corrupt"),
        pytest.param(bad_zip(b"PK\x05\x06" + bytes(18)), "holds no files", id="no members"),
        pytest.param(truncated, "zip", id="truncated"),
        pytest.param(damaged, "knn.py is damaged in the zip", id="damaged"),
        pytest.param(encrypted, "encrypted", id="encrypted"),
        pytest.param(bomb, "larger than 1 MB", id="bomb"),
        pytest.param(lying_bomb, "knn.py", id="lying bomb"),
        pytest.param(lzma, "method that is not accepted", id="lzma"),
        pytest.param(many, "more than 5000 files", id="many members"),
        pytest.param(huge_directory, "more than 5000 files", id="huge directory"),
        pytest.param(link_in_zip, "a link in the zip", id="link in zip"),
        pytest.param(gigabyte_zip, "larger than 200 MB", id="1 GB zip"),
        pytest.param(gigabyte_folder, "larger than 200 MB", id="1 GB folder"),
        pytest.param(gigabyte_module, "larger than 1 MB", id="large module"),
        pytest.param(lambda p: folder(p / "bad"), "is empty", id="empty folder"),
        pytest.param(lambda p: zipped(p / "bad.zip", {"../knn.py": MODULE}), "no knn.py", id="traversal"),
        pytest.param(lambda p: zipped(p / "bad.zip", {"/knn.py": MODULE}), "no knn.py", id="absolute"),
        pytest.param(lambda p: folder(p / "bad", KNN2__py=MODULE), "it holds KNN2.py", id="other name"),
        pytest.param(lambda p: folder(p / "bad", x__txt=b""), "exactly knn.py", id="no module"),
        pytest.param(lambda p: p / "bad", "cannot be read", id="nothing there"),
    ],
)
def test_bad_input_is_one_sentence(
    a: Assignment, tmp_path: Path, make: Callable[[Path], Path], sentence: str
) -> None:
    s = read_submission(make(tmp_path), a)
    assert s.files == {}
    assert sentence in s.problem
    assert "\n" not in s.problem
    assert len(s.problem) < 300
    assert s.student == "bad"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "knn.ipynb is damaged (empty)"),
        (b'{"cells": [', "knn.ipynb is damaged (not JSON"),
        (b"[" * 100_000, "knn.ipynb is damaged (not JSON"),
        (b"\xff\xfe\x00", "knn.ipynb is damaged (not JSON"),
        (b"9" * 10_000, "knn.ipynb is damaged (not JSON"),
        (b"[]", "not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "of nbformat 3, expected a notebook of nbformat 4"),
        (b'{"nbformat": 4, "cells": [1]}', "not a notebook"),
        (b"[" + b"[]," * 2_500_000 + b"0]", "too large to parse"),
        (b'{"nbformat": 4, "cells": [], "x": "' + b"x" * 30_000_000 + b'"}', "larger than 30 MB"),
    ],
)
def test_a_bad_notebook_costs_the_notebook_alone(
    a: Assignment, tmp_path: Path, data: bytes, sentence: str
) -> None:
    s = read_submission(folder(tmp_path / "s", knn__py=MODULE, knn__ipynb=data), a)
    assert (s.files, s.notebooks, s.problem) == ({"knn.py": MODULE}, {}, "")
    (note,) = s.notes
    assert sentence in note


def test_a_large_notebook_is_read_from_a_zip_in_full(a: Assignment, tmp_path: Path) -> None:
    notebook = json.dumps({"nbformat": 4, "cells": [], "x": "y" * 5_000_000}).encode()
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        s = read_submission(zipped(tmp_path / "s.zip", {"knn.py": MODULE, "knn.ipynb": notebook}, method), a)
        assert s.notebooks == {"knn.ipynb": notebook}


@POSIX
def test_links_and_pipes_are_not_followed(a: Assignment, tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_bytes(b"secret")
    linked = folder(tmp_path / "linked")
    (linked / "knn.py").symlink_to(secret)
    assert "knn.py is a link" in read_submission(linked, a).problem
    piped = folder(tmp_path / "piped")
    os.mkfifo(piped / "knn.py")
    assert "knn.py is a pipe" in read_submission(piped, a).problem
    deep = folder(tmp_path / "deep", knn__py=MODULE, knn__ipynb=NOTEBOOK)
    (deep / "up").symlink_to(tmp_path, target_is_directory=True)
    s = read_submission(deep, a)
    assert (s.files, s.notes) == ({"knn.py": MODULE}, ("ignored: up",))
    (tmp_path / "alias").symlink_to(deep, target_is_directory=True)
    assert "is a link" in read_submission(tmp_path / "alias", a).problem


def test_names_that_leave_the_submission_are_reported(a: Assignment, tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.zip", {**BOTH, "../../x.py": b"", "/etc/cron.d/x": b"", "C:/x": b""})
    s = read_submission(path, a)
    assert (s.files, s.problem) == ({"knn.py": MODULE}, "")
    (note,) = s.notes
    assert note.startswith("ignored, because the names point outside")
    assert "../../x.py" in note


def test_names_of_ignored_files_are_made_visible(a: Assignment, tmp_path: Path) -> None:
    s = read_submission(zipped(tmp_path / "s.zip", {**BOTH, "\x1b[2J\u202e.py": b""}), a)
    assert s.notes == (r"ignored: \x1b[2J\u202e.py",)


@given(data=st.binary(max_size=2000))
def test_no_bytes_raise(knn: Assignment, data: bytes) -> None:
    """Fuzz: whatever a zip holds, reading it ends in a sentence or in the right bytes."""
    with tempfile.TemporaryDirectory() as d:
        path = Path(d) / "s.zip"
        path.write_bytes(data)
        assert read_submission(path, knn).problem
        good = zipped(path, {"knn.py": MODULE, "knn.ipynb": b"x"}).read_bytes()
        middle = len(good) // 2
        path.write_bytes(good[:middle] + data[:40] + good[middle + len(data[:40]) :])
        s = read_submission(path, knn)
        assert s.problem or s.files == {"knn.py": MODULE}


# ------------------------------------------------------------------------------------------- the class folder


def test_one_broken_submission_leaves_the_others_alone(a: Assignment, class_folder: Path) -> None:
    folder(class_folder / "alice", knn__py=MODULE)
    (class_folder / "bob.zip").write_bytes(b"not a zip")
    (class_folder / "carol.rar").write_bytes(b"Rar!")
    (class_folder / ".DS_Store").write_bytes(b"")
    (class_folder / "roster.txt").write_bytes(b"")
    problems = {s.student: bool(s.problem) for s in read_folder(class_folder, a)}
    assert problems == {"alice": False, "bob": True, "carol": True}


def test_the_latest_of_two_submissions_wins(a: Assignment, class_folder: Path) -> None:
    first = folder(class_folder / "alice", knn__py=b"first")
    second = zipped(class_folder / "alice.zip", {"knn.py": b"second"})
    os.utime(first / "knn.py", (1000, 1000))
    os.utime(second, (2000, 2000))
    (s,) = read_folder(class_folder, a)
    assert s.files == {"knn.py": b"second"}
    assert "'alice.zip' is the latest" in s.notes[0]
    assert "not 'alice'" in s.notes[0]
    # Recorded times count for more than the dates of files.
    (class_folder / "timestamps.csv").write_text(
        "student,timestamp\nalice,2026-12-02T00:00:00Z\nalice.zip,2026-12-01T00:00:00Z\n", encoding="utf-8"
    )
    (s,) = read_folder(class_folder, a)
    assert s.files == {"knn.py": b"first"}
    assert s.submitted == datetime(2026, 12, 2, tzinfo=UTC)


def test_nbgrader_layout(a: Assignment, class_folder: Path) -> None:
    def hand_in(student: str, time: str) -> None:
        folder(
            class_folder / student / "knn", knn__py=MODULE, knn__ipynb=NOTEBOOK, timestamp__txt=time.encode()
        )

    hand_in("alice", "2026-12-05 00:59:00.000000 UTC")
    hand_in("bob", "2026-12-04 20:00:00.000000 -0500")
    hand_in("carol", "yesterday")
    folder(class_folder / "alice" / "linear", linear__py=b"")
    folder(class_folder / "dave" / "linear", linear__py=b"")
    found = {s.student: s for s in read_folder(class_folder, a)}
    assert sorted(found) == ["alice", "bob", "carol"], "dave has handed in another assignment only"
    assert found["alice"].submitted == found["bob"].submitted + timedelta(minutes=-1)  # type: ignore[operator]
    assert found["alice"].submitted == datetime(2026, 12, 5, 0, 59, tzinfo=UTC)
    assert found["alice"].notes == ()
    assert found["carol"].submitted is None
    assert "counts as on time" in found["carol"].notes[0]
    (alone,) = read_folder(class_folder / "bob", a)
    assert (alone.student, alone.files) == ("bob", {"knn.py": MODULE})


def test_a_students_own_timestamp_says_nothing(a: Assignment, class_folder: Path) -> None:
    zipped(class_folder / "eve.zip", {"knn/knn.py": MODULE, "knn/timestamp.txt": b"2020-01-01 00:00:00 UTC"})
    folder(class_folder / "mallory", knn__py=MODULE, timestamp__txt=b"2020-01-01 00:00:00.0 UTC")
    assert [s.submitted for s in read_folder(class_folder, a)] == [None, None]


@pytest.mark.parametrize(
    "row", ["alice,tomorrow", "alice,2026-12-04T10:00:00", ",2026-12-04T10:00:00Z", "alice"]
)
def test_a_bad_row_in_timestamps_csv_is_named(a: Assignment, class_folder: Path, row: str) -> None:
    folder(class_folder / "alice", knn__py=MODULE)
    (class_folder / "timestamps.csv").write_text(f"student,timestamp\n{row}\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"timestamps\.csv, line 2: .* expected the columns"):
        read_folder(class_folder, a)


def test_nothing_to_read_is_the_instructors_error(a: Assignment, class_folder: Path) -> None:
    with pytest.raises(CourseError, match="holds no submission"):
        read_folder(class_folder, a)
    with pytest.raises(CourseError, match="cannot be read"):
        read_folder(class_folder / "nowhere", a)


@pytest.mark.parametrize(
    ("hours", "share"),
    [(-5, 0.0), (0, 0.0), (0.001, 0.15), (24, 0.15), (24.01, 0.30), (48, 0.30), (48.01, 1.0)],
)
def test_lateness(a: Assignment, tmp_path: Path, hours: float, share: float) -> None:
    assert a.due is not None
    s = reading.replace(
        read_submission(folder(tmp_path / "s", knn__py=MODULE), a), submitted=a.due + timedelta(hours=hours)
    )
    report = Report("knn", "s", cases=(CaseResult("knn.t.x", "knn.t", 10, 10, "public", "passed"),))
    late = with_lateness(report, s, a)
    assert late.late_fraction == share
    assert late.score == pytest.approx(10 * (1 - share))
    assert late.late_hours == pytest.approx(max(0, hours), abs=1e-6)
    assert with_lateness(report, reading.replace(s, submitted=None), a) == report


# ------------------------------------------------------------------------------------------------ student ids


@pytest.mark.parametrize(
    "name",
    [
        "alice",
        "s123456",
        "José",
        "李明",
        "van der Berg",
        "a.b@uni.edu",
        "x+y",
        "نور",
        "O'Brien, Mary (s123)",
        "O’Brien",
    ],
)
def test_ordinary_names_stay(name: str) -> None:
    assert safe_id(name) == name
    assert safe_id(unicodedata.normalize("NFD", name)) == name


ODD_NAMES = [
    "",
    ".",
    "..",
    "../../etc",
    "a/b",
    "a\\b",
    "a:b",
    "x\x1b[31m",
    "\u202egpj",
    "a\nb",
    "=1+1",
    "-rf",
]
ODD_NAMES += ["CON", "nul.txt", "x" * 300, "é" * 300, "name.", "name ", "a~b", "<script>", "\udcff"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_become_safe(name: str) -> None:
    got = safe_id(name)
    assert "~" in got
    assert not set(got) & set('/\\:*?"<>|\n\x1b\u202e')
    assert got[0] not in ".-=@+ "
    assert ".." not in got
    assert len(f"{got}.html".encode()) <= 200
    got.encode("utf-8")


def test_ids_do_not_collide() -> None:
    names = ["a/b", "a\\b", "a:b", "a_b", "", "..", "../", "x" * 300, "x" * 301, "a_b~", "CON", "con", "a_b "]
    assert len({safe_id(n) for n in names}) == len(names)


@given(st.text(max_size=300))
def test_ids_are_stable_and_safe(name: str) -> None:
    got = safe_id(name)
    assert safe_id(got) == got, "an id stays as it is: a page, nbgrader and results.json call it the same"
    assert got == unicodedata.normalize("NFC", got)
    assert got.isprintable() or any(unicodedata.category(c)[0] in "LMN" for c in got if not c.isprintable())
    assert "/" not in got
    assert "\\" not in got
    assert got not in ("", ".", "..")


@POSIX
def test_odd_folder_names_are_read(a: Assignment, class_folder: Path) -> None:
    for name in ("x\x1b[2J", "\u202egpj", "Zoë", os.fsdecode(b"caf\xe9"), "=cmd", "n" * 250):
        folder(class_folder / name, knn__py=MODULE)
    found = read_folder(class_folder, a)
    assert len({s.student for s in found}) == 6
    assert all(s.files == {"knn.py": MODULE} for s in found)
    assert "Zoë" in {s.student for s in found}
    assert {s.name for s in found} >= {"x\x1b[2J", "=cmd", "n" * 250}, "what it was called is kept"
