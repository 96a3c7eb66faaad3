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
# # Segmentation by grouping: k-means, mean shift, normalised cuts
#
# Before networks learned to label pixels, an image was segmented by grouping: pixels that go together are one
# thing. You will build three ways to say what "together" means, see each of them cut photographs into
# pieces, and find out what none of them can know.
#
# **How to work.** Your code goes into five files: `kmeans.py`, `features.py`, `mean_shift.py`,
# `normalized_cut.py` and `metrics.py`; each exercise says which. Where it asks you to *predict*, write your
# guess down before you run the next cell, then correct it: what is graded is the answer that you hand in.
# After each exercise a `check` cell tells what passes.
#
# Everything runs without a network on four small photographs, on two CPU cores in about a minute.
#
# **The slides behind it**, by the name used below: *Introduction to Computer Vision, lecture 6 (2023)*:
# "CNNs and segmentation", its second half.

# %%
import numpy as np
from IPython.display import display

from cvcourse import check, exercise, plots, widgets
from cvcourse.checks import needs, told
from cvcourse.datasets import photographs
from cvcourse.pace import best_time, pace, stopwatch

kmeans = exercise("kmeans", "kmeans")

# %% [markdown]
# ## 1. Groups of pixels
#
# *Introduction to Computer Vision, lecture 6 (2023), "Image Segmentation".*
#
# **Claim.** The goal is to "identify groups of pixels that go together", with no name for any of them: a
# segmentation says *these belong together*, and leaves open what they are.

# %%
photos = photographs()
coffee, astronaut = photos["coffee"].image, photos["astronaut"].image
shown = [photo.image for photo in photos.values()]
plots.photo_grid(shown, list(photos), columns=4, title="Four photographs (CC0 and public domain)")

# %% [markdown]
# **Notice.** You see a cat, a cup, a person, a rocket. Try to say by which *numbers* the cup differs from the
# table: neither is of one colour, and the light falls on both. Keep this in mind until section 9.

# %% [markdown]
# ## 2. A toy image, and its three intensities
#
# *Introduction to Computer Vision, lecture 6 (2023), "Clustering: Toy Example".*
#
# **Claim.** In a toy image of black, grey and white, "we could label every pixel according to which of these
# primary intensities it is". With noise, no two pixels are alike any more, and the three intensities have to
# be found.

# %%
toy = np.full((60, 90), 40.0)
toy[10:40, 10:45], toy[25:55, 50:80] = 130, 220
noisy = np.clip(toy + np.random.default_rng(0).normal(scale=22, size=toy.shape), 0, 255)
plots.images([toy, noisy], ["three intensities", "with noise"], columns=2, title="The toy example")

# %%
counts, edges = np.histogram(noisy, bins=24, range=(0, 255))
plots.curves(edges[:-1], {"pixels": counts}, xlabel="intensity", ylabel="pixels", title="noisy: three hills")

# %% [markdown]
# **Notice.** Three hills, and valleys that are not empty. Which pixels belong to which hill, and where are
# the hilltops? If we knew one of the two, the other would be easy: the slides call it a chicken and egg
# problem.

# %% [markdown]
# ## 3. The assignment step
#
# *Introduction to Computer Vision, lecture 6 (2023), "Clustering".*
#
# **Claim.** "If we knew the cluster centers, we could allocate points to groups by assigning each to its
# closest center."
#
# ### Exercise 1: `assign_naive`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering": "Assign each of example to its
# closest cluster center".* In `kmeans.py`: in loops, obviously right.

# %%
check("kmeans.assign_naive")

# %% [markdown]
# ### Exercise 2: `assign`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering".* In `kmeans.py`: the same for a
# photograph, in chunks.

# %%
check("kmeans.assign")

# %%
kmeans = exercise("kmeans", "kmeans", quiet=True)
pixels = np.random.default_rng(0).random((pace(20_000, 2_000), 3), dtype=np.float32)
with needs("kmeans.assign_naive"):
    loops = best_time(kmeans.assign_naive, pixels, pixels[:8], repeats=1) / len(pixels)
    print(f"in loops: {1e6 * loops:.1f} µs a pixel, {12e6 * loops / 60:.0f} minutes for 12 megapixels")
