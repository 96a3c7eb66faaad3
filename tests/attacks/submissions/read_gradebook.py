"""Opens the gradebook, by path and through sqlite3."""
# expect: lost=l1_distance says=held

import sqlite3

found = []
for path in ("@CANARY@/gradebook.db", "@COURSE@/gradebook.db", "@COURSE@/demo/results.json"):
    try:
        with open(path, "rb") as f:
            found.append(repr(f.read(20)))
    except OSError:
        pass
    for uri in (f"file:{path}?mode=ro", f"file:{path}?immutable=1"):
        try:
            found.append(str(sqlite3.connect(uri, uri=True).execute("select * from grade").fetchall()))
        except sqlite3.Error:
            pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
