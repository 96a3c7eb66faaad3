"""Has the step counter and the memory meter of its process report numbers that are not numbers."""
# expect: lost=one_loop,no_loops outcome=failed,crashed laws=28

import sys

_Server = sys.modules["inside.server"].Server
_numbers = [10**4000, 1, -1, 10**400, 2**64]
_Server.do_count_steps = lambda self, target, args: _numbers[len(_numbers) and _numbers.append(_numbers.pop(0)) or 0]
_Server.do_helper = lambda self, source, name, args: 10**4500
