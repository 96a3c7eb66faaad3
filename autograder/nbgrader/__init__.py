"""nbgrader with our engine inside: gradebook, Formgrader and feedback are nbgrader's, the scores are ours.

nbgrader runs a student's notebook, tests and all, in one process with its own files in reach.  Here it runs
nothing of a student's: stock `nbgrader autograde`, and Formgrader's button, ask the same engine as
`autograder grade`, and so give the same scores.

    create.py          `autograder course DIR`: makes the course directory
    config.py          what its nbgrader_config.py sets
    converter.py       nbgrader's Autograde for our course: reads submissions safely, grades each once
    preprocessors.py   put scores and reports into the notebook and the gradebook
    notebook.py        the student's notebook rebuilt on the released one
    late.py            course.toml's late policy as nbgrader's plugin
    engines.py         one warm engine for each nbgrader process
    safe_html.py       students' Markdown without scripts: Formgrader shows it beside the instructor's session
    command.py         nbgrader's own commands, run
    place.py           submissions of any form into nbgrader's submitted/
    compare.py         are the gradebook's scores those of results.json?

It changes one thing that nbgrader's configuration cannot reach: the class that its command and Formgrader use
for autograding (see `config._install`).
"""

from __future__ import annotations

from .command import run_nbgrader
from .compare import compare
from .config import configure
from .create import CellsChanged, create_course
from .place import place_submissions

__all__ = [
    "CellsChanged",
    "compare",
    "configure",
    "create_course",
    "place_submissions",
    "run_nbgrader",
]
