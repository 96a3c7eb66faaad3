"""The released notebook as a student who got everything right hands it in."""

from __future__ import annotations

import json
import re

import jupytext

from cvcourse.checks.answers import read_answers

from ..course import Assignment

__all__ = ["solved_notebook"]


def solved_notebook(assignment: Assignment, name: str = "") -> bytes:
    """The released notebook with the reference's answers filled in, as a diligent student hands it in."""
    name = name or assignment.notebooks[0]
    source = (assignment.solutions / f"{name}.nb.py").read_text(encoding="utf-8")
    solution = jupytext.writes(jupytext.reads(source, fmt="py:percent"), fmt="ipynb").encode()
    answers = read_answers(solution)
    released = json.loads((assignment.released / f"{name}.ipynb").read_bytes())
    for cell in released["cells"]:
        if cell["cell_type"] != "code":
            continue
        text = "".join(cell["source"])
        for answer, value in answers.items():
            filled = f"{answer} = {value!r}".replace("\\", r"\\")
            text = re.sub(rf"^{answer} = \.\.\..*$", filled, text, flags=re.M)
        cell["source"] = text.splitlines(keepends=True)
    return json.dumps(released, indent=1, ensure_ascii=False).encode()
