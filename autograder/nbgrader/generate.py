"""`python -m autograder.nbgrader.generate {generate,due} ASSIGNMENT [DUE]`, in a course directory.

Runs nbgrader's generate_assignment (which fills release/ and the gradebook) and records the due date.  A
process of its own, started by `create_course`.
"""

from __future__ import annotations

import os
import sys

from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException


def main(what: str, assignment: str, due: str) -> None:
    app = NbGrader()
    app.initialize([], root=os.getcwd())
    app.coursedir.assignment_id = assignment
    if what == "generate":
        converter = GenerateAssignment(coursedir=app.coursedir, parent=app)
        converter.force = True
        try:
            converter.start()
        except NbGraderException as e:
            sys.exit(f"{e}")
    with Gradebook(app.coursedir.db_url, app.coursedir.course_id) as gradebook:
        gradebook.update_or_create_assignment(assignment, duedate=due or None)


if __name__ == "__main__":
    main(*sys.argv[1:])
