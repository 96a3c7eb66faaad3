# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # k-nearest neighbours: classify by looking things up
#
# You will build the simplest image classifier there is, make it over a hundred times faster without changing
# what it computes, and find out by experiment why nobody likes it on raw pixels, and why its idea is
# everywhere nonetheless.
#
# **How to work.** Your code goes into the file `knn.py`: the next cell prints where it is
# (`cvcourse/exercises/knn/knn.py` in the course's folder); open it beside this notebook. Each step makes a
# claim, runs a few lines, and says what to notice. Where it asks you to *predict*, write your guess down
# before you run the next cell: being wrong there is how this notebook teaches. Then correct it: what is
# graded is the answer that you hand in. After each exercise a `check` cell tells what passes. Save your
# file first; the check reads it anew each time.
#
# Everything runs without a network on 2,500 small pictures of garments, in about a minute.
#
# **The slides behind it**, by the names used below:
# - *Introduction to Computer Vision, lecture 7 (2025)*: "Deep Learning IV";
# - *Introduction to Computer Vision, lecture 6 (2023)*: "CNNs and segmentation";
# - *ITE4052 Deep Learning Review*;
# - *Notes to CS231n*: "Deep Learning for Computer Vision".

# %%
import numpy as np
from IPython.display import display

from cvcourse import challenges, check, exercise, features, plots, widgets
from cvcourse.checks import needs, told
from cvcourse.datasets import load
from cvcourse.pace import best_device, best_time, device_name, pace, stopwatch

knn = exercise("knn")

# %% [markdown]
# ## 1. Image classification
#
# *Introduction to Computer Vision, lecture 7 (2025), "Image Classification"; lecture 6 (2023), same heading.*
#
# **Claim.** To classify an image is to choose one of $K$ known names for it. For us that is a choice from ten
# names; for the computer it starts from nothing but a grid of numbers from 0 (black) to 255 (white).

# %%
data = load("fashion-mnist-mini")
num_train, num_test = pace(full=(2000, 500), fast=(600, 100))  # fast: only when the notebook is being tested
X_train, y_train, X_test, y_test = data.flat(num_train, num_test)  # each image is one row of 784 numbers
train_images, test_images = data.X_train[:num_train], data.X_test[:num_test]  # the same as 28×28 pictures

print(data)
print("a piece of the first training image:")
print(train_images[0, 10:16, 8:20])

# %%
title = f"{data.name}: six of each class"
plots.class_gallery(train_images, y_train, data.class_names, per_class=6, title=title)

# %% [markdown]
# **Notice.** Read one column from top to bottom: sandals hardly share a shape. The slides call this
# *intra-class variation*. Then compare columns: pullover, coat and shirt look more alike than two bags do.
# Remember these three; they will come back as mistakes.

# %% [markdown]
# ### What a classifier has to put up with
#
# *Introduction to Computer Vision, lecture 7 (2025), "Challenges: …"; ITE4052 Deep Learning Review, "Image
# Classification Challenges".*
#
# **Claim.** Viewpoint, light, occlusion, deformation and background change half of the numbers in the grid
# or so, and nothing about the name. The slides show this on photographs; here it is on one boot of ours.
# $d$ is how far the changed image is from the original, by a distance that you will write yourself in a
# moment.

# %%
boot = train_images[y_train == 9][1]
shown = {"original": boot}
for name, (change, strength) in challenges.CHALLENGES.items():
    shown[name] = change(boot, strength)
shown["intra-class"] = train_images[y_train == 9][4]
titles = [f"{name}\nd = {challenges.l2(boot, image):.0f}" for name, image in shown.items()]
plots.images(list(shown.values()), titles, columns=7, title="One name, seven grids of numbers")

# %% [markdown]
# **Notice.** You need no time to see that all of them are boots. By the numbers, some of the changed boots
# are farther from the original than an entirely different boot is. A good classifier is *invariant* to all
# of this ("The Requirement of A Good Image Classifier"). Keep an eye on how far ours gets.

# %% [markdown]
# ## 2. The data-driven approach
#
# *ITE4052 Deep Learning Review, "Data-Driven Approach"; Introduction to Computer Vision, lecture 6 (2023),
# "Nearest Neighbor Classifier".*
#
# **Claim.** Nobody can write down rules that tell a coat from a shirt. So we collect labelled examples,
# and every classifier of this course gets two methods: `train(X, y)` sees the examples, `predict(X)` names
# new images. Here is one that is as lazy as possible.


# %%
class MostCommon:
    def train(self, X, y):
        self.label = np.bincount(y).argmax()

    def predict(self, X):
        return np.full(len(X), self.label)


# %%
baseline = MostCommon()
baseline.train(X_train, y_train)
print(f"always '{data.class_names[baseline.label]}': {np.mean(baseline.predict(X_test) == y_test):.1%} right")

# %% [markdown]
# **Notice.** That is the number to beat: with ten classes of equal size, not looking at the image gives 10 %.
#
# The **nearest neighbour classifier** is the other extreme. `train` memorises everything; `predict` finds the
# training image that is most similar and copies its label. All of its intelligence is in the word *similar*.

