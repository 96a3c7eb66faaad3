"""The training engine: smoke, batches, resuming, two processes, records, the command line, He's nets."""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from cvcourse.datasets import load
from cvcourse.training import SCHEDULES, DeviceData, Recipe, Record, Trainer, TrainingError, train_together
from cvcourse.training import __main__ as command
from cvcourse.training.smoke import losses, small_net, smoke, trainer

from .conftest import ROOT

MODEL_FILE = ROOT / "solutions" / "resnet" / "resnet.py"
PARAMETERS = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def resnet(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(MODEL_FILE.parent)
    return importlib.import_module("resnet")


@pytest.fixture(scope="module")
def data() -> DeviceData:
    return DeviceData(load("fashion-mnist-mini"), pad=2)


def test_smoke_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke() == 0
    assert "6 of 6 checks passed" in capsys.readouterr().out


# ---------------------------------------------------------------------------------------------------- batches


def test_an_epoch_holds_every_image_once_shifted_and_flipped(data: DeviceData) -> None:
    still = DeviceData(load("fashion-mnist-mini"), pad=0, flip=False)
    images, labels = still.epoch(seed=3, epoch=1)
    order = torch.randperm(len(still), generator=torch.Generator().manual_seed(3 * 1_000_003 + 1))
    assert torch.equal(images, still.images[order])
    assert torch.equal(labels, still.labels[order])

    images, labels = data.epoch(seed=0, epoch=0)
    assert images.is_contiguous()  # channels last without a copy
    assert torch.equal(labels.bincount(), data.labels.bincount())
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    _, H, W, C = data.images.shape
    padded = np.full((H + 4, W + 4, C), round(float(data.mean)), np.uint8)
    flips = 0
    for n in range(20):
        padded[2:-2, 2:-2] = data.images[order[n]]
        views = {
            (flip, y, x): padded[y : y + H, x : x + W][:, :: -1 if flip else 1]
            for flip in (False, True)
            for y in range(5)
            for x in range(5)
        }
        found = [where for where, view in views.items() if np.array_equal(view, images[n])]
        assert found, f"image {n} is no crop of its original"
        flips += found[0][0]
    assert 3 < flips < 17


def test_epochs_differ_and_repeat(data: DeviceData) -> None:
    first, again, next_one, other_seed = (data.epoch(*at)[0] for at in ((0, 0), (0, 0), (0, 1), (1, 0)))
    assert torch.equal(first, again)
    assert not torch.equal(first, next_one)
    assert not torch.equal(first, other_seed)


def test_normalised_images_have_mean_0_and_variance_1(data: DeviceData) -> None:
    x = data.normalise(data.images)
    assert x.shape == (2000, 1, 28, 28)
    assert abs(float(x.mean())) < 1e-4
    assert float(x.std()) == pytest.approx(1, abs=1e-3)


def test_held_out_images_are_not_trained_on() -> None:
    whole, part = DeviceData(load("fashion-mnist-mini")), DeviceData(load("fashion-mnist-mini"), hold_out=500)
    assert len(part) == 1500
    assert torch.equal(part.test_images, whole.images[1500:])
    with pytest.raises(ValueError, match="hold_out is 2000, expected 1 to 1999"):
        DeviceData(load("fashion-mnist-mini"), hold_out=2000)


# ------------------------------------------------------------------------------------------------ the Trainer


def test_a_killed_run_with_batch_norm_dropout_and_momentum_goes_on_exactly(
    tmp_path: Path, data: DeviceData, resnet: ModuleType
) -> None:
    def run(folder: Path) -> Trainer:
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Dropout(0.1), resnet.resnet_cifar(8, width=4, channels=1))
        recipe = Recipe(steps=12, batch_size=32, evaluate_every=4, patience=9)
        return Trainer(net, data, recipe, folder=folder)

    whole = run(tmp_path / "whole").fit(progress=False)
    killed = run(tmp_path / "killed").steps()
    for _ in range(6):
        next(killed)
    torch.manual_seed(99)  # another process
    resumed = run(tmp_path / "killed")
    assert losses(resumed.fit(progress=False)) == losses(whole)
    assert resumed.record.seconds > 0
    # and who comes after the end gets the record and the best weights, and trains nothing
    after = run(tmp_path / "killed")
    assert losses(after.fit(progress=False)) == losses(whole)
    assert after.evaluate()[0] == pytest.approx(min(whole.column("test_loss")), rel=1e-5)


