"""The kNN tests, tested: they pass what is right, however it is written, and fail what is wrong, where it is.

Everything here is our own code, so it is graded in this process (`autograder.grading.local`).
"""

import ast
import re
import textwrap
from collections import Counter

import numpy as np
import pytest

from autograder.catalogue import alternatives, misconceptions
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process, grade_in_process
from autograder.hidden import laws
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, same

KNN = Course.load().assignment("knn")
REFERENCE = (KNN.solutions / "knn.py").read_text(encoding="utf-8")
WRONG = {e.key: e for e in misconceptions(KNN)}
RIGHT = {e.key: e for e in alternatives(KNN)}
ANSWERS = {
    "predicted_l1": 14,
    "predicted_train_accuracy": 1.0,
    "predicted_differences_shape": (500, 2000, 784),
}
OPEN = dict.fromkeys(ANSWERS, ...)
POINTS = {
    "knn.l1_distance": 8,
    "knn.two_loops": 14,
    "knn.one_loop": 12,
    "knn.no_loops": 20,
    "knn.predict_labels": 16,
    "knn.cross_validation": 14,
    "knn.predictions": 6,
}
CODE_TASKS = [task for task in POINTS if task != "knn.predictions"]
STUB = re.sub(
    r"^( *)### BEGIN SOLUTION (\w+)\n.*?### END SOLUTION",
    r'\1raise NotImplementedError("knn.\2: not written yet")',
    REFERENCE,
    flags=re.DOTALL | re.MULTILINE,
)


@pytest.fixture(scope="module")
def reports():
    """Reports of the reference and of the catalogue, by key."""
    sources = {f"reference{i}": {"knn.py": REFERENCE} for i in range(5)} | {
        key: entry.files(KNN) for key, entry in (WRONG | RIGHT).items()
    }
    submissions = [Trusted(files, ANSWERS, student=key) for key, files in sources.items()]
    return dict(zip(sources, grade_all_in_process(KNN, submissions, diagnose=False), strict=True))


def lost(report):
    return {t.task.partition(".")[2] for t in report.tasks if t.earned < t.points}


def troubles(report):
    return [f"{c.id}: {c.outcome}: {c.message}" for c in report.cases if c.outcome != "passed"]


# ------------------------------------------------------------------------------------------- the assignment


def test_points_add_up():
    cases = expected_cases(KNN)
    assert task_points(cases) == POINTS
    for task in CODE_TASKS:
        public = sum(c.points for c in cases if c.task == task and c.visibility == "public")
        assert 0.35 <= public / POINTS[task] <= 0.45, f"{task}: {public} of {POINTS[task]} points are public"


def test_titles_and_hints_are_there():
    cases = expected_cases(KNN)
    assert all(c.hint for c in cases)
    assert not any(c.title.endswith(".") for c in cases), "titles are phrases, shown in lists"


@pytest.mark.parametrize("student", [f"reference{i}" for i in range(5)])
def test_reference_scores_everything(reports, student):
    assert troubles(reports[student]) == []
    assert reports[student].score == sum(POINTS.values())


def test_stub_scores_nothing():
    report = grade_in_process(KNN, {"knn.py": STUB}, OPEN, "nobody")
    assert {c.outcome for c in report.cases} == {"not_implemented"}
    assert report.score == 0


def test_missing_module_loses_everything_but_the_answers():
    report = grade_in_process(KNN, {}, ANSWERS, "nobody")
    assert report.score == POINTS["knn.predictions"]
    assert {c.message for c in report.cases if c.outcome != "passed"} == {
        "knn.py is missing from the submission"
    }


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("predicted_l1", 456),
        ("predicted_l1", "14"),
        ("predicted_train_accuracy", 100),
        ("predicted_train_accuracy", True),
        ("predicted_differences_shape", (2000, 500, 784)),
        ("predicted_differences_shape", 500),
        ("predicted_differences_shape", [500.0, 2000.0, 784.0]),
    ],
)
def test_wrong_prediction_loses_its_case(name, wrong):
    report = grade_in_process(KNN, {"knn.py": REFERENCE}, ANSWERS | {name: wrong}, "x")
    failed = {c.id for c in report.cases if c.outcome != "passed"}
    assert f"knn.predictions.{name}" in failed
    assert failed <= {f"knn.predictions.{name}", "knn.predictions.every_prediction"}
    assert lost(report) == {"predictions"}