with needs("kmeans.assign"):
    chunks = best_time(kmeans.assign, pixels, pixels[:8]) / len(pixels)
    print(f"in chunks: {1e6 * chunks:.3f} µs a pixel, {12e6 * chunks:.1f} s for 12 megapixels")
print(f"all differences at once would take {12e6 * 8 * 3 * 4 / 1e9:.1f} GB")

# %% [markdown]
# **Notice.** That is for *one* assignment step; k-means takes twenty or so. And why chunks, if memory is
# large? A chunk's scores fit into the processor's cache, so chunks are faster as well.

# %% [markdown]
# ## 4. The update step
#
# *Introduction to Computer Vision, lecture 6 (2023), "Clustering".*
#
# **Claim.** "If we knew the group memberships, we could get the centers by computing the mean per group."
#
# **Predict.** Five points on a line, 1, 2, 4, 7 and 9, and two centers, 1 and 4 (numbers 0 and 1). First
# every point chooses its nearest center, then both centers become means, then every point chooses again.
# Which center has each of the five points *then*? Write a list of five numbers, 0 or 1.

# %%
### BEGIN SOLUTION
predicted_assignments = [0, 0, 0, 1, 1]
### END SOLUTION

# %% [markdown]
# The slides' first way to start is "randomly initialized anywhere in $\mathbb{R}^D$".
#
# **Predict.** Intensities go from 0 to 1, and the centers are 0.2, 0.6, 5 and 9. How many of the four have no
# point at all after the assignment step?

# %%
### BEGIN SOLUTION
predicted_empty = 2
### END SOLUTION

# %% [markdown]
# ### Exercise 3: `update`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering": "Recompute the new cluster
# centers".* In `kmeans.py`. The mean of no points is `nan`: the docstring says what to do instead.

# %%
check("kmeans.update")

# %%
kmeans = exercise("kmeans", "kmeans", quiet=True)
line, at = np.array([[1.0], [2.0], [4.0], [7.0], [9.0]]), np.array([[1.0], [4.0]])
with needs("kmeans.update"):
    moved = kmeans.update(line, kmeans.assign(line, at), at)
    print("centers:", at.ravel(), "→", moved.ravel())
    print("assignments:", kmeans.assign(line, moved), "  you predicted:", told(predicted_assignments))
    grey = noisy.reshape(-1, 1) / 255
    used = np.unique(kmeans.assign(grey, np.array([[0.2], [0.6], [5.0], [9.0]])))
    print("centers without points:", 4 - len(used), "  you predicted:", told(predicted_empty))

# %% [markdown]
# **Notice.** 4 changed sides: the centers moved, and it had chosen by where they were before. And a center
# in an empty region is lost unless somebody fetches it. That is why nobody starts "anywhere", but with
# points, the slide's second way.

# %% [markdown]
# ## 5. Both in turn: k-means
#
# *Introduction to Computer Vision, lecture 6 (2023), "Clustering-based Segmentation" and "Objective
# Function".*
#
# **Claim.** The best centers "minimize Sum of Square Distance (SSD) between all points and their nearest
# cluster center". The assignment step cannot raise this sum (each point takes its *smallest* term), the
# update step cannot (a mean is where a sum of squares is least), so going on must end: *coordinate descent*.
#
# ### Exercise 4: `objective`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Clustering-based Segmentation": "SSD".* In `kmeans.py`.

# %%
check("kmeans.objective")

# %% [markdown]
# ### Exercise 5: `lloyd`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering": "Repeat … Until".* In `kmeans.py`.

# %%
check("kmeans.lloyd")

# %% [markdown]
# Move the slider: each step is *half* a round. Then choose another start.

# %%
with needs("kmeans.objective"), needs("kmeans.plus_plus"):
    display(widgets.KMeansSteps(exercise("kmeans", "kmeans", quiet=True)))

