"""Images with a label for every pixel: drawn, laid together, and read from archives like the real ones."""

import dataclasses
import hashlib
import importlib.util
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvcourse import datasets
from cvcourse.datasets import DatasetUnavailable, camvid, catalogue, composites, pets, small_shapes
from cvcourse.datasets.archives import Archives
from cvcourse.datasets.composites import GARMENTS, TEXTURES
from cvcourse.datasets.download import RemoteFile, has_hash
from cvcourse.datasets.errors import SourceFailed

ROOT = Path(__file__).parents[1]


# ------------------------------------------------------------------------------------------------- made here


@pytest.mark.parametrize(
    ("make", "shape"), [(small_shapes, (64, 64, 3)), (composites, (64, 64))], ids=["shapes", "composites"]
)
def test_made_sets_hold_what_they_say(make, shape):
    data = make(30, 10)
    assert data.X_train.shape == (30, *shape)
    assert data.X_test.shape == (10, *shape)
    assert data.y_train.shape == (30, 64, 64)
    assert data.X_train.dtype == data.y_train.dtype == np.uint8
    assert set(np.unique(data.y_train)) == set(range(len(data.class_names)))
    again, other = make(30, 10), make(30, 10, seed=1)
    for key in ("X_train", "y_train", "X_test", "y_test"):
        np.testing.assert_array_equal(getattr(data, key), getattr(again, key))
        assert (getattr(data, key) != getattr(other, key)).any()


def test_without_noise_the_colour_is_the_class():
    data = small_shapes(20, 1, noise=0.0, per_image=(1, 1), size=40)
    for image, mask in zip(data.X_train, data.y_train, strict=True):
        assert len(np.unique(np.dstack([image, mask[..., None]]).reshape(-1, 4), axis=0)) == 2
    areas = {kind: (data.y_train == kind).sum(axis=(1, 2)) for kind in (1, 2, 3)}
    for kind, least, most in ((1, 16, 160), (2, 25, 225), (3, 9, 130)):  # radius 2.5 to 7
        assert least <= areas[kind][areas[kind] > 0].min()
        assert areas[kind].max() <= most


def test_composites_are_exact():
    """Where the mask says background is texture; where it says a garment, nothing of the texture is left."""
    with np.load(TEXTURES) as stored:
        textures = stored["textures"]
    data = composites(4, 4, per_image=(1, 1), seed=3)
    for X, y, half in (
        (data.X_train, data.y_train, slice(0, 128)),
        (data.X_test, data.y_test, slice(128, 256)),
    ):
        for image, mask in zip(X, y, strict=True):
            windows = np.lib.stride_tricks.sliding_window_view(textures[:, :, half], (64, 64), axis=(1, 2))
            corner = mask[:4, :4] == 0  # enough pixels to find the place by
            assert corner.any()
            fits = ((windows[..., :4, :4] == image[:4, :4]) | ~corner).all(axis=(3, 4))
            assert any((windows[tuple(at)][mask == 0] == image[mask == 0]).all() for at in np.argwhere(fits))
            assert image[mask > 0].min() >= 24


def test_composites_name_the_sizes_that_there_are():
    for size in (27, 129):
        with pytest.raises(ValueError, match=f"size is {size}, expected 28, a garment's, to 128"):
            composites(1, 1, size=size)
    assert composites(1, 1, size=28).X_train.shape == (1, 28, 28)


def test_textures_have_their_licence_beside_them_and_are_small():
    text = (TEXTURES.parent / "LICENSE-textures.txt").read_text(encoding="utf-8")
    assert "Creative Commons CC0 License" in text
    assert all(name in text for name in ("brick", "grass", "gravel", "build_textures.py"))
    assert TEXTURES.stat().st_size < 200_000
    assert len(GARMENTS) == 6


