"""What the kmeans notebook says is true; how it runs and is written is tested in test_notebooks.py."""

import ast
import importlib.util

import jupytext
import numpy as np
import pytest

from autograder.catalogue import Modules, reference_files
from autograder.course import Course
from autograder.hidden.laws import peak_bytes
from cvcourse.datasets import photographs
from cvcourse.widgets import KMeansSteps
from cvcourse.widgets.kmeans import blobs

from .conftest import ROOT

KMEANS = Course.load().assignment("kmeans")
REFERENCE = Modules(reference_files(KMEANS))
PHOTOS = photographs()


def answers() -> dict:
    """What the author predicts."""
    found = {}
    for cell in jupytext.read(KMEANS.solutions / "kmeans.nb.py", fmt="py:percent").cells:
        if cell.cell_type == "code" and "### BEGIN SOLUTION" in cell.source:
            for node in ast.parse(cell.source).body:
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def test_the_predictions_come_true():
    kmeans, points = REFERENCE["kmeans"], np.array([[1.0], [2.0], [4.0], [7.0], [9.0]])
    centers = np.array([[1.0], [4.0]])
    moved = kmeans.update(points, kmeans.assign(points, centers), centers)
    greys = np.linspace(0, 1, 101)[:, None]
    used = np.unique(kmeans.assign(greys, np.array([[0.2], [0.6], [5.0], [9.0]])))
    modes, _ = REFERENCE["mean_shift"].mean_shift(blobs(), 13.0)
    assert PHOTOS["coffee"].image.shape == (160, 240, 3)
    assert answers() == {
        "predicted_assignments": kmeans.assign(points, moved).tolist(),
        "predicted_empty": 4 - len(used),
        "predicted_bytes": REFERENCE["metrics"].quantised_bytes(240 * 160, 16),
        "predicted_modes": len(modes),
    }


def test_the_starts_of_the_figure_end_where_the_notebook_says():
    figure, ends = KMeansSteps(REFERENCE["kmeans"]), {}
    for name, value in figure.start.options:
        figure.start.value = value
        ends[name] = REFERENCE["kmeans"].lloyd(blobs(), figure.centers())[2][-1]
    assert round(ends["k-means++"]) == 175
    assert all(round(ssd / 175) in (2, 6) for name, ssd in ends.items() if name != "k-means++"), ends


@pytest.mark.parametrize(("tenths", "count"), [(3, 93), (10, 9), (14, 4), (16, 3), (47, 3), (50, 1), (90, 1)])
def test_the_bandwidths_of_the_figure(tenths, count):
    modes, _ = REFERENCE["mean_shift"].mean_shift(blobs(), tenths / 10)
    assert len(modes) == count


def test_a_corner_is_cheaper_to_cut_and_the_half_is_better():
    nc = REFERENCE["normalized_cut"]
    W = nc.affinity(np.zeros((8, 8, 3), dtype=np.uint8), 1.5).toarray()
    y, x = np.divmod(np.arange(64), 8)
    corner, half = (y == 0) & (x == 0), x < 4
    assert W[corner][:, ~corner].sum() < W[half][:, ~half].sum()
    assert nc.cut_value(W, corner) > 4 * nc.cut_value(W, half)


def test_a_bit_a_pixel_is_worth_three_decibels():
    kmeans, image = REFERENCE["kmeans"], PHOTOS["chelsea"].image
    x = REFERENCE["features"].colour(image)
    noise = []
    for k in (4, 8, 16, 32):
        centers, _, _ = kmeans.lloyd(x[::4], kmeans.kmeans_plus_plus(x[::4], k, 0), 25)
        palette = np.round(255 * centers).astype(np.uint8)
        noise.append(
            REFERENCE["metrics"].psnr(image, palette[kmeans.assign(x, centers)].reshape(image.shape))
        )
    assert np.all(np.abs(np.diff(noise) - 3) < 1)


def test_normalised_cuts_have_the_suit_and_not_the_person():
    nc, photo = REFERENCE["normalized_cut"], PHOTOS["astronaut"]
    parts = nc.segment(nc.affinity(photo.image[::2, ::2].copy(), 6.0, 0.5, 8.0), 6)
    segment, iou = REFERENCE["metrics"].best_segment(parts, photo.mask[::2, ::2].ravel())
    assert 0.6 < iou < 0.8
    face = parts.reshape(80, 80)[14:24, 32:38]
    assert np.mean(face == segment) < 0.5


def test_a_million_pixels_take_the_memory_of_their_labels():
    """Of a 12-megapixel photo in float32, 144 MB, as much again and not the 1.2 GB of all differences."""
    x = np.random.default_rng(0).random((1_000_000, 3), dtype=np.float32)
    labels = 8 * len(x)
    chunk = 4 * 64 * REFERENCE["kmeans"].CHUNK  # the scores of a chunk, for 64 centers
    assert peak_bytes(REFERENCE["kmeans"].assign, x, x[:64]) < labels + 4 * chunk
    assert peak_bytes(REFERENCE["kmeans"].lloyd, x, x[:8], 2) < 5 * labels


# -------------------------------------------------------------------------------------------- the photographs


def test_the_photographs_are_small_free_and_documented():
    from cvcourse.datasets.photographs import PHOTOGRAPHS

    assert PHOTOGRAPHS.stat().st_size < 400_000
    licence = (PHOTOGRAPHS.parent / "LICENSE-photographs.txt").read_text(encoding="utf-8")
    for photo in PHOTOS.values():
        assert photo.image.dtype == np.uint8
        assert photo.image.ndim == 3
        assert photo.credit.endswith(("CC0", "public domain"))
        assert any(line.startswith(photo.name) for line in licence.splitlines())
        assert (photo.mask is None) == (not photo.thing)


def test_the_masks_are_the_outlines_that_are_written_down():
    spec = importlib.util.spec_from_file_location("build", ROOT / "tools" / "build_photographs.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    for name in build.OUTLINES:
        assert np.array_equal(PHOTOS[name].mask, build.outline_mask(name))
        assert 0.2 < PHOTOS[name].mask.mean() < 0.6
