"""Makes a pair of sockets, which needs no `socket` call, and addresses somebody else with it."""
# expect: lost=l1_distance says=held

import socket

found = []
for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
    except OSError:
        continue
    for address in ("/run/systemd/journal/socket", "/dev/log", "\0canary", "@CANARY@/socket", "/var/run/docker.sock"):
        for step in (lambda: ours.sendto(b"hello", address), lambda: ours.connect(address), lambda: ours.bind("\0mine")):
            try:
                step()
                found.append(f"{kind} {address!r}")
            except OSError as e:
                if kind == socket.SOCK_DGRAM and e.errno in (2, 111):
                    found.append(f"looked for {address!r}")


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
