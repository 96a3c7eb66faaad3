"""What a course directory's nbgrader_config.py sets.

The file itself only calls `configure`, so that a course directory follows when this package is upgraded.
Configuration is given as names, not classes, because Formgrader shows it as JSON.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

from ..course import Assignment, Course, CourseError

__all__ = ["configure", "find_course", "is_released"]

HERE = "autograder.nbgrader"


def configure(c: Any, directory: str | Path, course: str | Path) -> None:
    """Make stock nbgrader grade with our engine.

    Args:
        c: the configuration object that traitlets gives to nbgrader_config.py.
        directory: the course directory.
        course: the checkout with course.toml.

    Raises:
        CourseError: if there is no course there.
    """
    root = Path(directory).resolve()
    checkout = find_course(course)
    _install()
    # nbgrader's own queries make SQLAlchemy warn three times for each submission
    warnings.filterwarnings("ignore", message="Object of type <Submitted.*> not in session")

    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = re.sub(r"[^a-z0-9]+", "-", checkout.title.lower()).strip("-")

    # Our release tool has taken the solutions out already; nbgrader's would replace the cells it left.
    c.GenerateAssignment.preprocessors = [
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.SaveCells",
    ]

    c.SandboxedAutograde.course = str(checkout.root)
    # Without ClearOutput: the student's figures are for the hand-grader.
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.OverwriteCells.add_missing_cells = True
    c.Autograde.autograde_preprocessors = [
        f"{HERE}.preprocessors.GradeInSandbox",  # in place of Execute
        "nbgrader.preprocessors.LimitOutput",
        f"{HERE}.preprocessors.SaveScores",  # in place of SaveAutoGrades
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.exclude_overwriting = {a.name: [f"{m}.py" for m in a.modules] for a in _released(checkout)}
    c.AssignLatePenalties.plugin_class = f"{HERE}.late.CoursePolicy"
    c.CoursePolicy.course = str(checkout.root)

    # Autograde sets the penalty before written answers are graded, so it is set again when it is shown.
    c.GenerateFeedback.preprocessors = [
        f"{HERE}.late.AssignLatePenaltiesAgain",
        "nbgrader.preprocessors.GetGrades",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.ExportApp.plugin_class = f"{HERE}.late.CsvExport"
    c.HTMLExporter.filters = {"markdown2html": f"{HERE}.safe_html.markdown2html"}


def find_course(recorded: str | Path) -> Course:
    """The course at the recorded place, or, if the checkout has moved, where `Course.load` finds one."""
    if (Path(recorded) / "course.toml").is_file():
        return Course.load(Path(recorded))
    try:
        return Course.load()
    except CourseError:
        raise CourseError(
            f"there is no course.toml in {recorded} any more; run `autograder course DIR` again in the "
            "checkout that this course directory belongs to"
        ) from None


def is_released(assignment: Assignment) -> bool:
    """True if all the notebooks and stubs of an assignment have been generated."""
    if not assignment.notebooks:
        return False  # not written yet, nor its modules perhaps
    notebooks = [assignment.released / f"{n}.ipynb" for n in assignment.notebooks]
    stubs = [assignment.stubs / f"{m}.py" for m in assignment.modules]
    return all(p.is_file() for p in (*notebooks, *stubs))


def _released(course: Course) -> list[Assignment]:
    return [a for a in course.assignments if is_released(a)]


def _install() -> None:
    """Have nbgrader's command and Formgrader make our Autograde: the class is not among what can be
    configured, and the stock one skips submissions without a notebook before any hook is called.
    """
    import nbgrader.apps.api
    import nbgrader.apps.autogradeapp

    from .converter import SandboxedAutograde

    nbgrader.apps.api.Autograde = SandboxedAutograde
    nbgrader.apps.autogradeapp.Autograde = SandboxedAutograde
