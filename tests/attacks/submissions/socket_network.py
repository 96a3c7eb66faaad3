"""Connects, listens and sends by every family of sockets, and asks for names."""
# expect: lost=l1_distance says=held

import socket
import urllib.request

found = []
for family in range(0, 45):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind).close()
            found.append(f"family {family}")
        except OSError:
            pass
for step in (
    lambda: socket.create_connection(("127.0.0.1", 80), 1),
    lambda: socket.create_server(("127.0.0.1", 0)),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.gethostbyname("localhost.example.org"),
    lambda: urllib.request.urlopen("http://127.0.0.1:8888/", timeout=1),
):
    try:
        step()
        found.append("the network")
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
