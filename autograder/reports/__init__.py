"""Renderers: pure functions of `cvcourse.results.Report`.

view        what a student may see of a report, and its words; every renderer for students goes through it
advice      what a student should do next
mistakes    which catalogued mistakes explain a report: the fewest that do
html        feedback page, class page, and the fragment for a notebook cell
plain       text for terminals and nbgrader
terminal    the class as a rich table
grades      grades.csv
gradescope  results.json as Gradescope reads it
summary     the class as numbers, and what an instructor must know of a report
text        strangers' text made safe to look at
"""

from .grades import grades_csv
from .gradescope import to_gradescope
from .html import class_page, render_task_html, student_page
from .plain import render_text
from .terminal import print_class_table

__all__ = [
    "class_page",
    "grades_csv",
    "print_class_table",
    "render_task_html",
    "render_text",
    "student_page",
    "to_gradescope",
]