def test_a_checkpoint_of_another_run_is_neither_used_nor_overwritten(tmp_path: Path) -> None:
    trainer(tmp_path, steps=2).fit(progress=False)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    with pytest.raises(TrainingError, match=r"is of another run: its recipe .* choose another folder"):
        trainer(tmp_path, steps=3).fit(progress=False)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    (tmp_path / "checkpoint.safetensors").write_bytes(before[:100])
    with pytest.raises(TrainingError, match="is no checkpoint of a training run"):
        trainer(tmp_path, steps=2).fit(progress=False)


def test_an_interrupted_write_leaves_the_old_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trainer(tmp_path, steps=4, evaluate_every=2)
    steps = run.steps()
    for _ in range(2):
        next(steps)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    next(steps)
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            next(steps)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint.safetensors", "record.json"]


def test_early_stopping_gives_back_the_best_weights(data: DeviceData) -> None:
    recipe = Recipe(
        steps=60, batch_size=50, learning_rate=2.0, schedule="constant", evaluate_every=2, patience=3
    )
    stopped = Trainer(small_net(), data, recipe)
    record = stopped.fit(progress=False)
    assert record.status == "stopped early"
    rows = record.column("test_loss")
    assert len(rows) == rows.index(min(rows)) + 1 + 3
    assert stopped.evaluate()[0] == pytest.approx(min(rows), rel=1e-5)


def test_a_run_that_diverges_says_so(data: DeviceData) -> None:
    recipe = Recipe(steps=40, batch_size=50, learning_rate=1e30, schedule="constant", evaluate_every=5)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 100), torch.nn.Linear(100, 10))
    record = Trainer(net, data, recipe).fit(progress=False)
    assert record.status == "diverged"
    assert record.curve[-1]["step"] < 40


def test_clipping_bounds_the_step(data: DeviceData) -> None:
    recipe = Recipe(steps=1, batch_size=50, learning_rate=1.0, momentum=0.0, weight_decay=0.0, clip_norm=0.01)
    net = small_net()
    before = torch.cat([p.detach().flatten().clone() for p in net.parameters()])
    Trainer(net, data, recipe).fit(progress=False)
    after = torch.cat([p.detach().flatten() for p in net.parameters()])
    assert float((after - before).norm()) == pytest.approx(0.01, rel=1e-3)


def test_nets_trained_in_turns_are_trained_as_alone() -> None:
    alone = [trainer(steps=6, evaluate_every=3, seed=seed).fit(progress=False) for seed in (0, 1)]
    together = train_together([trainer(steps=6, evaluate_every=3, seed=seed) for seed in (0, 1)])
    assert [losses(r) for r in together] == [losses(r) for r in alone]
    assert losses(alone[0]) != losses(alone[1])
    stopped = train_together([trainer(steps=6)], until=0.0)
    assert stopped[0].status == "running"


def test_an_optimizer_an_augmentation_and_a_callback_of_ones_own(tmp_path: Path, data: DeviceData) -> None:
    reports: list[int] = []

    def run(folder: Path) -> Trainer:
        return Trainer(
            small_net(),
            data,
            Recipe(steps=6, evaluate_every=2, schedule="cosine"),
            optimizer=lambda parameters: torch.optim.AdamW(parameters, lr=1e-3),
            augment=lambda x: x + 0.01 * torch.randn_like(x),
            folder=folder,
            on_report=lambda record: reports.append(len(record.curve)),
        )

    torch.manual_seed(0)
    whole = run(tmp_path / "whole").fit(progress=False)
    assert reports == [1, 2, 3]
    assert whole.curve[0]["learning_rate"] == pytest.approx(1e-3 * (1 + math.cos(math.pi / 6)) / 2)
    torch.manual_seed(0)
    half = run(tmp_path / "half").steps()
    for _ in range(3):
        next(half)
    assert losses(run(tmp_path / "half").fit(progress=False)) == losses(whole)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"schedule": "step"}, "schedule is 'step', expected one of constant, he"),
        ({"precision": "int8"}, "precision is 'int8', expected one of fp32, bf16, fp16, auto"),
        ({"batch_size": 2001}, "batch_size is 2001, expected 1 to 2000"),
        ({"steps": 0}, "steps and evaluate_every must be 1 or more"),
        ({"graph": True}, "graph=True needs a CUDA device"),
    ],
)
def test_a_recipe_that_cannot_be_is_one_sentence(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        trainer(**changes)  # type: ignore[arg-type]


def test_schedules_are_hes_and_end_where_they_should() -> None:
    he, deep, triangle = SCHEDULES["he"], SCHEDULES["he-deep"], SCHEDULES["triangle"]
    assert [he(step / 64_000) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)] == [
        1,
        1,
        0.1,
        0.1,
        0.01,
        0.01,
    ]
    assert [deep(step / 64_000) for step in (0, 399, 400, 32_000)] == [0.1, 0.1, 1, 0.1]
    assert [triangle(t) for t in (0, 0.23, 1)] == pytest.approx([0.2, 1, 0.07])
    assert SCHEDULES["cosine"](1) == pytest.approx(0)


