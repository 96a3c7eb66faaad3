"""Writes its own feedback, results, autograded notebook, journal and hidden tests."""
# expect: lost=l1_distance says=held

import os

found = []
for base in ("@CANARY@", "@COURSE@", "@COURSE@/demo"):
    for name in (
        "results.json", "grades.csv", "feedback/me.html", "autograded/me/knn/knn.ipynb", "class.html",
        "autograder/hidden/knn/test_l1.py", "solutions/knn/knn.py", "journal.jsonl", "course.toml",
    ):  # fmt: skip
        path = os.path.join(base, name)
        for step in (
            lambda: open(path, "a").close(), lambda: os.remove(path), lambda: os.rename(path, path + ".old"),
            lambda: os.truncate(path, 0), lambda: os.chmod(path, 0o777), lambda: os.utime(path),
            lambda: os.makedirs(path + ".d"), lambda: os.symlink("/etc/passwd", path + ".link"),
        ):  # fmt: skip
            try:
                step()
                found.append(path)
            except OSError:
                pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
