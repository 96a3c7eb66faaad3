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
# # Convolutional networks: look at a little, everywhere, with the same eyes
#
# You will build the layers that made networks see: convolution, pooling, normalisation, dropout, each
# forward and backward, first in loops and then fast. Then you will work out what a network costs before
# you build it, rebuild four that made history, and train some.
#
# **How to work.** Your code goes into five files: `conv.py`, `normalization.py`, `dropout.py`,
# `analysis.py` and `networks.py`. Each step here makes a claim, runs a few lines, and says what to
# notice. Where it asks you to *predict*, write your guess down before you run the next cell, and
# correct it afterwards: what is graded is the answer that you hand in. After each exercise a `check`
# cell tells what passes. Save your file first; the check reads it anew each time.
#
# Everything runs without a network on 2,500 small pictures of garments.
#
# **The slides behind it**, by the names used below:
# - *Notes to CS231n*: "Deep Learning for Computer Vision";
# - *ITE4052 Deep Learning Review*;
# - *Computer Vision, class 4*: "Deep Learning";
# - *Introduction to Computer Vision, lecture 6 (2023)*: "CNNs and segmentation";
# - *Introduction to Computer Vision, lecture 7 (2025)*: "Deep Learning IV".

# %%
import numpy as np
from IPython.display import display

from cvcourse import check, exercise, plots, widgets
from cvcourse.checks import needs
from cvcourse.datasets import load
from cvcourse.pace import best_time, pace

conv = exercise("cnn", "conv")
data = load("fashion-mnist-mini")
boot = data.X_train[data.y_train == 9][1].astype(float)

# %% [markdown]
# ## 1. Why not fully connected?
#
# *Computer Vision, class 4, "Fully Connected Layer" and "Convolutional Layer"; ITE4052 Deep Learning
# Review, "Recap: Fully Connected Layer".*
#
# **Claim.** A fully connected layer has a weight for each pair of a pixel and a unit. The slide's
# example: an image of 200×200 pixels, 40,000 hidden units. A convolution gives up two freedoms: a unit
# sees only a small region (its *receptive field*), and all units of a map use the same weights.

# %%
pixels, units = 200 * 200, 40_000
print(f"fully connected:                       {pixels * units:13,} weights")
print(f"each unit sees 10×10 pixels:           {units * 10 * 10:13,} weights")
print(f"… and all share them, with 100 filters: {100 * 10 * 10:12,} weights")

# %% [markdown]
# **Notice.** The slide says "about 2 billion"; it is 1.6. From there to 10,000 in two steps, and each
# step is a belief about images: what belongs together lies together, and what is worth finding here is
# worth finding there.

# %% [markdown]
# ## 2. Convolution and cross-correlation
#
# *Notes to CS231n, "1D Convolution", "2D Convolution" and "3D Convolution".*
#
# **Claim.** Both slide a kernel along a signal and take dot products. Convolution reads the kernel
# backwards; cross-correlation does not. Networks learn their kernels, so they could not care less, use
# cross-correlation, and call it a convolution.
#
# $$(f * g)[x] = \sum_n f[n]\, g[x - n] \qquad\qquad \text{cross-correlation: } \sum_n f[x + n]\, g[n]$$
#
# ### Exercise 1: `cross_correlate_1d` to `convolve_3d`
#
# *Notes to CS231n, "1D Convolution", "2D Convolution" and "3D Convolution".* In `conv.py`, write the six
# functions. Only the places where the kernel fits into the signal count.

# %%
check("cnn.convolve")

# %%
conv = exercise("cnn", "conv", quiet=True)  # reads your file again
sobel = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
blob = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
with needs("cnn.convolve"):
    found = {"the boot": boot, "Sobel, correlated": conv.cross_correlate_2d(boot, sobel)}
    found["Sobel, convolved"] = conv.convolve_2d(boot, sobel)
    found["Sobel, turned"] = conv.convolve_2d(boot, sobel.T)
    found["smoothed"] = conv.convolve_2d(boot, blob)
    display(plots.maps(list(found.values()), list(found), columns=5, title="One boot under three kernels"))

# %% [markdown]
# **Notice.** The Sobel kernel answers where brightness changes from left to right: blue and red are the
# two signs. Convolved instead of correlated, all signs are turned round, because this kernel is the
# negative of its own mirror image. The last kernel is its own mirror image: nobody could tell which of
# the two was used.

