"""A class of 24: right answers, right answers that look different, named mistakes, and everything that a real
inbox brings: lateness, broken zips, missing files, and code that means harm."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path

from ..catalogue import Entry, alternatives, misconceptions
from ..course import Assignment, CourseError
from ..release.solved import solved_notebook

__all__ = ["CLASS_SIZE", "Pupil", "make_class", "write_class"]

CLASS_SIZE = 24
RECORD = ".demo.json"  # what the demo wrote, by hash
LATE_HOURS = {"late-10-hours": 10.0, "late-30-hours": 30.0}

# What a file from another course looks like: its class alone, with its own imports and style.
CS231N_FILE = '''
from builtins import range
from builtins import object
import numpy as np
from past.builtins import xrange


class KNearestNeighbor(object):
    """ a kNN classifier with L2 distance """

    def __init__(self):
        pass

    def train(self, X, y):
        self.X_train = X
        self.y_train = y

    def predict(self, X, k=1, num_loops=0):
        if num_loops == 0:
            dists = self.compute_distances_no_loops(X)
        elif num_loops == 1:
            dists = self.compute_distances_one_loop(X)
        elif num_loops == 2:
            dists = self.compute_distances_two_loops(X)
        else:
            raise ValueError("Invalid value %d for num_loops" % num_loops)
        return self.predict_labels(dists, k=k)

    def compute_distances_two_loops(self, X):
        num_test = X.shape[0]
        num_train = self.X_train.shape[0]
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            for j in range(num_train):
                dists[i, j] = np.linalg.norm(X[i] - self.X_train[j])
        return dists

    def compute_distances_one_loop(self, X):
        num_test = X.shape[0]
        num_train = self.X_train.shape[0]
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            dists[i, :] = np.linalg.norm(self.X_train - X[i], axis=1)
        return dists

    def compute_distances_no_loops(self, X):
        test_sum = np.sum(np.square(X), axis=1, keepdims=True)
        train_sum = np.sum(np.square(self.X_train), axis=1)
        cross = np.dot(X, self.X_train.T)
        return np.sqrt(np.maximum(test_sum - 2 * cross + train_sum, 0))

    def predict_labels(self, dists, k=1):
        num_test = dists.shape[0]
        y_pred = np.zeros(num_test)
        for i in range(num_test):
            closest_y = self.y_train[np.argsort(dists[i])[:k]]
            y_pred[i] = np.argmax(np.bincount(closest_y))
        return y_pred
'''

ENDS_THE_PROCESS = "import os\nos._exit(0)\n"

HANGS = """

def _hang(self, dists, k=1):
    while True:
        pass


KNearestNeighbor.predict_labels = _hang
"""

LIES = '''

class _Everything(np.ndarray):
    """Equal to whatever it is compared with."""

    def __eq__(self, other):
        return True

    def __array_function__(self, function, types, args, kwargs):
        return True


np.allclose = np.array_equal = lambda *args, **kwargs: True
np.testing.assert_allclose = lambda *args, **kwargs: None
KNearestNeighbor.compute_distances_two_loops = lambda self, X: np.zeros(1).view(_Everything)
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _Everything((2, 2))
KNearestNeighbor.compute_distances_no_loops = lambda self, X: np.empty((0,))
KNearestNeighbor.predict_labels = lambda self, dists, k=1: np.array([])
l1_distance = lambda I1, I2: True
cross_validation = lambda *args, **kwargs: {}
'''

STEALS = """
import gc, glob, os, socket, sys

found = []
for pattern in ("/**/hidden/**/*.py", "/**/solutions/**/*.py", "/**/gradebook.db", "/home/*", "/root/*"):
    found += glob.glob(pattern, recursive=True)[:3]
for name, module in list(sys.modules.items()):
    if name.startswith(("autograder", "solutions", "test_")) or "hidden" in name:
        found.append(name)
for obj in gc.get_objects():
    if type(obj).__name__ == "Function" and "test_" in repr(obj):
        found.append(repr(obj))
try:
    socket.create_connection(("127.0.0.1", 80), 1)
    found.append("the network")
except OSError:
    pass
try:
    if os.fork() == 0:
        os._exit(0)
    found.append("a second process")
except OSError:
    pass


class KNearestNeighbor:
    def __getattr__(self, name):
        raise RuntimeError("stolen: " + "; ".join(found) if found else "nothing to steal")


def l1_distance(I1, I2):
    raise RuntimeError("stolen: " + "; ".join(found) if found else "nothing to steal")
"""


@dataclass(frozen=True)
class Pupil:
    """One made-up student: the files of the zip, or its raw bytes; and how many hours late it came."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    raw: bytes | None = None
    hours_late: float = -5.0

    def zip_bytes(self) -> bytes:
        """The zip that was handed in, the same bytes each time."""
        if self.raw is not None:
            return self.raw
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
            for name, data in self.files.items():
                z.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()


