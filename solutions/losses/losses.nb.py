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
# # Losses and linear classifiers: say what is wrong, then make it less
#
# You will build a classifier that throws its training images away: it keeps ten weights for each pixel and
# answers in microseconds. What makes it learn is a *loss*, a number that says how wrong it is, and the loss's
# slope. Both are in every network of this course, unchanged; here they are small enough to see through.
#
# **How to work.** As in the first assignment: your code goes into `losses.py`, the notebook imports it.
# *Predict* before you run, then correct yourself: what is graded is the answer that you hand in. Save
# your file before each `check`.
#
# Everything runs without a network on 2,500 small pictures of garments, in about a minute.
#
# **The slides behind it**, by the names used below:
# - *Introduction to Computer Vision, lecture 7 (2025)*: "Deep Learning IV";
# - *Introduction to Computer Vision, lecture 6 (2023)*: "CNNs and segmentation";
# - *Computer Vision, class 4*: "Deep Learning";
# - *ITE4052 Deep Learning Review*;
# - *Notes to CS231n*: "Deep Learning for Computer Vision".

# %%
import numpy as np
from IPython.display import display

from cvcourse import check, exercise, plots, widgets
from cvcourse.checks import needs
from cvcourse.datasets import load
from cvcourse.pace import best_time, pace, stopwatch

losses = exercise("losses")

# %% [markdown]
# ## 1. The linear classifier
#
# *ITE4052 Deep Learning Review, "Parametric Approach : Linear Classifier"; Notes to CS231n, "Linear
# Classifier".*
#
# **Claim.** Nearest neighbour scored an image against every training image. A linear classifier scores it
# against one *template* for each class: $f(x, W) = xW + b$, where the $D$ numbers of $x$ become $C$ scores.
# The highest score wins.
#
# Images go in as rows: subtract the mean image, so that numbers lie around 0, and append a 1. Then the
# bias $b$ is nothing but the last row of $W$.

# %%
data = load("fashion-mnist-mini")
num_train, num_test = pace(full=(2000, 500), fast=(800, 200))  # fast: only when the notebook is being tested
train_images, test_images = data.X_train[:num_train], data.X_test[:num_test]
y_train, y_test = data.y_train[:num_train], data.y_test[:num_test]
mean_image = train_images.mean(axis=0, dtype=np.float32)


def as_rows(images, mean):
    rows = ((images - mean) / 255).reshape(len(images), -1)
    return np.hstack([rows, np.ones((len(rows), 1), dtype=np.float32)])


# %%
X_train, X_test = as_rows(train_images, mean_image), as_rows(test_images, mean_image)
print(data)
print("X_train:", X_train.shape, " W:", (X_train.shape[1], 10), " scores:", (len(X_train), 10))
rng = np.random.default_rng(0)
W_random = 0.01 * rng.normal(size=(X_train.shape[1], 10)).astype(np.float32)
print("scores of the first image, for random W:", np.round(X_train[0] @ W_random, 2))

# %% [markdown]
# **Notice.** 785 numbers in, ten out; $28 \cdot 28 + 1 = 785$. With random weights the scores mean nothing
# yet.
#
# ### Exercise 1: `LinearClassifier.predict`
#
# *ITE4052 Deep Learning Review, "Parametric Approach : Linear Classifier".* From images and `self.W` to
# labels.

# %%
check("losses.predict")

# %%
losses = exercise("losses", quiet=True)  # reads your file again
with needs("losses.predict"):
    classifier = losses.LinearClassifier()
    classifier.W = W_random
    y_pred = classifier.predict(X_test)
    print(f"random weights: {np.mean(y_pred == y_test):.1%} of the test images right; chance is 10 %")

# %% [markdown]
# ## 2. The multiclass SVM loss
#
# *ITE4052 Deep Learning Review, "Training a Linear Classifier"; Introduction to Computer Vision, lecture 7
# (2025), "Multiclass SVM loss".*
#
# **Claim.** Before we can improve $W$ we must say how bad it is. The hinge loss is content with an image
# when the right class scores at least 1 more than every other class, and counts what is missing otherwise:
#
# $$L_i = \sum_{j \ne y_i} \max(0,\; s_j - s_{y_i} + 1)$$

# %%
slide_scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
slide_labels = np.array([0, 1, 2])  # a cat, a car, a frog
for scores, label in zip(slide_scores, slide_labels, strict=True):
    print(
        ["cat", "car", "frog"][label].ljust(5),
        dict(zip(["cat", "car", "frog"], scores.tolist(), strict=True)),
    )

# %% [markdown]
# The slide works out the first one: $\max(0, 5.1 - 3.2 + 1) + \max(0, -1.7 - 3.2 + 1) = 2.9 + 0$.
#
# **Predict.** The loss of the third image, the frog with the scores (2.2, 2.5, −3.1).

# %%
### BEGIN SOLUTION
predicted_hinge = 12.9
### END SOLUTION

# %% [markdown]
# **Predict.** The second image is a car with the scores (1.3, 4.9, 2.0). Each of its three scores now
# changes, up or down, by 0.5 at most. By how much can its loss change? Write a number.

# %%
### BEGIN SOLUTION
predicted_nudge = 0
### END SOLUTION

# %% [markdown]
# ### Exercise 2: `svm_loss_naive`
#
# *ITE4052 Deep Learning Review, "Training a Linear Classifier" and "Follow the Slope – Analytic Gradient".*
# With loops, one image and one class at a time. The gradient comes along: where a margin is violated, the
# loss contains $s_j - s_{y_i}$, so it grows by $x_i$ for every step of column $j$ and falls by $x_i$ for
# column $y_i$; elsewhere it is flat.

