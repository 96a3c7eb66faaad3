"""`check`: runs public checks and shows what they found, as a card in a notebook and as text in a terminal.

Everything that came out of student code is escaped before it is shown.  Outcomes are told by a sign and a
word, not by colour alone, and the colours are readable in JupyterLab's light and dark themes.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any

from ..results import CaseResult, Outcome, Report, TaskResult

__all__ = ["CheckReport", "check", "needs", "to_html", "to_text"]

# sign, word, class of the card's style
LOOK: dict[Outcome, tuple[str, str, str]] = {
    "passed": ("✓", "passed", "good"),
    "failed": ("✗", "failed", "bad"),
    "not_implemented": ("○", "not implemented yet", "open"),
    "timeout": ("◷", "stopped", "bad"),
    "crashed": ("✗", "crashed", "bad"),
    "grader_error": ("!", "the check itself failed: please tell your instructor", "bad"),
}
PRINTED_SHOWN = 2_000
STOPPED = "this keeps checks from running: mend it first"

# JupyterLab sets its theme's variables, Colab and others do not: each has a fallback that reads on both.
STYLE = """
.cvc{--good:#1a7f37;--bad:#b42318;--open:#6b5d00;--mute:#5a6270;--line:#8884;--soft:#8881;
 font:14px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit);
 max-width:52rem;margin:.3rem 0;text-align:left}