CS231N = '''
import numpy as np

class KNearestNeighbor(object):
    """ a kNN classifier with L2 distance """

    def __init__(self):
        pass

    def train(self, X, y):
        self.X_train = X
        self.y_train = y

    def compute_distances_two_loops(self, X):
        num_test = X.shape[0]
        num_train = self.X_train.shape[0]
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            for j in range(num_train):
                dists[i, j] = np.sqrt(np.sum(np.square(self.X_train[j, :] - X[i, :])))
        return dists

    def compute_distances_one_loop(self, X):
        num_test = X.shape[0]
        num_train = self.X_train.shape[0]
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            dists[i, :] = np.sqrt(np.sum(np.square(self.X_train - X[i, :]), axis=1))
        return dists

    def compute_distances_no_loops(self, X):
        num_test = X.shape[0]
        num_train = self.X_train.shape[0]
        dists = np.zeros((num_test, num_train))
        dists = np.multiply(np.dot(X, self.X_train.T), -2)
        dists = np.add(dists, np.sum(np.square(X), axis=1, keepdims=True))
        dists = np.add(dists, np.sum(np.square(self.X_train), axis=1))
        dists = np.sqrt(np.maximum(dists, 0))
        return dists

    def predict_labels(self, dists, k=1):
        num_test = dists.shape[0]
        y_pred = np.zeros(num_test)
        for i in range(num_test):
            closest_y = []
            closest_y = self.y_train[np.argsort(dists[i])[:k]]
            y_pred[i] = np.argmax(np.bincount(closest_y))
        return y_pred
'''


def test_cs231n_style_file_is_graded_as_it_is():
    report = grade_in_process(KNN, {"knn.py": CS231N}, ANSWERS, "x")
    assert lost(report) == {"l1_distance", "cross_validation"}  # which that exercise does not have
    assert {c.rung for c in report.cases if c.outcome != "passed"} == {"missing"}


NONSENSE = [
    "None",
    "'text'",
    "[]",
    "np.zeros(0)",
    "np.array(['a'])",
    "object()",
    "{}",
    "np.ma.zeros((2, 3))",
    "np.nan",
]


def test_nonsense_is_the_students_fault_not_the_graders():
    functions = """
l1_distance = lambda I1, I2: {0}
cross_validation = lambda X, y, k_choices, num_folds=5: {0}
KNearestNeighbor.compute_distances_two_loops = lambda self, X: {0}
KNearestNeighbor.compute_distances_one_loop = lambda self, X: {0}
KNearestNeighbor.compute_distances_no_loops = lambda self, X: {0}
KNearestNeighbor.predict_labels = lambda self, dists, k=1: {0}
"""
    submissions = [Trusted({"knn.py": REFERENCE + functions.format(n)}, ANSWERS) for n in NONSENSE]
    for report in grade_all_in_process(KNN, submissions, diagnose=False):
        assert {c.outcome for c in report.cases} == {"passed", "failed"}, troubles(report)
        # doing nothing takes few steps and little memory, and leaves inputs alone
        free = ("steps", "more_images", "memory", "inputs", "inputs_of_cross_validation", "dists")
        passed = [c.id for c in report.cases if c.outcome == "passed" and c.task != "knn.predictions"]
        assert [i for i in passed if not i.endswith(free)] == []


# -------------------------------------------------------------------------------------------- the catalogue


def test_catalogue_covers_every_task():
    wrong = Counter(task for e in WRONG.values() for task in e.loses)
    right = Counter(e.replaces.rpartition(".")[2].removeprefix("compute_distances_") for e in RIGHT.values())
    for task in CODE_TASKS:
        name = task.partition(".")[2]
        assert wrong[name] >= 3, f"{name} has {wrong[name]} misconceptions, expected at least 3"
        assert right[name] >= 2, f"{name} has {right[name]} alternatives, expected at least 2"


def test_mistakes_of_a_function_have_names_of_their_own():
    names = Counter((e.replaces, e.name) for e in WRONG.values())
    assert [n for n, count in names.items() if count > 1] == []
    assert all(e.name and e.why and e.hint and e.loses for e in WRONG.values())


def test_hints_do_not_quote_the_solution():
    """No expression of a solution region that is long enough to be telling stands in a hint."""
    regions = re.findall(r"### BEGIN SOLUTION \w+\n(.*?)### END SOLUTION", REFERENCE, re.DOTALL)
    told = set()
    for region in regions:
        for node in ast.walk(ast.parse("def f():\n" + textwrap.indent(textwrap.dedent(region), "    "))):
            if isinstance(node, ast.expr) and len(ast.unparse(node)) >= 16:
                told.add(ast.unparse(node).replace(" ", ""))
    assert len(told) > 10
    hints = [e.hint for e in WRONG.values()] + [c.hint for c in expected_cases(KNN)]
    assert [(t, h) for t in told for h in hints if t in h.replace(" ", "")] == []


