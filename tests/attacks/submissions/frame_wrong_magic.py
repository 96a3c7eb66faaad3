"""Speaks another protocol altogether: HTTP, zeros, JSON and text."""
# expect: lost=l1_distance,two_loops,one_loop outcome=crashed

import os


def _say(data):
    os.write(3, data)
    os._exit(0)


l1_distance = lambda I1, I2: _say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npassed")
KNearestNeighbor.compute_distances_two_loops = lambda self, X: _say(bytes(64))
KNearestNeighbor.compute_distances_one_loop = lambda self, X: _say(b'{"ok": "passed", "score": 90}\n' * 4)