def test_textures_script(tmp_path):
    """It refuses another file, averages 2×2 pixels, and writes one array."""
    spec = importlib.util.spec_from_file_location("build", ROOT / "tools" / "build_textures.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    Image.fromarray(np.array([[0, 4, 9, 9], [2, 2, 9, 9]], dtype=np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(SystemExit, match="another hash"):
        script.build(tmp_path, tmp_path / "out.npz", {"a.png": "0" * 64})
    with pytest.raises(SystemExit, match="is missing"):
        script.build(tmp_path, tmp_path / "out.npz", {"b.png": "0" * 64})
    digest = hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()
    script.build(tmp_path, tmp_path / "out.npz", {"a.png": digest})
    with np.load(tmp_path / "out.npz") as built:
        assert built["textures"].tolist() == [[[2, 9]]]


# ------------------------------------------------------------------------------------------------ downloaded


def tar_gz(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def encoded(array, kind="PNG"):
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind)
    return out.getvalue()


def pet_archives(folder, lacking=""):
    folder.mkdir(parents=True, exist_ok=True)
    trimap = np.full((6, 4), 2, dtype=np.uint8)
    trimap[:3], trimap[3] = 1, 3
    names = ["Abyssinian_1", "beagle_2", "pug_3"]
    annotations = {f"annotations/trimaps/{n}.png": encoded(trimap) for n in names if n != lacking}
    annotations["annotations/trimaps/._pug_3.png"] = b"what macOS leaves behind"
    annotations["annotations/trainval.txt"] = b"#Image CLASS-ID\nAbyssinian_1 1 1 1\nbeagle_2 2 2 1\n"
    annotations["annotations/test.txt"] = b"pug_3 3 2 2\n"
    images = {
        f"images/{n}.jpg": encoded(np.full((6, 4, 3), 40 * i, np.uint8), "JPEG") for i, n in enumerate(names)
    }
    images["images/Abyssinian_1.mat"] = b"not an image"
    return tar_gz(folder / "images.tar.gz", images), tar_gz(folder / "annotations.tar.gz", annotations)


def test_pets(tmp_path):
    arrays = pets.arrays_from_archives(*pet_archives(tmp_path), size=6)
    assert arrays["X_train"].shape == (2, 6, 6, 3)
    assert arrays["y_test"].tolist() == [[[0] * 6] * 3 + [[2] * 6] + [[1] * 6] * 2]
    assert [round(float(image.mean())) for image in arrays["X_train"]] == [0, 40]
    assert round(float(arrays["X_test"].mean())) == 80
    with pytest.raises(SourceFailed, match="lacks the photograph or trimap of beagle_2"):
        pets.arrays_from_archives(*pet_archives(tmp_path, lacking="beagle_2"), size=6)


def frames(names, codes, label):
    files = {"camvid/codes.txt": "\n".join(codes).encode()}
    for name in names:
        files[f"camvid/images/{name}.png"] = encoded(np.zeros((8, 12, 3), np.uint8))
        files[f"camvid/labels/{name}_P.png"] = encoded(np.full((8, 12), label, np.uint8))
    return files


CODES = sorted([code for group in camvid.GROUPS.values() for code in group] + ["Void"])
NAMES = ["0001TP_1", "0001TP_2", "0006R0_3", "0016E5_07959", "0016E5_9", "Seq05VD_5"]


def test_camvid(tmp_path):
    assert len(CODES) == 32
    for code, expected in (("Road", 3), ("Void", 255), ("SUVPickupTruck", 8)):
        path = tar_gz(tmp_path / "camvid.tgz", frames(NAMES, CODES, CODES.index(code)))
        arrays = camvid.arrays_from_archive(path)
        assert arrays["X_train"].shape == (4, 360, 480, 3)
        assert arrays["X_test"].shape == (2, 360, 480, 3)
        assert arrays["y_train"].dtype == np.uint8
        assert (arrays["y_train"] == expected).all()
        assert (arrays["y_test"] == expected).all()


def test_camvids_split_is_segnets(tmp_path):
    """Test: the first half of 0001TP, and Seq05VD.  The validation images come last in training."""
    files = frames(NAMES, CODES, 0)
    for i, name in enumerate(NAMES):
        files[f"camvid/images/{name}.png"] = encoded(np.full((8, 12, 3), i, np.uint8))
    arrays = camvid.arrays_from_archive(tar_gz(tmp_path / "camvid.tgz", files))
    assert arrays["X_test"][:, 0, 0, 0].tolist() == [0, 5]
    assert arrays["X_train"][:, 0, 0, 0].tolist() == [1, 2, 4, 3]


def test_an_archive_of_another_layout_is_refused(tmp_path):
    path = tar_gz(tmp_path / "a.tgz", frames(NAMES, [*CODES[:-1], "Zebra"], 0))
    with pytest.raises(SourceFailed, match="its classes are not CamVid's: Zebra"):
        camvid.arrays_from_archive(path)
    files = frames(NAMES, CODES, 0)
    del files["camvid/labels/0006R0_3_P.png"]
    with pytest.raises(SourceFailed, match="holds 6 frames and 5 labels"):
        camvid.arrays_from_archive(tar_gz(path, files))


def test_masks_are_loaded_as_stored(tmp_path, monkeypatch):
    """From archives in the data folder, of the right hash and of a wrong one."""
    monkeypatch.setenv("CVCOURSE_DATA", str(tmp_path))
    paths = pet_archives(tmp_path / "oxford-pets")
    remotes = [RemoteFile(path.name, path.stat().st_size, digest(path), ()) for path in paths]
    archives = Archives("oxford-pets", remotes, pets.arrays_from_archives)
    recipe = catalogue.CATALOGUE["oxford-pets"]
    shapes = ((2, 128, 128, 3), (1, 128, 128, 3))
    small = dataclasses.replace(recipe, shapes=shapes, local=(archives.from_folder,), remote=())
    monkeypatch.setitem(catalogue.CATALOGUE, "oxford-pets", small)
    for _ in range(2):  # from the archives, then from what was stored
        data = datasets.load("oxford-pets", download=False)
        assert data.y_train.dtype == np.uint8
        assert data.y_train.shape == (2, 128, 128)
    assert small.stored_size == 3 * 128 * 128 * 4
    assert all(path.is_file() for path in paths), "what a user put there stays"
    assert (tmp_path / "oxford-pets.npz").is_file()
    (tmp_path / "oxford-pets.npz").unlink()
    paths[0].write_bytes(b"cut")
    with pytest.raises(DatasetUnavailable, match="oxford-pets is not in"):
        datasets.load("oxford-pets", download=False)


def digest(path):
    found = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert has_hash(path, found)
    return found


@pytest.mark.parametrize("module", [pets, camvid])
def test_archives_are_complete(module):
    for remote in module.ARCHIVES.remotes:
        algorithm, _, value = remote.hash.partition(":")
        assert len(bytes.fromhex(value)) == {"md5": 16, "sha256": 32}[algorithm]
        assert remote.size > 1_000_000
        assert all(url.startswith("https://") and url.endswith(remote.name) for url in remote.urls)
