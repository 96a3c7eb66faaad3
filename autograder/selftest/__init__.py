"""`autograder selftest`: the tests, tested.  Wrong answers must lose their tasks, right ones nothing.

`mutants` makes wrong answers that nobody thought of, `guard` right ones, `run` grades both and the catalogue
as students' files are graded, and `table` shows what came of it.
"""

from .run import Subject, Verdict, selftest, selftests
from .table import as_dict, print_table

__all__ = ["Subject", "Verdict", "as_dict", "print_table", "selftest", "selftests"]
