"""The top of every notebook, from course.toml: the cell for Colab, the badge, the date, lateness."""

from __future__ import annotations

import re

from autograder.course import Assignment, LatePolicy

__all__ = ["badge", "colab_cell", "due_text", "title_text"]

# strftime writes the names of the machine's language
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def colab_cell(assignment: Assignment) -> str:
    """Source of the first cell: it installs the course in Colab and does nothing anywhere else."""
    course = assignment.course
    return (
        "# In Colab: installs the course and keeps your files on your Drive.  Anywhere else: does nothing.\n"
        "import subprocess\n"
        "import sys\n\n"
        'if "google.colab" in sys.modules:\n'
        f'    package = "git+{course.repository}@{course.ref}"\n'
        '    pip = [sys.executable, "-m", "pip", "install", "-q", package]\n'
        "    done = subprocess.run(pip, capture_output=True, text=True)\n"
        "    if done.returncode:\n"
        '        raise RuntimeError(f"the course is not there; run this again. pip says:\\n{done.stderr}")\n'
        "    import cvcourse.colab\n\n"
        f'    cvcourse.colab.setup("{assignment.name}")'
    )


def badge(assignment: Assignment, notebook: str) -> str:
    """Markdown of the badge that opens the notebook in Colab; empty if the repository is not on GitHub."""
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?", assignment.course.repository)
    if not found:
        return ""
    path = f"{found[1]}/blob/{assignment.course.ref}/assignments/{assignment.name}/{notebook}.ipynb"
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({image})](https://colab.research.google.com/github/{path})"


def due_text(assignment: Assignment) -> str:
    """When the assignment is due, e.g. ``Friday 4 December 2026, 23:59 UTC``; empty if it has no date."""
    due = assignment.due
    if due is None:
        return ""
    return f"{DAYS[due.weekday()]} {due.day} {MONTHS[due.month - 1]} {due.year}, {due:%H:%M} {due.tzname()}"


def title_text(assignment: Assignment, notebook: str, source: str) -> str:
    """The title cell: `source` with the badge and the date below its heading."""
    heading, _, rest = source.partition("\n")
    facts = [badge(assignment, notebook), _due_line(assignment)]
    return "\n\n".join(part for part in (heading, *facts, rest.strip("\n")) if part)


def _due_line(assignment: Assignment) -> str:
    if assignment.due is None:
        return f"Hand in with `cvcourse submit {assignment.name}`."
    late = _late_sentence(assignment.course.late)
    return f"**Due {due_text(assignment)}.** {late} Hand in with `cvcourse submit {assignment.name}`."


def _late_sentence(late: LatePolicy) -> str:
    steps = [f"up to {hours:g} h late costs {_percent(share)}" for hours, share in late.steps]
    after = "then nothing counts" if late.after >= 1 else f"later {_percent(late.after)}"
    text = ", ".join([*(steps[:1] and [f"{steps[0]} of the score"]), *steps[1:], after])
    return text[0].upper() + text[1:] + "."


def _percent(share: float) -> str:
    return f"{round(100 * share, 2):g} %"