def make_class(assignment: Assignment) -> list[Pupil]:
    """The 24 pupils, in order."""
    pupils = list(_pupils(assignment))
    assert len(pupils) == CLASS_SIZE, len(pupils)
    return pupils


def _pupils(assignment: Assignment) -> Iterator[Pupil]:
    module = f"{assignment.modules[0]}.py"
    reference = (assignment.solutions / module).read_bytes()
    stub = (assignment.stubs / module).read_bytes()
    blank_notebook = (assignment.released / f"{assignment.notebooks[0]}.ipynb").read_bytes()
    notebook = {f"{assignment.notebooks[0]}.ipynb": solved_notebook(assignment)}
    blank = {f"{assignment.notebooks[0]}.ipynb": blank_notebook}

    yield Pupil("reference", {module: reference, **notebook})
    for entry in _spread(alternatives(assignment), 4):
        files = {name: text.encode() for name, text in entry.files(assignment).items()}
        yield Pupil(f"alternative-{entry.key.replace('_', '-')}", files | notebook)
    for entry in _spread(misconceptions(assignment), 6):
        files = {name: text.encode() for name, text in entry.files(assignment).items()}
        yield Pupil(f"mistake-{entry.key.replace('_', '-')}", files | notebook)
    yield Pupil("cs231n-file", {module: CS231N_FILE.encode()})
    yield Pupil("stub-untouched", {module: stub, **blank})
    yield Pupil("stub-without-notebook", {module: stub})
    for name, hours in LATE_HOURS.items():
        yield Pupil(name, {module: reference, **notebook}, hours_late=hours)
    yield Pupil("broken-zip", raw=Pupil("", {module: reference}).zip_bytes()[:500])
    yield Pupil(
        "broken-syntax",
        {module: reference.replace(b"def train(self, X, y):", b"def train(self, X, y)"), **notebook},
    )
    yield Pupil(
        "wrong-class-name", {module: reference.replace(b"KNearestNeighbor", b"KNearestNeighbour"), **notebook}
    )
    yield Pupil("missing-file", notebook)
    yield Pupil("hostile-exit", {module: ENDS_THE_PROCESS.encode(), **notebook})
    yield Pupil("hostile-hang", {module: reference + HANGS.encode(), **notebook})
    yield Pupil("hostile-liar", {module: reference + LIES.encode(), **notebook})
    planted = {
        "numpy.py": b"raise SystemExit",
        "conftest.py": b"import os; os._exit(0)",
        "pytest.ini": b"[pytest]",
    }
    yield Pupil("hostile-thief", {module: STEALS.encode(), **planted, **notebook})


def _spread(entries: Iterable[Entry], count: int) -> list[Entry]:
    """`count` entries, from each function that they replace in turn."""
    by_function: dict[str, list[Entry]] = {}
    for entry in entries:
        by_function.setdefault(entry.replaces, []).append(entry)
    turns = zip_longest(*by_function.values())
    return [entry for turn in turns for entry in turn if entry is not None][:count]


def write_class(assignment: Assignment, folder: Path) -> list[Pupil]:
    """Write the class's zips and timestamps.csv to `folder`, if nobody else's files are there."""
    folder.mkdir(parents=True, exist_ok=True)
    pupils = make_class(assignment)
    due = assignment.due
    _take_over(folder, {f"{p.name}.zip" for p in pupils} | {"timestamps.csv"})
    files: dict[str, bytes] = {}
    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    table.writerow(["student", "timestamp"])
    for pupil in pupils:
        files[f"{pupil.name}.zip"] = pupil.zip_bytes()
        if due is not None:
            table.writerow([pupil.name, (due + timedelta(hours=pupil.hours_late)).isoformat()])
    files["timestamps.csv"] = rows.getvalue().encode()
    record = json.dumps({name: _hash(data) for name, data in files.items()}, indent=1)
    (folder / RECORD).write_text(record, encoding="utf-8")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return pupils


def _take_over(folder: Path, names: set[str]) -> None:
    """Remove the zips of pupils that the class no longer has; only what an earlier demo wrote is touched.

    Raises:
        CourseError: if the folder holds anything else: somebody's submissions are never overwritten.
    """
    record = folder / RECORD
    try:
        ours = json.loads(record.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        ours = {}
    present = [p for p in sorted(folder.iterdir()) if p != record]
    foreign = [p.name for p in present if not p.is_file() or ours.get(p.name) != _hash(p.read_bytes())]
    if foreign:
        raise CourseError(
            f"{folder} holds files that the demo did not write ({foreign[0]}): choose another --out"
        )
    for path in present:
        if path.name not in names:
            path.unlink()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