# %%
check("losses.svm_naive")

# %%
losses = exercise("losses", quiet=True)
with needs("losses.svm_naive"):
    for i, name in enumerate(["cat", "car", "frog"]):  # with the identity as W, images are scores
        loss, _ = losses.svm_loss_naive(np.eye(3), slide_scores[i : i + 1], slide_labels[i : i + 1], 0.0)
        print(f"{name}: {loss:.1f}")
    print(f"mean: {losses.svm_loss_naive(np.eye(3), slide_scores, slide_labels, 0.0)[0]:.2f}")
    print("you predicted for the frog:", predicted_hinge)
    nudged = slide_scores[1] + np.random.default_rng(0).uniform(-0.5, 0.5, size=(1000, 3))
    loss, _ = losses.svm_loss_naive(np.eye(3), nudged, np.ones(1000, dtype=int), 0.0)
    print("1000 nudged cars:", loss, "  you predicted a change of", predicted_nudge)

# %% [markdown]
# **Notice.** The hinge loss has a goal and stops there: the car is ahead by 2.9, and as long as 1 is left
# of that, nothing happens.

# %% [markdown]
# ## 3. Scores as probabilities: softmax
#
# *Introduction to Computer Vision, lecture 7 (2025), "SoftMax as a Non-Linear Activation"; ITE4052 Deep
# Learning Review, "Softmax Classifier".*
#
# **Claim.** The other way is to read scores as probabilities: make them positive with exp, then divide by
# their sum.
#
# $$\sigma(z)_i = \frac{\exp(\beta z_i)}{\sum_{j=1}^K \exp(\beta z_j)}$$
#
# The formula is fine, and a computer cannot evaluate it:

# %%
with np.errstate(over="ignore", invalid="ignore"):
    for z in (np.array([1.0, 2.0]), np.array([1001.0, 1002.0])):
        print(z, "exp:", np.exp(z), " softmax as typed from the slide:", np.exp(z) / np.exp(z).sum())

# %% [markdown]
# **Notice.** The two rows differ by a constant, so their probabilities are the same on paper. Use that.
#
# ### Exercise 3: `softmax`
#
# *Introduction to Computer Vision, lecture 7 (2025), "SoftMax as a Non-Linear Activation".* For scores of any
# size, along the last axis.

# %%
check("losses.softmax")

# %%
losses = exercise("losses", quiet=True)
with needs("losses.softmax"):
    print("exp of the slide's scores:", np.exp(slide_scores[0]).round(2))
    print("softmax of them:          ", losses.softmax(slide_scores[0]).round(2))
    z = np.linspace(-4, 4, 5)
    sigmoid = 1 / (1 + np.exp(-z))
    print(
        "K = 2:", losses.softmax(np.stack([z, 0 * z], axis=1))[:, 0].round(4), " sigmoid:", sigmoid.round(4)
    )

# %% [markdown]
# **Notice.** 24.5, 164.0 and 0.18 become 0.13, 0.87 and 0.00, as printed. And with $K = 2$ and the second
# score at 0, softmax is the sigmoid.
#
# **Predict.** What becomes of `softmax((1, 3, 3), beta)` as $\beta \to \infty$? The slide says "Softmax →
# argmax". Write three numbers in a tuple.

# %%
### BEGIN SOLUTION
predicted_limit = (0, 0.5, 0.5)
### END SOLUTION

# %%
with needs("losses.softmax"):
    choices = {"the slide": (3.2, 5.1, -1.7), "a tie": (1, 3, 3), "nearly": (1, 3, 3.1)}
    display(widgets.Temperature(losses.softmax, choices, ("cat", "car", "frog")))

# %%
with needs("losses.softmax"):
    for beta in (0.0, 1.0, 10.0, 1000.0):
        print(f"beta = {beta:6g}:", losses.softmax(np.array([1.0, 3.0, 3.0]), beta=beta).round(4))
    print("you predicted:", predicted_limit)

# %% [markdown]
# **Notice.** From uniform ($\beta = 0$) to all or nothing. In a tie, softmax cannot choose: "argmax" is true
# where there is one. The loss of the next sections leaves $\beta = 1$; $W$ can be as large as it likes.

# %% [markdown]
# ## 4. Negative log-likelihood
#
# *Introduction to Computer Vision, lecture 7 (2025), "Negative Log-likelihood Loss"; ITE4052 Deep Learning
# Review, "Softmax Classifier".*
#
# **Claim.** If the label is certain, the loss is minus the logarithm of the probability that its class got:
# 0 for a probability of 1, and without bound as it goes to 0.
#
# ### Exercise 4: `nll`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Negative Log-likelihood Loss".* The mean over images.

# %%
check("losses.nll")

# %% [markdown]
# > **Erratum.** *ITE4052 Deep Learning Review, "Softmax Classifier"*, prints $-\log(0.13) = 0.89$. A
# > logarithm is undone by raising its base to it, so there is a test of which one belongs to $e^s$:

# %%
losses = exercise("losses", quiet=True)
print(f"exp(-0.89) = {np.exp(-0.89):.2f}   exp(-2.04) = {np.exp(-2.04):.2f}   10^-0.89 = {10**-0.89:.2f}")
with needs("losses.nll"):
    p = np.exp(slide_scores[:1]) / np.exp(slide_scores[:1]).sum()
    print(f"your nll of the slide's cat: {losses.nll(p, np.array([0])):.2f}")

# %% [markdown]
# **Notice.** 0.89 is a logarithm to base 10; the loss is 2.04. It is no matter of taste: the gradient
# $p - [j = y]$ that you will write below is that of the natural logarithm.

