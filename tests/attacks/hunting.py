"""How the suite knows that an attack touched nothing, left nothing behind and told nobody anything."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.course import Assignment

__all__ = ["checksums", "plant_canaries", "secret_lines", "survivors", "watched_processes"]

SECRET = "the canary sings at midnight"
Process = tuple[int, str]  # pid and start time, which together no other process has


def plant_canaries(folder: Path) -> None:
    """A gradebook, other students' work, results and feedback, for attacks to read and write."""
    (folder / "secret.txt").write_text(SECRET)
    for student in ("alice", "bob"):
        place = folder / "submitted" / student / "knn"
        place.mkdir(parents=True)
        (place / "knn.py").write_text(f"# {SECRET}\n")
    (folder / "submitted" / "bob.zip").write_bytes(SECRET.encode())
    (folder / "feedback").mkdir()
    for name in ("results.json", "grades.csv", "class.html", "feedback/me.html"):
        (folder / name).write_text(SECRET)
    db = sqlite3.connect(folder / "gradebook.db")
    with db:
        db.execute("create table grade (auto_score real)")
        db.execute("insert into grade values (0)")
    db.close()


def checksums(*folders: Path) -> dict[str, str]:
    """What is in the folders, so that two moments can be compared: path → mode and hash."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if "__pycache__" in path.parts:
                continue
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path)] = f"{path.lstat().st_mode:o} {hashlib.sha256(data).hexdigest()}"
    return found


def secret_lines(assignment: Assignment) -> set[str]:
    """Lines of code of hidden tests, wrong answers and the reference's solutions that no page may show.

    Titles and hints are written in the tests and meant to be read; what also stands in a stub is public.
    """
    public = "\n".join(p.read_text(encoding="utf-8") for p in assignment.stubs.glob("*.py"))
    public += assignment.public_checks.read_text(encoding="utf-8")
    root = assignment.course.root / "autograder"
    files = [*assignment.hidden_tests.glob("*.py"), *assignment.solutions.glob("*.py")]
    files += [root / "misconceptions" / f"{assignment.name}.py", root / "hidden" / "laws.py"]
    lines = {line.strip() for f in files for line in f.read_text(encoding="utf-8").splitlines()}
    return {x for x in lines if len(x) >= 25 and x not in public and '"""' not in x and "hint=" not in x}


# ------------------------------------------------------------------------------------------------ processes


def _stat(pid: int) -> tuple[int, str] | None:
    """Parent and start time of a process, None if it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else (int(fields[1]), fields[19])


def _descendants(root: int) -> set[Process]:
    seen = {int(e): s for e in os.listdir("/proc") if e.isdigit() and (s := _stat(int(e)))}
    family: set[int] = {root}
    while more := {pid for pid, (parent, _) in seen.items() if parent in family} - family:
        family |= more
    return {(pid, seen[pid][1]) for pid in family if pid in seen}


@contextmanager
def watched_processes(root: int) -> Iterator[set[Process]]:
    """Collects every process that ever descends from `root`, by looking five times a second."""
    found: set[Process] = set()
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            found.update(_descendants(root))

    found.update(_descendants(root))
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.update(_descendants(root))
        done.set()
        thread.join()


def survivors(processes: set[Process], patience: float = 10.0) -> set[Process]:
    """Those that still run; they get some seconds to end."""
    deadline = time.monotonic() + patience
    while left := {p for p in processes if (s := _stat(p[0])) and s[1] == p[1]}:
        if time.monotonic() > deadline:
            return left
        time.sleep(0.05)
    return set()
