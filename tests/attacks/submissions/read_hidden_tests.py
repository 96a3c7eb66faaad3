"""Opens the hidden tests and public checks where the checkout keeps them."""
# expect: lost=l1_distance says=held

import glob
import os

found = []
paths = ["autograder/hidden/knn/test_l1.py", "autograder/hidden/laws.py", "autograder/misconceptions/knn.py", "course.toml"]
for pattern in ("autograder/hidden/**/*.py", "tests/**/*.py", "**/*.toml"):
    names = glob.glob(os.path.join("@COURSE@", pattern), recursive=True)
    found += names[:1]  # without namespaces a path can be known to exist, but not be looked for
    paths += names
for path in paths:
    try:
        with open(os.path.join("@COURSE@", path)) as f:
            found.append(f.read(50))
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