# %% [markdown]
# ## 3. The L1 distance
#
# *Introduction to Computer Vision, lecture 7 (2025), "Distance Metric"; Notes to CS231n, "Nearest Neighbor
# Classifier".*
#
# **Claim.** The plainest measure of how different two images are: subtract pixel by pixel, drop the signs,
# add up.
#
# $$d_1(I_1, I_2) = \sum_p \left|I_1^p - I_2^p\right|$$
#
# **Predict.** Two images of four pixels: $I_1 = \begin{pmatrix}1 & 5\\ 0 & 2\end{pmatrix}$ and
# $I_2 = \begin{pmatrix}4 & 1\\ 0 & 9\end{pmatrix}$. Work out $d_1(I_1, I_2)$ in your head.

# %%
### BEGIN SOLUTION
predicted_l1 = 14
### END SOLUTION

# %% [markdown]
# One surprise before you write code. Image files hold bytes (`uint8`), from 0 to 255, and numpy keeps that
# type when it subtracts:

# %%
ten, twenty = np.array([10], dtype=np.uint8), np.array([20], dtype=np.uint8)
print("20 - 10 =", twenty - ten, "   10 - 20 =", ten - twenty)

# %% [markdown]
# **Notice.** There is no −10 among the bytes, so the result wraps round to 246. Nothing complains.
#
# ### Exercise 1: `l1_distance`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Distance Metric".* Write the function so that it is
# right for images of any shape and any numeric type.

# %%
check("knn.l1_distance")

# %% [markdown]
# The slide's own example: first the sixteen absolute differences that it prints, then their sum, 456, by
# your function.

# %%
test_image = np.array([[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]])
train_image = np.array([[10, 20, 24, 17], [8, 10, 89, 100], [12, 16, 178, 170], [4, 32, 233, 112]])
print(abs(test_image - train_image))

knn = exercise("knn", quiet=True)  # reads your file again
with needs("knn.l1_distance"):
    print("the slide's images:", knn.l1_distance(test_image, train_image))
    small = knn.l1_distance(np.array([[1, 5], [0, 2]]), np.array([[4, 1], [0, 9]]))
    print("the four pixels:", small, "  you predicted:", told(predicted_l1))

# %% [markdown]
# ## 4. The L2 distance, with two loops
#
# *Introduction to Computer Vision, lecture 7 (2025), "Distance Metric": "L2 (Euclidean) distance".*
#
# $$d_2(I_1, I_2) = \sqrt{\sum_p \left(I_1^p - I_2^p\right)^2}$$
#
# **Claim.** L2 squares before it adds, so it minds one large difference more than many small ones; L1 does
# not care how a difference is spread.

# %%
spread_out, in_one_pixel = np.array([10.0, 10, 10, 10]), np.array([40.0, 0, 0, 0])
for difference in (spread_out, in_one_pixel):
    print(difference, " L1:", np.linalg.norm(difference, ord=1), "  L2:", np.linalg.norm(difference, ord=2))

# %% [markdown]
# **Notice.** The same L1, twice the L2. Neither is right or wrong; they are two opinions about what
# "similar" is. From here on we use L2.
#
# ### Exercise 2: `compute_distances_two_loops`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Distance Metric".* For $N$ test and $M$ training
# images fill the matrix `dists` of shape $(N, M)$: entry $(i, j)$ is the L2 distance of test image $i$
# from training image $j$. Take one pair at a time; being obviously right is the aim.

# %%
check("knn.two_loops")

# %%
knn = exercise("knn", quiet=True)
classifier = knn.KNearestNeighbor()
classifier.train(X_train[:400], y_train[:400])
with needs("knn.two_loops"):
    with stopwatch() as watch:
        dists = classifier.compute_distances_two_loops(X_test[:40])
    per_pair = watch.seconds / dists.size
    print(f"{1e6 * per_pair:.1f} µs a pair; 10,000 × 50,000 pairs: {per_pair * 5e8 / 60:.0f} minutes")
    axes = {"xlabel": "training image j", "ylabel": "test image i", "unit": "L2 distance"}
    display(plots.heat_map(dists, **axes, title="dists"))

# %% [markdown]
# **Notice.** The matrix has stripes. A bright row is a test image that is far from *everything*, a bright
# column a training image that is. Garments that fill the frame with white do that: they are far from all
# that is dark.
#
# And the price: the second number is for a data set that counts as tiny (10,000 test and 50,000 training
# images), and photographs have four times as many numbers as our garments. The arithmetic is not the
# problem. Python is.

# %% [markdown]
# ## 5. One loop: broadcasting
#
# *Introduction to Computer Vision, lecture 7 (2025), "Distance Metric".*
#
# **Claim.** numpy lines up shapes from the right and stretches what has length 1 or is missing. So one row of
# $D$ numbers can be subtracted from all $M$ rows of a matrix in a single expression.

# %%
Z = np.array([[1, 2, 3], [4, 5, 6]])  # M = 2 training images of D = 3 pixels
x = np.array([1, 1, 1])  # one test image
print((Z - x).shape)
print(Z - x)
print("sum over axis 0:", (Z - x).sum(axis=0), "  over axis 1:", (Z - x).sum(axis=1))

# %% [markdown]
# **Notice.** One of the two sums has one entry for each training image. That is the one you want.
#
# ### Exercise 3: `compute_distances_one_loop`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Distance Metric".* Fill a whole row of `dists` at a
# time.