# %% [markdown]
# **Notice.** The objective never rises, not in either half, and most of its fall is in the first rounds.
# But where it stops depends on where it began: of these four starts only k-means++ ends at an SSD of 175;
# the others stop at about three and six times that, with two centers in one group and one for two others.
# k-means finds *a* minimum, not *the* minimum. (This figure needs Exercise 6 as well.)

# %% [markdown]
# ### Two slides, one minimum
#
# *Introduction to Computer Vision, lecture 6 (2023), "Objective Function".* One slide sums the squares, the
# next divides by $N$ ("average distortion per point"). The values differ, the best centers cannot: prove it
# by trying all cuts of the five points of section 4 into two groups.

# %%
with needs("kmeans.objective"):
    for cut in range(1, 5):
        groups = (np.arange(5) >= cut).astype(int)
        means = np.array([[line[groups == i].mean()] for i in (0, 1)])
        ssd = kmeans.objective(line, groups, means)
        print(f"{line[:cut].ravel()} | {line[cut:].ravel()}: SSD {ssd:6.2f}, distortion {ssd / 5:5.2f}")

# %% [markdown]
# **Notice.** The same row is the smallest in both columns: a constant factor moves no minimum. (The slide's
# formula also uses $c_i$ for two things, the center and the set of its points; our docstrings write $C_i$ for
# the set.)

# %% [markdown]
# ## 6. A better start, and more of them
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means": "Sensitive to initialization".*
#
# **Claim.** The slide has two remedies: "We can try multiple times or find K 'spread-out' points." k-means++
# does the second, by lot: always taking the farthest point would catch every outlier.
#
# ### Exercise 6: `kmeans_plus_plus`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means": "find K 'spread-out' points".* In
# `kmeans.py`.

# %%
check("kmeans.plus_plus")

# %% [markdown]
# ### Exercise 7: `kmeans`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means": "We can try multiple times".* In `kmeans.py`.

# %%
check("kmeans.kmeans")

# %%
kmeans = exercise("kmeans", "kmeans", quiet=True)
colours = coffee.reshape(-1, 3)[:: pace(4, 40)].astype(np.float32) / 255
with needs("kmeans.plus_plus"), needs("kmeans.lloyd"):
    ends = {"any k points": kmeans.random_centers, "k-means++": kmeans.kmeans_plus_plus}
    for name, start in ends.items():
        runs = [kmeans.lloyd(colours, start(colours, 12, seed))[2] for seed in range(pace(30, 6))]
        ends[name] = sorted(run[-1] for run in runs)
    axes = {"xlabel": "run, best first", "ylabel": "SSD at the end"}
    display(plots.curves(range(1, len(runs) + 1), ends, **axes, title="coffee, k = 12: many starts"))

# %% [markdown]
# **Notice.** Each dot is one full run of k-means on the same pixels. The best runs of both are about equal:
# with enough restarts, any start will do. But the curve of k-means++ lies lower: its ordinary run is better,
# so it needs fewer of them.

# %% [markdown]
# ## 7. Colours of a photograph
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results": "We can also use color as
# feature".*
#
# **Claim.** k-means groups points; to group pixels, say what point each pixel is.
#
# ### Exercise 8: `intensity`, `colour`, `colour_position`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results".* In `features.py`.

# %%
check("kmeans.pixel_features")

# %% [markdown]
# ### Choosing k
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means": "Need to choose k".* The objective cannot
# choose for us: with every center more it falls, to 0 at $k = N$. What one looks for is where it stops
# falling *fast*.

# %%
features = exercise("kmeans", "features", quiet=True)
K = pace([1, 2, 3, 4, 5, 6, 8, 10, 12], [1, 2, 4])
with needs("kmeans.kmeans"), needs("kmeans.pixel_features"):
    left = {}
    for name in ("coffee", "rocket"):
        x = features.colour(photos[name].image)[::8]
        runs = [kmeans.lloyd(x, kmeans.kmeans_plus_plus(x, k, 0), 30)[2] for k in K]
        left[name] = [100 * run[-1] / runs[0][-1] for run in runs]
    axes = {"xlabel": "k", "ylabel": "SSD, % of k = 1"}
    display(plots.curves(K, left, **axes, title="what k colours leave unexplained"))