# %% [markdown]
# ## 3. The convolution layer
#
# *ITE4052 Deep Learning Review, "Convolution Layer"; Notes to CS231n, "Convolutional Layer".*
#
# **Claim.** A layer has $F$ filters, each as deep as its input: a filter of 5×5 on a colour image has
# 5·5·3 weights and a bias, and makes *one* map. The maps side by side are the next layer's image.
#
# **Predict.** An image of 3×32×32, and 16 filters of 5×5 with stride 2 and pad 1. What is the shape of
# the output (without $N$)? And how many parameters has the layer, biases included?

# %%
### BEGIN SOLUTION
predicted_shape = (16, 15, 15)
predicted_parameters = 1216
### END SOLUTION

# %% [markdown]
# ### Exercise 2: `conv_forward_naive`
#
# *ITE4052 Deep Learning Review, "Convolution Layer".* Loops over images, filters, rows and columns; one
# window and one dot product at a time.

# %%
check("cnn.conv_forward_naive")

# %%
conv = exercise("cnn", "conv", quiet=True)
with needs("cnn.conv_forward_naive"):
    x, w, b = np.zeros((1, 3, 32, 32)), np.zeros((16, 3, 5, 5)), np.zeros(16)
    out, _ = conv.conv_forward_naive(x, w, b, {"stride": 2, "pad": 1})
    print("output:", out.shape[1:], "  you predicted:", predicted_shape)
    print("parameters:", w.size + b.size, "  you predicted:", predicted_parameters)

# %% [markdown]
# ### Errata: the size of a padded output
#
# *ITE4052 Deep Learning Review, "Output size" and "In practice: Common to zero pad the border".*
#
# The review prints $(N + 2P - F + 1)/S$ beside $\frac{N + 2P - F}{S} + 1$. For stride 1 they are the
# same. Which one is right? Count.

# %%
for N, P, F, S in ((7, 1, 3, 1), (7, 0, 3, 2), (7, 1, 3, 2), (32, 1, 5, 2)):
    places = len(range(0, N + 2 * P - F + 1, S))  # where the window may begin
    print(f"N={N:2d} P={P} F={F} S={S}: {places} places;", end=" ")
    print(f"(N+2P-F)/S + 1 = {(N + 2 * P - F) / S + 1},  (N+2P-F+1)/S = {(N + 2 * P - F + 1) / S}")

# %% [markdown]
# **Notice.** $(N + 2P - F)/S + 1$, rounded down. The slide's example has stride 1, where nobody can tell.
#
# ### Exercise 3: `conv_backward_naive`
#
# *Computer Vision, class 4, "Training the network with backpropagation".* The same loops. Every output
# is a sum of products: hand `dout` back to the pixels and to the weights that made it, and *add*,
# because a pixel lies under many windows and a weight is used at many places.

# %%
check("cnn.conv_backward_naive")

# %% [markdown]
# ### Exercise 4: `conv_forward_fast` and `conv_backward_fast`
#
# *Notes to CS231n, "Convolutional Layer".* The arithmetic is not the problem, Python is. Lay every window
# out as a column (`sliding_window_view` finds them without copying), and a layer is a matrix product. On
# the way back there are HH·WW slices to add (`taps` gives them).

# %%
check("cnn.conv_fast")

# %%
conv = exercise("cnn", "conv", quiet=True)
rng = np.random.default_rng(0)
x, w, b = rng.normal(size=(8, 3, 16, 16)), rng.normal(size=(8, 3, 3, 3)), np.zeros(8)
seconds = {}
with needs("cnn.conv_fast"):
    for name in ("conv_forward_naive", "conv_forward_fast"):
        seconds[name] = best_time(getattr(conv, name), x, w, b, {"stride": 1, "pad": 1})
    title = "8 images of 3×16×16, 8 filters: the same numbers"
    display(plots.bars(seconds, xlabel="seconds (logarithmic)", title=title, log=True))

# %% [markdown]
# **Notice.** A factor of a thousand or so, for the same sums. That is why every library turns
# convolution into matrix products of one kind or another. The price is memory: the columns hold each
# pixel HH·WW times.

# %% [markdown]
# ## 4. Pooling
#
# *Notes to CS231n, "Pooling Layer"; Computer Vision, class 4, "Single layer module of a convolutional
# network".*
#
# **Claim.** Pooling replaces a small area by one number: its maximum ("is it anywhere here?") or its
# mean. Position gets lost, on purpose, and what follows sees more of the image.
#
# ### Exercise 5: `max_pool_forward_naive` and `max_pool_backward_naive`
#
# *Notes to CS231n, "Pooling Layer".* Mind that windows may overlap: AlexNet's are 3×3 and move by 2.

# %%
check("cnn.max_pool")

