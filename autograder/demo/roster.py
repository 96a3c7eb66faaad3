"""A class of 24: right answers, right answers that look different, named mistakes, and everything that a real
inbox brings: lateness, broken zips, missing files, and code that means harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from ..catalogue import Entry, alternatives, misconceptions
from ..course import Assignment
from ..release.solved import solved_notebook

__all__ = ["CLASS_SIZE", "Pupil", "make_class"]

CLASS_SIZE = 24
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
import collections, gc, glob, os, socket, sys, time

found = glob.glob("/home/*")[:3] + glob.glob("/root/*")[:3]
folders, stop = collections.deque(["/"]), time.monotonic() + 2
while folders and time.monotonic() < stop:  # the whole disk, the shallow folders first
    try:
        entries = sorted(os.scandir(folders.popleft()), key=lambda e: e.name)
    except OSError:
        continue
    for e in entries:
        if e.name in ("hidden", "solutions"):
            found += glob.glob(e.path + "/**/*.py", recursive=True)[:3]
        elif e.name == "gradebook.db":
            found.append(e.path)
        elif e.is_dir(follow_symlinks=False) and e.path not in ("/proc", "/sys", "/dev"):
            folders.append(e.path)
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


# What a person is to mark: answers to the written questions, by the name of the cell.
WRITTEN = (
    {
        "choose_k": "(a) k = 5: its mean is within one error bar of the best, and single wrong labels matter "
        "less than for k = 1. (b) The test set was used to choose, so its accuracy is too high. (c) It "
        "grows: the k nearest then come from a smaller neighbourhood.",
        "why_pixels": "(a) After a shift other parts of the shirt stand at each pixel, and every edge adds "
        "to the sum; less light multiplies all pixels. (b) Divide by the mean, which loses brightness. "
        "(c) 80 % on centred garments, 28 % on CIFAR-10: fair for photographs.",
    },
    {
        "choose_k": "k = 1, because it has the highest mean.",
        "why_pixels": "A shift changes all pixels a lot.",
    },
    {"choose_k": "I would take k = 10; `k = 100` is clearly worse."},
)


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
    solved = solved_notebook(assignment)
    notebook = {f"{assignment.notebooks[0]}.ipynb": solved}
    blank = {f"{assignment.notebooks[0]}.ipynb": blank_notebook}
    essays = [{f"{assignment.notebooks[0]}.ipynb": _with_written(solved, texts)} for texts in WRITTEN]

    yield Pupil("reference", {module: reference, **essays[0]})
    for entry in _spread(alternatives(assignment), 4):
        files = {name: text.encode() for name, text in entry.files(assignment).items()}
        yield Pupil(f"alternative-{entry.key.replace('_', '-')}", files | notebook)
    for n, entry in enumerate(_spread(misconceptions(assignment), 6), start=1):
        files = {name: text.encode() for name, text in entry.files(assignment).items()}
        wrote = essays[n] if n < len(essays) else notebook
        yield Pupil(f"mistake-{entry.key.replace('_', '-')}", files | wrote)
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


def _with_written(notebook: bytes, texts: Mapping[str, str]) -> bytes:
    """The notebook with `texts` in the cells of those names."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = texts.get(name, cell["source"])
    return json.dumps(content, indent=1, ensure_ascii=False).encode()


def _spread(entries: Iterable[Entry], count: int) -> list[Entry]:
    """`count` entries, from each function that they replace in turn."""
    by_function: dict[str, list[Entry]] = {}
    for entry in entries:
        by_function.setdefault(entry.replaces, []).append(entry)
    turns = zip_longest(*by_function.values())
    return [entry for turn in turns for entry in turn if entry is not None][:count]