# %% [markdown]
# **Notice.** Both curves bend at three or four, neither sharply: k stays a choice. "Unsupervised", says
# the slide: nobody tells us how many things there are.

# %% [markdown]
# ### Vector quantisation
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results": "both of them are
# essentially vector quantization".*
#
# **Claim.** Replace each pixel by its center, and the image has $k$ colours: a number of few bits for each
# pixel, and a table. It is how GIF files are made, and the oldest idea of image compression.
#
# **Predict.** Our photograph has 240 × 160 pixels, and takes 115,200 bytes with three bytes for each. How
# many bytes does it take in 16 colours: as few whole bits as possible for each pixel, and three bytes for
# each colour of the table?

# %%
### BEGIN SOLUTION
predicted_bytes = 19248
### END SOLUTION

# %% [markdown]
# ### Exercise 9: `psnr`, `quantised_bytes`
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results".* In `metrics.py`.

# %%
check("kmeans.quantisation")


# %%
def quantised(image, k):
    """The image in k colours, by your functions."""
    x = features.colour(image)
    few = x[:: pace(4, 40)]
    centers, _, _ = kmeans.lloyd(few, kmeans.kmeans_plus_plus(few, k, 0), 25)
    palette = np.round(255 * centers).astype(np.uint8)
    return palette[kmeans.assign(x, centers)].reshape(image.shape)


# %%
chelsea, metrics = photos["chelsea"].image, exercise("kmeans", "metrics", quiet=True)
with needs("kmeans.quantisation"), needs("kmeans.kmeans"), needs("kmeans.pixel_features"):
    made = {k: quantised(chelsea, k) for k in (2, 4, 8, 16, 32, 64)}
    size = {k: metrics.quantised_bytes(240 * 160, k) for k in made}
    titles = [f"k = {k}: {size[k]:,} B, {metrics.psnr(chelsea, made[k]):.1f} dB" for k in made]
    display(plots.photo_grid(list(made.values()), titles, title="chelsea in k colours (115,200 B as it is)"))
    print("k = 16:", size[16], "bytes;  you predicted:", told(predicted_bytes))

# %% [markdown]
# **Notice.** Each bit for each pixel buys three decibels or so. With 64 colours you will hardly see the loss,
# at a quarter of the bytes. As a *segmentation*, look at k = 2 to 8: the pieces are made of colours, not of
# things. An eye and a shadow under the chin are one group.

# %% [markdown]
# ## 8. Segmentation by each feature
#
# *Introduction to Computer Vision, lecture 6 (2023), "Summary of Grouping-based Segmentation": "To improve,
# we can use more expressive features".*
#
# **Claim.** What a group is depends on the feature alone; the algorithm stays the same. To say how good a
# segmentation is, we need a thing to compare it with: somebody has drawn around the cup and the astronaut.
#
# ### Exercise 10: `best_segment`, `rand_index`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: IoU".* In `metrics.py`.

# %%
check("kmeans.agreement")

# %% [markdown]
# ### Exercise 11: `texture`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Summary of Grouping-based Segmentation".* In
# `features.py`. A pixel of a wooden table is light or dark; *wood* is a pattern of both.

# %%
check("kmeans.texture")


# %%
def by_feature(image, k):
    """k segments by each of the features."""
    wood = features.texture(image)
    found = {"intensity": features.intensity(image), "colour": features.colour(image)}
    found["colour and place"] = features.colour_position(image, 0.7)
    found["texture"] = np.log(wood + 0.02)  # energies span powers of ten
    return {name: kmeans.kmeans(x, k, 30, 2, 0) for name, x in found.items()}


# %%
features, metrics = (exercise("kmeans", name, quiet=True) for name in ("features", "metrics"))
scores = {}
with needs("kmeans.texture"), needs("kmeans.agreement"), needs("kmeans.kmeans"):
    for photo in (photos["coffee"], photos["astronaut"]):
        found = by_feature(photo.image, 4)
        for feature, groups in found.items():
            scores[f"{photo.thing}: {feature}"] = metrics.best_segment(groups, photo.mask.ravel())[1]
        display(plots.segmentations(photo.image, found, columns=5, title=f"{photo.name}: k = 4"))