# %% [markdown]
# ### Exercise 6: `max_pool_forward_fast` and `max_pool_backward_fast`
#
# *Notes to CS231n, "Pooling Layer".* No loop over images, channels or places.

# %%
check("cnn.max_pool_fast")

# %% [markdown]
# ### Exercise 7: `avg_pool_forward` and `avg_pool_backward`
#
# *Notes to CS231n, "Pooling Layer".* A mean is linear, so its backward pass does not even need to know x.

# %%
check("cnn.avg_pool")

# %%
conv = exercise("cnn", "conv", quiet=True)
pool_param = {"pool_height": 4, "pool_width": 4, "stride": 4}
with needs("cnn.avg_pool"), needs("cnn.max_pool"):
    shown = {"the boot": boot}
    for name in ("max_pool_forward_naive", "avg_pool_forward"):
        shown[name.split("_forward")[0]] = getattr(conv, name)(boot[None, None], pool_param)[0][0, 0]
        moved = np.roll(boot, 1, axis=1)[None, None]
        shown[name[:3] + ", boot moved"] = getattr(conv, name)(moved, pool_param)[0][0, 0]
    display(plots.maps(list(shown.values()), list(shown), columns=5, title="4×4 pooling, stride 4"))

# %% [markdown]
# **Notice.** 784 numbers become 49. Move the boot by a pixel and most of the pooled numbers hardly
# change: a little of the invariance that kNN on pixels lacked.

# %% [markdown]
# ## 5. Normalisation
#
# *Computer Vision, class 4, "Batch normalization and other normalization techniques"; Notes to CS231n,
# "Batch Normalization"; Introduction to Computer Vision, lecture 7 (2025), "Normalization Techniques".*
#
# **Claim.** Nothing in training keeps the activations at a reasonable size. Normalisation makes them
# so, by force, and gives back two numbers per feature to undo it where that is better:
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \qquad y = \gamma \hat x + \beta$$
#
# Batch, layer, group and instance norm are this one formula; they differ in which numbers share a mean.
#
# ### Exercise 8: `batchnorm_forward`
#
# *Computer Vision, class 4, "Batch normalization".* In `normalization.py`. In training the batch's
# statistics, in testing the running averages.

# %%
check("cnn.batchnorm_forward")

# %%
norm = exercise("cnn", "normalization", quiet=True)
rng = np.random.default_rng(0)
batch = rng.normal(size=(100, 3)) * [0.1, 1, 10] + [5, 0, -50]
with needs("cnn.batchnorm_forward"):
    bn_param = {"mode": "train", "momentum": 0.9}
    for step in range(1, 31):
        out, _ = norm.batchnorm_forward(batch, np.ones(3), np.zeros(3), bn_param)
        if step in (1, 10, 30):
            print(f"after {step:2d} batches, running mean:", bn_param["running_mean"].round(2))
    print("out: mean", abs(out.mean(axis=0)).max().round(6), " std", out.std(axis=0).round(3))

# %% [markdown]
# **Notice.** The features had means of 5, 0 and −50; after it, all have mean 0 and spread 1. The running
# averages begin at 0 and need some tens of batches to get there: a network that is tested too early is
# tested with wrong ones.
#
# ### Exercise 9: `batchnorm_backward` and `batchnorm_backward_alt`
#
# *Computer Vision, class 4, "Batch normalization"; Notes to CS231n, "Batch Normalization".* First step by
# step through the graph, then simplified on paper. Changing one x changes the mean and the variance, and
# with them every output of that feature.

# %%
check("cnn.batchnorm_backward")

# %% [markdown]
# ### Exercise 10: `layernorm_forward` and `layernorm_backward`
#
# *Computer Vision, class 4, "Issues with batch normalization".* The other axis, and no running averages.

# %%
check("cnn.layernorm")

# %% [markdown]
# ### Exercise 11: `spatial_batchnorm_forward` and `spatial_batchnorm_backward`
#
# *Computer Vision, class 4, "Batch normalization".* For images a feature is a channel: its places count
# as more images.

# %%
check("cnn.spatial_batchnorm")

# %% [markdown]
# ### Exercise 12: `spatial_groupnorm_…` and `spatial_instancenorm_…`
#
# *Computer Vision, class 4, "Issues with batch normalization"; Introduction to Computer Vision, lecture 7
# (2025), "Normalization Techniques".* Groups of channels, image by image.

# %%
check("cnn.groupnorm")

# %% [markdown]
# **Claim.** "Can we remove the dependence on the batch dimension?" asks lecture 7. Ask it of your own
# code: put one image into batches of different company.

