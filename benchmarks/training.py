"""Training at real scale, measured: seconds, accuracy, images/s and their share of what the chip can do.

    python benchmarks/training.py probe                          # ms a step: eager, graph, compiled, together
    python benchmarks/training.py speedrun --runs 5
    python benchmarks/training.py he resnet20*3 plain20 plain56 resnet56 --limit 560
    python benchmarks/training.py overhead                       # the Trainer against a bare loop

`he` trains all its nets at the same time on one GPU, since each alone leaves most of it idle: the seconds of
a run are then those of the whole group.  With --limit it leaves out nets from the end of the list, until the
rest will be done in time.  Each command writes a JSON file to benchmarks/results/ (--out).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "solutions" / "resnet")]  # runs from a checkout without an install

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

from cvcourse.datasets import Dataset, load  # noqa: E402
from cvcourse.pace import best_device  # noqa: E402
from cvcourse.training import DeviceData, Recipe, Trainer, train_together  # noqa: E402
from cvcourse.training.record import machine  # noqa: E402

DEVICE = best_device()
ON_GPU = DEVICE.type == "cuda"
ROUNDS = (20, 100, 100, 100) if ON_GPU else (1, 2, 2)  # of steps, to judge what can be done; first to warm up


def wait() -> None:
    if ON_GPU:
        torch.cuda.synchronize()


def net(name: str, seed: int) -> torch.nn.Module:
    from resnet import resnet_cifar

    torch.manual_seed(seed)
    kind, depth = re.fullmatch(r"(resnet|plain)(\d+)", name).groups()
    return resnet_cifar(int(depth), residual=kind == "resnet")


def random_images(count: int = 50_000) -> Dataset:
    """Noise of CIFAR-10's shape, for measuring speed where CIFAR-10 is not at hand."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    y = rng.integers(0, 10, count)
    return Dataset("noise", X, y, X[:1000], y[:1000], tuple("0123456789"), "", "")