# %%
if scores:
    display(
        plots.bars(scores, xlabel="IoU of the best single segment", title="How well is the thing covered?")
    )

# %% [markdown]
# **Notice.** None of the features has the whole cup, or the whole astronaut, in one segment: saucer and table
# are alike in colour, the orange suit and the face are not. Place makes pieces compact, and cuts large things
# for it; texture finds where there is much going on, and blurs the borders by the width of its window.

# %% [markdown]
# ### Written question: what a cluster is
#
# *Introduction to Computer Vision, lecture 6 (2023), "K-Means Clustering Results".*
#
# (a) Why does k-means never find a ring around a disc as two groups, if the points are places in the plane?
# Argue with the assignment step. (b) Colour and place are measured in different units. What happens to the
# segments for a weight near 0, and for a very large one? (c) A friend standardises all features to the same
# variance first. Name one case where that helps and one where it does harm. About 120 words.

# %% [markdown] written="what_a_cluster_is" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) A point belongs to the nearest center, so the border between two groups is the
# perpendicular bisector of two centers: a straight line. Groups are convex; a ring is not, and both centers
# of ring and disc would lie at the same place. (b) Near 0, place does not count: segments by colour alone,
# scattered over the image. Very large: colour does not count, and the image is tiled into about equal,
# compact cells, whatever it shows. (c) It helps if one feature has large numbers for no reason (255 against
# 1); it does harm if a feature is small because it carries nothing but noise (an almost constant blue
# channel), which is then blown up to count as much as the others.
#
# **Marking scheme.** (a) 2 points: 1 for the nearest center, 1 for straight borders or convexity. (b) 1
# point, half for each limit. (c) 2 points, 1 for each case with its reason.
# ### END SOLUTION

# %% [markdown]
# ## 9. Mean shift
#
# *Introduction to Computer Vision, lecture 6 (2023), "Mean-Shift Segmentation": "An advanced and versatile
# technique".*
#
# **Claim.** Think of the points as a landscape, high where they are dense. Every point climbs: it moves to
# the mean of what is around it, again and again. The summits are the groups, and their number comes out
# instead of going in; what goes in is how far a point can see, the *bandwidth*.
#
# ### Exercise 12: `shift`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Mean-Shift Segmentation".* In `mean_shift.py`.

# %%
check("kmeans.shift")

# %% [markdown]
# **Predict.** The bandwidth is larger than the distance between any two points. How many modes are there?

# %%
### BEGIN SOLUTION
predicted_modes = 1
### END SOLUTION

# %% [markdown]
# ### Exercise 13: `mean_shift`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Mean-Shift Segmentation".* In `mean_shift.py`.

# %%
check("kmeans.mean_shift")

# %%
with needs("kmeans.mean_shift"):
    display(widgets.Bandwidth(exercise("kmeans", "mean_shift", quiet=True)))
    print("a bandwidth beyond all distances: 1 mode;  you predicted:", told(predicted_modes))

# %% [markdown]
# **Notice.** The grey lines are the ways that the points took. From the left end of the slider to the
# right: ninety groups, nine at 1, four only around 1.4, three all the way from 1.6 to 4.7, and one from
# 5. A long range in which nothing changes is an answer that the data give: the two groups at the left,
# which overlap, are one mountain for anyone who sees as far as that.
#
# On a photograph, with colour and place: a few hundred pixels climb, and every pixel belongs to the
# nearest summit.

# %%
ms, shifted = exercise("kmeans", "mean_shift", quiet=True), {}
with needs("kmeans.mean_shift"), needs("kmeans.pixel_features"), stopwatch() as watch:
    x = features.colour_position(coffee, 0.7)
    for bandwidth in (0.15, 0.25, 0.4):
        modes, _ = ms.mean_shift(x[:: pace(4, 80)], bandwidth, x[:: pace(160, 1600)], 60)
        shifted[f"bandwidth {bandwidth}: {len(modes)} modes"] = ms.nearest(x, modes)