# %%
norm = exercise("cnn", "normalization", quiet=True)
rng = np.random.default_rng(1)
image, g, b = rng.normal(size=(1, 4, 5, 5)), np.ones((1, 4, 1, 1)), np.zeros((1, 4, 1, 1))
with needs("cnn.groupnorm"), needs("cnn.spatial_batchnorm"):
    for company in (0.5, 5.0):
        images = np.concatenate([image, company * rng.normal(size=(3, 4, 5, 5))])
        by_batch, _ = norm.spatial_batchnorm_forward(images, np.ones(4), np.zeros(4), {"mode": "train"})
        by_group, _ = norm.spatial_groupnorm_forward(images, g, b, 2, {})
        print(f"company ×{company}: the image's spread is {by_batch[0].std():.2f} (batch)", end=", ")
        print(f"{by_group[0].std():.2f} (group)")

# %% [markdown]
# **Notice.** After batch norm, what becomes of an image depends on who else is in the batch; after group
# norm it does not. That is why batch norm needs two modes, large batches and similar batches, and why
# there are the others.
#
# ### Written question: batch normalisation
#
# *Computer Vision, class 4, "Issues with batch normalization"; Introduction to Computer Vision, lecture 7
# (2025), "BatchNorm as a Regularization".*
#
# (a) A network with batch norm is tested on one image in training mode, with a batch of that one image,
# right behind a fully connected layer. What does every feature become, and why? (b) A bias right before
# batch norm is useless: show it from the formula. (c) A friend fine-tunes with batches of two images, and
# test accuracy is far below training accuracy. Name a likely reason and two remedies. About 120 words.

# %% [markdown] written="batch_norm" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) With one image, each feature is its own mean and its variance is 0, so x̂ = 0 /
# sqrt(eps) = 0 and every feature becomes β, whatever the image was. (b) A bias adds the same number to
# all images of a feature, so the mean grows by just that number and x − μ stays as it was; β does the
# bias's work. (c) Statistics of two images are noisy, so in training the network sees normalisations
# that differ from step to step and differ from the running averages used in testing. Remedies: keep the
# pre-trained averages (freeze batch norm), larger batches, group or layer norm, recomputing the
# averages after training with many batches.
#
# **Marking scheme.** (a) 1.5 points: 1 for "β", 0.5 for the reason (variance 0 and mean = the image).
# (b) 1.5 points: 1 for the cancellation in x − μ, 0.5 for saying that β remains. (c) 2 points: 1 for
# weak or mismatched statistics, 0.5 for each of two remedies that would work.
# ### END SOLUTION

# %% [markdown]
# ## 6. Dropout
#
# *Introduction to Computer Vision, lecture 7 (2025), "Dropout" and "Dropout: Test Time"; Computer Vision,
# class 4, "Regularization with dropout".*
#
# **Claim.** Switch units off at random while training, and none can rely on another one being there.
# The slides differ in what p is: lecture 7's code says "probability of *keeping*", class 4 speaks of
# switching off. Ours is lecture 7's. And class 4 multiplies by it in testing; we divide in training
# (*inverted* dropout), so that testing needs to know nothing.
#
# ### Exercise 13: `dropout_forward` and `dropout_backward`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Dropout" and "Dropout: Test Time".* In
# `dropout.py`.

# %%
check("cnn.dropout")

# %%
dropout = exercise("cnn", "dropout", quiet=True)
with needs("cnn.dropout"):
    shown = {"x": boot}
    for p in (0.8, 0.5, 0.2):
        out, _ = dropout.dropout_forward(boot, {"p": p, "mode": "train", "seed": 0})
        shown[f"p = {p}, mean {out.mean():.0f}"] = out
    title = f"dropout: the mean of the boot is {boot.mean():.0f}"
    display(plots.maps(list(shown.values()), list(shown), columns=4, title=title))

# %% [markdown]
# **Notice.** What is left gets brighter as less is left, and the mean stays about where it was. (Dropping
# pixels is only to see it; in networks it drops units.)

# %% [markdown]
# ## 7. What a network sees, and what it costs
#
# *ITE4052 Deep Learning Review, "Receptive Fields"; Introduction to Computer Vision, lecture 6 (2023),
# "Receptive Field" and "VGGNet".*
#
# **Predict.** A convolution of 3×3, a 2×2 pooling with stride 2, and two more convolutions of 3×3: how
# many pixels wide is what one value at the end sees?

# %%
### BEGIN SOLUTION
predicted_receptive_field = 12
### END SOLUTION