# %%
check("knn.one_loop")

# %% [markdown]
# ## 6. No loops: one matrix product
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems with Nearest Neighbor Classifier": "Very
# slow at test time".*
#
# **Predict.** The last loop could go the way the first one went: by broadcasting. There are 500 test images
# and 2,000 training images of 784 pixels, so `X_test` is (500, 784) and `X_train` is (2000, 784). What is
# the shape of `X_test[:, None] - X_train`? Write a tuple.

# %%
### BEGIN SOLUTION
predicted_differences_shape = (500, 2000, 784)
### END SOLUTION

# %% [markdown]
# **Claim.** Broadcasting alone does get rid of the last loop, but it is a trap: *every* difference of *every*
# pair is there before anything is summed.

# %%
test, train = np.zeros((500, 784), np.float32), np.zeros((2000, 784), np.float32)
differences = np.broadcast_shapes(test[:, None].shape, train.shape)
print("you predicted:", told(predicted_differences_shape), " it is:", differences)
print(f"in float32 they take {4 * np.prod(differences) / 1e9:.1f} GB")
print(f"in float32 dists takes {4 * 500 * 2000 / 1e9:.3f} GB")

# %% [markdown]
# **Notice.** 3 GB to get 4 MB. Expanding the square avoids it:
#
# $$\lVert x - z\rVert^2 = \lVert x\rVert^2 - 2\,x\cdot z + \lVert z\rVert^2$$
#
# The norms need each image once, and all the products $x\cdot z$ together are *one* product of two
# matrices, the operation that computers have been tuned for more than for any other.
#
# It has one trap of its own. On paper, the right-hand side is never negative. In floating point:

# %%
x = np.array([0.2, 0.9])
z = x + 1e-9  # almost the same image
square = (x**2).sum() - 2 * (x * z).sum() + (z**2).sum()
with np.errstate(invalid="ignore"):
    print("square:", square, "  root:", np.sqrt(square))

# %% [markdown]
# **Notice.** Numbers near 1 were subtracted from each other, and what is left is their rounding error,
# with either sign. A single `nan` in a row is enough to spoil the search for the nearest.
#
# ### Exercise 4: `compute_distances_no_loops`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Distance Metric".* No Python loop (a comprehension is a
# loop as well), no $(N, M, D)$ array, no `nan`.

# %%
check("knn.no_loops")

# %%
classifier = exercise("knn", quiet=True).KNearestNeighbor()
classifier.train(X_train, y_train)
seconds, dists = {}, {}
for loops in ("two_loops", "one_loop", "no_loops"):
    with needs(f"knn.{loops}"):
        method = getattr(classifier, f"compute_distances_{loops}")
        dists[loops] = method(X_test[:20])
        seconds[loops] = best_time(method, X_test[:20])

# %%
with needs("knn.no_loops"):
    print("shape for all test images:", classifier.compute_distances_no_loops(X_test).shape)
if len(seconds) == 3:
    print("largest difference from two loops:", np.abs(dists["no_loops"] - dists["two_loops"]).max())
    title = f"20 × {num_train:,} distances: the same numbers"
    display(plots.bars(seconds, xlabel="seconds (logarithmic)", title=title, log=True))

# %% [markdown]
# **Notice.** The axis is logarithmic: each of its long ticks is a factor of ten. The three agree up to
# rounding, but not bit for bit; in `float32`, squared distances of a few million carry about seven digits.

# %% [markdown]
# ## 7. k neighbours vote
#
# *Introduction to Computer Vision, lecture 7 (2025), "K-Nearest Neighbors"; Notes to CS231n, "K-Nearest
# Neighbor Classifier".*
#
# **Claim.** One neighbour may be an oddity. Let the $k$ nearest vote, and the majority wins. What if two
# labels tie? Any rule will do, as long as there is one: ours is that the *smaller* label wins.
#
# Work this out on paper, for $k = 1, 2, 3, 4$: five training images with labels `[0, 2, 1, 1, 2]`, at
# distances `[3, 1, 2, 5, 4]`.
#
# ### Exercise 5: `predict_labels`
#
# *Introduction to Computer Vision, lecture 7 (2025), "K-Nearest Neighbors".* Each row of `dists` belongs
# to one test image. Find its $k$ nearest training images, and the label that most of them have.

# %%
check("knn.predict_labels")

# %%
knn = exercise("knn", quiet=True)
tiny = knn.KNearestNeighbor()
tiny.train(np.zeros((5, 1)), np.array([0, 2, 1, 1, 2]))
with needs("knn.predict_labels"):
    for k in (1, 2, 3, 4):
        print(f"k = {k}: label", tiny.predict_labels(np.array([[3.0, 1, 2, 5, 4]]), k=k)[0])

# %% [markdown]
# **Notice.** The labels in order of distance are 2, 1, 0, 2, 1. With $k = 2$ and $k = 3$ everything ties,
# and the smallest label among those *that were seen* wins; with $k = 4$ the label 2 is alone in having two
# votes.
#
# ### Play: the decision boundary
#
# *Introduction to Computer Vision, lecture 7 (2025), "K-Nearest Neighbors": the three pictures for K = 1,
# 3 and 5.*
#
# **Claim.** $k$ trades detail for calm. The picture asks *your* `predict_labels` about every point of a
# plane. Before you move a slider, say what will happen. Then try: 20 % wrong labels with $k = 1$; the same
# with $k = 15$; the other distance.

