"""Hidden tests of train, predict and random_search: the path of W, the batches, and what is drawn at random.

The loss that is trained is ours, and remembers what it was asked (`Bowl`, `search`), so these tests depend
neither on the student's own losses nor on which random numbers were drawn.
"""

import numpy as np
import pytest

from autograder.hidden.laws import has_form
from cvcourse.checks import tolerances
from cvcourse.checks.compare import Mismatch, same
from cvcourse.checks.losses import Bowl, numbered_images, place, predict_with, search, train_with


def train(student, bowl, W, X, y, **settings):
    """loss_history and W after training from `W`."""
    return student.helper(train_with, student.losses.LinearClassifier, bowl, W, X, y, settings)


def tolerance_of(*values):
    return tolerances.elementwise(np.concatenate([np.abs(v).ravel() + 1 for v in values]).max(), 200)


# ----------------------------------------------------------------------------------------------------- train


@pytest.mark.task("train", points=0.75, hint="Loss first, then the step; the history has one for each step.")
def test_descent(student, rng):
    """Thirty steps down: every loss and the last W are known"""
    W, bowl = rng.normal(size=(4, 3)), Bowl(rng.normal(size=(4, 3)))
    X, y = rng.normal(size=(10, 4)), rng.integers(0, 3, size=10)
    history, last = train(student, bowl, W, X, y, learning_rate=0.1, num_iters=30, batch_size=5)
    losses, end = bowl.descent(W, 0.1, 30)
    same(history, losses, tolerance=tolerance_of(*losses), what="loss_history")
    same(last, end, tolerance=tolerance_of(W, end), what="W after 30 steps")


@pytest.mark.task("train", points=0.5, hint="Draw new images for every step.")
def test_batches_differ(student, rng):
    """No two steps see the same batch"""
    X, y = numbered_images(500)
    bowl = Bowl(np.zeros((2, 3)))
    train(student, bowl, np.ones((2, 3)), X, y, num_iters=8, batch_size=10)
    seen = [tuple(X_batch[:, 0].tolist()) for X_batch, _, _ in bowl.batches]
    if len(seen) < 8 or len(set(seen)) < len(seen):
        raise Mismatch("values", f"{len(seen)} steps saw {len(set(seen))} different batches, expected 8 of 8")


@pytest.mark.task("train", points=0.5, hint="From which range are the indices drawn?")
def test_every_image_has_its_turn(student, rng):
    """In 60 batches of 10, each of 20 images turns up, the first and the last among them"""
    X, y = numbered_images(20)
    bowl = Bowl(np.zeros((2, 3)))
    train(student, bowl, np.ones((2, 3)), X, y, num_iters=60, batch_size=10)
    seen = {int(n) for X_batch, _, _ in bowl.batches for n in X_batch[:, 0]}
    if seen != set(range(20)):
        raise Mismatch("values", f"images {sorted(set(range(20)) - seen)} were in none of 60 batches")


@pytest.mark.task(
    "train", points=0.5, hint="Images and labels are chosen by the same indices; reg goes along."
)
def test_pairs_and_reg(student, rng):
    """Batches of one image or of many, each with its own label, and reg as it was given"""
    X, y = numbered_images(40)
    for batch_size in (1, 16):
        bowl = Bowl(np.zeros((2, 3)))
        train(student, bowl, np.ones((2, 3)), X, y, num_iters=5, batch_size=batch_size, reg=0.25)
        if not bowl.batches:
            raise Mismatch("values", "the loss was never asked, expected once for each of 5 steps")
        for X_batch, y_batch, reg in bowl.batches:
            has_form(X_batch, np.zeros((batch_size, 2)), "a batch's images")
            same(y_batch, X_batch[:, 0].astype(int) % 3, what="a batch's labels")
            same(reg, 0.25, what="reg")


@pytest.mark.task("train", points=0.5, hint="W is there already: go on from it.")
def test_goes_on(student, rng):
    """Trained twice for ten steps, it is where twenty steps lead"""
    W, bowl = rng.normal(size=(2, 3)), Bowl(rng.normal(size=(2, 3)))
    X, y = numbered_images(12)
    settings = {"learning_rate": 0.2, "num_iters": 10, "batch_size": 4}
    half = train(student, bowl, W, X, y, **settings)[1]
    has_form(half, W, "W")
    history, end = train(student, bowl, half, X, y, **settings)
    losses, expected = bowl.descent(W, 0.2, 20)
    same(history, losses[10:], tolerance=tolerance_of(*losses), what="loss_history of the second half")
    same(end, expected, tolerance=tolerance_of(W, expected), what="W after 20 steps")