# %% [markdown]
# ### Exercise 14: `output_size` and `receptive_field`
#
# *ITE4052 Deep Learning Review, "Output size" and "Receptive Fields".* In `analysis.py`, with stride and
# dilation.

# %%
check("cnn.geometry")

# %%
analysis = exercise("cnn", "analysis", quiet=True)
with needs("cnn.geometry"):
    c3, p2 = analysis.conv(1, 3), analysis.pool(2, 2)
    print("it sees", analysis.receptive_field([c3, p2, c3, c3]), "  you predicted", predicted_receptive_field)
    display(widgets.SlidingWindow(analysis.output_size))

# %% [markdown]
# **Notice.** Move the window first: the output is large where the image falls from bright to dark, and
# the zeros of the border make an edge that was not there. Then try stride 3 with pad 0: the last column
# is never looked at, which is what "does not fit" means on the slide. Dilation spreads nine pixels over
# 5×5.

# %%
with needs("cnn.geometry"):
    display(widgets.ReceptiveField(analysis))

# %% [markdown]
# **Notice.** With stride 1 the field grows by K − 1 a layer, the slide's 1 + L(K − 1). A stride
# multiplies what all later layers add, and dilations of 1, 2, 4 do the same without losing places.
# Depth is the cheapest way to see far.
#
# ### Exercise 15: `layer_table`
#
# *Introduction to Computer Vision, lecture 6 (2023), "VGGNet".* Shape, activations, parameters and
# operations of any list of layers.

# %%
check("cnn.cost")

# %%
analysis = exercise("cnn", "analysis", quiet=True)
with needs("cnn.cost"):
    rows = analysis.layer_table(analysis.VGG16, (3, 224, 224), bias=False)
    for layer, row in zip(analysis.VGG16, rows, strict=True):
        shape = "×".join(str(n) for n in row["shape"])
        print(f"{layer['kind']:4} {shape:>11} {row['activations']:10,} {row['parameters']:12,}", end="")
        print(f" {row['flops'] / 1e9:7.2f} GFLOP")
    total = analysis.totals(rows)
    print("in all", {name: f"{n:,}" for name, n in total.items()})

# %% [markdown]
# **Notice.** Row by row this is the slide's table, 102,760,448 included. Three quarters of the parameters
# sit in one fully connected layer, and nearly all of the work in the convolutions.
#
# ### Errata: VGG16's memory
#
# *Introduction to Computer Vision, lecture 6 (2023), "VGGNet": "TOTAL memory: 24M * 4 bytes ≈ 96MB".*
#
# Add up the slide's own column, input included:

# %%
slide = [150e3, 3.2e6, 3.2e6, 800e3, 1.6e6, 1.6e6, 400e3, 800e3, 800e3, 800e3, 200e3, 400e3, 400e3, 400e3]
slide += [100e3, 100e3, 100e3, 100e3, 25e3, 4096, 4096, 1000]
print(
    f"the slide's rows: {sum(slide) / 1e6:.1f}M numbers, {4 * sum(slide) / 1e6:.0f} MB; it prints 24M, 96 MB"
)
with needs("cnn.cost"):
    table = analysis.layer_table(analysis.VGG16, (3, 224, 224))
    exact = analysis.totals(table)["activations"] + 3 * 224 * 224
    print(f"exactly: {exact:,} numbers, {4 * exact / 1e6:.0f} MB")

# %% [markdown]
# **Notice.** 15.2 million and 61 MB. The 24M may count the ReLUs' outputs as well; in place they take no
# memory. The parameters' 138M are right (plus 13,416 biases).
#
# ### Three 3×3 or one 7×7?
#
# *Introduction to Computer Vision, lecture 6 (2023), "Why use smaller filters? (3x3 conv)".*

# %%
with needs("cnn.cost"):
    three, one = [analysis.conv(64, 3, pad=1)] * 3, [analysis.conv(64, 7, pad=3)]
    for name, layers in (("three 3×3", three), ("one 7×7", one)):
        total = analysis.totals(analysis.layer_table(layers, (64, 56, 56), bias=False))
        field = analysis.receptive_field(layers)
        print(f"{name:10} sees {field}×{field}, {total['parameters']:8,} parameters,", end=" ")
        print(f"{total['flops'] / 1e9:.2f} GFLOP, {total['activations']:8,} activations")

