"""course.toml's late policy in nbgrader.

nbgrader sets the penalty when it autogrades.  A written answer that is graded by hand afterwards would
escape it, and whoever is later than the last step would still score; so feedback and export set it anew.
"""

from __future__ import annotations

from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin, LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import List, Unicode

from ..course import LatePolicy
from .config import find_course

__all__ = ["AssignLatePenaltiesAgain", "CoursePolicy", "CsvExport", "penalty", "refresh_penalties"]


def penalty(policy: LatePolicy, score: float, seconds_late: float) -> float:
    """Points that lateness takes from `score`, rounded as in `Report.late_penalty`."""
    return round(score * policy.fraction(seconds_late / 3600), 6)


class CoursePolicy(LateSubmissionPlugin):
    """The late policy of course.toml."""

    course = Unicode("", help="The checkout that holds course.toml.").tag(config=True)

    def policy(self) -> LatePolicy:
        return find_course(self.course).late

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        return penalty(self.policy(), score, total_seconds_late)


class AssignLatePenaltiesAgain(AssignLatePenalties):
    """nbgrader's own step, for feedback as well: an HTML exporter sets this trait of all its steps."""

    display_data_priority: List[str] = List([], config=True)


def refresh_penalties(gradebook: Gradebook, policy: LatePolicy) -> None:
    """Set every penalty to what the policy makes of the scores as they are now."""
    for assignment in gradebook.assignments:
        for submission in assignment.submissions:
            late = submission.total_seconds_late
            for notebook in submission.notebooks:
                notebook.late_submission_penalty = penalty(policy, notebook.score, late) if late > 0 else None
    gradebook.db.commit()


class CsvExport(CsvExportPlugin):
    """nbgrader's own CSV export, on penalties that count what was graded by hand in the meantime."""

    def export(self, gradebook: Gradebook) -> None:
        refresh_penalties(gradebook, CoursePolicy(parent=self).policy())
        super().export(gradebook)
