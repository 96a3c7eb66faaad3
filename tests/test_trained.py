"""What training produced, handed in as files: written, packed, read from strangers, graded, not leaked."""

from __future__ import annotations

import importlib.util
import json
import struct
import zipfile
from io import BytesIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from autograder.catalogue import reference_files, reference_trained
from autograder.course import Course
from autograder.grading.engine import Engine
from autograder.grading.journal import Journal
from autograder.grading.submissions import LARGEST, Submission, read_submission
from autograder.nbgrader.place import place_submissions
from autograder.release.leaks import find_leaks
from cvcourse import resolve, save_trained
from cvcourse.checks import runner
from cvcourse.checks.outcomes import Missing, StudentError
from cvcourse.checks.trained import LocalTrained, Trained, read_arrays
from cvcourse.datasets import fashion_mnist, held_out_garments
from cvcourse.submit import submit

from .conftest import ROOT, missing

RESNET = Course.load(ROOT).assignment("resnet")
FILE = "held_out.safetensors"
RIGHT = reference_trained(RESNET)[FILE]
LABELS = np.load(RESNET.hidden_tests / "held_out.npy")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a student's, with the modules in it."""
    for file, text in reference_files(RESNET).items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ------------------------------------------------------------------------------------ the student's side


def test_saved_arrays_come_back(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = torch.arange(6).reshape(2, 3).T  # not contiguous
    path = save_trained("resnet", "held_out", labels=labels, scores=np.ones(2))
    assert path == here / FILE
    assert "wrote held_out.safetensors" in capsys.readouterr().out
    found = LocalTrained("resnet")["held_out"]
    assert found["labels"].tolist() == labels.tolist()
    assert found["scores"].tolist() == [1, 1]
    with pytest.raises(Missing, match="no array 'label', but 'labels', 'scores'"):
        found["label"]


def test_an_earlier_file_is_kept(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for labels in ([1], [2], [2]):
        save_trained("resnet", "held_out", labels=np.array(labels))
    kept = here / "held_out.backup-1.safetensors"
    assert read_arrays(kept.read_bytes(), FILE)["labels"].tolist() == [1]
    assert len(list(here.glob("*.safetensors"))) == 2, "the same once more is no news"
    assert f"the earlier one is kept as {kept.name}" in capsys.readouterr().out


def test_what_cannot_be_saved_is_said(here: Path) -> None:
    with pytest.raises(ValueError, match="asks for no file 'labels'; expected 'held_out'"):
        save_trained("resnet", "labels", labels=np.zeros(3))
    with pytest.raises(ValueError, match="knn asks for no file 'held_out'; expected none"):
        save_trained("knn", "held_out", labels=np.zeros(3))
    with pytest.raises(ValueError, match="labels is an array of <U4, expected numbers"):
        save_trained("resnet", "held_out", labels=["coat", "bag"])
    assert not (here / FILE).exists()


def test_the_check_without_a_file_says_what_to_do(here: Path) -> None:
    (case,) = runner.run("resnet", "held_out").cases
    assert case.outcome == "not_implemented"
    assert case.message == "held_out.safetensors is not there yet: train, predict and save it first"


def test_the_check_names_the_mistake(here: Path) -> None:
    save_trained("resnet", "held_out", labels=np.random.default_rng(0).random((1000, 10)))
    (case,) = runner.run("resnet", "held_out").cases
    assert case.diagnosis == "scores instead of classes"
    assert "labels are floats of shape (1000, 10), expected integers of shape (1000,)" in case.message


def test_it_is_found_from_the_root_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "assignments" / "resnet"
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(RIGHT)
    monkeypatch.chdir(tmp_path)
    assert resolve.find_trained("resnet", "held_out") == folder / FILE


def test_it_is_handed_in(here: Path) -> None:
    without = submit("resnet")
    assert any(w.startswith(f"there is no {FILE} yet") for w in without.warnings)
    (here / FILE).write_bytes(RIGHT)
    packed = submit("resnet")
    assert not any(FILE in w for w in packed.warnings)
    with zipfile.ZipFile(packed.path) as z:
        assert z.read(FILE) == RIGHT
        assert FILE in json.loads(z.read("manifest.json"))["files"]
    (here / FILE).write_bytes(b"scribble")
    assert any("holds no safetensors file" in w for w in submit("resnet").warnings)


# -------------------------------------------------------------------------------------- files of strangers


def header(**entries: object) -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text


HOSTILE = {
    "nothing": b"",
    "text": b"labels = 3",
    "a pickle": b"\x80\x04\x95" + bytes(40),
    "a header without end": struct.pack("<Q", 1 << 62) + b"{}",
    "a header that is no JSON": struct.pack("<Q", 4) + b"{{{{",
    "nested": struct.pack("<Q", 1 << 16) + b"[" * (1 << 16),
    "more values than bytes": header(labels={"dtype": "U8", "shape": [1 << 40], "data_offsets": [0, 4]})
    + b"1234",
    "bytes from elsewhere": header(labels={"dtype": "U8", "shape": [4], "data_offsets": [-8, 4]}) + b"1234",
    "no dtype": header(labels={"dtype": "object", "shape": [4], "data_offsets": [0, 4]}) + b"1234",
    "a dtype without numpy": header(labels={"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]})
    + b"1234",
    "a product that overflows": header(
        labels={"dtype": "U8", "shape": [1 << 33, 1 << 33], "data_offsets": [0, 0]}
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_a_sentence(kind: str) -> None:
    with pytest.raises(StudentError, match="held_out.safetensors holds"):
        Trained({FILE: HOSTILE[kind]})["held_out"]


@given(st.data())
def test_damaged_files_never_raise_anything_else(data: st.DataObject) -> None:
    content = bytearray(save({"labels": np.arange(4), "more": np.ones((2, 2), np.float16)}))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_arrays(bytes(content[: data.draw(st.integers(0, len(content)))]), FILE)
    except StudentError:
        return
    assert all(type(a) is np.ndarray for a in found.values())


def test_only_the_assignments_own_file_is_taken(tmp_path: Path) -> None:
    files = {file: text.encode() for file, text in reference_files(RESNET).items()}
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as z:
        for name, content in (files | {FILE: RIGHT, "weights.safetensors": b"x"}).items():
            z.writestr(name, content)
    found = read_submission(tmp_path / "ada.zip", RESNET)
    assert found.trained == {FILE: RIGHT}
    assert "ignored: weights.safetensors" in found.notes
    assert not found.problem


def test_a_file_that_is_absent_or_too_large_is_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file, text in reference_files(RESNET).items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    found = read_submission(tmp_path, RESNET)
    assert f"there is no {FILE} in the submission, so what was trained could not be graded" in found.notes
    (tmp_path / FILE).write_bytes(bytes(2000))
    monkeypatch.setitem(LARGEST, ".safetensors", 1000)
    found = read_submission(tmp_path, RESNET)
    assert any(FILE in note for note in found.notes)
    assert not found.trained
    assert not found.problem, "the modules are graded all the same"


def test_another_file_is_another_submission(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "state")
    one = Submission("ada", trained={FILE: RIGHT})
    other = Submission("ada", trained={FILE: RIGHT[:-1] + b"?"})
    assert journal._key(one) != journal._key(other)


def test_nbgrader_gets_it_too(tmp_path: Path) -> None:
    ada = tmp_path / "inbox" / "ada"
    ada.mkdir(parents=True)
    for file, text in reference_files(RESNET).items():
        (ada / file).write_text(text, encoding="utf-8")
    (ada / FILE).write_bytes(RIGHT)
    place_submissions(tmp_path / "course", ada.parent, RESNET)
    assert (tmp_path / "course" / "submitted" / "ada" / "resnet" / FILE).read_bytes() == RIGHT


# ------------------------------------------------------------------------------------------------ grading


def plain(content: bytes) -> dict[str, bytes]:
    return {FILE: content}


@pytest.fixture(scope="module")
def graded(sandbox: None) -> dict[str, tuple[float, set[str]]]:
    """Points for the task and messages, by what was handed in, through the real grading path."""
    files = {file: text.encode() for file, text in reference_files(RESNET).items()}
    upright = np.where(np.arange(1000) % 2, LABELS, 9 - LABELS)
    handed_in = {
        "right": plain(RIGHT),
        "half": plain(save({"labels": upright})),
        "absent": {},
        "hostile": plain(HOSTILE["a header without end"]),
        "huge": plain(save({"labels": np.zeros((3000, 1000), np.float32)})),
        "unnamed": plain(save({"answers": LABELS})),
    }
    with Engine(RESNET, jobs=2, tier="full") as engine:
        submissions = [Submission(name, files, trained=t) for name, t in handed_in.items()]
        reports = engine.grade_all(submissions, lambda submission: ("resnet.held_out",))
        return {r.student: (r.raw_score, {c.message for c in r.cases}) for r in reports}


def test_what_was_trained_is_graded(graded: dict[str, tuple[float, set[str]]]) -> None:
    assert {name: points for name, (points, _) in graded.items()} == {
        "right": 5, "half": 3, "absent": 0, "hostile": 0, "huge": 0, "unnamed": 0,
    }  # fmt: skip
    assert graded["right"][1] == {""}
    assert graded["absent"][1] == {f"there is no {FILE} in the submission"}
    assert "no safetensors file" in next(iter(graded["hostile"][1]))
    assert "floats of shape (3000, 1000)" in next(iter(graded["huge"][1]))
    assert "no array 'labels', but 'answers'" in next(iter(graded["unnamed"][1]))


# ----------------------------------------------------------------------------------- labels stay secret


def in_npz(labels: np.ndarray) -> bytes:
    buffer = BytesIO()
    np.savez_compressed(buffer, y=labels.astype(np.int64))
    return buffer.getvalue()


PLANTED = {
    "bytes": LABELS.astype(np.uint8).tobytes(),
    "int16 in other data": b"\xff\xfe" * 9 + LABELS.astype("<i2").tobytes(),
    "floats": LABELS.astype("<f8").tobytes(),
    "a compressed npz": in_npz(LABELS),
    "a part of them": in_npz(LABELS[100:300]),
    "a list": json.dumps({"y": LABELS.tolist()}).encode(),
    "a column": "\n".join(map(str, LABELS)).encode(),
    "the reference's file": RIGHT,
}


@pytest.mark.parametrize("kind", PLANTED)
def test_labels_in_the_bundle_are_found(kind: str, smaller: Path) -> None:
    leaks = find_leaks(smaller, {"cvcourse/datasets/data/more.bin": PLANTED[kind]})
    assert ["held_out" in str(leak) for leak in leaks] != []
    assert all("gives away numbers of" in str(leak) for leak in leaks)


def test_the_images_do_not_give_the_labels_away(smaller: Path) -> None:
    data = (ROOT / "cvcourse" / "datasets" / "data" / "held_out_garments.npz").read_bytes()
    assert find_leaks(smaller, {"cvcourse/datasets/data/held_out_garments.npz": data}) == []


@pytest.fixture
def smaller(tmp_path: Path) -> Path:
    """A course with little else to look for."""
    for path, content in {
        "solutions/a/a.py": b"### BEGIN SOLUTION a\nx = 1\n### END SOLUTION\n",
        f"solutions/resnet/{FILE}": RIGHT,
        "autograder/hidden/resnet/held_out.npy": (RESNET.hidden_tests / "held_out.npy").read_bytes(),
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


# ---------------------------------------------------------------------------------------------- the data


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_held_out", ROOT / "tools" / "build_held_out.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_held_out_images_are_what_their_script_builds() -> None:
    if not fashion_mnist.DEBIAN.is_dir():
        missing("the full Fashion-MNIST is not here: `apt install dataset-fashion-mnist`")
    script = builder()
    images, labels = script.build(fashion_mnist.DEBIAN, script.SEED)
    assert np.array_equal(labels, LABELS)
    difference = np.abs(images.astype(int) - held_out_garments())
    assert difference.max() <= 1, "a processor may round the other way"


def test_held_out_images_are_nobodys_training_images() -> None:
    assert held_out_garments().shape == (1000, 28, 28)
    assert held_out_garments().dtype == np.uint8
    assert np.bincount(LABELS, minlength=10).min() >= 60, "every class is there"


def test_the_reference_is_right_on_most_of_them() -> None:
    said = read_arrays(RIGHT, FILE)["labels"]
    assert 0.7 < (said == LABELS).mean() < 0.95, "near 1 it would have seen the labels"