@pytest.mark.parametrize("key", WRONG)
def test_misconception_loses_the_tasks_it_names_and_no_others(reports, key):
    assert lost(reports[key]) == set(WRONG[key].loses), troubles(reports[key])
    outcomes = {c.outcome for c in reports[key].cases}
    assert outcomes <= {"passed", "failed"}, troubles(reports[key])


@pytest.mark.parametrize("key", WRONG)
def test_hidden_tests_alone_see_it(reports, key):
    """Public checks are known to students, so no task may hang on them."""
    hidden = [c for c in reports[key].cases if c.visibility == "hidden" and c.outcome != "passed"]
    assert {c.task.partition(".")[2] for c in hidden} == set(WRONG[key].loses)


@pytest.mark.parametrize("key", RIGHT)
def test_alternative_scores_everything(reports, key):
    assert troubles(reports[key]) == []


@pytest.mark.parametrize("key", ["two_loops_without_root", "labels_farthest", "cv_leaks"])
def test_mistake_is_named_in_the_report(key):
    report = grade_in_process(KNN, WRONG[key].files(KNN), ANSWERS, "x")
    named = [c for c in report.cases if c.diagnosis == WRONG[key].name]
    assert named
    assert all(c.hint == WRONG[key].hint for c in named)


# -------------------------------------------------------------------------------------- laws and tolerances


class _Here:
    """A `student` whose functions run right here."""

    def inputs_after(self, function, *args):
        return function(*args), list(args)

    def count_steps(self, function, *args):
        return function(*args)


def test_laws_catch_what_they_say():
    X, like = np.array([2.0, 1.0]), np.zeros(2)
    laws.leaves_inputs_alone(_Here(), np.sort, X, like=like)
    with pytest.raises(Mismatch, match="after the call"):
        laws.leaves_inputs_alone(_Here(), lambda a: a.sort() or np.zeros(2), X, like=like)
    with pytest.raises(Mismatch, match="the result"):
        laws.leaves_inputs_alone(_Here(), np.ndarray.sort, X, like=like)
    laws.steps_grow_at_most(_Here(), (int, 10), (int, 20), 2, "")
    with pytest.raises(Mismatch):
        laws.steps_grow_at_most(_Here(), (int, 10), (int, 21), 2, "")
    with pytest.raises(Mismatch):
        laws.steps_do_not_grow(_Here(), (int, 10), (int, 11), "")
    laws.is_number(np.float32(3), "x")
    for value in (None, "3", np.array([3.0]), np.nan, True):
        with pytest.raises(Mismatch):
            laws.is_number(value, "x")


def test_peak_bytes_sees_numpys_arrays():
    one_megabyte = 1 << 20
    used = laws.peak_bytes(lambda n: np.ones(n, dtype=np.uint8).sum(), one_megabyte)
    assert one_megabyte <= used < 1.1 * one_megabyte


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_l2_tolerance_admits_float32_and_little_more(offset):
    rng = np.random.default_rng(0)
    X, Z = offset + rng.integers(0, 256, (20, 300)), offset + rng.integers(0, 256, (30, 300))
    Z[:5] = X[:5]
    exact = np.sqrt(((X[:, None] - Z) ** 2).sum(axis=2))
    x, z = X.astype(np.float32), Z.astype(np.float32)
    squared = (x * x).sum(axis=1)[:, None] - 2 * x @ z.T + (z * z).sum(axis=1)
    tolerance = tolerances.l2(X, Z)
    same(np.sqrt(np.maximum(squared, 0)), exact, tolerance=tolerance)
    apart = exact > 0
    assert (tolerance.absolute[apart] < 0.01 * exact[apart]).all()
    with pytest.raises(Mismatch, match="float32 rounds"):
        same(exact + np.where(apart, 0.02 * exact, 0), exact, tolerance=tolerance)


def test_root_bounds_both_sides():
    d, error = np.array([0.0, 1.0, 10.0]), np.array([0.01, 0.01, 0.01])
    np.testing.assert_allclose(tolerances.root(d, error), [0.1, 1 - np.sqrt(0.99), 10 - np.sqrt(99.99)])


def test_l1_tolerance_admits_float32_in_any_order():
    rng = np.random.default_rng(0)
    I1, I2 = rng.normal(100, 30, (2, 1000))
    terms = np.abs(I1.astype(np.float32) - I2.astype(np.float32))
    one_by_one = np.float32(0)
    for term in terms:
        one_by_one += term
    exact = float(np.abs(I1 - I2).sum())
    tolerance = tolerances.l1(I1, I2)
    same(one_by_one, exact, tolerance=tolerance)
    assert tolerance.absolute < 1e-3 * exact