# %% [markdown]
# ## 5. Distances between distributions
#
# *Introduction to Computer Vision, lecture 7 (2025), "Loss between Two Discrete Distributions", "Properties
# of KL Divergence" and "From KL Divergence to Cross-Entropy".*
#
# **Claim.** If labels are uncertain, the target is itself a distribution $P$, and the loss compares it with
# the prediction $Q$. Three sums do all of it:
#
# $$H(P) = -\sum_x P \log P \qquad D_{KL}(P \Vert Q) = \sum_x P \log\frac{P}{Q} \qquad
# H(P, Q) = -\sum_x P \log Q$$
#
# One convention is not in the formulas: what never happens adds nothing. numpy has not heard of it:

# %%
with np.errstate(divide="ignore", invalid="ignore"):
    print("0 log 0 =", 0 * np.log(np.float64(0)))

# %% [markdown]
# ### Exercise 5: `entropy`
#
# *Introduction to Computer Vision, lecture 7 (2025), "From KL Divergence to Cross-Entropy".* How
# uncertain is $P$? With $0 \log 0 = 0$, for one distribution or many.

# %%
check("losses.entropy")

# %% [markdown]
# ### Exercise 6: `kl_divergence`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Properties of KL Divergence".* Mind the zeros, of $P$
# and of $Q$: the docstring says what they should give.

# %%
check("losses.kl_divergence")

# %% [markdown]
# ### Is it a distance?
#
# **Claim.** The slide: "It is not a metric, since $D_{KL}(P \Vert Q) \ne D_{KL}(Q \Vert P)$ and does not
# satisfy the triangle inequality." Do not believe it; find the numbers.
#
# **Find.** Two distributions over three outcomes, all of them possible, for which the two directions
# differ by more than 0.5. (Play with the cell below.)

# %%
### BEGIN SOLUTION
lopsided_p = (0.98, 0.01, 0.01)
lopsided_q = (0.4, 0.3, 0.3)
### END SOLUTION

# %%
losses = exercise("losses", quiet=True)
with needs("losses.kl_divergence"):
    if ... in (lopsided_p, lopsided_q):
        print("choose lopsided_p and lopsided_q first")
    else:
        P, Q = np.array(lopsided_p), np.array(lopsided_q)
        there, back = losses.kl_divergence(P, Q), losses.kl_divergence(Q, P)
        print(f"KL(P, Q) = {there:.3f}   KL(Q, P) = {back:.3f}   difference {abs(there - back):.3f}")

# %% [markdown]
# **Find.** Three distributions, all outcomes possible, such that the way from $P$ to $R$ is *shorter* by
# $Q$: $D_{KL}(P \Vert Q) + D_{KL}(Q \Vert R) < D_{KL}(P \Vert R)$.

# %%
### BEGIN SOLUTION
corner_p = (0.8, 0.1, 0.1)
corner_q = (0.45, 0.1, 0.45)
corner_r = (0.1, 0.1, 0.8)
### END SOLUTION

# %%
with needs("losses.kl_divergence"):
    if ... in (corner_p, corner_q, corner_r):
        print("choose corner_p, corner_q and corner_r first")
    else:
        P, Q, R = np.array(corner_p), np.array(corner_q), np.array(corner_r)
        by_Q = losses.kl_divergence(P, Q) + losses.kl_divergence(Q, R)
        print(f"by Q: {by_Q:.3f}   directly: {losses.kl_divergence(P, R):.3f}")

# %% [markdown]
# **Notice.** Half-way stations shorten the way because KL grows faster than in proportion: near 0 it
# behaves like a *squared* distance. And its two directions ask different questions: $D_{KL}(P \Vert Q)$
# punishes a $Q$ that finds impossible what $P$ does, and hardly minds the reverse.
#
# ### Exercise 7: `cross_entropy`
#
# *Introduction to Computer Vision, lecture 7 (2025), "From KL Divergence to Cross-Entropy".* For soft
# targets.

# %%
check("losses.cross_entropy")

# %% [markdown]
# > **Erratum.** *Computer Vision, class 4, "Softmax layer and cross-entropy loss"*, writes
# > $\mathcal L = \sum_i\sum_c t_{ci} \log y_c$, without a minus. Then the loss would be negative, and
# > minimising it would make the right class *less* likely. The cell shows the sign, and that
# > cross-entropy = KL + entropy, measured:

# %%
losses = exercise("losses", quiet=True)
with needs("losses.cross_entropy"):
    P, Q = np.random.default_rng(1).dirichlet(np.ones(5), size=(2, 4))
    H, KL, CE = losses.entropy(P), losses.kl_divergence(P, Q), losses.cross_entropy(P, Q)
    for h, kl, ce in zip(H, KL, CE, strict=True):
        print(f"H(P) {h:.4f} + KL {kl:.4f} = {h + kl:.4f}   H(P, Q) {ce:.4f}")
    print("without the minus:", (P * np.log(Q)).sum(axis=1).round(4))

# %% [markdown]
# **Notice.** $H(P)$ does not contain the prediction, so cross-entropy and KL have the same gradient: as
# losses they are the same. But their lowest values differ: cross-entropy stops at $H(P)$. "Minimum = 0"
# (lecture 7, "Properties of Cross Entropy Loss") holds for one-hot targets only.
#
# ### Exercise 8: `label_smoothing`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Loss between Two Discrete Distributions".* Soft
# targets from labels: a share $\varepsilon$ goes to all classes alike.

# %%
check("losses.label_smoothing")

