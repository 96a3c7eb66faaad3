"""Looks for what the others handed in, by name and by walking every folder."""
# expect: lost=l1_distance says=held

import os

found = []
for top in ("@CANARY@", "/tmp", "/home", "/root", "/var", "/srv", "/mnt", "/opt"):
    for folder, _, names in os.walk(top):
        found += [os.path.join(folder, n) for n in names][:3]
for name in ("submitted/alice/knn/knn.py", "submitted/bob.zip"):
    try:
        with open(os.path.join("@CANARY@", name), "rb") as f:
            found.append(repr(f.read(20)))
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