# %% [markdown]
# **Notice.** The same receptive field for 27/49 of the weights and of the work, and three non-linearities
# in place of one. What the slide leaves out: three times the activations to keep for the backward pass.
#
# ### Written question: counting
#
# *Introduction to Computer Vision, lecture 6 (2023), "VGGNet" and "Why use smaller filters? (3x3 conv)".*
#
# (a) Where are most of VGG16's parameters, where is most of its work, and why are these not the same
# place? (b) GoogLeNet replaces the fully connected layers by global average pooling. How many of
# VGG16's parameters would that save, with one fully connected layer of 1,000 left? (c) Three 3×3
# against one 7×7: give one reason for each, with a number. About 100 words.

# %% [markdown] written="counting" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) Parameters: the fully connected layers, 124 of 138 million, 103 in the first
# alone. Work: the convolutions, more than 99 % of 31 GFLOP. A fully connected weight is used once for
# an image, a convolution's weight at every place, up to 224·224 times. (b) What remains is 512 · 1,000
# = 0.5 million in place of 123.6 million: about 123 million saved. (c) For three 3×3: 27 C² weights
# against 49 C², 45 % fewer (or three non-linearities). For one 7×7: a third of the activations to keep,
# fewer steps one after the other.
#
# **Marking scheme.** (a) 2 points: 0.5 for each place, 1 for the reason (how often a weight is used).
# (b) 1.5 points: 1 for the method, 0.5 for the number (122 to 124 million). (c) 1.5 points: 0.75 for
# each reason; half of that without a number.
# ### END SOLUTION

# %% [markdown]
# ## 8. Four networks that made history
#
# *Notes to CS231n, "CNN Architectures"; Introduction to Computer Vision, lecture 6 (2023), "AlexNet" and
# "VGGNet".*
#
# **Claim.** With the layers understood, the famous networks are lists. From here on we use torch's
# layers, which are yours with a faster engine.
#
# ### Exercise 16: `LeNet5`, `AlexNet` and `VGG`
#
# *Introduction to Computer Vision, lecture 6 (2023), "AlexNet" and "VGGNet"; Notes to CS231n, "CNN
# Architectures".* In `networks.py`. The numbers of parameters are in the docstrings, to the last digit.

# %%
check("cnn.networks")

# %% [markdown]
# ### Exercise 17: `Inception` and `GoogLeNet`
#
# *Notes to CS231n, "CNN Architectures": "Inception module", "Global average pooling".* Four ways side
# by side; 1×1 convolutions make it affordable.

# %%
check("cnn.googlenet")

# %% tags=["gpu"]
import torch

networks = exercise("cnn", "networks", quiet=True)
with needs("cnn.networks"), needs("cnn.googlenet"):
    with torch.device("meta"):  # shapes without memory
        nets = {"LeNet-5": networks.LeNet5(), "AlexNet": networks.AlexNet(), "VGG16": networks.VGG(16)}
        nets |= {"VGG19": networks.VGG(19), "GoogLeNet": networks.GoogLeNet()}
    for name, net in nets.items():
        print(f"{name:10} {sum(p.numel() for p in net.parameters()):12,} parameters")

# %% [markdown]
# **Notice.** LeNet to AlexNet: a thousand times. VGG doubles that again, and GoogLeNet does the same
# work with a twentieth of VGG's weights. *Notes to CS231n* gives GoogLeNet 5 million: the paper's own
# table adds up to 6.8, ours with batch norm has 7.0, and torchvision's, which has 3×3 in place of 5×5
# by mistake, 6.6.

# %% [markdown]
# ## 9. A network that learns
#
# *Computer Vision, class 4, "Convolutional networks for classification"; Notes to CS231n, "Baby Sitting
# the Learning Process".*
#
# **Claim.** kNN got about 80 % of these garments right by remembering all of them. A network of six small
# convolutions remembers nothing but its weights. `six` makes it, with or without batch norm, He's
# initialisation, dropout; `Trainer` is the course's training loop.


# %% tags=["gpu"]
from torch import nn

from cvcourse.training import DeviceData, Recipe, Trainer


def part(C, width, norm, he):
    layer = nn.Conv2d(C, width, 3, padding=1)
    if he:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return [layer, *([nn.BatchNorm2d(width)] if norm else []), nn.ReLU()]


# %% tags=["gpu"]
def six(norm=False, he=False, drop=0.0):
    torch.manual_seed(0)
    layers = [nn.PixelUnshuffle(2)]  # 28×28 pixels become four channels of 14×14
    for i, (C, width) in enumerate([(4, 16), (16, 16), (16, 32), (32, 32), (32, 32), (32, 32)]):
        layers += part(C, width, norm, he)
        if i in (1, 3):
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(drop), nn.Linear(32 * 3 * 3, 10))