# %%
losses = exercise("losses", quiet=True)
lead = np.linspace(0, 12, 121)  # how far the right class is ahead of nine others
with needs("losses.label_smoothing"):
    hard, soft = (losses.label_smoothing(np.array([0]), 10, eps=e) for e in (0.0, 0.1))
    Q = losses.softmax(lead[:, None] * hard)
    lines = {}
    for name, target in {"one-hot target": hard, "smoothed by 0.1": soft}.items():
        lines[name] = losses.cross_entropy(np.repeat(target, len(Q), axis=0), Q)
    axes = {"xlabel": "lead of the right class's score", "ylabel": "cross-entropy"}
    display(plots.functions(lead, lines, **axes, title="What does a loss want?"))

# %% [markdown]
# **Notice.** With a one-hot target the loss is never satisfied: a larger lead is always better, and weights
# grow without end. The smoothed target has its minimum at a finite lead (where $q = 0.91$, at
# $\log(0.91/0.01) = 4.5$), and from there on being surer is a mistake.

# %% [markdown]
# ## 6. The softmax loss
#
# *Introduction to Computer Vision, lecture 7 (2025), "Summary of SoftMax Classifier" and "Properties of Cross
# Entropy Loss".*
#
# **Claim.** Softmax and the negative log-likelihood together are one function of the scores,
# $L_i = -\log\left(e^{s_{y_i}} / \sum_j e^{s_j}\right)$, and its slopes could not be simpler:
# $\partial L_i / \partial s_j = p_j - [j = y_i]$.
#
# ### Exercise 9: `softmax_loss_naive`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Summary of SoftMax Classifier".* With loops.
# Scores of ±10,000 must not frighten it: take the logarithm of the quotient apart before you compute.

# %%
check("losses.softmax_naive")

# %% [markdown]
# **Predict.** Training starts from tiny random weights, and there are ten classes. What is the softmax loss
# before the first step (two digits are enough)? And the hinge loss?

# %%
### BEGIN SOLUTION
predicted_initial_softmax = 2.303
predicted_initial_svm = 9
### END SOLUTION

# %%
losses = exercise("losses", quiet=True)
few = slice(0, 100)
with needs("losses.softmax_naive"):
    W = 1e-4 * np.random.default_rng(0).normal(size=(785, 10))
    print(f"softmax {losses.softmax_loss_naive(W, X_train[few], y_train[few], 0.0)[0]:.3f}", end="   ")
    print("you predicted", predicted_initial_softmax)
    print(f"hinge   {losses.svm_loss_naive(W, X_train[few], y_train[few], 0.0)[0]:.3f}", end="   ")
    print("you predicted", predicted_initial_svm)

# %% [markdown]
# > **Erratum.** *Introduction to Computer Vision, lecture 6 (2023), "Properties of Cross Entropy Loss"*, says
# > that the loss starts near 1/(# of classes). Lecture 7 (2025) says log(# of classes). Let the
# > number of classes decide between them:

# %%
with needs("losses.softmax_naive"):
    rng = np.random.default_rng(0)
    for C in (2, 5, 10, 100, 1000):
        W, y = 1e-3 * rng.normal(size=(785, C)), rng.integers(0, C, size=20)
        loss, _ = losses.softmax_loss_naive(W, X_train[:20], y, 0.0)
        print(f"C = {C:4d}: loss {loss:.3f}   log C = {np.log(C):.3f}   1/C = {1 / C:.3f}")

# %% [markdown]
# **Notice.** $\log C$, to three digits. (At $C = 2$, 0.69 and 0.50 are close enough to be mixed up.)
#
# ### Written question: the first number on the screen
#
# *Introduction to Computer Vision, lecture 7 (2025), "Properties of Cross Entropy Loss".*
#
# (a) Prove that the softmax loss is $\log C$ and the hinge loss $C - 1$ at $W = 0$, for any images and any
# labels. (b) A friend trains on 100 classes; the loss of the first batch is 7.3. Name two things that may
# be wrong, and say how to tell which it is. About 100 words.

# %% [markdown] written="first_loss" points=3
# ### BEGIN SOLUTION
# **Model answer.** (a) At W = 0 all scores are 0, whatever the image. Then p_j = e^0 / Σ e^0 = 1/C for
# each class, and -log p_y = log C whatever the label. Each of the C - 1 wrong classes has the margin 0 -
# 0 + 1 = 1, so the hinge loss is C - 1. (b) log 100 = 4.6, so 7.3 means that the untrained classifier is
# *surely* wrong: scores are large from the start. Either the weights are initialised too large, or the
# images are not scaled (0 to 255 instead of around 0). Print the standard deviation of the scores, of W
# and of X: whichever is far from what was intended is the culprit. (Also: the penalty is counted in; reg
# · ΣW² tells. Or labels outside of the classes; then small weights would still give 4.6.)
#
# **Marking scheme.** (a) 1.5 points: 0.5 for equal scores at W = 0, 0.5 each for the two results with a
# reason. (b) 1.5 points: 0.5 for each of two causes that make scores large or add to the loss, 0.5 for a
# measurement that tells them apart.
# ### END SOLUTION

# %% [markdown]
# ## 7. Which loss?
#
# *ITE4052 Deep Learning Review, "SVM vs Softmax (Cross Entropy Loss)"; Introduction to Computer Vision,
# lecture 6 (2023), "SoftMax vs. SVM".*
#
# **Claim.** Both losses push the right score up and the others down. They differ in when they stop. Move
# the cat's score; the car stays at 5.1 and the frog at −1.7.

# %%
with needs("losses.softmax_naive"):
    display(widgets.OneScore(losses.svm_loss_naive, losses.softmax_loss_naive))