def operations(model: torch.nn.Module, size: int = 32) -> int:
    """FLOPs of a training step for one image: products and sums both count, backward is twice forward."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        parameter = next(model.parameters())
        model.eval()(torch.zeros(1, 3, size, size, device=parameter.device, dtype=parameter.dtype))
    return 3 * counter.get_total_flops()


def limit_of_chip() -> dict[str, Any]:
    """FLOP/s of a large product of random matrices, in bf16 on a GPU: what this chip gives in practice."""
    n, dtype = (8192, torch.bfloat16) if ON_GPU else (1024, torch.float32)
    a, b = (torch.randn(n, n, device=DEVICE).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(12):
        wait()
        start = time.perf_counter()
        a @ b
        wait()
        seconds.append(time.perf_counter() - start)
    return {"flops": 2 * n**3 / statistics.median(seconds[2:]), "of": f"{n}x{n} product in {dtype}"[:40]}


def spread(values: list[float]) -> dict[str, float | None]:
    """n, mean, and the standard deviation of the sample."""
    std = statistics.stdev(values) if len(values) > 1 else None
    return {"n": len(values), "mean": statistics.mean(values), "std": std}


def write(out: Path, name: str, result: dict[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    result = {"benchmark": name, "machine": machine(DEVICE), "limit_of_chip": limit_of_chip(), **result}
    (out / f"{name}.json").write_text(json.dumps(_rounded(result), indent=1) + "\n", encoding="utf-8")
    print(f"wrote {out / name}.json", flush=True)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list) else value


# --------------------------------------------------------------------------------------------------- speedrun


def speedrun(options: argparse.Namespace) -> None:
    from cvcourse.training.speedrun import SpeedNet, prepare
    from cvcourse.training.speedrun import speedrun as run

    start = time.perf_counter()
    images = prepare(load("cifar10"), DEVICE)
    wait()
    loading = time.perf_counter() - start
    if options.few:  # to try this file on a CPU
        images = tuple(part[: options.few] for part in images)
    runs = []
    for seed in range(options.runs + 1):
        if ON_GPU:
            torch.cuda.reset_peak_memory_stats()
        result = run(images, epochs=options.epochs, seed=seed)
        runs.append(dataclasses.asdict(result) | {"seed": seed})
        print(
            f"{'warm-up' if seed == 0 else f'run {seed}'}: {result.accuracy:.4f} {result.seconds:.3f} s",
            flush=True,
        )
    warm = runs[1:]
    flops, per_second = operations(SpeedNet()), statistics.median(r["images_per_second"] for r in warm)
    write(
        options.out,
        options.name or "speedrun",
        {
            "epochs": options.epochs,
            "seconds_loading": loading,
            "seconds_first_run": runs[0]["seconds"],
            "seconds": spread([r["seconds"] for r in warm]),
            "accuracy": spread([r["accuracy"] for r in warm]),
            "accuracy_plain": spread([r["accuracy_plain"] for r in warm]),
            "images_per_second": per_second,
            "flops_per_image": flops,
            "flops_per_second": flops * per_second,
            "peak_memory_mb": torch.cuda.max_memory_allocated() / 1e6 if ON_GPU else 0,
            "runs": runs,
        },
    )


# ------------------------------------------------------------------------------------------- He et al.'s nets


def in_time(trainers: list[Trainer], until: float) -> tuple[list[Trainer], list[str]]:
    """Those of the trainers, from the first on, that will be done in time, and the names of the others.

    Judged by some steps of all; an evaluation now and then costs a tenth more.
    """
    left_out: list[str] = []
    for rounds in ROUNDS:
        turns = [t.steps() for t in trainers]
        wait()
        start = time.perf_counter()
        for _ in range(rounds):
            for turn in turns:
                next(turn, None)
        wait()
        a_round = (time.perf_counter() - start) / rounds
        needed = 1.1 * a_round * (trainers[0].recipe.steps - trainers[0].step)
        have = until - time.perf_counter()
        print(
            f"{len(trainers)} nets: {1e3 * a_round:.2f} ms a round, {needed:.0f} s to do, {have:.0f} s left"
        )
        if rounds == ROUNDS[0] or needed < have:
            continue
        costs = [operations(t.model) for t in trainers]
        while len(costs) > 1 and sum(costs) > have / needed * sum(operations(t.model) for t in trainers):
            costs.pop()
        left_out += [f"{t.record.name}-{t.recipe.seed}" for t in trainers[len(costs) :]]
        trainers = trainers[: len(costs)]
    print("left out:", left_out, flush=True)
    return trainers, left_out


def he(options: argparse.Namespace) -> None:
    start = time.perf_counter()
    data = DeviceData(load("cifar10"), DEVICE, num_train=options.few, num_test=options.few)
    trainers = []
    for wanted in options.nets:
        name, _, count = wanted.partition("*")
        for seed in range(options.seed, options.seed + int(count or 1)):
            recipe = Recipe(
                steps=options.steps,
                evaluate_every=max(1, options.steps // 64),
                schedule="he-deep" if name.endswith("110") else "he",
                graph=ON_GPU,
                compile=options.compile,
                precision=options.precision,
                seed=seed,
            )

            def say(record: Any, seed: int = seed) -> None:
                row = record.curve[-1]
                if len(record.curve) % 8 == 0:
                    print(
                        f"{time.perf_counter() - start:6.0f} s  {record.name}-{seed} step {row['step']:6,}  "
                        f"train {row['train_accuracy']:.4f}  test {row['test_accuracy']:.4f}",
                        flush=True,
                    )

            trainers.append(Trainer(net(name, seed), data, recipe, name=name, on_report=say))
    wait()
    begun = time.perf_counter()
    left_out: list[str] = []
    if options.limit < float("inf"):
        trainers, left_out = in_time(trainers, start + options.limit)
    records = train_together(trainers, until=start + options.limit)
    wait()
    seconds = time.perf_counter() - begun
    images = sum(t.step * t.recipe.batch_size for t in trainers)
    flops = sum(t.step * t.recipe.batch_size * operations(t.model) for t in trainers)
    nets: dict[str, Any] = {}
    for name in dict.fromkeys(r.name for r in records):
        group = [r for r in records if r.name == name and r.curve]
        if group:
            last = [r.curve[-1] for r in group]
            nets[name] = {
                "parameters": group[0].parameters,
                "status": [r.status for r in group],
                "test_error": spread([1 - row["test_accuracy"] for row in last]),
                "train_error": spread([1 - row["train_accuracy"] for row in last]),
                "seconds": spread([r.seconds for r in group]),
            }
            print(name, nets[name], flush=True)
    result = {
        "together": len(trainers),
        "left_out_for_time": left_out,
        "seconds": seconds,
        "images_per_second": images / seconds,
        "flops_per_second": flops / seconds,
        "peak_memory_mb": torch.cuda.max_memory_allocated() / 1e6 if ON_GPU else 0,
        "nets": nets,
        "records": [dataclasses.asdict(r) for r in records],
    }
    print(
        f"{seconds:.0f} s, {images / seconds:,.0f} images/s, {flops / seconds / 1e12:.1f} TFLOP/s", flush=True
    )
    write(options.out, options.name or "he", result)


# ------------------------------------------------------------------------------------------ what a step costs


def probe(options: argparse.Namespace) -> None:
    """Milliseconds a step, by how it is run."""
    data = DeviceData(random_images(), DEVICE)
    ways: list[tuple[str, int, dict[str, Any]]] = [("eager", 1, {})]
    if ON_GPU:
        ways += [(f"graph, {n} together", n, {"graph": True}) for n in (1, 2, 4, 8)]
        if options.compile:
            ways += [(f"graph + compile, {n} together", n, {"graph": True, "compile": True}) for n in (1, 4)]
    rows = []
    for name in options.nets or ["resnet20", "resnet56"]:
        for way, count, how in ways:
            begun = time.perf_counter()
            trainers = [
                Trainer(net(name, seed), data, Recipe(evaluate_every=10**9, seed=seed, **how))
                for seed in range(count)
            ]
            taking_turns = [t.steps() for t in trainers]
            steps = 0
            for _ in range(8):  # algorithms are chosen, graphs recorded, nets compiled
                for turn in taking_turns:
                    next(turn)
            wait()
            warm, start = time.perf_counter() - begun, time.perf_counter()
            while time.perf_counter() - start < options.limit:
                for _ in range(20 if ON_GPU else 1):
                    for turn in taking_turns:
                        next(turn)
                    steps += 1
                wait()
            ms = 1e3 * (time.perf_counter() - start) / steps / count
            rows.append(
                {
                    "net": name,
                    "way": way,
                    "warm_up_s": warm,
                    "ms_per_step_and_net": ms,
                    "images_per_second": 128e3 / ms,
                }
            )
            print(
                f"{name:10} {way:28} warm-up {warm:6.1f} s  {ms:7.3f} ms a step and net  "
                f"{128e3 / ms:10,.0f} images/s",
                flush=True,
            )
            for turn in taking_turns:
                turn.close()
            del trainers, taking_turns
    write(options.out, options.name or "probe", {"rows": rows})


def overhead(options: argparse.Namespace) -> None:
    """The Trainer against a bare loop over the same batches, taking turns; eager both."""
    data = DeviceData(random_images() if ON_GPU else load("fashion-mnist-mini"), DEVICE)
    steps, rounds = (200, 9) if ON_GPU else (20, 9)

    def model() -> torch.nn.Module:
        from resnet import resnet_cifar

        torch.manual_seed(0)
        return (
            resnet_cifar(20, channels=data.images.shape[-1])
            if ON_GPU
            else resnet_cifar(8, width=8, channels=1)
        )

    recipe = Recipe(steps=10**6, evaluate_every=10**9)
    trainer = Trainer(model(), data, recipe)
    turns = trainer.steps()
    bare = model().to(DEVICE, memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(bare.parameters(), 0.1, momentum=0.9, weight_decay=1e-4, fused=ON_GPU or None)

    def by_trainer() -> None:
        for _ in range(steps):
            next(turns)

    def by_hand() -> None:
        per_epoch = len(data) // 128
        for step in range(steps):
            if step % per_epoch == 0:
                images, labels = data.epoch(0, step // per_epoch)
            i = step % per_epoch * 128
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(DEVICE.type, recipe.dtype(DEVICE), enabled=ON_GPU):
                logits = bare(data.normalise(images[i : i + 128]))
            F.cross_entropy(logits.float(), labels[i : i + 128]).backward()
            optimizer.step()

    times: dict[str, list[float]] = {"bare": [], "trainer": []}
    for turn in range(rounds + 1):
        for name, call in (("bare", by_hand), ("trainer", by_trainer)):
            wait()
            start = time.perf_counter()
            call()
            wait()
            if turn:
                times[name].append(1e3 * (time.perf_counter() - start) / steps)
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratio = medians["trainer"] / medians["bare"]
    print(f"ms a step: bare {medians['bare']:.3f}, Trainer {medians['trainer']:.3f}: {ratio - 1:+.1%}")
    write(options.out, options.name or "overhead", {"ms_per_step": times, "ratio_of_medians": ratio})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["probe", "speedrun", "he", "overhead"])
    parser.add_argument("nets", nargs="*", help="resnet20*3 plain56 ...: a name, and how many seeds")
    parser.add_argument("--runs", type=int, default=5, help="of the speedrun, after one to warm up")
    parser.add_argument("--epochs", type=float, default=15.0, help="of the speedrun")
    parser.add_argument("--steps", type=int, default=64_000, help="of he")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--limit", type=float, help="seconds after which he stops (or seconds of a probe)")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--few", type=int, help="use so many images only, to try this file")
    parser.add_argument("--name", help="of the file of results")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    options = parser.parse_args()
    if options.limit is None:
        options.limit = 3.0 if options.what == "probe" else float("inf")
    {"probe": probe, "speedrun": speedrun, "he": he, "overhead": overhead}[options.what](options)


if __name__ == "__main__":
    main()
