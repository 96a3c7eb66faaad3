"""Reaches outside by symbolic links, hard links, /proc/self/root, .. and open folders."""
# expect: lost=l1_distance says=held

import os

found = []
targets = ("@CANARY@/secret.txt", "@COURSE@/course.toml", "/etc/passwd")
for i, target in enumerate(targets):
    for make in (os.symlink, os.link):
        try:
            make(target, f"/scratch/link{i}{make.__name__}")
        except OSError:
            pass
    paths = [f"/scratch/link{i}symlink", f"/scratch/link{i}link", f"/proc/self/root{target}", f"/proc/1/root{target}"]
    paths += ["/scratch" + "/.." * 20 + target, "/usr" + "/.." * 20 + target]
    for path in paths:
        try:
            with open(path, "rb") as f:
                found.append(path + repr(f.read(10)))
        except OSError:
            pass
for folder in ("/", "/usr", "/scratch"):
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        with open(os.open(targets[0].lstrip("/"), os.O_RDONLY, dir_fd=fd), "rb") as f:
            found.append(repr(f.read(10)))
    except OSError:
        pass


def l1_distance(I1, I2):
    raise RuntimeError("BREACH: " + "; ".join(found) if found else "held")
