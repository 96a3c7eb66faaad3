"""Public checks, and what they are written with.

`check` runs an assignment's checks on your file and draws the result; `needs` lets a notebook run on past a
task that is not done yet, and `told` past an answer that is not there; `same`, `Tolerance` and `Mismatch` are
what checks compare with.
"""

from .answers import told
from .card import check, needs
from .compare import Mismatch, Tolerance, same

__all__ = ["Mismatch", "Tolerance", "check", "needs", "same", "told"]