# %% tags=["gpu"]
garments = DeviceData(data, "cpu", pad=2, num_train=pace(None, 400), num_test=pace(None, 100))
per_epoch = len(garments) // 100


def train(net, epochs, learning_rate=0.1):
    recipe = {"steps": pace(epochs, 2) * per_epoch, "batch_size": 100, "evaluate_every": 2 * per_epoch}
    recipe |= {"learning_rate": learning_rate, "schedule": "triangle", "nesterov": True}
    trainer = Trainer(net, garments, Recipe(weight_decay=5e-4, **recipe))
    return trainer, trainer.fit(progress=False)


# %% tags=["gpu"]
trainer, record = train(six(norm=True), epochs=14)
epochs = record.column("epoch")
lines = {name: [100 * v for v in record.column(f"{name}_accuracy")] for name in ("train", "test")}
title = f"{data.name}: {lines['test'][-1]:.1f} % of {len(garments.test_labels)} test images right"
plots.curves(epochs, lines, xlabel="epoch", ylabel="accuracy (%)", title=title)

# %% [markdown]
# **Notice.** Some five points above kNN, with 36,000 weights in place of a million and a half
# remembered pixels, and a test image costs the same however many training images there were. "train" is
# measured on shifted and mirrored images while the network is still learning, so it can be below
# "test".

# %% tags=["gpu"]
logits = trainer.predict(garments.test_images)
y_pred, truth = logits.argmax(dim=1).numpy(), garments.test_labels.numpy()
plots.confusion_matrix(
    truth, y_pred, data.class_names, title=f"{data.name}: {np.mean(y_pred == truth):.1%} right"
)

# %% [markdown]
# **Notice.** The shirt is still the hardest. Compare the sandals with kNN's matrix: thin straps are no
# noise to a network.
#
# ### What has it learned to look for?
#
# *Computer Vision, class 4, "Convolutional Layer": "Convolutions with learned kernels".*

# %% tags=["gpu"]
first = trainer.model[1]  # (16, 4, 3, 3) on PixelUnshuffle's four channels: 6×6 pixels, taken apart
filters = nn.functional.pixel_shuffle(first.weight.detach(), 2)[:, 0].numpy()
plots.maps(list(filters), columns=8, title="The sixteen filters of the first layer, 6×6 pixels each")

# %% tags=["gpu"]
with torch.no_grad():
    x = garments.normalise(garments.test_images[:1])
    shown = {"image": x[0, 0].numpy()}
    for i, layer in enumerate(trainer.model.eval()[:-3]):
        x = layer(x)
        if i in (3, 6, 10, 13, 17, 20):
            shown |= {f"layer {i}, map {c}": x[0, c].numpy() for c in range(3)}
plots.maps(list(shown.values()), list(shown), columns=7, title="One image on its way through the network")

# %% [markdown]
# **Notice.** Among the filters are edges of several directions and differences between neighbours; some
# look like nothing, and after so short a training that is normal. On the way through, the first
# maps still show the garment; later ones are coarse, and say where something is rather than what it
# looks like.

# %% [markdown]
# ## 10. What batch norm does
#
# *Computer Vision, class 4, "Batch normalization and other normalization techniques"; Notes to CS231n,
# "Batch Normalization" and "Weight Initialization".*
#
# **Claim.** With batch norm, networks train faster and at learning rates that would wreck them without.
# Is it batch norm, or only that activations have a decent size at the start? So there is a third row:
# no batch norm, but He's initialisation.

# %% tags=["gpu"]
kinds = {"as torch initialises": {}, "He's initialisation": {"he": True}, "batch norm": {"norm": True}}
rates, accuracies = [0.01, 0.1, 0.5], {}
for name, options in kinds.items():
    runs = [train(six(**options), epochs=5, learning_rate=rate)[1] for rate in rates]
    accuracies[name] = [100 * run.column("test_accuracy")[-1] for run in runs]
    print(f"{name:22}", "  ".join(f"{a:5.1f} %" for a in accuracies[name]), "  at learning rates", rates)
axes = {"xlabel": "learning rate", "ylabel": "test accuracy (%)"}
plots.curves(rates, accuracies, **axes, title=f"{data.name}: six convolutions, 5 epochs")

# %% [markdown]
# **Notice.** As torch initialises it, and without normalisation, the network needs just the right learning
# rate: at 0.01 it has not left chance after five epochs, at 0.5 it explodes. At 0.01, He's initialisation
# alone makes up most of the way: much of what batch norm is praised for is a good start. What remains for
# batch norm is that it is ahead at every rate, and that it bears the large one.
#
# (Chance is 10 %. One seed, 500 test images: a point or two is luck, what you see here is not.)

