"""Counts the Python steps of a call, so that efficiency can be tested without a clock.

Seconds depend on the machine; the number of lines and calls that Python executes does not.  A vectorised
function takes the same number of steps for 10 and for 1000 rows, one with a loop does not, however the loop
is written: as a statement, a comprehension, `map` over a lambda, `np.vectorize`, or `np.apply_along_axis`.
What numpy does in C or in its own Python helpers is not counted.

The grader executes this file in the student's process by itself, so it imports nothing of cvcourse.
"""

import inspect
import sys

__all__ = ["count_steps"]

# numpy's own Python loops over the caller's data: using one is looping
LOOPS_IN_DISGUISE = frozenset({"apply_along_axis", "apply_over_axes", "ndindex"})


def count_steps(function, *args, files=()):
    """Number of steps that ``function(*args)`` takes: lines begun, Python calls and calls of C functions.

    A line that loops counts once per round.  A C function that calls another C function (``map(abs, x)``) is
    invisible to Python, and so not counted.

    Args:
        function: a function or bound method of the student's.
        args: its arguments.
        files: file names (as in ``code.co_filename``) whose code is counted; by default the function's own.

    Returns:
        The number of steps, an int.
    """
    counted_files = frozenset(files) or frozenset({_file_of(function)})
    steps = 0

    def counted(frame):
        name = frame.f_code.co_filename
        while _is_made_up(name) and name not in counted_files and frame.f_back is not None:
            frame = frame.f_back  # exec and eval count for who calls them
            name = frame.f_code.co_filename
        disguised = frame.f_code.co_name in LOOPS_IN_DISGUISE and "numpy" in name
        return name in counted_files or disguised

    def on_line(frame, event, argument):
        nonlocal steps
        if event == "line":
            steps += 1
        return on_line

    def on_call(frame, event, argument):
        nonlocal steps
        if not counted(frame):
            return None
        steps += 1
        return on_line

    def on_profile(frame, event, argument):
        nonlocal steps
        if event == "c_call" and counted(frame):
            steps += 1

    trace, profile = sys.gettrace(), sys.getprofile()
    sys.setprofile(on_profile)
    sys.settrace(on_call)
    try:
        function(*args)
    finally:
        sys.settrace(trace)
        sys.setprofile(profile)
    return steps


def _is_made_up(name):
    return name.startswith("<") and not name.startswith("<frozen")


def _file_of(function):
    function = inspect.unwrap(getattr(function, "__func__", function))
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    return code.co_filename if code else ""