if shifted:
    title = f"coffee, mean shift: {watch.seconds:.1f} s"
    display(plots.segmentations(coffee, shifted, columns=4, title=title))

# %% [markdown]
# **Notice.** No k anywhere; a small bandwidth gives many small pieces, a large one few. Groups of mean
# shift need not be equally large or round in the landscape, as those of k-means tend to be. The price is
# time: every step compares every climbing point with all pixels.

# %% [markdown]
# ## 10. Normalised cuts
#
# *Introduction to Computer Vision, lecture 6 (2023), "Graph-based Image Segmentation".*
#
# **Claim.** Forget centers. Let pixels be the nodes of a graph, linked to their neighbours, strongly if they
# are alike; and cut the graph where it costs least. The abstract on the slide says why the cut must be
# *normalised*: to measure "both the total dissimilarity between the different groups as well as the total
# similarity within the groups".
#
# ### Exercise 14: `affinity`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Graph-based Image Segmentation".* In
# `normalized_cut.py`. 9,600 pixels have 92 million pairs: only neighbours may be stored.

# %%
check("kmeans.affinity")

# %% [markdown]
# ### Exercise 15: `cut_value`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Normalized Cuts and Image Segmentation".* In
# `normalized_cut.py`.

# %%
check("kmeans.cut_value")

# %% [markdown]
# **Claim.** Without the normalisation, the cheapest cut takes off a corner. A plain image of 8 × 8 pixels:

# %%
nc = exercise("kmeans", "normalized_cut", quiet=True)
with needs("kmeans.affinity"), needs("kmeans.cut_value"):
    W = nc.affinity(np.zeros((8, 8, 3), dtype=np.uint8), 1.5).toarray()
    y, x = np.divmod(np.arange(64), 8)
    for name, side in (("one corner", (y == 0) & (x == 0)), ("the left half", x < 4)):
        cut = W[side][:, ~side].sum()
        print(f"{name}: cut {cut:.2f}, Ncut {nc.cut_value(W, side):.3f}")

# %% [markdown]
# **Notice.** The corner is the cheaper cut by far, and the left half the cheaper *normalised* cut.
#
# To find the best of $2^N$ cuts is hopeless; the paper's idea is to let each pixel be a real number instead
# of yes or no. Then the best answer is an eigenvector, and we cut it at a threshold.
#
# ### Exercise 16: `second_eigenvector`, `bipartition`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Normalized Cuts and Image Segmentation": "an efficient
# computational technique based on a generalized eigenvalue problem".* In `normalized_cut.py`.

# %%
check("kmeans.bipartition")

# %%
nc = exercise("kmeans", "normalized_cut", quiet=True)
step = pace(2, 5)  # every second pixel in each direction
cuts = {}
with needs("kmeans.affinity"), needs("kmeans.cut_value"), needs("kmeans.bipartition"), stopwatch() as watch:
    small = astronaut[::step, ::step].copy()
    W = nc.affinity(small, 6.0, 0.5, 8.0)
    y = nc.second_eigenvector(W)
    cuts["2 parts"], value = nc.bipartition(W)
    cuts["6 parts"] = nc.segment(W, 6)

# %%
if cuts:
    rising = 255 * (y - y.min()) / np.ptp(y)
    title = f"{W.shape[0]:,} pixels, {W.nnz:,} links, Ncut {value:.3f}: {watch.seconds:.1f} s"
    parts = [plots.painted(small, part.astype(int), borders=False) for part in cuts.values()]
    pictures = [small, rising.reshape(small.shape[:2]), *parts]
    display(plots.photo_grid(pictures, ["original", "second eigenvector", *cuts], columns=4, title=title))

# %% [markdown]
# **Notice.** The eigenvector is no intensity: it is smooth *within* things and steps at their borders,
# because every link that it stretches costs. Its first cut takes a large piece with a clean border, and
# later ones go on from there: pieces are in one part each, without the speckle of k-means. But her hair
# and face went with the wall behind them: the border between skin and wall is weaker than the one between
# skin and collar.

