"""HTML: a student's feedback page, the class page, and the fragment under a notebook cell.

Pages are self-contained: no request, styles inside.  jinja escapes all text, `visible` writes out what an
HTML escape lets through (bidi overrides, control characters), and the pages forbid scripts by their own
content security policy, should both ever fail.  The class page sorts and narrows its table by a script of
ours; its policy allows that one, by its hash, and no other.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from cvcourse.results import CaseResult, Outcome, Report, TaskResult

from .summary import ClassSummary, TaskRow, remarks, summarise
from .text import number, one_line, plural, points, task_title, visible
from .view import MARKS, NOT_GRADED, WORDS, lateness_sentence, student_view

if TYPE_CHECKING:
    from ..grading.execute import Executed

__all__ = ["class_page", "notebook_page", "render_task_html", "student_page"]

_TEMPLATES = Path(__file__).parent / "templates"
# Of the class's tests, the ones worth a look; the rest are in results.json.
_MOST_CASES = 10


def student_page(report: Report, title: str = "", notebooks: Mapping[str, str] | None = None) -> str:
    """The feedback page of one student.

    Args:
        report: on the submission.
        title: the assignment's, by default its name.
        notebooks: for each notebook of `report.executed` that has one its page, relative to this one.
    """
    view = student_view(report)
    title = title or view.assignment
    return _render(
        "student.html.jinja", view=view, title=title, NOT_GRADED=NOT_GRADED, notebooks=notebooks or {}
    )


def notebook_page(student: str, notebook: str, executed: Executed, title: str) -> str:
    """A student's notebook as it ran in the sandbox: text and PNG pictures, nothing else.

    Args:
        student: whose it is, as they are called.
        notebook: its file's name.
        executed: what ran, and what it showed.
        title: the assignment's.
    """
    policy = Markup("; img-src data:")
    context = {"student": student, "notebook": notebook, "executed": executed, "title": title}
    return _render("notebook.html.jinja", policy=policy, **context)


def render_task_html(report: Report, task: str) -> str:
    """One task (``"knn.two_loops"``) as a fragment for a notebook's output.

    It shows what a student may see and is styled by attributes alone: Jupyter strips style elements from
    notebooks that it does not trust.
    """
    view = student_view(report)
    found = [t for t in view.tasks if t.task == task]
    return _render("task.html.jinja", tasks=found, otherwise=view.problem or f"{task} has not been graded")


def class_page(reports: Sequence[Report], title: str = "", links: Mapping[str, str] | None = None) -> str:
    """The class page, for the instructor: it shows every message.

    Args:
        reports: one per student.
        title: the assignment's title.
        links: the feedback page of each student, relative to the class page.
    """
    summary = summarise(reports)
    script = (_TEMPLATES / "class.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _render(
        "class.html.jinja",
        script=Markup(script),
        policy=Markup(f"; script-src 'sha256-{digest}'"),
        summary=summary,
        title=title or next((r.assignment for r in reports), ""),
        tiers=sorted({r.tier for r in reports if r.tier}),
        links=links or {},
        histogram=_histogram(summary),
        cases=[c for c in summary.cases if c.lost][:_MOST_CASES],
    )


def _render(template: str, **context: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**context)


# ------------------------------------------------------------------------------------------------- filters


def _prose(text: str) -> Markup:
    """Escaped text in which `code` in backquotes is set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(visible(text)))))


def _long(text: str) -> Markup:
    """Text that is cut already, and may be longer than a sentence."""
    return escape(visible(text, len(text)))


def _finalize(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.4g}" if whole else "0"


def _heat(task: TaskResult) -> tuple[str, str, str]:
    """Style class, short text and long text of a student's task in the class table; the page's key says what
    a short text means that has no long one."""
    outcomes = {c.outcome for c in task.cases}
    if task.grader_failed:
        return "unknown", MARKS["grader_error"], ""
    if outcomes == {"passed"}:
        return "h4", MARKS["passed"], ""
    if outcomes == {"not_implemented"}:
        return "untouched", MARKS["not_implemented"], ""
    share = task.earned / task.points if task.points else 0.0
    kinds: list[Outcome] = ["timeout", "crashed"]
    mark = next((MARKS[o] for o in kinds if o in outcomes), "")
    wrong = ", ".join(WORDS[o] for o in dict.fromkeys(c.outcome for c in task.cases) if o != "passed")
    text = f"{number(task.earned)}{mark}"
    return f"h{min(3, int(share * 4))}", text, f"{number(task.earned)} of {points(task.points)}: {wrong}"


def _parts(row: TaskRow) -> list[tuple[str, str, int]]:
    """The stacked bar of a task: style class, words, students."""
    parts = [
        ("h4", "all points", row.solved),
        ("h2", "some points", row.partly),
        ("h0", "tried, no points", row.open),
        ("untouched", "not implemented", row.untouched),
        ("unknown", "not graded", row.unknown),
    ]
    return [p for p in parts if p[2]]


def _breakdown(outcomes: Mapping[Outcome, int]) -> str:
    return ", ".join(f"{n} {WORDS[o]}" for o, n in outcomes.items() if n and o != "passed")


def _errors(report: Report) -> list[CaseResult]:
    return [c for c in report.cases if c.outcome == "grader_error"]


def _histogram(summary: ClassSummary) -> dict[str, Any]:
    """The histogram's bars in the coordinates of its 100 × 42 picture, and the same in words."""
    counts = summary.histogram()
    most = max(1, *counts)
    step = summary.max_score / len(counts)
    bars = [
        {
            "x": 10 * i + 0.6,
            "height": round(30 * n / most, 2),
            "y": round(36 - 30 * n / most, 2),
            "count": n,
            "label": f"{plural(n, 'student')} from {number(i * step)} to {number((i + 1) * step)}",
        }
        for i, n in enumerate(counts)
    ]
    ticks = [{"x": 10 * i, "text": number(i * step, 0)} for i in range(0, len(counts) + 1, 2)]
    words = "; ".join(str(b["label"]) for b in bars if b["count"])
    return {"bars": bars, "ticks": ticks, "words": words or "nobody is graded yet"}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "base64": lambda data: Markup(base64.b64encode(data).decode()),
        "breakdown": _breakdown,
        "errors": _errors,
        "heat": _heat,
        "lateness": lateness_sentence,
        "long": _long,
        "number": number,
        "one_line": one_line,
        "parts": _parts,
        "percent": _percent,
        "plural": plural,
        "remarks": remarks,
        "points": points,
        "prose": _prose,
        "task_title": task_title,
        "by_task": lambda report: {t.task: t for t in report.tasks},
    }
    return environment


_ENVIRONMENT = _environment()
