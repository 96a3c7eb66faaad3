"""Shuts down one direction of the wire after the other, and lives on."""
# expect: lost=l1_distance,two_loops outcome=crashed,timeout

import socket
import time


def _shut(how):
    sock = socket.socket(fileno=3)
    sock.shutdown(how)
    while True:
        time.sleep(1)


l1_distance = lambda I1, I2: _shut(socket.SHUT_WR)
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _shut(socket.SHUT_RD)
