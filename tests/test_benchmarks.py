"""`make bench` runs: each of its benchmarks, on small shapes, in one fresh process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMALL = {
    "knn_distances": ["--shape", "10", "50", "30"],
    "losses": ["--shape", "10", "30", "10"],
    "layers": ["--shape", "10", "30", "20"],
    "conv": [],
    "segmentation": [],
    "trainer": [],
    "kmeans": ["--size", "32", "--points", "80"],
}
RUN = """
import runpy, sys
sys.path.insert(0, "benchmarks")
for line in sys.stdin.read().splitlines():
    sys.argv = line.split()
    runpy.run_path(f"benchmarks/{sys.argv[0]}.py", run_name="not main")["main"]()
"""


def test_every_benchmark_of_make_bench_runs() -> None:
    recipe = re.search(r"for b in ([\w ]+);", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert recipe
    assert set(recipe[1].split()) == set(SMALL), "give the benchmark a small shape here"
    lines = "\n".join(" ".join([name, *shape, "--rounds", "1"]) for name, shape in SMALL.items())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN],
        input=lines,
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("medians of n = 1") == len(SMALL)
