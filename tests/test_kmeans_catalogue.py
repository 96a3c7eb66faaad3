"""What is special about the kmeans tests; `test_catalogue.py` has what holds for every assignment.

Everything here is our own code, so it is graded in this process (`autograder.grading.local`).
"""

import re

import pytest

from autograder.catalogue import misconceptions, reference_files
from autograder.course import Course
from autograder.grading.cases import expected_cases, task_points
from autograder.grading.local import Trusted, grade_all_in_process, grade_in_process

KMEANS = Course.load().assignment("kmeans")
REFERENCE = reference_files(KMEANS)
ANSWERS = {
    "predicted_assignments": [0, 0, 0, 1, 1],
    "predicted_empty": 2,
    "predicted_bytes": 19248,
    "predicted_modes": 1,
}
POINTS = {
    "kmeans.assign_naive": 4,
    "kmeans.assign": 7,
    "kmeans.update": 7,
    "kmeans.objective": 4,
    "kmeans.lloyd": 7,
    "kmeans.plus_plus": 6,
    "kmeans.kmeans": 6,
    "kmeans.pixel_features": 6,
    "kmeans.quantisation": 4,
    "kmeans.agreement": 4,
    "kmeans.texture": 4,
    "kmeans.shift": 5,
    "kmeans.mean_shift": 6,
    "kmeans.affinity": 6,
    "kmeans.cut_value": 4,
    "kmeans.bipartition": 6,
    "kmeans.predictions": 4,
}


def lost(report):
    return {t.task.partition(".")[2] for t in report.tasks if t.earned < t.points}


def troubles(report):
    return [f"{c.id}: {c.outcome}: {c.message}" for c in report.cases if c.outcome != "passed"]


def test_points_add_up():
    """90 by tests; the two written questions bring the other ten."""
    assert task_points(expected_cases(KMEANS)) == POINTS
    notebook = (KMEANS.solutions / "kmeans.nb.py").read_text(encoding="utf-8")
    assert sum(POINTS.values()) + 5 * notebook.count("points=5") == 100


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("predicted_assignments", [0, 0, 1, 1, 1]),
        ("predicted_assignments", "00011"),
        ("predicted_empty", 4),
        ("predicted_bytes", 19200),
        ("predicted_bytes", 19248.0),
        ("predicted_modes", 0),
    ],
)
def test_wrong_prediction_loses_its_case(name, wrong):
    report = grade_in_process(KMEANS, REFERENCE, ANSWERS | {name: wrong}, "x")
    failed = {c.id for c in report.cases if c.outcome != "passed"}
    assert failed
    assert failed <= {f"kmeans.predictions.{name}", "kmeans.predictions.every_prediction"}


# As students of CS131 write it: any k examples, no restarts, and empty clusters stay where they are
CS131 = """

def kmeans(features, k, num_iters=100):
    N, D = features.shape
    idxs = np.random.choice(N, size=k, replace=False)
    centers = features[idxs]
    assignments = np.zeros(N, dtype=np.uint32)
    for n in range(num_iters):
        distances = np.array([np.sum((features - c) ** 2, axis=1) for c in centers])
        new = np.argmin(distances, axis=0)
        if n and np.all(new == assignments):
            break
        assignments = new
        for i in range(k):
            if np.any(assignments == i):
                centers[i] = np.mean(features[assignments == i], axis=0)
    return assignments
"""


def test_cs131_style_kmeans_does_what_it_can():
    report = grade_in_process(KMEANS, REFERENCE | {"kmeans.py": REFERENCE["kmeans.py"] + CS131}, ANSWERS, "x")
    assert lost(report) == {"kmeans"}
    passed = {c.id for c in report.cases if c.task == "kmeans.kmeans" and c.outcome == "passed"}
    assert {"kmeans.kmeans.as_in_cs131", "kmeans.kmeans.extreme_k"} <= passed, troubles(report)


GIVEN = ("squared_errors", "random_centers", "squared_distances", "nearest", "offsets", "segment")
NONSENSE = ["None", "'text'", "[]", "np.zeros(0)", "object()", "(1, 2, 3)", "(np.zeros(3), None)", "np.nan"]


def test_nonsense_is_the_students_fault_not_the_graders():
    """Whatever the functions return, every case of theirs ends as failed."""
    submissions = []
    for nonsense in NONSENSE:
        files = {}
        for file, source in REFERENCE.items():
            names = re.findall(r"^def (\w+)", source, re.MULTILINE)
            given = "".join(f"{name} = lambda *a, **k: {nonsense}\n" for name in names if name not in GIVEN)
            files[file] = source + f"\n\nimport numpy as np\n\n{given}"
        submissions.append(Trusted(files, ANSWERS))
    for report in grade_all_in_process(KMEANS, submissions, diagnose=False):
        assert {c.outcome for c in report.cases} == {"passed", "failed"}, troubles(report)
        passed = [c.id for c in report.cases if c.outcome == "passed" and c.task != "kmeans.predictions"]
        assert passed == []


WRONG = {e.key: e for e in misconceptions(KMEANS)}


@pytest.mark.parametrize(
    "key", ["assign_without_two", "update_nan", "lloyd_one_update_too_many", "eigenvector_not_scaled"]
)
def test_mistake_is_named_in_the_report(key):
    report = grade_in_process(KMEANS, WRONG[key].files(KMEANS), ANSWERS, "x")
    named = [c for c in report.cases if c.diagnosis == WRONG[key].name]
    assert named, troubles(report)
    assert all(c.hint == WRONG[key].hint for c in named)