@pytest.mark.task("train", points=0.5, hint="What is the size of a step if nobody says?  See the signature.")
def test_defaults(student, rng):
    """A hundred steps of size 0.001, with batches of 200, unless you say otherwise"""
    W, bowl = rng.normal(size=(3, 2)), Bowl(rng.normal(size=(3, 2)))
    X, y = rng.normal(size=(250, 3)), rng.integers(0, 2, size=250)
    history, last = train(student, bowl, W, X, y)
    losses, end = bowl.descent(W, 1e-3, 100)
    same(history, losses, tolerance=tolerance_of(*losses), what="loss_history")
    same(last, end, tolerance=tolerance_of(W, end), what="W after 100 steps")
    has_form(bowl.batches[0][0], np.zeros((200, 3)), "a batch's images")


@pytest.mark.task("train", points=0.75, hint="Shuffling X or y in place changes the caller's training set.")
def test_train_inputs(student, rng):
    """Leaves the training set as it was"""
    X, y = numbered_images(15)
    bowl = Bowl(np.zeros((2, 3)))
    after = student.helper(training_set_after, student.losses.LinearClassifier, bowl, X, y)
    same(after, [X, y], tolerance=tolerances.EXACT, what="after training, the list of X and y")
    has_form(bowl.batches[0][0], np.zeros((4, 2)), "a batch's images")


def training_set_after(LinearClassifier, loss, X, y):
    """For `student.helper`: the training set as training leaves it."""
    import numpy as np

    class Recorded(LinearClassifier):
        def loss(self, X_batch, y_batch, reg):
            return loss(self.W, X_batch, y_batch, reg)

    classifier = Recorded()
    classifier.W = np.ones((2, 3))
    classifier.train(X, y, num_iters=5, batch_size=4)
    return [X, y]


# --------------------------------------------------------------------------------------------------- predict


def check_predict(student, W, X):
    y_pred = student.helper(predict_with, student.losses.LinearClassifier, W, X)
    same(y_pred, np.argmax(X @ W, axis=1), kinds="iuf", what="y_pred")


@pytest.mark.task("predict", points=0.5, hint="One label for each row of X.")
@pytest.mark.parametrize(("N", "D", "C"), [(1, 3, 4), (9, 2, 5)], ids=["one_image", "many"])
def test_predict_shapes(student, rng, N, D, C):
    """One image, and more images than classes"""
    check_predict(student, rng.normal(size=(D, C)), rng.normal(size=(N, D)))


@pytest.mark.task("predict", points=0.5, hint="The highest score wins, also if all of them are negative.")
def test_predict_negative(student, rng):
    """Scores that are all negative, and far apart"""
    check_predict(student, -rng.uniform(1, 9, size=(4, 3)), 1000 * rng.uniform(1, 2, size=(8, 4)))


# --------------------------------------------------------------------------------------------- random_search


@pytest.mark.task("random_search", points=0.25, hint="Compare with the lowest loss so far, not the last.")
@pytest.mark.parametrize("best", [0, 7, 19])
def test_search_finds_the_lowest(student, rng, best):
    """Twenty tries, of which the first, the eighth or the last is best; some losses are negative"""
    losses = rng.uniform(-1, 3, size=20)
    losses[best] = -2.0
    W_best, history, tried = search(student, losses, (3, 2))
    if len(tried) != 20:
        raise Mismatch("values", f"the loss was asked {len(tried)} times, expected once for each of 20 tries")
    has_form(W_best, np.zeros((3, 2)), "W_best")
    same(place(W_best, tried), best, what="the try that W_best is, counted from 0,")
    expected = np.minimum.accumulate(losses).tolist()
    same(history, expected, tolerance=tolerances.EXACT, what="history")


@pytest.mark.task("random_search", points=0.75, hint="Normally distributed, and as large as scale says.")
def test_search_scale(student, rng):
    """The W that are tried have numbers of mean 0 and standard deviation `scale`"""
    tried = np.stack(search(student, np.arange(4.0), (40, 25), scale=0.5)[2])
    has_form(tried, np.zeros((4, 40, 25)), "the W that were tried")
    # of 4000 numbers, the deviation is known to 1 % and the mean to 0.008: both round to one digit
    same(round(float(tried.std()), 1), 0.5, what="the standard deviation of W, rounded,")
    same(abs(round(float(tried.mean()), 1)), 0.0, what="the size of the mean of W, rounded,")
    same(bool(np.abs(tried).max() > 1.2), True, what="that some number is larger than 1.2")