# %% [markdown]
# **Notice.** The hinge is made of straight pieces: its slope is −2 while both others violate the margin,
# then −1, then 0 for good from 6.1 on. Cross-entropy bends smoothly, and its slope $p - 1$ fades without
# ever reaching 0. It always wants more; the hinge is done.
#
# ### And why not the squared loss?
#
# *Computer Vision, class 4, "Softmax layer and cross-entropy loss": the regression loss "is not optimal if
# the target values are one-hot vectors".*
#
# **Claim.** Squared differences of probabilities, $\sum_c (p_c - t_c)^2$, look harmless. Their slope does
# not: here for two classes, by the score of the right one.

# %%
score = np.linspace(-8, 8, 161)
p = 1 / (1 + np.exp(-score))  # of the right class; the other's score is 0
slopes = {"cross-entropy": p - 1, "squared loss": -4 * (1 - p) * p * (1 - p)}
axes = {"xlabel": "score of the right class", "ylabel": "slope of the loss"}
plots.functions(score, slopes, **axes, title="How hard does each loss push?")

# %% [markdown]
# **Notice.** At the left end the classifier is surely wrong. Cross-entropy pushes with full force, the
# squared loss with none: where there is most to learn, it has stopped learning.
#
# ### Written question: which loss would you take?
#
# *Introduction to Computer Vision, lecture 6 (2023), "SoftMax vs. SVM".*
#
# (a) A tenth of your labels are wrong. What do cross-entropy and hinge do with such an image, once the
# classifier is good and gives the wrong label a score of 20 less than the best? Use numbers from the figures
# above. (b) Does label smoothing help here? Argue with the figure of section 5. (c) For a medical system,
# which of the two losses gives you something that the other does not? About 120 words.

# %% [markdown] written="which_loss" points=4
# ### BEGIN SOLUTION
# **Model answer.** (a) Both losses grow in proportion to the distance: about 20 for cross-entropy and 21
# for hinge (for one class above it), with slopes of -1 each; the hinge adds one such term for every class
# that is above the wrong label. So both pull hard towards the wrong label, hinge with up to C - 1 times
# the force; neither forgives. (A squared loss of probabilities would, its slope being 0 there.) (b) It
# helps a little: smoothing bounds how large the lead of the label should become (4.5 for eps = 0.1 and
# ten classes), so scores stay small, an image with a wrong label costs less and pulls no harder than -1.
# It does not change that a wrong label pulls. (c) Cross-entropy gives probabilities, which can be
# thresholded ("ask a doctor if p < 0.95"), combined with costs and checked for calibration. Hinge scores
# have no scale of their own.
#
# **Marking scheme.** (a) 2 points: 1 for the size of both losses or slopes with numbers that fit, 1 for the
# conclusion that neither stops pulling (or that hinge pulls once for each class above). (b) 1 point for an
# argument from the finite minimum; "no" with a sound reason earns it too. (c) 1 point: probabilities, and a
# use of them.
# ### END SOLUTION

# %% [markdown]
# ## 8. Regularisation
#
# *Introduction to Computer Vision, lecture 7 (2025), "Regularization from the Model Perspective"; ITE4052
# Deep Learning Review, "Weight Regularization".*
#
# **Claim.** Many $W$ fit the training set. A penalty $\lambda R(W)$ says which of them we like: small weights
# (L2), few weights (L1), or something in between (elastic net).
#
# ### Exercise 10: `l1_penalty`, `l2_penalty`, `elastic_net_penalty`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Regularization from the Model Perspective".* Each
# with its gradient.

# %%
check("losses.penalties")

# %%
losses = exercise("losses", quiet=True)
with needs("losses.penalties"):
    x = np.ones(4)
    for w in (np.array([1.0, 0, 0, 0]), np.full(4, 0.25)):
        print(w, "score", x @ w, " L1", losses.l1_penalty(w)[0], " L2", losses.l2_penalty(w)[0], end="  ")
        print(" elastic net", losses.elastic_net_penalty(w, beta=0.5)[0])

# %% [markdown]
# **Notice.** Both give the same score. L1 does not care which it is; L2 prefers to spread the weight over
# all pixels. Their slopes say the same: L2 pulls a weight by $2w$, less and less as it shrinks; L1 pulls
# all the way with the same force, down to 0.
#
# > **Erratum.** *ITE4052 Deep Learning Review, "Weight Regularization"*, prints
# > $L(W) = \frac1N \sum_i L_i - \lambda R(W)$. What would training do with a minus? Let us make weights
# > larger and look:

# %%
with needs("losses.penalties"):
    W = np.random.default_rng(0).normal(size=(785, 10)) / 100
    for factor in (1, 10, 100, 1000):
        data_loss, _ = losses.softmax_loss_naive(factor * W, X_train[:20], y_train[:20], 0.0)
        R = losses.l2_penalty(factor * W)[0]
        told = f"minus: {data_loss - R:12.1f}   plus: {data_loss + R:11.1f}"
        print(f"W × {factor:4d}: data loss {data_loss:9.2f}   {told}")

# %% [markdown]
# **Notice.** The data loss grows in proportion to $W$, the penalty with its square: with a minus, the
# larger the weights the lower the loss, without end. It is a plus.

# %% [markdown]
# ## 9. Finding W: try at random, or follow the slope
#
# *Notes to CS231n, "Optimization"; ITE4052 Deep Learning Review, "Follow the Slope – Analytic Gradient".*
#
# **Claim.** A loss says how bad a $W$ is; anything that lowers it is learning. The plainest way draws
# weights and keeps the best. It is the baseline that every idea has to beat.
#
# ### Exercise 11: `random_search`
#
# *Notes to CS231n, "Optimization".* Remember the best $W$, and how the lowest loss came down.

