"""Attacks by a notebook that `autograder grade --execute` runs: on the sandbox, on the page, on the others.

Each is one notebook, graded among honest ones.  It may spoil its own page and nothing else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment
from autograder.grading.engine import Engine
from autograder.grading.execute import ALL_PNG, ALL_TEXT, MOST_PNG, Executed
from autograder.grading.submissions import Submission
from autograder.isolation.student import TimeLimits
from autograder.reports.html import notebook_page

from .hunting import SECRET, checksums, plant_canaries, survivors, watched_processes

pytestmark = pytest.mark.sandbox

LIMITS = TimeLimits(notebook=8.0)
SPARE_SECONDS = 60.0  # for starting processes, on a machine that others use, too
AFTER = 'print("and on it goes")'

PNG = r"b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR'"  # a picture's signature, as a cell writes it


# What a cell of the session can reach: the server that answers the grader, and the shell that collects.
def forge(value: str) -> str:
    return f"""
import gc, sys, numpy as np
server = next(o for o in gc.get_objects() if type(o).__name__ == "Server")
class Forged:
    def run(self, source):
        return {value}
server.notebook = Forged()
"""


@dataclass(frozen=True)
class Attack:
    """Cells; which state the last one (`AFTER`) is in; and words that the page has."""

    cells: tuple[str, ...]
    then: str = "ran"
    says: str = ""


ATTACKS = {
    "hang": Attack(("while True: pass",), "not run", "all cells together may take"),
    "hang-deaf": Attack(
        ("import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n"
         "    except (OSError, ValueError): pass\nwhile True: pass",), "not run", "may take"),
    "hang-in-many-cells": Attack(("import time; time.sleep(1)",) * 40, "not run", "may take"),
    "output-bomb": Attack(("while True: print('x' * 10_000)",), "not run", "stopped here"),
    "output-flood": Attack(("for i in range(50_000): print('flood', i)",), says="cut at"),
    "display-flood": Attack(("for i in range(2_000): display(i)",)),
    "one-long-line": Attack(("'y' * 300_000_000",), says="cut at"),
    "text-in-every-cell": Attack(("print('z' * 9_000)",) * 60, says="cut at"),
    "memory-bomb": Attack(("x = 'a' * (1 << 40)", "x = [bytes(1 << 26) for _ in range(200)]"), says="Memory"),
    "fork-bomb": Attack(("import os\nwhile True: os.fork()",), says="Error"),
    "threads": Attack(("import threading\nthreading.Thread(target=print).start()",), says="start new thread"),
    "shell": Attack(("!cat /etc/passwd", "%%bash\nid", "%sx id", "import os; os.system('id') == 0")),
    "sys-exit": Attack(("import sys; sys.exit(0)",), says="SystemExit"),
    "exit": Attack(("exit", "quit()")),
    "os-exit": Attack(("import os; os._exit(0)",), "not run", "stopped here"),
    "crash": Attack(("import ctypes; ctypes.string_at(0)",), "not run", "segmentation"),
    "stops-itself": Attack(("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",), "not run"),
    "network": Attack(("import socket; socket.create_connection(('127.0.0.1', 80))",), says="Error"),
    "reads-others": Attack((
        "import pathlib\nfor p in ['@CANARY@/secret.txt', '@CANARY@/submitted/alice/knn/knn.py',"
        " '@CANARY@/gradebook.db']:\n    try: print('PEEK', pathlib.Path(p).read_text())\n"
        "    except OSError as e: print(type(e).__name__)",
        "import glob; print(glob.glob('@CANARY@/**', recursive=True))",
        "print(open('/proc/1/environ').read()); print(sorted(__import__('os').listdir('/proc')))",
    )),
    "reads-tests": Attack((
        "print(open('@COURSE@/autograder/hidden/knn/test_distances.py').read())",
        "print(open('@COURSE@/solutions/knn/knn.py').read())",
        "import autograder",
        "import solutions",
    ), says="Error"),
    "writes-others": Attack((
        "for p in ['@CANARY@/grades.csv', '@CANARY@/feedback/me.html', '@CANARY@/results.json']:\n"
        "    try: open(p, 'w').write('100')\n    except OSError as e: print(type(e).__name__)",
    )),
    "disk-bomb": Attack(("f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 20))",), says="Error"),
    "html": Attack((
        "from IPython.display import *\ndisplay(HTML('<script>alert(1)</script><img onerror=alert(1)>'))",
        "display(Javascript('alert(1)'))",
        "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"></svg>'))",
        "display(IFrame('https://example.org', 10, 10), Markdown('<a href=\"javascript:alert(1)\">'))",
        "display({'text/html': '<script>alert(1)</script>'}, raw=True)",
        "display({'text/plain': '</pre><script>alert(1)</script>'}, raw=True)",
        "print('</pre><script>alert(1)</script><style>*{display:none}</style>')",
        "raise Exception('</pre><script>alert(1)</script>')",
        "import sys; print('<iframe src=//example.org>', file=sys.stderr)",
        "x = '</pre><script>alert(1)</script>'  # </pre><script>alert(1)</script>",
    ), says="&lt;script&gt;"),
    "not-a-picture": Attack((
        "display({'image/png': b'<script>alert(1)</script>'}, raw=True)",
        "display({'image/png': '\"><script>alert(1)</script>'}, raw=True)",
        "display({'image/png': bytes(10**6)}, raw=True)",
        # a picture of 4 billion pixels
        f"display({{'image/png': {PNG} + b'\\0\\1\\0\\0' * 2 + bytes(30)}}, raw=True)",
    ), says="a damaged picture is left out"),
    "pictures": Attack((
        f"import struct\npng = lambda n: {PNG} + struct.pack('>II', 9, 9) + bytes(n)",
        f"display({{'image/png': png({MOST_PNG})}}, raw=True)",
        *(f"display({{'image/png': png({MOST_PNG // 2})}}, raw=True)",) * (2 * ALL_PNG // MOST_PNG + 3),
    ), says="there is no room for it"),
    "control-characters": Attack((
        "print('\\x1b]0;title\\x07\\x1b[31mred\\x1b[0m \\u202egpj.exe \\x00 \\u2028')",
        "raise Exception('\\x1b[2J\\u202e')",
    ), says="red"),
    "display-hooks": Attack((
        "import sys\nsys.displayhook = lambda x: (_ for _ in ()).throw(SystemExit)\n1",
        "class Bad:\n    def __repr__(self): raise SystemExit\nBad()",
        "class Odd:\n    def _repr_mimebundle_(self, **k): return {'image/png': 7}\nOdd()",
        "class Odd:\n    def _repr_png_(self): return '<script>'\nOdd()",
        "get_ipython().display_formatter.format = None\n2",
        "get_ipython().showtraceback = None\n1 / 0",
        "get_ipython().ast_transformers.append(type('T', (), {'visit': lambda s, n: 1 / 0})())\n1",
    )),
    "closes-streams": Attack(("import sys, os\nsys.stdout.close(); os.closerange(1, 3); del sys.stdout",)),
    "closes-the-wire": Attack(("import os; os.closerange(3, 64)",), "not run", "stopped here"),
    "speaks-nonsense": Attack(("import os; os.write(3, b'CVC1' + b'\\xff' * 99)",), "not run", "stopped"),
    "forges-a-number": Attack((forge("7"), "1"), "raised", "not iterable"),
    "forges-kinds": Attack((forge("[['note', 'ours'], ['<b>', 'x'], [], None, ['png', 'x']]"), "1"),
                           says="something unreadable"),
    "forges-arrays": Attack((
        forge("[['png', np.zeros((3, 3))], ['png', np.uint8(3)], ['text', np.ones(3)]]"), "1"),
        says="something unreadable"),
    "forges-a-flood": Attack((forge("[['text', 'w' * 9000]] * 200"), "1"), says="cut at"),
    "raises-in-the-session": Attack((forge("sys.exit('</pre><script>')"), "1"),
                                    "raised", "SystemExit"),
}  # fmt: skip


@dataclass
class Ran:
    notebooks: dict[str, Executed] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    left: set[Any] = field(default_factory=set)
    changed: bool = False
    seconds: float = 0.0


def notebook(*cells: str) -> bytes:
    code = [{"cell_type": "code", "source": source, "metadata": {}} for source in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code}).encode()


HONEST = notebook("import knn\nprint(knn.__name__)", "1 / 0", "display('é')", AFTER)


def submissions(knn: Assignment, canary: Path) -> Iterator[Submission]:
    source = {"knn.py": (knn.solutions / "knn.py").read_bytes()}
    for i, (name, attack) in enumerate(ATTACKS.items()):
        cells = [
            c.replace("@CANARY@", str(canary)).replace("@COURSE@", str(knn.course.root)) for c in attack.cells
        ]
        yield Submission(name, source, {"knn.ipynb": notebook(*cells, AFTER)})
        if i % 5 == 0:
            yield Submission(f"honest-{i}", source, {"knn.ipynb": HONEST})


@pytest.fixture(scope="module")
def ran(knn: Assignment, sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    found, start = Ran(), time.monotonic()
    canary = tmp_path_factory.mktemp("canary")
    plant_canaries(canary)
    kept = (canary, knn.hidden_tests, knn.solutions)
    before = checksums(*kept)
    with Engine(knn, jobs=2, tier="full", limits=LIMITS) as engine:
        assert engine._process is not None
        with watched_processes(engine._process.pid) as processes:
            for submission, executed, fault in engine.execute_all(submissions(knn, canary)):
                found.faults[submission.student] = fault
                if not fault:
                    found.notebooks[submission.student] = executed["knn.ipynb"]
                    page = notebook_page(submission.student, "knn.ipynb", executed["knn.ipynb"], "kNN")
                    found.pages[submission.student] = page
    found.left = survivors(processes)
    found.changed = checksums(*kept) != before
    found.seconds = time.monotonic() - start
    return found


@pytest.mark.parametrize("name", ATTACKS)
def test_a_notebook_spoils_nothing_but_its_own_page(name: str, ran: Ran) -> None:
    assert not ran.faults[name], "a student made the grader fail"
    attack = ATTACKS[name]
    last = ran.notebooks[name].cells[-1]
    assert last.source == AFTER
    assert last.state == attack.then, [o.text[:300] for c in ran.notebooks[name].cells for o in c.outputs]
    outputs = [o for c in ran.notebooks[name].cells for o in c.outputs]
    assert attack.says in ran.pages[name], [o.text[:300] for o in outputs]
    assert sum(len(o.text) for o in outputs) < ALL_TEXT + 200 * len(outputs)
    assert sum(len(o.png) for o in outputs) <= ALL_PNG


def test_honest_notebooks_among_them_show_what_they_show_alone(ran: Ran) -> None:
    honest = [executed for name, executed in ran.notebooks.items() if name.startswith("honest")]
    assert len(honest) >= 6
    assert all(executed == honest[0] for executed in honest)
    assert [c.state for c in honest[0].cells] == ["ran", "raised", "ran", "ran"]
    assert honest[0].cells[0].outputs[0].text == "knn\n"


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.sources: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


def test_no_page_holds_anything_alive(ran: Ran) -> None:
    codes = {chr(c) for c in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x2028)}
    allowed = _Tags(ran.pages["honest-0"]).tags | {"img", "p"}
    for page in ran.pages.values():
        found = _Tags(page)
        assert found.tags <= allowed
        assert not {a for a in found.attributes if a.startswith("on")}
        assert all(source.startswith("data:image/png;base64,iVBORw0KGgo") for source in found.sources)
        assert "default-src 'none'" in page
        assert not set(page) & codes


def test_nothing_is_read_written_or_left_running(ran: Ran, knn: Assignment) -> None:
    assert not ran.changed
    assert ran.left == set()
    told = "".join(page for name, page in ran.pages.items())
    assert SECRET not in told
    assert "PEEK" not in told.replace("print(&#39;PEEK&#39;", "")
    assert "def test_" not in told
    assert "### BEGIN SOLUTION" not in told
    assert ran.seconds < LIMITS.notebook * len(ATTACKS) / 2 + SPARE_SECONDS