body[data-jp-theme-light="false"] .cvc,html[theme=dark] .cvc,.vscode-dark .cvc{--good:#56d364;--bad:#ff8f86;
 --open:#e3c44b;--mute:#a9b1bc}
.cvc section{border:1px solid var(--line);border-left:4px solid var(--mute);border-radius:6px;
 margin:0 0 .6rem;overflow:hidden}
.cvc .good{--tone:var(--good)}.cvc .bad{--tone:var(--bad)}.cvc .open{--tone:var(--open)}
.cvc section[class]{border-left-color:var(--tone)}.cvc .w{color:var(--tone)}
.cvc header{display:flex;gap:.6rem;align-items:baseline;padding:.35rem .8rem;background:var(--soft)}
.cvc header b{flex:1;font-size:15px}.cvc .points{font-variant-numeric:tabular-nums;white-space:nowrap}
.cvc ul{list-style:none;margin:0;padding:.3rem .8rem .5rem}
.cvc li{display:grid;grid-template-columns:1.3rem 1fr auto;gap:0 .4rem;padding:.2rem 0;margin:0}
.cvc li>*{min-width:0}.cvc li>div{grid-column:2/4;overflow-wrap:anywhere}
.cvc .sign{font-weight:700}.cvc .word{white-space:nowrap}
.cvc .message{font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:13px}
.cvc .obstacle{padding:.35rem .8rem;overflow-wrap:anywhere}
.cvc .hint{border-left:2px solid var(--line);padding-left:.6rem;margin-top:.15rem}
.cvc footer,.cvc summary{color:var(--mute);font-size:12.5px}.cvc footer{overflow-wrap:anywhere}
.cvc summary{cursor:pointer}
.cvc pre{margin:.2rem 0;padding:.3rem .5rem;background:var(--soft);font-size:12.5px;max-height:12rem;
 overflow:auto;white-space:pre-wrap;color:inherit}
"""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class CheckReport(Report):
    """A `Report` that has been shown, and so stays silent as a cell's last value."""

    def _ipython_display_(self) -> None:
        pass

    def __repr__(self) -> str:
        done = sum(c.outcome == "passed" for c in self.cases)
        return f"<{self.assignment}: {done} of {len(self.cases)} checks passed>"


def check(target: str) -> CheckReport:
    """Check your file and show what passes, and the name of the mistake where something does not.

    Your file is imported afresh each time: save it, then run this again.

    Args:
        target: an assignment, ``"knn"``, or one of its tasks, ``"knn.two_loops"``.

    Returns:
        The report that was shown.

    Raises:
        UnknownTarget: if there is no such assignment or task.
    """
    from .runner import run, split_target

    printed: dict[str, str] = {}
    report = run(*split_target(target), printed=printed)
    _show(to_html(report, printed), report, printed)
    return CheckReport(**{f.name: getattr(report, f.name) for f in fields(report)})


class needs:
    """Lets a notebook run on past a cell whose task is not done yet.

    >>> with needs("knn.two_loops"):
    ...     dists = classifier.compute_distances_two_loops(X)

    Only `NotImplementedError` is caught, wherever it comes from; every other error shows as usual.
    """

    def __init__(self, task: str) -> None:
        self.task = task

    def __enter__(self) -> needs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> bool:
        if not isinstance(exc, NotImplementedError):
            return False
        # stubs raise NotImplementedError("knn.one_loop: …"): name the piece that is really missing
        named = re.match(r"\w+\.\w+(?=:|$)", str(exc))
        sentence = f"not implemented yet: {named[0] if named else self.task}"
        sign, _, look = LOOK["not_implemented"]
        header = f'<header><span class="sign w">{sign}</span><b>{_escape(sentence)}</b></header>'
        _display(_card(f'<section class="{look}">{header}</section>'), sentence)
        return True


def to_html(report: Report, printed: Mapping[str, str] | None = None) -> str:
    """The card, with its style; `printed` is what student code printed, by case id."""
    from ..resolve import shown

    tasks = "".join(_task_html(t, printed or {}, report.obstacle) for t in report.tasks)
    if report.obstacle:
        said = f'<div class="message obstacle">{_escape(report.obstacle)}</div>'
        tasks = f'<section class="bad"><header><b>{STOPPED}</b></header>{said}</section>{tasks}'
    problem = f'<section class="bad"><header><b>{_escape(report.problem)}</b></header></section>'
    files = ", ".join(shown(f) for f in report.files)
    footer = f"<footer>checked {_escape(files)}</footer>" if files else ""
    return _card(tasks + (problem if report.problem else "") + footer)


def to_text(report: Report, printed: Mapping[str, str] | None = None) -> str:
    """The same as plain text."""
    from ..resolve import shown

    lines = [f"! {STOPPED}", f"    {_plain(report.obstacle)}"] if report.obstacle else []
    for task in report.tasks:
        sign, word, _ = _look(task, report.obstacle)
        lines.append(f"{sign} {task.task}: {word}  {_points(task)}")
        for case, message in _told(task, report.obstacle):
            lines += _case_text(case, message, (printed or {}).get(case.id, ""))
    if report.problem:
        lines.append(f"! {_plain(report.problem)}")
    if report.files:
        lines.append(f"checked {', '.join(shown(f) for f in report.files)}")
    return "\n".join(lines)


def _card(body: str) -> str:
    return f'<div class="cvc"><style>{STYLE}</style>{body}</div>'


def _task_html(task: TaskResult, printed: Mapping[str, str], obstacle: str) -> str:
    sign, word, look = _look(task, obstacle)
    shown = _told(task, obstacle)
    cases = "".join(_case_html(c, message, printed.get(c.id, "")) for c, message in shown)
    cases = f"<ul>{cases}</ul>" if cases else ""
    return (
        f'<section class="{look}"><header><span class="sign w" aria-hidden="true">{sign}</span>'
        f'<b>{_escape(task.task)}</b><span class="word w">{_escape(word)}</span>'
        f'<span class="points">{_points(task)}</span></header>{cases}</section>'
    )


def _look(task: TaskResult, obstacle: str) -> tuple[str, str, str]:
    blocked = bool(obstacle) and all(c.message == obstacle for c in task.cases)
    return ("✗", "could not run", "bad") if blocked else LOOK[task.outcome]


def _told(task: TaskResult, obstacle: str) -> list[tuple[CaseResult, str]]:
    """The cases that ran, and each one's message: without what its outcome says already, and what stops all
    of them told once."""
    cases = [c for c in task.cases if not obstacle or c.message != obstacle]
    messages: list[str] = []
    for case in cases:
        stub = case.outcome == "not_implemented" and case.message.startswith(f"{case.task}:")
        again = case.rung == "missing" and any(case.message == other for other in messages)
        messages.append("" if stub or again else case.message)
    return list(zip(cases, messages, strict=True))


def _looks_like(diagnosis: str) -> tuple[str, str]:
    """What leads up to the name of a mistake, and the name."""
    lead = "one of these mistakes" if " or " in diagnosis else "this mistake"
    return f"It looks like {lead}: ", diagnosis


def _case_html(case: CaseResult, message: str, printed: str) -> str:
    sign, word, look = LOOK[case.outcome]
    parts = [
        f'<span class="sign w" aria-hidden="true">{sign}</span><span>{_escape(case.title or case.id)}</span>'
        f'<span class="word w">{_escape(word)}</span>'
    ]
    if message:
        parts.append(f'<div class="message">{_escape(message)}</div>')
    if case.diagnosis or case.hint:
        lead, name = _looks_like(case.diagnosis)
        named = f"{lead}<b>{_escape(name)}</b>. " if name else ""
        parts.append(f'<div class="hint">{named}{_escape(case.hint)}</div>')
    if printed:
        details = f"<summary>what your code printed</summary><pre>{_escape(_cut(printed))}</pre>"
        parts.append(f"<div><details>{details}</details></div>")
    return f'<li class="{look}">{"".join(parts)}</li>'


def _case_text(case: CaseResult, message: str, printed: str) -> list[str]:
    sign, word, _ = LOOK[case.outcome]
    told = "" if case.outcome == "passed" else f"  ({word})"
    lines = [f"    {sign} {_plain(case.title or case.id)}{told}"]
    if message:
        lines.append(f"        {_plain(message)}")
    if case.diagnosis:
        lines.append(f"        {_plain(''.join(_looks_like(case.diagnosis)))}.")
    if case.hint:
        lines.append(f"        Hint: {_plain(case.hint)}")
    if printed:
        lines.append("        Your code printed:")
        lines += [f"        | {_plain(line)}" for line in _cut(printed).splitlines()]
    return lines


def _points(task: TaskResult) -> str:
    return f"{task.earned:g} of {task.points:g} public points"


def _cut(text: str) -> str:
    return text if len(text) <= PRINTED_SHOWN else text[:PRINTED_SHOWN] + " …"


def _plain(text: str) -> str:
    """Text without control characters: they could rewrite the terminal, or the order of what is read."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r", "")


def _escape(text: str) -> str:
    return html.escape(_plain(text))


def _show(card: str, report: Report, printed: Mapping[str, str]) -> None:
    text = to_text(report, printed)
    if not _display(card, text, quiet=True):
        print_text(text)


def print_text(text: str) -> None:
    """`to_text`'s lines on the terminal, coloured by their sign where the terminal has colours."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    colours = {"✓": "green", "✗": "red", "○": "yellow", "◷": "red", "!": "red"}
    for line in text.splitlines():
        shown = Text(line, style="" if line.strip()[:1] in colours else "dim" if line[:1] == "c" else "")
        sign = line.strip()[:1]
        if sign in colours:
            start = line.index(sign)
            shown.stylize(f"bold {colours[sign]}", start, start + 1)
            shown.stylize("bold", start + 1) if start == 0 else None
        console.print(shown)


def _display(card: str, text: str, *, quiet: bool = False) -> bool:
    """Show the HTML if this is a notebook; otherwise print the text, unless `quiet`."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and hasattr(shell, "kernel"):
        from IPython.display import display

        display({"text/html": card, "text/plain": text}, raw=True)
        return True
    if not quiet:
        print(text)
    return False