# %%
check("losses.random_search")


# %%
def loss_of(W):
    return losses.svm_loss_naive(W, X_train[few], y_train[few], 0.0)[0]


# %%
losses = exercise("losses", quiet=True)
with needs("losses.random_search"):
    np.random.seed(0)
    W_best, history = losses.random_search(loss_of, (785, 10), num_tries=pace(200, 30), scale=0.01)
    classifier.W = W_best
    right = np.mean(classifier.predict(X_test) == y_test)
    print(f"loss {history[0]:.2f} → {history[-1]:.2f} in {len(history)} tries")
    print(f"the best W: {right:.1%} of the test images right")

# %% [markdown]
# **Notice.** Better than chance, by luck and patience. In 7,850 dimensions almost every direction is a bad
# one, and trying tells nothing about where to try next. The slope does.
#
# ### Exercise 12: `numeric_gradient`
#
# *ITE4052 Deep Learning Review, "Follow the Slope – Analytic Gradient".* Any function has a slope that can
# be measured: move one number a little to both sides, and look.

# %%
check("losses.numeric_gradient")

# %% [markdown]
# **Claim.** A gradient from calculus is fast and easily wrong, a measured one slow and hardly ever. So one
# checks the other, on a problem small enough.

# %%
losses = exercise("losses", quiet=True)
with needs("losses.numeric_gradient"):
    X_small, W_small = X_train[:5, 300:320].astype(float), np.random.default_rng(0).normal(size=(20, 10))
    for loss_function in (losses.svm_loss_naive, losses.softmax_loss_naive):
        _, dW = loss_function(W_small, X_small, y_train[:5], 0.1)
        measured = losses.numeric_gradient(
            lambda W, f=loss_function: f(W, X_small, y_train[:5], 0.1)[0], W_small
        )
        error = np.abs(dW - measured).max() / np.abs(dW).max()
        print(f"{loss_function.__name__}: relative error {error:.1e} over {dW.size} weights")

# %% [markdown]
# **Notice.** Errors of $10^{-8}$ or less: the gradient is right. $10^{-2}$ would be a mistake. Some error
# must remain: a smaller $h$ follows the curve more closely, but then two nearly equal losses are
# subtracted. (At a kink of the hinge the two can disagree, and both be right.)

# %% [markdown]
# ## 10. Without loops
#
# *ITE4052 Deep Learning Review, "Follow the Slope – Analytic Gradient".*
#
# **Claim.** Scores are one matrix product, $S = XW$, of shape $(N, C)$. Write $\partial L/\partial S$ as a
# matrix of the same shape, $G$; then $\partial L/\partial W = X^\top G$, another product. All loops are gone.
#
# ### Exercise 13: `svm_loss_vectorized`
#
# *ITE4052 Deep Learning Review, "Training a Linear Classifier".* What is $G$? A 1 for each violated margin,
# and in the column of the right class minus their number.

# %%
check("losses.svm_vectorized")

# %% [markdown]
# ### Exercise 14: `softmax_loss_vectorized`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Summary of SoftMax Classifier".* And here?

# %%
check("losses.softmax_vectorized")

# %%
losses = exercise("losses", quiet=True)
seconds, batch = {}, slice(0, 200)
for name in ("svm_naive", "svm_vectorized", "softmax_naive", "softmax_vectorized"):
    with needs(f"losses.{name}"):
        function = getattr(losses, name.replace("_", "_loss_"))
        seconds[name] = best_time(function, W_random, X_train[batch], y_train[batch], 0.1)
if len(seconds) == 4:
    title = "Loss and gradient of 200 images"
    display(plots.bars(seconds, xlabel="seconds (logarithmic)", title=title, log=True))

# %% [markdown]
# **Notice.** Thirty to a hundred times faster, for the same numbers. Learning takes thousands of such steps.

# %% [markdown]
# ## 11. Stochastic gradient descent
#
# *ITE4052 Deep Learning Review, "Gradient Descent", "Mini-batch Gradient Descent" and "Learning rate";
# Computer Vision, class 4, "Stochastic gradient descent".*
#
# **Claim.** Take a small step against the gradient, and repeat. The gradient of all $N$ images is
# expensive; that of a few, drawn at random, is right on average, and $N/B$ steps are to be had for the
# price of one.
#
# ### Exercise 15: `LinearClassifier.train`
#
# *ITE4052 Deep Learning Review, "Mini-batch Gradient Descent".* Draw a batch, ask for its loss and gradient,
# write the loss down, make a step.

# %%
check("losses.train")

# %%
losses = exercise("losses", quiet=True)
steps = pace(1000, 300)
with needs("losses.train"):
    trained = {"softmax": losses.Softmax(), "SVM": losses.LinearSVM()}
    for (name, classifier), rate in zip(trained.items(), (0.1, 0.02), strict=True):
        np.random.seed(0)
        with stopwatch() as watch:
            history = classifier.train(X_train, y_train, learning_rate=rate, reg=1e-3, num_iters=steps)
        right, taken = np.mean(classifier.predict(X_test) == y_test), watch.seconds
        print(f"{name}: loss {history[0]:.2f} → {history[-1]:.2f}, {right:.1%} of test, {taken:.2f} s")

# %% [markdown]
# **Notice.** Both start where you predicted ($\log 10$ and 9), and end at about four in five: like kNN, but
# the training images can be thrown away, and an answer costs one small matrix product.
#
# ### Learning rate and batch size
#
# *ITE4052 Deep Learning Review, "Learning rate as a hyperparameter".*
#
# **Claim.** The slide asks: "Which one of these learning rates is best to use?" Too small is slow, too
# large does not settle; and a small batch makes a rough curve.