# %%
with needs("knn.predict_labels"):
    display(widgets.DecisionBoundary(knn.KNearestNeighbor))

# %% [markdown]
# **Notice.** At $k = 1$ each wrong label is an island: its own point and all that is nearest to it are
# lost. A larger $k$ outvotes them, until it outvotes the details of the true boundary as well. L1 changes
# the outlines (they run along the axes and their diagonals) much less than $k$ does.

# %% [markdown]
# ### "Similar strategy to RANSAC"?
#
# *Introduction to Computer Vision, lecture 7 (2025), "K-Nearest Neighbors", last line.*
#
# **Claim.** The likeness is the vote: RANSAC keeps the model that most points agree with, kNN the label.
# If that is what protects RANSAC from outliers, it should protect kNN from wrong labels on real images
# too. Let us spoil a share of the training labels and count.


# %%
def spoil(y, share, seed=0):
    """Labels of which `share` were replaced by another class."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(y))[: round(share * len(y))]
    y = y.copy()
    y[chosen] = (y[chosen] + rng.integers(1, 10, size=len(chosen))) % 10
    return y


# %%
with needs("knn.predict_labels"):
    classifier = knn.KNearestNeighbor()
    shares, lines = [0, 0.1, 0.2, 0.3, 0.4], {"k = 1": [], "k = 15": []}
    for share in shares:
        classifier.train(X_train, spoil(y_train, share))
        dists = classifier.compute_distances_no_loops(X_test)
        for k in (1, 15):
            lines[f"k = {k}"].append(100 * np.mean(classifier.predict_labels(dists, k=k) == y_test))
    axes = {"xlabel": "share of wrong training labels", "ylabel": "test accuracy (%)"}
    display(plots.curves(shares, lines, **axes, title=f"{data.name}: a vote outvotes wrong labels"))

# %% [markdown]
# **Notice.** The single neighbour loses about as many points as there are wrong labels, fifteen together
# next to none. So far the slide is right. But the likeness ends there: RANSAC draws *random* samples,
# *fits a model* to each and lets *all* data judge it; kNN draws nothing, fits nothing, and asks only the
# neighbourhood.

# %% [markdown]
# ## 8. How good is it?
#
# *Introduction to Computer Vision, lecture 7 (2025), "Nearest Neighbor Classifier".*
#
# **Predict.** A classifier with $k = 1$ is asked about the very images that it was trained on. Which share
# of them does it name correctly? Write a number between 0 and 1.

# %%
### BEGIN SOLUTION
predicted_train_accuracy = 1.0
### END SOLUTION

# %%
with needs("knn.predict_labels"):
    classifier = knn.KNearestNeighbor()
    classifier.train(X_train, y_train)
    own, new = classifier.compute_distances_no_loops(X_train), classifier.compute_distances_no_loops(X_test)
    print("you predicted for k = 1:", told(predicted_train_accuracy))
    for k in (1, 5, 20):
        on_own = np.mean(classifier.predict_labels(own, k=k) == y_train)
        on_new = np.mean(classifier.predict_labels(new, k=k) == y_test)
        print(f"k = {k:2d}: {on_own:.1%} of its training images, {on_new:.1%} of {len(y_test)} new ones")

# %% [markdown]
# **Notice.** Everybody is their own nearest neighbour, at distance 0. A perfect score on the training set
# says nothing whatsoever; only images that the classifier has never seen count. On those it is right about
# four times in five: eight times better than chance, by doing nothing but looking things up.
#
# Of 500 test images, one is 0.2 %. A difference of two or three per cent between two values of $k$ may
# well be luck.

# %% [markdown]
# ### Which class is taken for which?
#
# **Claim.** One number hides who suffers. The confusion matrix has a row for each true class; what lies
# off the diagonal are the mistakes.

# %%
with needs("knn.predict_labels"):
    y_pred = classifier.predict(X_test, k=5)
    title = f"{data.name}, k = 5: {np.mean(y_pred == y_test):.1%} right"
    display(plots.confusion_matrix(y_test, y_pred, data.class_names, title=title))

# %% [markdown]
# **Notice.** Trousers, bags, sneakers and ankle boots are right more than nine times in ten. The shirt is
# the worst, half of the time taken for T-shirt, pullover, coat or dress: the garments that fill the same
# pixels. And look for an asymmetry: nearly a fifth of
# the sandals are taken for closed shoes, but hardly ever a closed shoe for a sandal. To a sum over pixels,
# a few thin straps are mostly noise.

# %% [markdown]
# ### Ask the witnesses
#
# **Claim.** kNN can explain each of its decisions: here are the images that voted. Step through the
# mistakes, and change $k$ to see votes turn. (Blue frame: a neighbour of the right class. Orange: of
# another one.)

# %%
with needs("knn.predict_labels"):
    classifier = knn.KNearestNeighbor()
    classifier.train(X_train, y_train)
    dists = classifier.compute_distances_no_loops(X_test)
    test = {"test_images": test_images, "y_test": y_test}
    train = {"train_images": train_images, "class_names": data.class_names}
    display(widgets.WrongPredictions(classifier, dists, **test, **train))

# %% [markdown]
# **Notice.** The neighbours do look alike: same outline, same brightness, same place. That is what the
# distance was asked for. The mistakes are in details that it hardly counts: a collar, buttons, a heel.

# %% [markdown]
# ## 9. Choosing k
#
# *Notes to CS231n, "K-Nearest Neighbor Classifier": k is a hyperparameter.*
#
# **Claim.** Nothing in `train` can find $k$, and the test set must not: a $k$ chosen because it did well
# on the test set makes the test set part of the training. Cross-validation gets an answer out of the
# training set alone: cut it into $F$ folds, let each fold judge once while the others train, and average.
#
# ### Exercise 6: `cross_validation`
#
# *Notes to CS231n, "K-Nearest Neighbor Classifier".* For each $k$, collect the accuracy on every fold.
# (The distances do not depend on $k$: you need them only once for each fold.)

# %%
check("knn.cross_validation")

# %%
knn = exercise("knn", quiet=True)
k_choices = [1, 2, 3, 5, 8, 12, 20, 50, 100]
with needs("knn.cross_validation"):
    k_to_accuracies = knn.cross_validation(X_train, y_train, k_choices, num_folds=5)
    for k in k_choices:
        accuracies = np.array(k_to_accuracies[k])
        print(f"k = {k:3d}: {accuracies.mean():.1%} ± {accuracies.std():.1%}")
    display(plots.cross_validation(k_to_accuracies, title=f"{data.name}: 5 folds of {num_train // 5} images"))

# %% [markdown]
# **Notice.** Each dot is one fold. At one and the same $k$ the folds differ by more than the means of all
# $k$ up to 20 do: the best mean is a guess, not a fact. What is beyond doubt is the right end of the
# picture.
#
# Now choose, and use the test set *once*. (Strictly, it is no longer unseen: sections 7 and 8 looked at it.
# They chose nothing by it, but with data of your own, lock the test set away until this cell.)

# %%
with needs("knn.cross_validation"):
    k_to_accuracies = knn.cross_validation(X_train, y_train, k_choices, num_folds=5)
    best_k = max(k_choices, key=lambda k: np.mean(k_to_accuracies[k]))
    classifier = knn.KNearestNeighbor()
    classifier.train(X_train, y_train)
    correct = int(np.sum(classifier.predict(X_test, k=best_k) == y_test))
    print(f"k = {best_k}: {correct} of {len(y_test)} test images right ({correct / len(y_test):.1%})")

# %% [markdown]
# ### Written question: choosing k
#
# *Notes to CS231n, "K-Nearest Neighbor Classifier".*
#
# Look at your cross-validation picture. (a) Which $k$ would you use, and what in the picture speaks for it
# rather than for its neighbours on the axis? (b) A friend skips cross-validation, tries all nine values on
# the test set, and reports the best accuracy. What is wrong with the number that they report, and in which
# direction? (c) The training set grows to thirty times its size. Would you expect the best $k$ to stay,
# grow or shrink? Say why. About 120 words.

# %% [markdown] written="choose_k" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) On the embedded data the means are flat from about k = 1 to k = 20, within one
# error bar of each other, and clearly fall from k = 50 on. Any k in the flat part can be defended: the one
# with the best mean, or a moderate one such as 5, which is as good within the error bars and less at the
# mercy of single wrong labels than k = 1. (b) The test set has been used to choose, so the reported
# accuracy is that of the luckiest of nine tries: it is biased upwards (too optimistic), and there are no
# unseen images left to find out by how much. (c) Grow, slowly: with more images the k nearest come from a
# smaller neighbourhood, so a larger vote averages out noise without reaching for images of other regions.
# (k / M may shrink while k grows.)
#
# **Marking scheme.** (a) 2 points: 1 for a k in the flat part that fits the student's own picture, 1 for a
# reason that uses the error bars or the spread of the folds (no point for "it has the highest mean"
# alone). (b) 2 points: 1 for "the test set was used to choose / is no longer unseen", 1 for "too high".
# (c) 1 point for a reason from the size of the neighbourhood; "stays the same" with a sound reason (e.g.
# density and noise balance) also earns it.
# ### END SOLUTION

# %% [markdown]
# ## 10. Same distance, different picture
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems with Nearest Neighbor Classifier": "too
# sensitive to change in background/illumination/pose/viewpoint/occlusion".*
#
# **Claim.** A pixel distance does not know what it is looking at. Below, one image is shifted, darkened,
# occluded and put in front of a new background, each *exactly* so much that all four are at the same L2
# distance from the original. Beside them stands the picture of another class whose distance comes closest.
# Move both sliders.

# %%
widgets.SameDistance(train_images, y_train, data.class_names)

# %% [markdown]
# **Notice.** For the distance, the last five pictures are equally unlike the first. At 70 % you see at once
# which four are the same garment. (Towards 100 %, there is often nothing left to see in one of them.) A
# shift by a few pixels costs as much as losing half of the light, and as much as becoming something else.

# %% [markdown]
# ### What it costs
#
# **Claim.** So if test images are shifted by a few pixels, or photographed in less light, accuracy must
# collapse, although no human would even remark on it. `accuracy` below is your classifier; we use it for
# the rest of the notebook.


# %%
def accuracy(F_train, F_test, k=5):
    """Test accuracy, in per cent, of kNN on any representation: one row of numbers for each image."""
    classifier = knn.KNearestNeighbor()
    classifier.train(F_train, y_train)
    return 100 * np.mean(classifier.predict(F_test, k=k) == y_test)


# %%
def moved(images, pixels):
    """The images, `pixels` to the right; what enters from the left is black."""
    return np.pad(images, ((0, 0), (0, 0), (pixels, 0)))[:, :, : images.shape[2]]


# %%
knn = exercise("knn", quiet=True)
with needs("knn.no_loops"):
    for pixels in (0, 1, 2, 4, 6):
        changed = moved(test_images, pixels).reshape(num_test, -1).astype(np.float32)
        print(f"moved by {pixels} pixels: {accuracy(X_train, changed):.1f} % right")
    for light in (1.0, 0.7, 0.5, 0.3):
        print(f"light at {light:.0%}: {accuracy(X_train, light * X_test):.1f} % right")

# %% [markdown]
# **Notice.** Six pixels are a fifth of the frame, and more than two thirds of the right answers are gone.
# This is the reason behind the slides' "KNN with pixel distance never used". *Never* is strong: on
# garments that are centred, evenly lit and cut out on black, where somebody has removed the challenges by
# hand, pixels get four out of five right. Section 13 looks at photographs.

# %% [markdown]
# ### Written question: why not pixels?
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems with Nearest Neighbor Classifier".*
#
# Take two of the changes in section 10. (a) Explain for each, from the formula of $d_2$, why the distance
# gets large although the name does not change. (b) Suggest, for one of them, something to do to the images
# or to the training set that would help, and say what it costs. (c) The slide says "KNN with pixel
# distance never used". Use numbers that you measured in this notebook to say how far you agree. About 150
# words.

# %% [markdown] written="why_pixels" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) d2 compares the pixel at one position with the pixel at the *same* position. A
# shift puts other parts of the object there: along each edge, bright stands against dark, and every such
# pixel adds up to 255² to the sum. Less light multiplies all pixels by a factor a < 1, so each bright
# pixel adds (1 − a)² times its square; the distance is (1 − a) |x|, whatever the picture shows. (Occlusion
# and background: a block of pixels is replaced by unrelated values, and the sum counts them although they
# are not the object.) (b) For light: divide each image by its mean or norm; it costs the information that
# brightness carries (a white and a grey shirt become the same). For shifts: add shifted copies to the
# training set; memory and time at prediction grow with the number of copies. Or compare features such as
# gradient histograms, which are pooled over cells. (c) About 80 % on centred, cut-out garments against 10
# % by chance: usable there. It falls to about a quarter when the same images move by six pixels or lose
# two thirds of their light, and on CIFAR-10 photographs it is about 28 % (5,000 training images) to 35 %
# (all of them). So "never" is too strong for images that are aligned, and fair for photographs.
#
# **Marking scheme.** (a) 2 points, 1 for each change: the reason must name what happens to corresponding
# pixels, not just "it changes a lot". (b) 1.5 points: 1 for a remedy that fits its change, 0.5 for its
# cost. (c) 1.5 points: 1 for at least two numbers from the notebook, 0.5 for a conclusion that follows
# from them (either way).
# ### END SOLUTION

# %% [markdown]
# ## 11. Slow at test time
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems with Nearest Neighbor Classifier": "Very
# slow at test time".*
#
# **Claim.** Training costs nothing and prediction grows with the training set: just the wrong way round.
# We train once, but want answers for years. Measure it: time against $M$.

# %%
knn = exercise("knn", quiet=True)
with needs("knn.predict_labels"):
    sizes, taken = [125, 250, 500, 1000, 2000][: pace(5, 3)], {"train": [], "predict all test images": []}
    for M in sizes:
        classifier = knn.KNearestNeighbor()
        taken["train"].append(best_time(classifier.train, X_train[:M], y_train[:M]))
        taken["predict all test images"].append(best_time(classifier.predict, X_test, k=5))
    axes = {"xlabel": "M, training images", "ylabel": "seconds", "log": True}
    display(plots.curves(sizes, taken, **axes, title="kNN: time to train and time to predict"))

# %% [markdown]
# **Notice.** Both axes are logarithmic. `train` is flat, ten thousand times and more below `predict`,
# which climbs with $M$ (slowly at first, while fixed costs weigh more). A parametric model, like the
# linear classifier of the next assignment, throws the training images away after training: its predictions
# cost the same whether it saw a thousand images or a billion.
#
# ### Why not just more data? The curse of dimensionality
#
# *Not on the slides; it explains "pixel distance never used" from another side.*
#
# **Claim.** With enough training images, the nearest one must be close. But how many are enough? In many
# dimensions, random points are all about equally far from each other, and "nearest" stops meaning much.

# %%
rng = np.random.default_rng(0)
for D in (2, 10, 100, 784):
    d = np.linalg.norm(rng.random((2000, D)) - rng.random(D), axis=1)
    print(f"random points, D = {D:3d}: the nearest is at {d.min() / d.mean():.0%} of the mean distance")
ratios = [d.min() / d.mean() for d in (np.linalg.norm(X_train - x, axis=1) for x in X_test[:100])]
print(f"garments,      D = 784: the nearest is at {np.mean(ratios):.0%} of the mean distance")

# %% [markdown]
# **Notice.** For random points in 784 dimensions the nearest of 2,000 is hardly nearer than the average.
# Garments are not random points: they fill only a thin slice of the 784 dimensions, and the nearest is at
# less than half of the mean. That slice is why kNN works here at all, and the hope behind the next
# section: to find better coordinates for it.

# %% [markdown]
# ## 12. Where nearest neighbours live on
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems with Nearest Neighbor Classifier": "still
# useful when the metrics is learned via a deep neural network".*
#
# **Claim.** Nothing is wrong with neighbours; pixels are the problem. Keep your classifier as it is and
# change what it compares:
# - *principal components*: the 50 directions in which the training images vary most;
# - *gradient histograms*: which way edges run in each 4×4 cell, with brightness divided out (in the manner
#   of HOG);
# - *learned*: what the last layer but one of a small convolutional network says, after ten rounds over our
#   training set.

# %%
to_components = features.principal_components(X_train, dims=50)
representations = {
    "pixels": lambda images: images.reshape(len(images), -1).astype(np.float32),
    "principal components": lambda images: to_components(images.reshape(len(images), -1)),
    "gradient histograms": features.gradient_histograms,
    "learned": features.learned_embedding(train_images, y_train, epochs=pace(10, 3)),
}
for name, represent in representations.items():
    print(f"{name}: {represent(test_images[:1]).size} numbers for an image")

# %%
with needs("knn.no_loops"):
    scores = {name: accuracy(f(train_images), f(test_images)) for name, f in representations.items()}
    title = f"{data.name}, k = 5: the same classifier, four representations"
    display(plots.bars(scores, xlabel="test accuracy (%)", title=title))

# %% [markdown]
# **Notice.** The components are no better than the pixels, but a sixteenth of their length: they buy
# speed. The two representations that know something about images, by design or by learning, are ahead.
# (One image is 0.2 %: what differs by one or two per cent here may not differ at all.)
#
# But the slides ask for more than accuracy on tidy images: for *invariance*. So let the test images move,
# and dim the light.


# %%
def hold(change, amounts, xlabel):
    """Accuracy of each representation when the test images are changed by each of the amounts."""
    lines = {}
    for name, f in representations.items():
        F_train = f(train_images)
        lines[name] = [accuracy(F_train, f(change(test_images, amount))) for amount in amounts]
    axes = {"xlabel": xlabel, "ylabel": "test accuracy (%)"}
    return plots.curves(amounts, lines, **axes, title=f"{data.name}, k = 5")


# %%
with needs("knn.no_loops"):
    display(hold(moved, [0, 1, 2, 3, 4, 6], "test images moved to the right by … pixels"))

# %%
with needs("knn.no_loops"):
    display(hold(lambda images, light: light * images, [1.0, 0.8, 0.6, 0.4, 0.2], "light: 1 is the original"))

# %% [markdown]
# **Notice.** No representation is invariant to everything. Gradient histograms do not mind the light at
# all, because we divided it out; we knew what to divide by. They bear shifts of less than a cell (4
# pixels) better than the others, and larger ones no better. The network is best on tidy images, but it has
# never seen a shifted or a dark one; that is what the slides' *data augmentation* is for, and a later
# assignment will train one with it.
#
# This is how nearest neighbours are used today: a network makes the vectors, and the search for the
# nearest does the rest, in image retrieval, face recognition and 3D matching.

# %% [markdown]
# ## 13. Real scale: photographs, and all distances on a GPU
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems with Nearest Neighbor Classifier".*
#
# CIFAR-10 has 50,000 training and 10,000 test photographs of 32×32 pixels in colour. Set the switch to
# `True` to fetch it (170 MB, once). Without it, or without a network, this section runs on the garments;
# each title says which data it shows.

# %%
USE_CIFAR10 = False
real = load("cifar10", fallback="fashion-mnist-mini") if USE_CIFAR10 else data
print(real)
plots.class_gallery(real.X_train, real.y_train, real.class_names, per_class=4, title=real.name)

# %% [markdown]
# **Notice.** (With CIFAR-10.) A class now comes in any pose, size and light, on any background: all of
# section 1's challenges at once, and nobody has cut anything out.
#
# First the numbers of before, now on `real`: 5,000 training and 500 test images (or all the garments there
# are).

# %%
knn = exercise("knn", quiet=True)
few_train, few_test = min(5000, pace(len(real.y_train), 600)), min(500, pace(len(real.y_test), 100))
with needs("knn.predict_labels"):
    F_train, labels, F_test, truth = real.flat(few_train, few_test, dtype=np.float64)
    classifier = knn.KNearestNeighbor()
    classifier.train(F_train, labels)
    dists = classifier.compute_distances_no_loops(F_test)
    for k in (1, 5, 10):
        correct = int(np.sum(classifier.predict_labels(dists, k=k) == truth))
        print(f"{real.name}, k = {k:2d}: {correct} of {few_test} right ({correct / few_test:.1%})")

# %% [markdown]
# **Notice.** On these 5,000 and 500 photographs of CIFAR-10, k = 1, 5 and 10 get 137, 139 and 141 right:
# 28 %. Chance is 10 %. The garments come without pose, light and background; photographs bring them all,
# and the pixel distance has no answer. Here the slides are right.
#
# ### All distances at once
#
# **Claim.** The training set is where kNN's strength comes from, so use all of it. 10,000 × 50,000
# distances are half a billion: 2 GB in `float32`, too much to keep but no reason to: take the test images
# in blocks, keep the winners, forget the rest. And since $\lVert x\rVert^2$ is the same for every
# candidate $z$, the nearest is the one with the largest *score* $x\cdot z - \frac12\lVert z\rVert^2$. Read
# it twice: each training image is a template $z$ with a bias. Nearest neighbour scores like a linear
# classifier with one template for every training image; the next assignment has one for every class.

# %% tags=["gpu"]
import torch
from tqdm.auto import tqdm


# %% tags=["gpu"]
def nearest_in_blocks(X, Z, k, block):
    """Indices, shape (N, k), of the k nearest rows of Z; only block × M scores exist at a time."""
    half_square = (Z.float() ** 2).sum(dim=1) / 2
    found = []
    for x in tqdm(X.split(block), desc=f"blocks of {block}", disable=len(X) <= block):
        scores = (x @ Z.T).float() - half_square  # the product may be in half precision, the sum is not
        found.append(scores.topk(k).indices)
    return torch.cat(found)


# %% [markdown]
# A GPU multiplies several times faster in half precision, with three or four digits. To make them count,
# we subtract the mean image: distances do not change, but the numbers get small. (On a CPU that rounded
# the products to half precision, 99.5 % of 2,000 test images of CIFAR-10 kept their nearest neighbour.) On
# a CPU the cell below keeps `float32`, and takes fewer test images.
#
# *Cost.* On two CPU cores, all 10,000 × 50,000 distances of CIFAR-10 took 22
# s; there, the cell does a tenth of them.

# %% tags=["gpu"]
device = best_device()
on_gpu = device.type != "cpu"
X_all, labels_all, X_new, truth = real.flat(None, len(real.y_test) if on_gpu else min(len(real.y_test), 1000))
mean = X_all.mean(axis=0)
where = {"device": device, "dtype": torch.float16 if on_gpu else torch.float32}
Z, X = (torch.from_numpy((part - mean) / 255).to(**where) for part in (X_all, X_new))

nearest_in_blocks(X[:100], Z, k=10, block=100)  # the first call pays for waking the device up
with stopwatch(device) as watch:
    nearest = nearest_in_blocks(X, Z, k=10, block=500)
print(f"{real.name}: {len(X):,} × {len(Z):,} distances, {device_name(device)}: {watch.seconds:.2f} s")

# %% [markdown]
# The same by your numpy code, on 100 of the test images: is the nearest image the same one, and how long
# does it take?

# %% tags=["gpu"]
with needs("knn.no_loops"):
    classifier = knn.KNearestNeighbor()
    classifier.train(X_all, labels_all)
    with stopwatch() as by_numpy:
        dists = classifier.compute_distances_no_loops(X_new[:100])
    agree = np.mean(dists.argmin(axis=1) == nearest[:100, 0].cpu().numpy())
    print(f"the same nearest image: {agree:.0%} of the time")
    print(f"1,000 test images: your numpy code {10 * by_numpy.seconds:.2f} s,", end=" ")
    print(f"torch on {device_name(device)} {1000 * watch.seconds / len(X):.2f} s")

# %% tags=["gpu"]
neighbour_labels = torch.from_numpy(labels_all).to(device)[nearest]
for k in (1, 5, 10):
    votes = torch.nn.functional.one_hot(neighbour_labels[:, :k]).sum(dim=1)
    y_pred = votes.argmax(dim=1).cpu().numpy()  # the first maximum: the smaller label
    print(f"{real.name}, {len(X_all):,} training images, k = {k:2d}: {np.mean(y_pred == truth):.1%} right")

# %% [markdown]
# **Notice.** Where the nearest image is not the same one, two images are equally far up to rounding, and
# the two programs round differently.
#
# For CIFAR-10 with all of its 50,000 training images, k = 1, 5 and 10 get 35.4 %, 34.0 % and
# 33.9 % of the 10,000 test images right. Ten times the data buys six to eight points; at that rate nobody
# can collect enough. A better representation is the shorter way, and the subject of the rest of this
# course.

# %% [markdown]
# ## 14. Hand in
#
# Your three predictions are read from this notebook; save it first. Then check everything once more.

# %%
check("knn.predictions")

# %%
check("knn")

# %% [markdown]
# These are the public checks. Hidden tests ask the same functions harder questions: other shapes and
# types, ties, images that rounding hurts. They follow what the docstrings promise.
#
# Then, in a terminal: `cvcourse submit knn` writes `knn.zip`, the one file to hand in. (In Colab, run
# `cvcourse.colab.submit("knn")` in a cell instead: it packs this notebook with it. On JupyterHub use
# nbgrader's Submit button.)
