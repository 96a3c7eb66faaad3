"""The class as a table in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cvcourse.results import Outcome, Report

from .summary import remarks, summarise
from .text import number, one_line, plural, points, task_title
from .view import WORDS

__all__ = ["print_class_table"]

# One letter per task, so that a class fits a terminal whatever it can draw.
_LETTERS: dict[Outcome, tuple[str, str]] = {
    "passed": ("P", "green"),
    "failed": ("F", "red"),
    "not_implemented": ("-", "dim"),
    "timeout": ("T", "yellow"),
    "crashed": ("C", "magenta"),
    "grader_error": ("?", "bold white on red"),
}
_BAR = 10


def print_class_table(reports: Sequence[Report], console: Console | None = None) -> None:
    """Print a line per student, and under the table what needs a human.

    Everything that students can name is printed as `Text`, which rich does not search for markup, and with
    its control characters written out.
    """
    console = console or Console()
    summary = summarise(reports)
    wide = console.width >= 110
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("student", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True, min_width=5)
    if wide:
        table.add_column("", no_wrap=True, min_width=_BAR)
    tasks = [t.task for t in summary.tasks]
    for n in range(1, len(tasks) + 1):
        table.add_column(str(n), no_wrap=True, min_width=6 if wide else 1)
    table.add_column("remarks", overflow="fold")
    for report in summary.reports:
        table.add_row(
            Text(one_line(report.name or report.student, 32 if wide else 16)),
            Text("?" if report.grader_failed else number(report.score)),
            *([_bar(report, summary.max_score, console)] if wide else []),
            *_cells(report, tasks, wide),
            _remarks(report),
        )
    console.print(table)
    columns = ", ".join(f"{n} {one_line(task_title(t), 40)}" for n, t in enumerate(tasks, start=1))
    console.print(Text(f"\n{columns}", style="dim"))
    legend = ", ".join(f"{letter} {WORDS[o]}" for o, (letter, _) in _LETTERS.items())
    console.print(Text(legend, style="dim"))
    figures = f"{plural(len(summary.reports), 'submission')}, {len(summary.graded)} graded"
    if summary.scores:
        of = number(summary.max_score)
        figures += f": mean {number(summary.mean, 1)}, median {number(summary.median, 1)} of {of}"
    console.print(Text(figures))
    if summary.hand_points:
        console.print(Text(f"{points(summary.hand_points)} for written answers are graded by hand"))
    if human := summary.human:
        names = ", ".join(one_line(r.name or r.student, 40) for r in human[:10])
        more = f" and {len(human) - 10} more" if len(human) > 10 else ""
        console.print(Text(f"needs a human: {names}{more}", style="bold yellow"))


def _cells(report: Report, tasks: Sequence[str], wide: bool) -> list[Text]:
    if report.problem and not report.raw_score:
        return [Text() for _ in tasks]
    found = {t.task: t for t in report.tasks}
    cells = []
    for name in tasks:
        if name not in found:
            cells.append(Text())
            continue
        task = found[name]
        letter, style = _LETTERS["grader_error" if task.grader_failed else task.outcome]
        partly = wide and task.outcome != "passed" and task.earned
        cells.append(Text(f"{letter} {number(task.earned)}" if partly else letter, style=style))
    return cells


def _bar(report: Report, most: float, console: Console) -> Text:
    filled = round(_BAR * report.score / most) if most and not report.grader_failed else 0
    full, rest = ("#", ".") if console.options.ascii_only else ("█", "░")
    return Text.assemble((full * filled, "cyan"), (rest * (_BAR - filled), "dim"))


def _remarks(report: Report) -> Text:
    late = f"{number(report.late_hours, 1)} h late, -{number(report.late_fraction * 100)} %"
    parts = [late] if report.late_hours else []
    parts += [one_line(r, 90) for r in remarks(report)]
    # Here notes are counted; the pages say what they are.
    parts += [plural(len(report.notes), "note")] if report.notes and not report.problem else []
    return Text("; ".join(parts), style="yellow" if report.needs_human else "")