# %%
def curve(learning_rate, batch_size):
    np.random.seed(0)
    settings = {"learning_rate": learning_rate, "batch_size": batch_size, "num_iters": pace(300, 100)}
    return losses.Softmax().train(X_train, y_train, reg=1e-4, **settings)


# %%
with needs("losses.train"):
    rates = {f"learning rate {rate:g}": curve(rate, 200) for rate in (0.001, 0.01, 0.1, 3)}
    display(plots.histories(rates, title=f"{data.name}, softmax, batches of 200", top=4))

# %%
with needs("losses.train"):
    sizes = {f"batches of {size}": curve(0.1, size) for size in (1, 10, 100, len(X_train))}
    display(plots.histories(sizes, title=f"{data.name}, softmax, learning rate 0.1", top=4))

# %% [markdown]
# **Notice.** The learning rate decides about the shape: 0.001 crawls, 3 leaps about before
# it comes down. The batch size
# decides about the noise: the last curve uses all images for every step, and is smooth; the one before
# costs a twentieth and comes down just as fast. Now find the limits yourself: which rates are still good
# with a single image a step?

# %%
with needs("losses.train"):
    display(widgets.LearningCurve(losses.Softmax, X_train, y_train, num_iters=pace(300, 60)))

# %% [markdown]
# **Notice.** With one image a step, rates that were fine for 200 shake too much: a rough gradient needs
# small steps. (That is why a schedule lowers the rate towards the end, as in the next assignment.)

# %% [markdown]
# ## 12. Two views of a linear classifier
#
# *ITE4052 Deep Learning Review, "Interpreting a Linear Classifier: Visual" and "Interpreting a Linear
# Classifier: Geometric".*
#
# **Claim.** Each column of $W$ has a weight for each pixel: so it *is* an image, the template that its class
# looks for. Blue: light here speaks for the class; red: against it.

# %%
with needs("losses.train"):
    np.random.seed(0)
    smooth = losses.Softmax()
    smooth.train(X_train, y_train, learning_rate=0.1, reg=0.03, num_iters=steps)
    title = f"{data.name}, softmax, reg = 0.03: what each class looks for"
    display(plots.templates(smooth.W[:-1], (28, 28), data.class_names, title=title))

# %% [markdown]
# **Notice.** The trousers' template is red between the legs, the dress's between arm and body; sneaker and
# ankle boot disagree about the shaft. A template is no average image: it shows what tells a class from the
# *others*.
#
# **Claim.** The geometric view: an image is a point, a class's score grows along its own arrow, and two
# classes meet where their scores are equal, on a straight line. Slide from the random start to 100 steps.

# %%
with needs("losses.train"):
    display(widgets.LinearRegions({"softmax": losses.Softmax, "SVM": losses.LinearSVM}))

# %% [markdown]
# **Notice.** The boundaries turn and shift, and stay straight: a class in two separate places, or inside a
# ring of another one, is out of reach. (kNN had no such trouble. Networks will bend the space first.)

# %%
with needs("losses.train"):
    y_pred = trained["softmax"].predict(X_test)
    title = f"{data.name}, softmax: {np.mean(y_pred == y_test):.1%} right"
    display(plots.confusion_matrix(y_test, y_pred, data.class_names, title=title))

# %% [markdown]
# **Notice.** Pullover, shirt and coat suffer most, for the same reason as with kNN: they fill the same
# pixels. No template can tell a collar.
#
# The most expensive mistakes, those with the least probability for the truth:

# %%
with needs("losses.train"):
    p = losses.softmax(X_test @ trained["softmax"].W)
    for_truth, name = p[np.arange(len(y_test)), y_test], data.class_names
    worst = np.argsort(for_truth)[:6]
    titles = [f"{name[y_test[i]]} {for_truth[i]:.3f}\n{name[y_pred[i]]} {p[i].max():.3f}" for i in worst]
    title = "The truth and its probability; the prediction and its own"
    display(plots.images(test_images[worst], titles, title=title))

# %% [markdown]
# **Notice.** Most of them are wrong and sure of it: a linear classifier has no way to say that it has never
# seen such a thing. Each of these images costs 4 or more, several times the average.
#
# ### Written question: one template
#
# *ITE4052 Deep Learning Review, "Interpreting a Linear Classifier: Visual".*
#
# (a) Look at the sandal's template. Why is it so much less clear than the trousers'? (b) The horse of
# CIFAR-10 is known for a template with two heads. Explain why, from what training does to $W$. (c) Would
# ten times as many images cure it? About 100 words.

# %% [markdown] written="one_template" points=3
# ### BEGIN SOLUTION
# **Model answer.** (a) A class has one template only, one weight for each pixel. Trousers nearly all have
# the same outline; sandals have straps and heels in many places, so no pixel speaks for a sandal in
# general, and the template is a compromise: mostly what the other shoes have and sandals lack. (b)
# Training adds a share of each image to its class's column (and takes it away from others'). Horses look
# to the left in some images and to the right in others; the column collects both, and shows a head at
# either end. (c) No: more images make the compromise more precise, but it stays one template. What is
# missing is capacity (several templates for a class, i.e. a hidden layer), not data.
#
# **Marking scheme.** 1 point each. (a) needs the variation within the class. (b) needs that the column
# sums up images of both kinds. (c) needs "no" with capacity as the reason.
# ### END SOLUTION

# %% [markdown]
# ## 13. How much regularisation?
#
# *Introduction to Computer Vision, lecture 7 (2025), "Regularization"; ITE4052 Deep Learning Review,
# "Regularization Intuition".*
#
# **Claim.** The slide: regularisation "prevents the model from doing too well on training data". Follow it
# over four powers of ten.