def test_a_record_is_json_and_comes_back_whole(tmp_path: Path) -> None:
    record = trainer(tmp_path, steps=4, evaluate_every=2).fit(progress=False)
    assert Record.load(tmp_path / "record.json") == record
    assert json.loads((tmp_path / "record.json").read_text("utf-8"))["recipe"]["steps"] == 4
    assert record.status == "finished"
    assert record.column("step") == [2, 4]
    assert record.column("epoch") == pytest.approx([2 * 64 / 2000, 4 * 64 / 2000])
    assert record.parameters == sum(p.numel() for p in small_net().parameters())
    assert record.images_per_second == record.curve[1]["images_per_second"] > 0
    assert record.machine["torch"] == torch.__version__


# ------------------------------------------------------------------------------------- nets, the command line


@pytest.mark.parametrize(("depth", "parameters"), PARAMETERS.items())
def test_hes_nets_have_his_numbers_of_parameters(resnet: ModuleType, depth: int, parameters: int) -> None:
    for residual in (True, False):  # the shortcuts of option A have none
        net = resnet.resnet_cifar(depth, residual=residual)
        assert sum(p.numel() for p in net.parameters()) == parameters
    assert sum(isinstance(m, torch.nn.Conv2d | torch.nn.Linear) for m in net.modules()) == depth


def test_the_shortcut_is_the_input(resnet: ModuleType) -> None:
    from blocks import BasicBlock

    x = torch.rand(2, 4, 8, 8)
    block = BasicBlock(4, 8, stride=2)
    torch.nn.init.zeros_(block.bn2.weight)
    out = block.eval()(x)
    assert torch.equal(out[:, 2:6], x[:, :, ::2, ::2])
    assert not out[:, :2].any()
    assert not out[:, 6:].any()
    with pytest.raises(ValueError, match=r"depth is 21, expected 6n \+ 2"):
        resnet.resnet_cifar(21)


def test_the_command_trains_from_a_file_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    arguments = ["plain8", "--data", "fashion-mnist-mini", "--model-file", str(MODEL_FILE), "--steps", "2"]
    assert command.main([*arguments, "--out", str(tmp_path), "--batch-size", "16", "--device", "cpu"]) == 0
    assert "plain8 on fashion-mnist-mini" in capsys.readouterr().out
    assert Record.load(tmp_path / "record.json").parameters == 75_002
    assert command.main([*arguments, "--out", str(tmp_path), "--batch-size", "8", "--device", "cpu"]) == 2
    assert "is of another run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "say which net to train"),
        (["resnet20", "--model-file", "no.py"], "no.py is missing"),
        (["vgg", "--model-file", str(MODEL_FILE)], "has no net 'vgg': expected resnet20"),
        (["resnet21", "--model-file", str(MODEL_FILE)], "expected 6n + 2"),
    ],
)
def test_what_the_command_cannot_do_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert command.main([*arguments, "--data", "fashion-mnist-mini", "--device", "cpu"]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert len(error.strip().splitlines()) == 1


def test_the_speedrun_and_the_trainer_are_as_short_as_they_say() -> None:
    folder = ROOT / "cvcourse" / "training"
    for name, most in (("speedrun.py", 200), ("trainer.py", 300)):
        assert len((folder / name).read_text(encoding="utf-8").splitlines()) <= most


def test_training_needs_nothing_but_torch_and_safetensors() -> None:
    program = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        absent = {'pooch', 'typer', 'rich', 'ipywidgets', 'pytest', 'matplotlib', 'IPython'}\n"
        "        if name.split('.')[0] in absent:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from cvcourse.training.smoke import trainer\n"
        "print(trainer(steps=1).fit(progress=False).status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.strip() == "finished", done.stderr