# %% [markdown]
# ## 11. Where all of them fail
#
# *Introduction to Computer Vision, lecture 6 (2023), "Summary of Grouping-based Segmentation" and "We Care
# About Semantics".*
#
# **Claim.** The slide's summary is: "Doesn't care about semantics". Side by side, on the astronaut, with
# about as many segments each; below, how well the best *single* segment covers her, and how far two methods
# agree.

# %%
methods = {}
with needs("kmeans.kmeans"), needs("kmeans.mean_shift"), needs("kmeans.bipartition"):
    x = features.colour_position(small, 0.7)
    methods["k-means"] = kmeans.kmeans(x, 6, 30, 3, 0)
    methods["mean shift"] = ms.nearest(x, ms.mean_shift(x[::2], 0.3, x[::9], 60)[0])
    methods["normalised cuts"] = cuts["6 parts"]
    title = "Three ways to group the same pixels"
    display(plots.segmentations(small, methods, columns=4, title=title, borders=False))

# %%
mask = photos["astronaut"].mask[::step, ::step].ravel()
with needs("kmeans.agreement"):
    for name, groups in methods.items():
        alike = ", ".join(f"{metrics.rand_index(groups, other):.2f}" for other in methods.values())
        iou = metrics.best_segment(groups, mask)[1]
        print(f"{name:16} {groups.max() + 1} segments, IoU {iou:.2f}; Rand index with each: {alike}")

# %% [markdown]
# **Notice.** The Rand indices are high: on seven to nine of ten *pairs of pixels* two methods agree.
# Normalised cuts come closest to the person (an IoU of 0.7), and what they have is the suit: hair, face,
# collar and suit are as different as things can be in colour, and only who knows what an astronaut is
# would put them together. The flag, which is one thing for us, is stripes for k-means, and a part of the
# wall for the cuts.
#
# More features will not mend this. The slides' next section turns the question round: learn, from
# labelled examples, what each pixel *is*. That is the next assignment.

# %% [markdown]
# ### Written question: what grouping cannot know
#
# *Introduction to Computer Vision, lecture 6 (2023), "Summary of Grouping-based Segmentation".*
#
# (a) Take one failure from the figures above, and say which of the three notions of "belonging together"
# (near a center, under one summit, strongly linked) causes it, and how. (b) Which change to features or
# parameters might mend *this* failure, and what would it break? (c) Name two things that people still use
# these methods for, and why it does no harm there that they do not know semantics. About 120 words.

# %% [markdown] written="no_semantics" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) For example: k-means puts the white stripes of the flag and the white background
# into one group: they are near the same center in colour, and place counts too little to separate them.
# (Or: normalised cuts separate face and suit, because the collar between them is dark: links across it are
# weak.) (b) A larger weight of the place separates stripes from background; it also cuts the background
# into pieces. (c) Compression and palettes (the error counts, not the names); superpixels, which cut down
# the number of units for a later, learned method; counting cells or stars on a plain background, where
# colour *is* the thing; tracking by mean shift, where the thing is given.
#
# **Marking scheme.** (a) 2 points: 1 for a failure that is in a figure, 1 for the reason in terms of that
# method. (b) 1.5 points: 1 for a change that fits, 0.5 for its cost. (c) 1.5 points: 0.5 for each use, 0.5
# for the reason.
# ### END SOLUTION

# %% [markdown]
# ## 12. Hand in
#
# Your four predictions are read from this notebook; save it first. Then check everything once more.

# %%
check("kmeans.predictions")

# %%
check("kmeans")

# %% [markdown]
# These are the public checks. Hidden tests ask the same functions harder questions: empty clusters, ties,
# images of one row, graphs that fall apart. They follow what the docstrings promise.
#
# Then, in a terminal: `cvcourse submit kmeans` writes `kmeans.zip`, the one file to hand in. (In Colab, run
# `cvcourse.colab.submit("kmeans")` in a cell instead: it packs this notebook with it. On JupyterHub use
# nbgrader's Submit button.)