# %%
regs = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
shares = {"training images": [], "test images": []}
with needs("losses.train"):
    for reg in regs:
        np.random.seed(0)
        classifier = losses.Softmax()
        classifier.train(X_train, y_train, learning_rate=0.1, reg=reg, num_iters=pace(3000, 300))
        shares["training images"].append(100 * np.mean(classifier.predict(X_train) == y_train))
        shares["test images"].append(100 * np.mean(classifier.predict(X_test) == y_test))

# %%
with needs("losses.train"):
    losses.LinearSVM().train(X_train[:2], y_train[:2], num_iters=1)  # is it written?
    axes = {"xlabel": "reg", "ylabel": "accuracy (%)"}
    display(
        plots.curves(regs, shares, **axes, log_x=True, title=f"{data.name}, softmax: the regularisation path")
    )

# %% [markdown]
# **Notice.** The gap between the lines is overfitting; it closes as reg grows. But it closes from above: on
# these 2,000 images no value does much better on the test set than a small one, and strong ones lose on both.
# (With 785 numbers for each class, a linear classifier is too simple to overfit badly. Networks will be
# another matter.)
#
# ### L1 and L2, by their templates
#
# **Claim.** L1 wants few weights, L2 small ones. Your `l1_penalty` makes a new classifier in four lines.


# %%
with needs("losses.train"):

    class SoftmaxL1(losses.LinearClassifier):
        def loss(self, X_batch, y_batch, reg):
            loss, dW = losses.softmax_loss_vectorized(self.W, X_batch, y_batch, 0.0)
            R, dR = losses.l1_penalty(self.W)
            return loss + reg * R, dW + reg * dR


# %%
with needs("losses.train"):
    for name, classifier, reg in (("L2", losses.Softmax(), 0.01), ("L1", SoftmaxL1(), 0.002)):
        np.random.seed(0)
        classifier.train(X_train, y_train, learning_rate=0.1, reg=reg, num_iters=steps)
        classifier.train(X_train, y_train, learning_rate=0.01, reg=reg, num_iters=steps)
        right, small = np.mean(classifier.predict(X_test) == y_test), np.mean(np.abs(classifier.W) < 0.005)
        print(f"{name}: {right:.1%} right, {small:.0%} of the weights below 0.005")
        display(
            plots.templates(classifier.W[:-1], (28, 28), data.class_names, title=f"{name}, reg = {reg:g}")
        )

# %% [markdown]
# **Notice.** About as many images right, with quite different weights: under L1 most pixels are not looked at
# at all. Two classifiers can agree on the answers and disagree about the reasons.

# %% [markdown]
# ## 14. Real scale: photographs
#
# *ITE4052 Deep Learning Review, "Interpreting a Linear Classifier: Visual": "trained weights of a linear
# classifier trained on CIFAR-10".*
#
# CIFAR-10 has 50,000 training and 10,000 test photographs of 32×32 pixels in colour. Set the switch to
# `True` to fetch it (170 MB, once). Without it, or without a network, this section runs on the garments;
# each title says which data it shows.
#
# *Cost.* For CIFAR-10, about 15 seconds on one CPU core, and 1.5 GB of memory.

# %%
USE_CIFAR10 = False
real = load("cifar10", fallback="fashion-mnist-mini") if USE_CIFAR10 else data
real_mean = real.X_train.mean(axis=0, dtype=np.float32)
R_train, R_test = as_rows(real.X_train, real_mean), as_rows(real.X_test, real_mean)
print(real)


# %%
def two_stages(classifier, rate, reg):
    """Two thirds of the steps at the full rate, the rest at a tenth of it."""
    np.random.seed(0)
    for share, num_iters in ((1, pace(4000, 100)), (0.1, pace(2000, 50))):
        settings = {"learning_rate": share * rate, "num_iters": num_iters, "batch_size": 256}
        classifier.train(R_train, real.y_train, reg=reg, **settings)


# %%
with needs("losses.train"):
    for classifier, rate, reg in ((losses.Softmax(), 0.03, 0.003), (losses.LinearSVM(), 0.003, 0.03)):
        with stopwatch() as watch:
            two_stages(classifier, rate, reg)
        right, name = np.mean(classifier.predict(R_test) == real.y_test), type(classifier).__name__
        print(f"{real.name}, {name}: {right:.1%} of {len(R_test):,} test images right, {watch.seconds:.0f} s")
        W, shape, title = classifier.W[:-1], real.X_train.shape[1:], f"{real.name}, {name}"
        display(plots.templates(W, shape, real.class_names, title=title))

# %% [markdown]
# **Notice.** (With CIFAR-10.) Softmax gets 41 %, the SVM 40 %: better than nearest neighbour over all
# 50,000 images (35 %), a few thousand times faster, and from 30,730 numbers. The car has a blue windscreen,
# the frog is a green blob, the ship has water below and at its sides, and the horse a head at either end.
# Background speaks as loudly as the object.

# %% [markdown]
# ## 15. Hand in
#
# Your predictions, and the distributions that you found, are read from this notebook; save it first. Then
# check everything once more.

# %%
check("losses.predictions")

# %%
check("losses")

# %% [markdown]
# These are the public checks. Hidden tests ask the same functions harder questions: other shapes and types,
# zeros, scores of ±10,000, strong regularisation. They follow what the docstrings promise.
#
# Then, in a terminal: `cvcourse submit losses` writes `losses.zip`, the one file to hand in. (In Colab, run
# `cvcourse.colab.submit("losses")` in a cell instead: it packs this notebook with it. On JupyterHub use
# nbgrader's Submit button.)
