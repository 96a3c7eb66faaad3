"""Sends itself the signals that end a process."""
# expect: lost=l1_distance,two_loops,one_loop outcome=crashed

import os
import signal

l1_distance = lambda I1, I2: os.kill(os.getpid(), signal.SIGKILL)
KNearestNeighbor.compute_distances_two_loops = lambda self, X: os.kill(os.getpid(), signal.SIGTERM)
KNearestNeighbor.compute_distances_one_loop = lambda self, X: os.kill(os.getpid(), signal.SIGXCPU)