# %% [markdown]
# ## 11. What dropout does
#
# *Introduction to Computer Vision, lecture 7 (2025), "Dropout" and "BatchNorm as a Regularization".*
#
# **Claim.** Dropout costs accuracy on the training set and is meant to pay it back on the test set.
# With 2,000 images, is there enough over-fitting for it to cure?

# %% tags=["gpu"]
lines = {}
for drop in (0.0, 0.5):
    record = train(six(he=True, drop=drop), epochs=14)[1]
    for name in ("train", "test"):
        lines[f"{name}, drops {drop:.0%}"] = [100 * v for v in record.column(f"{name}_accuracy")]
axes = {"xlabel": "epoch", "ylabel": "accuracy (%)"}
plots.curves(record.column("epoch"), lines, **axes, title=f"{data.name}, before the last layer")

# %% [markdown]
# **Notice.** Dropout ends with a lower training curve: every step trains a different half of the last
# layer's inputs. On the test set there is little in it here: the images are augmented, the network is
# small and the last layer is thin. Dropout was invented for AlexNet's fully connected layers of 4,096
# units. (torch's `Dropout(p)` takes the probability of *dropping*.)

# %% [markdown]
# ## 12. Real scale: CIFAR-10
#
# *Notes to CS231n, "CNN Architectures"; Computer Vision, class 4, "Convolutional networks for
# classification".*
#
# 50,000 photographs in colour. A narrow VGG with batch norm, half precision where the GPU has it,
# images and augmentation on the device, a checkpoint after every evaluation: run the cell again after
# it was killed, and it goes on where it was. Set the switch to `True` to fetch the data (170 MB, once).
#
# *Cost.* Aim: 70 % and more in a few minutes on a GPU. **Not yet measured** on one; on a CPU, and
# without the data, the cell does a shortened run, and says on what.

# %% tags=["gpu"]
from cvcourse.pace import best_device, device_name

USE_CIFAR10 = False
real = load("cifar10", fallback="fashion-mnist-mini") if USE_CIFAR10 else data
device = best_device()
on_gpu = device.type != "cpu"
few = {} if on_gpu else {"num_train": pace(2000, 400), "num_test": pace(500, 100)}
photographs = DeviceData(real, device, **few)
print(real, "on", device_name(device))


# %% tags=["gpu"]
def narrow_vgg(C, widths=(64, 128, 256)):
    torch.manual_seed(0)
    layers = []
    for width in widths:
        for _ in range(2):
            layers += part(C, width, norm=True, he=True)
            C = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(C, 10))


# %% tags=["gpu"]
channels = photographs.images.shape[-1]
net = narrow_vgg(channels) if on_gpu else narrow_vgg(channels, widths=(8, 16, 32))
steps = 20 * len(photographs) // 256 if on_gpu else pace(60, 4)
recipe = Recipe(steps=steps, batch_size=256 if on_gpu else 50, learning_rate=0.1, schedule="triangle",
                nesterov=True, weight_decay=5e-4, evaluate_every=max(1, steps // 10))  # fmt: skip
folder = f"runs/cnn-{real.name}" if on_gpu else None
record = Trainer(net, photographs, recipe, name="narrow VGG", folder=folder).fit(progress=on_gpu)
curve = {name: [100 * v for v in record.column(f"{name}_accuracy")] for name in ("train", "test")}
title = f"{real.name}: {curve['test'][-1]:.1f} %, {record.seconds:.0f} s, {device_name(device)}"
plots.curves(record.column("epoch"), curve, xlabel="epoch", ylabel="accuracy (%)", title=title)

# %% [markdown]
# **Notice.** The title says what ran where, and for how long. On CIFAR-10 with a GPU, compare with
# kNN's 35 % on all 50,000 training images: the same data, and twice as many right answers.

# %% [markdown]
# ## 13. Hand in
#
# Your three predictions are read from this notebook; save it first. Then check everything once more.

# %%
check("cnn.predictions")

# %%
check("cnn")

# %% [markdown]
# These are the public checks. Hidden tests ask the same functions harder questions: other shapes,
# windows that overlap or do not fit, large values, arrays that must stay as they were. They follow what
# the docstrings promise.
#
# Then, in a terminal: `cvcourse submit cnn` writes `cnn.zip`, the one file to hand in. (In Colab, run
# `cvcourse.colab.submit("cnn")` in a cell instead: it packs this notebook with it. On JupyterHub use
# nbgrader's Submit button.)
