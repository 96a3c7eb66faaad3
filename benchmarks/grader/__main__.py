"""What grading costs: ours, stock nbgrader, otter and plain pytest, on the same class and the same tests.

    python benchmarks/grader [--count 40] [--rounds 2] [--only NAME …] [--scale 40 200 1000]

`make bench-grader` runs it.

An assignment of twenty tests with torch (benchmarks/grader/course) and a class of 40: right, empty and wrong
in every catalogued way.  In each round every contender grades in turn, those that need seconds a submission
their share of the class, the others all of it; so a busy machine slows all alike.  Trust CPU seconds and
ratios.  All contenders must agree on how many tests each student passes.

CPU and wall seconds are those of all processes, starting included.  `start` is what grading a single
submission costs in CPU, for those that share it among the class; `more` what each further one does.  Memory
is measured in runs of its own, because looking costs time.  The results go to benchmarks/results/grader.json.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pooch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from contenders import Contender, Unavailable, contenders
from material import ROOT, build_course, classroom
from meter import Memory, Usage, adopt_orphans

from autograder.isolation.launch import choose_tier

NAMES = ["autograder", "autograder-j2", "strict", "pytest", "nbgrader", "otter"]
RESULTS = ROOT / "benchmarks" / "results" / "grader.json"
FEW = 13  # submissions of ours in a run that only looks at memory; one says it of the others


class Bench:
    """The rounds, and what they found."""

    def __init__(self, work: Path, students: dict[str, str], rounds: int, share: int | None) -> None:
        self.work = work
        self.students = students
        self.rounds = rounds
        self.share = share
        self.usages: dict[str, list[tuple[int, Usage]]] = defaultdict(list)
        self.scores: dict[str, dict[str, int]] = defaultdict(dict)
        self._runs = 0

    def measure(self, contender: Contender, students: dict[str, str], memory: Memory | None = None) -> Usage:
        self._runs += 1
        folder = self.work / f"{contender.name}-{self._runs}"
        usage, scores = contender.grade(folder, students, memory)
        self.scores[contender.name] |= scores
        shutil.rmtree(folder)
        return usage

    def round(self, n: int, contender: Contender) -> None:
        share = self.students
        if contender.name in ("pytest", "nbgrader", "otter"):
            share = dict(list(self.students.items())[n :: self.rounds][: self.share])
        usage = self.measure(contender, share)
        self.usages[contender.name].append((len(share), usage))
        print(
            f"round {n + 1}: {contender.what:36} {len(share):4} submissions "
            f"{usage.cpu / len(share):7.3f} CPU s and {usage.wall / len(share):7.3f} s each",
            flush=True,
        )

    def row(self, contender: Contender) -> dict[str, Any]:
        """What one contender cost: medians of the rounds, and memory."""
        runs = self.usages[contender.name]
        cpu = statistics.median(u.cpu / n for n, u in runs)
        wall = statistics.median(u.wall / n for n, u in runs)
        start = self.measure(contender, dict([next(iter(self.students.items()))])).cpu
        memory = Memory()
        few = FEW if contender.batch and contender.name != "nbgrader" else 1
        self.measure(contender, dict(list(self.students.items())[:few]), memory)
        row = {
            "what": contender.what,
            "n": sum(n for n, _ in runs),
            "cpu_s": cpu,
            "wall_s": wall,
            "per_minute": 60 / wall,
            "peak_mb": memory.peak / 1e6,
            "private_mb": statistics.median(memory.private.values()) / 1e6 if memory.private else None,
            "private_most_mb": max(memory.private.values()) / 1e6 if memory.private else None,
        }
        if contender.batch:
            size = runs[0][0]
            row |= {"start_cpu_s": start, "more_cpu_s": (cpu * size - start) / max(1, size - 1)}
        return row

    def disagreements(self) -> list[str]:
        """Students of whom two contenders say different things."""
        found = []
        for student in self.students:
            said = {name: scores[student] for name, scores in self.scores.items() if student in scores}
            if len(set(said.values())) > 1:
                found.append(f"{student}: {said}")
        return found


def scale(bench: Bench, contender: Contender, assignment: Any, sizes: list[int]) -> list[dict[str, float]]:
    """CPU seconds a submission for classes of different sizes."""
    found = []
    for size in sizes:
        usage = bench.measure(contender, classroom(assignment, size))
        found.append({"submissions": size, "cpu_s": usage.cpu, "wall_s": usage.wall})
        print(f"scale: {size:5} submissions {usage.cpu:8.1f} CPU s {usage.wall:8.1f} s", flush=True)
    return found


def print_table(rows: list[dict[str, Any]]) -> None:
    ours = next((r["cpu_s"] for r in rows if "strict" not in r["what"]), rows[0]["cpu_s"])
    heads = ("n", "CPU s", "start", "more", "wall s", "a minute", "× ours", "peak MB", "private MB")
    print(f"\n{'':38}" + "".join(f"{h:>11}" for h in heads))
    for r in rows:
        start, more = (f"{r[k]:.2f}" if k in r else "" for k in ("start_cpu_s", "more_cpu_s"))
        private = "" if r["private_mb"] is None else f"{r['private_mb']:.1f}"
        cells = (r["n"], f"{r['cpu_s']:.3f}", start, more, f"{r['wall_s']:.3f}", f"{r['per_minute']:.0f}")
        cells += (f"{r['cpu_s'] / ours:.1f}", f"{r['peak_mb']:.0f}", private)
        print(f"{r['what']:38}" + "".join(f"{c:>11}" for c in cells))


def machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    versions = {p: importlib.metadata.version(p) for p in ("numpy", "torch", "nbgrader", "pytest")}
    return {
        "processor": next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), "?"),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "tier": choose_tier(),
        **versions,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="What grading costs, side by side.")
    parser.add_argument("--count", type=int, default=40, help="submissions")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help=", ".join(NAMES)
    )
    parser.add_argument("--share", type=int, help="at most so many a round by those that need seconds each")
    parser.add_argument("--scale", type=int, nargs="*", help="class sizes, to see that cost is linear")
    parser.add_argument("--cache", type=Path, default=Path(pooch.os_cache("cvcourse")) / "benchmarks")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    adopt_orphans()
    about = machine()
    with tempfile.TemporaryDirectory(prefix="cvcourse-bench-") as temporary:
        work = Path(temporary)
        assignment = build_course(work / "course")
        bench = Bench(work, classroom(assignment, arguments.count), arguments.rounds, arguments.share)
        names = list(arguments.only)
        try:
            chosen = contenders(assignment, arguments.cache, names)
        except Unavailable as e:
            print(e, file=sys.stderr)
            names.remove("otter")
            chosen = contenders(assignment, arguments.cache, names)
        for n in range(arguments.rounds):
            for contender in chosen:
                bench.round(n, contender)
        rows = [bench.row(c) for c in chosen]
        scaling = scale(bench, chosen[0], assignment, arguments.scale) if arguments.scale else []
    print(f"\n{about['processor']}, {about['cores']} cores, {about['system']}, Python {about['python']}")
    print(f"isolation of ours: {about['tier']}; {arguments.count} submissions, {arguments.rounds} rounds")
    print_table(rows)
    disagreements = bench.disagreements()
    print("\n" + ("all agree on every student" if not disagreements else "\n".join(disagreements)))
    command = "python benchmarks/grader " + " ".join(sys.argv[1:])
    found = {"command": command.strip(), "date": time.strftime("%Y-%m-%d"), "machine": about}
    found |= {"count": arguments.count, "rounds": arguments.rounds, "rows": rows, "scale": scaling}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(
        json.dumps(found | {"disagreements": disagreements}, indent=1) + "\n", encoding="utf-8"
    )
    sys.exit(1 if disagreements else 0)


if __name__ == "__main__":
    main()
