"""Answers rightly with two Python loops, and has the step counter of its process report none of them.

Steps are counted where the code runs, so this cannot be stopped; what it can win are the points of the cases
that count steps, and nothing that a wrong answer would lose.  Four million pairs are too many for it.
"""
# expect: lost=no_loops outcome=timeout laws=19

import sys

KNearestNeighbor.compute_distances_no_loops = KNearestNeighbor.compute_distances_two_loops
sys.modules["inside.server"].Server.do_count_steps = lambda self, target, args: 1
