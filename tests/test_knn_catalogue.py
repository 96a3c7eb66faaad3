"""What is special about the kNN tests; `test_catalogue.py` has what holds for every assignment.

Everything here is our own code, so it is graded in this process (`autograder.grading.local`).
"""

import pytest

from autograder.catalogue import load_module, misconceptions
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process, grade_in_process
from cvcourse.checks.runner import LocalStudent, run

from .reading import lost, troubles

KNN = Course.load().assignment("knn")
REFERENCE = (KNN.solutions / "knn.py").read_text(encoding="utf-8")
WRONG = {e.key: e for e in misconceptions(KNN)}
ANSWERS = {
    "predicted_l1": 14,
    "predicted_train_accuracy": 1.0,
    "predicted_differences_shape": (500, 2000, 784),
}
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


# ------------------------------------------------------------------------------------------- the assignment


def test_points_add_up():
    cases = expected_cases(KNN)
    assert task_points(cases) == POINTS
    for task in CODE_TASKS:
        public = sum(c.points for c in cases if c.task == task and c.visibility == "public")
        assert 0.35 <= public / POINTS[task] <= 0.45, f"{task}: {public} of {POINTS[task]} points are public"


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
    for report in grade_all_in_process(KNN, submissions):
        assert {c.outcome for c in report.cases} == {"passed", "failed"}, troubles(report)
        # doing nothing takes few steps and little memory, and leaves inputs alone
        free = ("steps", "more_images", "memory", "inputs", "inputs_of_cross_validation", "dists")
        passed = [c.id for c in report.cases if c.outcome == "passed" and c.task != "knn.predictions"]
        assert [i for i in passed if not i.endswith(free)] == []


@pytest.mark.parametrize("key", ["two_loops_without_root", "labels_farthest", "cv_leaks"])
def test_mistake_is_named_in_the_report(key):
    report = grade_in_process(KNN, WRONG[key].files(KNN), ANSWERS, "x")
    named = [c for c in report.cases if c.diagnosis == WRONG[key].name]
    assert named
    assert all(c.hint == WRONG[key].hint for c in named)


# Public checks are few and ask for results: these they take for right, or have no value to know them by
UNSEEN_IN_PUBLIC = {
    "one_loop_two_in_disguise",
    "one_loop_over_training_images",
    "no_loops_comprehension",
    "no_loops_broadcast",
    "labels_sorts_in_place",
    "cv_drops_remainder",
}
# Where the mistake shows in the next call only, as in `check("knn")`
SEEN_IN_ANOTHER_TASK = {"no_loops_overwrites"}


@pytest.mark.parametrize("key", WRONG)
def test_public_checks_name_the_mistake(key):
    """By fingerprints alone, also when only the mistake's own task is checked; and by no other name."""
    entry = WRONG[key]
    for task in (None, entry.loses[0]):
        student = LocalStudent("knn", {"knn": load_module(entry.source(KNN), "knn")})
        names = {c.diagnosis for c in run("knn", task, student).cases} - {""}
        unseen = key in UNSEEN_IN_PUBLIC or (task and key in SEEN_IN_ANOTHER_TASK)
        assert names == (set() if unseen else {entry.name})


# Mistakes that return the same as another one on some of the cases
ALIKE = [
    "two_loops_square_only",
    "two_loops_returns_in_inner_loop",
    "two_loops_returns_in_outer_loop",
    "one_loop_sums_everything",
    "no_loops_comprehension",
    "labels_position",
    "labels_votes",
    "labels_smallest",
    "labels_ignores_k",
    "cv_ignores_k",
]


def test_mistakes_that_are_alike_are_told_apart_by_the_other_cases():
    submissions = [Trusted(WRONG[key].files(KNN), ANSWERS, student=key) for key in ALIKE]
    for report in grade_all_in_process(KNN, submissions):
        names = {c.diagnosis for c in report.cases if c.visibility == "hidden"} - {""}
        assert names == {WRONG[report.student].name}


def test_the_slides_number_is_not_enough():
    source = REFERENCE.replace("return np.abs(difference).sum()", "return 456")
    cases = run("knn", "l1_distance", LocalStudent("knn", {"knn": load_module(source, "knn")})).cases
    assert [c.id.rpartition(".")[2] for c in cases if c.outcome != "passed"] == [
        "other_images",
        "signed_bytes",
    ]
