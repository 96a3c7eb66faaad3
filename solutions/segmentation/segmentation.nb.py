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
# # Segmentation: what is where, pixel by pixel
#
# A classifier says *that* there is a cat. Here every pixel gets an answer. You will build what takes a
# network back from a few coarse features to full resolution, the measures that tell a good mask from a
# lucky one, and a UNet; then you will see what its skips are for, by switching them off.
#
# **How to work.** Your code goes into four files: `upsampling.py` and `metrics.py` in numpy,
# `segmentation_losses.py` and `networks.py` in torch. Where it asks you to *predict*, write your guess
# down before you run the next cell, then correct it: what is graded is the answer that you hand in. After
# each exercise a `check` cell tells what passes.
#
# Everything runs without a network on images that are made here, on two CPU cores in about three minutes.
# Only section 13 wants a GPU, and runs shortened without one.
#
# **The slides behind it**: *Introduction to Computer Vision, lecture 6 (2023)*, "CNNs and segmentation", from
# "Semantic Segmentation" on.

# %%
import numpy as np
from IPython.display import display

from cvcourse import check, exercise, plots, widgets
from cvcourse.checks import needs, told
from cvcourse.datasets import composites, small_shapes
from cvcourse.pace import pace, stopwatch

upsampling = exercise("segmentation", "upsampling")

# %% [markdown]
# ## 1. Per-pixel classification
#
# *Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation": "a dense labeling problem.
# Or, per-pixel classification problem".*
#
# **Claim.** A training example is an image and a *mask*: a class for every pixel, from a list that is
# fixed beforehand. So an image of 64×64 is 4,096 examples of classification. Two sets of our own making,
# whose masks are exact because we painted them: small coloured shapes in noise, and garments from
# Fashion-MNIST laid on photographs of brick, grass and gravel.

# %%
shapes, scenes = small_shapes(), composites()
print(shapes, scenes, sep="\n")
display(plots.label_maps(shapes.X_train[:6], shapes.y_train[:6], {}, shapes.class_names))
display(plots.label_maps(scenes.X_train[:6], scenes.y_train[:6], {}, scenes.class_names))

# %% [markdown]
# **Notice.** *Semantic* segmentation: two discs that touch are one region of class disc. Telling them
# apart would be *instance* segmentation. And most pixels are background; that will matter.

# %% [markdown]
# ## 2. A sliding window, and its waste
#
# *Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation using Sliding Window":
# "Impossible to classify without context".*
#
# **Claim.** One pixel says little: here its colour is its class's colour plus noise. Let every pixel
# vote with its neighbours: average a window around it, and take the class whose mean colour is nearest.

# %%
X, y = shapes.X_test[: pace(100, 20)].astype(float), shapes.y_test[: pace(100, 20)]
colours = np.stack([shapes.X_train[shapes.y_train == k].mean(axis=0) for k in range(4)])


def by_window(K):
    """Which pixels does the mean colour of a K×K window classify rightly?"""
    padded = np.pad(X, [(0, 0), (K // 2, K // 2), (K // 2, K // 2), (0, 0)], mode="edge")
    seen = np.lib.stride_tricks.sliding_window_view(padded, (K, K), axis=(1, 2)).mean(axis=(-2, -1))
    return ((seen[..., None, :] - colours) ** 2).sum(axis=-1).argmin(axis=-1) == y


# %%
sizes = [1, 3, 5, 7, 9, 13]
hits = [by_window(K) for K in sizes]
right = {"pixels of shapes": [100 * hit[y > 0].mean() for hit in hits]}
right["pixels of background"] = [100 * hit[y == 0].mean() for hit in hits]
axes = {"xlabel": "width of the window (pixels)", "ylabel": "classified rightly (%)"}
plots.curves(sizes, right, **axes, title="Mean colour of a window, nearest class colour")

# %% [markdown]
# **Notice.** A little context helps a lot, and more of it hurts: a wide window averages over the small
# shape *and* its surroundings. A net can weigh what it sees instead of averaging it; let it look through
# a window of 13×13, three convolutions of 5×5 without padding.
#
# **Predict.** At how many places does a window of 13×13 fit into an image of 64×64?

# %%
### BEGIN SOLUTION
predicted_windows = 2704
### END SOLUTION

# %% tags=["gpu"]
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(*(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.Conv2d(16, 4, 5)))
image = torch.from_numpy(shapes.X_test[:1]).permute(0, 3, 1, 2) / 255
windows = image.unfold(2, 13, 1).unfold(3, 13, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 3, 13, 13)
print(len(windows), "windows;  you predicted", told(predicted_windows))

# %% tags=["gpu"]
with torch.no_grad():
    net(image)  # torch's first call is slow
    with stopwatch() as sliding:
        one_by_one = net(windows).reshape(52, 52, 4).permute(2, 0, 1)
    with stopwatch() as convolving:
        at_once = net(image)[0]
print("the same answer:", torch.allclose(one_by_one, at_once, atol=1e-5))
seconds = {"a window for each pixel": sliding.seconds, "the whole image at once": convolving.seconds}
plots.bars(seconds, xlabel="seconds (logarithmic)", title="52×52 pixels classified, twice", log=True)

# %% [markdown]
# **Notice.** The same numbers, tens of times sooner (in multiplications it is a factor of 21): neighbouring
# windows share nearly everything that is computed for them, and a network of convolutions computes it
# once. So a segmentation network is *fully convolutional*: any image in, a map of scores out.

# %% [markdown]
# ## 3. Up again: unpooling
#
# *Introduction to Computer Vision, lecture 6 (2023), "In-Network Upsampling: Unpooling" and "In-Network
# Upsampling: Max Unpooling".*
#
# **Claim.** At full resolution a deep network costs too much and sees too little, so networks go down to
# a few coarse places and up again. Going up invents nothing: it says where the numbers that there are
# shall stand.
#
# ### Exercise 1: `nearest` and `bed_of_nails`
#
# *Introduction to Computer Vision, lecture 6 (2023), "In-Network Upsampling: Unpooling".* In
# `upsampling.py`. The slide's [[1, 2], [3, 4]] is the first test.

# %%
check("segmentation.upsample")

# %% [markdown]
# ### Exercise 2: `max_pool_with_switches` and `max_unpool`
#
# *Introduction to Computer Vision, lecture 6 (2023), "In-Network Upsampling: Max Unpooling".* Pooling
# forgets where the maximum was. Write the place down (the *switch*), and unpooling can put it back.

# %%
check("segmentation.unpool")

# %% [markdown]
# ### Exercise 3: `bilinear`
#
# *Introduction to Computer Vision, lecture 6 (2023), "In-Network Upsampling: Unpooling".* A weighted mean
# of the four nearest values: what FCN begins with.

# %%
check("segmentation.bilinear")

# %%
upsampling = exercise("segmentation", "upsampling", quiet=True)
x = scenes.X_test[6:7, None].astype(float)
with needs("segmentation.unpool"), needs("segmentation.bilinear"), needs("segmentation.upsample"):
    pooled, switches = upsampling.max_pool_with_switches(x, 4)
    shown = {"image": x, "max-pooled by 4": pooled, "nearest": upsampling.nearest(pooled, 4)}
    shown |= {"bed of nails": upsampling.bed_of_nails(pooled, 4)}
    shown |= {"max unpooling": upsampling.max_unpool(pooled, switches, x.shape)}
    shown |= {"bilinear": upsampling.bilinear(pooled, 4)}
    display(plots.images([a[0, 0] for a in shown.values()], list(shown), columns=6))

# %% [markdown]
# **Notice.** The same 256 numbers in each. The nails stand in the corners of their squares, the
# unpooled maxima where they came from: the places carry some of the outline. Bilinear is smooth, and
# wrong at every edge. No rule brings back what pooling threw away.

# %% [markdown]
# ## 4. Transposed convolution
#
# *Introduction to Computer Vision, lecture 6 (2023), "Convolution as Matrix Multiplication" and
# "Learnable Upsampling: Transposed Convolution".*
#
# **Claim.** A convolution with stride reads a window and writes one number. Turn that round: read one
# number, and paint it into a window, each place as many times as the kernel says; where windows overlap,
# add. The stride is now the step in the *output*.
#
# **Predict.** A 1-D transposed convolution with kernel (1, 2, 3), stride 2 and no padding paints the two
# values (10, 1). Which five numbers come out, as a list?

# %%
### BEGIN SOLUTION
predicted_painting = [10, 20, 31, 2, 3]
### END SOLUTION

# %% [markdown]
# ### Exercise 4: `convolution_matrix` and `transposed_convolution_1d`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Convolution as Matrix Multiplication".* A
# convolution is linear, so there is a matrix that does it: $\vec x * \vec a = X \vec a$. Write that
# matrix, then paint with its transpose: that is where the name comes from.

# %%
check("segmentation.matrix")

# %%
upsampling = exercise("segmentation", "upsampling", quiet=True)
kernel, values = np.array([1.0, 2, 3]), np.array([10.0, 1])
with needs("segmentation.matrix"):
    X = upsampling.convolution_matrix(kernel, 5, stride=2, pad=0)
    print(X.astype(int), "\nX.T @ (10, 1) =", X.T @ values, "  you predicted", told(predicted_painting))
    x, y = np.random.default_rng(0).normal(size=5), np.array([0.3, -2])
    print(f"⟨X x, y⟩ = {X @ x @ y:.6f}   ⟨x, Xᵀ y⟩ = {x @ (X.T @ y):.6f}")

# %% [markdown]
# **Notice.** Transposed, not inverted: Xᵀ undoes the change of *shape*, not the values. What it keeps is
# the inner product, ⟨Xx, y⟩ = ⟨x, Xᵀy⟩, and that is the law by which gradients flow back. So the forward pass
# of a transposed convolution is the backward pass of a convolution, and the other way round.
#
# ### Errata: the last row of the slide
#
# *Introduction to Computer Vision, lecture 6 (2023), "Convolution as Matrix Multiplication": "1D transpose
# conv, kernel size=3, stride=2, padding=0".*
#
# The slide's output has six numbers and ends with a 0. Its X was made for six (padded) pixels, of which
# the last is under no window:

# %%
with needs("segmentation.matrix"):
    for n in (5, 6):
        X = upsampling.convolution_matrix(kernel, n, stride=2, pad=0)
        print(f"X from {n} pixels has {len(X)} rows; Xᵀ paints", X.T @ values)

# %% [markdown]
# **Notice.** Five pixels and six both give two windows, so from two values alone one cannot tell how
# many there were. (2 − 1) · 2 + 3 = 5 is what libraries answer; torch's `output_padding=1` gives six.
#
# ### Exercise 5: `conv_transpose_forward`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Learnable Upsampling: Transposed Convolution".* The
# same for images (N, C_in, H, W), with filters (C_in, C_out, HH, WW) and padding.

# %%
check("segmentation.conv_transpose_forward")

# %% [markdown]
# ### Exercise 6: `conv_transpose_backward`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Learnable Upsampling: Transposed Convolution".* An
# old acquaintance: what each value painted is told by a convolution of `dout`.

# %%
check("segmentation.conv_transpose_backward")

# %%
upsampling = exercise("segmentation", "upsampling", quiet=True)
with needs("segmentation.conv_transpose_forward"):
    display(widgets.PaintedKernels(upsampling.conv_transpose_forward))

# %% [markdown]
# **Notice.** Move the first slider: each input value adds its kernel once. With kernel 3 and stride 2
# some places get one kernel, some two, some four, in a regular pattern, however smooth the input is. Then
# try kernel 4 and stride 2.
#
# **Predict.** How wide does a transposed convolution with kernel 4, stride 2 and pad 1 make 7 values?

# %%
### BEGIN SOLUTION
predicted_width = 14
### END SOLUTION

# %%
with needs("segmentation.conv_transpose_forward"):
    ones, w, param = np.ones((1, 1, 7, 7)), np.ones((1, 1, 4, 4)), {"stride": 2, "pad": 1}
    even, _ = upsampling.conv_transpose_forward(ones, w, np.zeros(1), param)
    uneven, _ = upsampling.conv_transpose_forward(ones, w[..., :3, :3], np.zeros(1), param)
    print("kernel 4:", even.shape[-1], "wide;  you predicted", told(predicted_width))
    display(plots.maps([even[0, 0], uneven[0, 0]], ["kernel 4", "kernel 3"], columns=2))

# %% [markdown]
# **Notice.** Both painted a constant image with a constant kernel at stride 2. With kernel 4 every place
# inside gets the same; with kernel 3 comes a *checkerboard*, which networks with such layers have to
# unlearn. A kernel that is a multiple of the stride avoids it; UNet's is 2, with stride 2.
#
# ### Written question: the transpose
#
# *Introduction to Computer Vision, lecture 6 (2023), "Convolution as Matrix Multiplication".*
#
# (a) Slides and papers call this layer "deconvolution" at times. Say in terms of X why the name is wrong.
# (b) Why is the backward pass of a transposed convolution with respect to its input a convolution? (c) A
# friend's network ends with a transposed convolution of kernel 3 and stride 2, and its masks have a
# pattern of dots. Explain, and name two remedies. About 120 words.

# %% [markdown] written="transpose" points=3
# ### BEGIN SOLUTION
# **Model answer.** (a) A deconvolution would undo the convolution: X⁻¹X = 1. X has fewer rows than
# columns, so it has no inverse, and XᵀX is not the identity: the transpose restores the shape only. (b)
# Forward is y = Xᵀx. So dL/dx = (Xᵀ)ᵀ dL/dy = X dL/dy, and X is a convolution with the same kernel and
# stride. (c) Kernel 3 at stride 2 overlaps unevenly: along each axis every second place gets two kernels,
# the others one, a checkerboard even where the input is constant. Remedies: kernel 2 or 4; bilinear or
# nearest upsampling followed by an ordinary convolution.
#
# **Marking scheme.** 1 point each. (a) 0.5 for "not an inverse", 0.5 for a reason. (b) The transpose of the
# transpose; 0.5 without X. (c) 0.5 for uneven overlap, 0.25 for each of two remedies that would work.
# ### END SOLUTION

# %% [markdown]
# ## 5. How good is a mask?
#
# *Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: Pixel Accuracy", "Evaluation
# Metrics: Intersection over Union" and "Evaluation Metrics: mIoU".*
#
# **Claim.** Pixel accuracy "may be misleading when the class representation is small within the image".
# How much so?
#
# **Predict.** An image of 32×32 with one object of 8×8, and a program that always says "background". What
# are its pixel accuracy, and its mIoU over the two classes?

# %%
### BEGIN SOLUTION
predicted_accuracy = 0.9375
predicted_miou = 0.46875
### END SOLUTION

# %% [markdown]
# ### Exercise 7: `confusion_matrix`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: mIoU".* In `metrics.py`. All
# that follows is read from it, so it is worth making fast: `bincount`, no loop over pixels.

# %%
check("segmentation.confusion")

# %% [markdown]
# ### Exercise 8: `pixel_accuracy`, `class_iou` and `mean_iou`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: Intersection over Union" and
# "Evaluation Metrics: mIoU".* Mind the classes that are not there.

# %%
check("segmentation.iou")

# %%
metrics = exercise("segmentation", "metrics", quiet=True)
truth = np.zeros((32, 32), dtype=int)
truth[12:20, 12:20] = 1
with needs("segmentation.confusion"), needs("segmentation.iou"):
    cm = metrics.confusion_matrix(truth, np.zeros_like(truth), 2)
    print("accuracy", metrics.pixel_accuracy(cm), "  you predicted", told(predicted_accuracy))
    print("mIoU    ", metrics.mean_iou(cm), "  you predicted", told(predicted_miou))
    cm = metrics.confusion_matrix(scenes.y_test, np.zeros_like(scenes.y_test), 6)
    print(f"always 'background' on our scenes: accuracy {metrics.pixel_accuracy(cm):.3f},", end=" ")
    print(f"mIoU {metrics.mean_iou(cm):.3f}")

# %% [markdown]
# **Notice.** More than eight of ten pixels right, for nothing. IoU divides by what was said *or* was there:
# who finds nothing of an object gets 0 for it.
#
# ### Exercise 9: `boundary_f1`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Improving FCN": "Per-pixel spatial information,
# especially around the boundary".* A few pixels of boundary hardly count in any of these. This measure
# looks at nothing else.

# %%
check("segmentation.boundary")

# %% [markdown]
# ## 6. Losses: every pixel, or the whole region?
#
# *Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation" and "Alternative Loss: Soft
# IoU Loss".*
#
# **Claim.** Cross-entropy averages over pixels, so the classes with many pixels have the say. One remedy
# is to weigh classes; the other is to make the metric itself the loss. An IoU of decisions has no
# gradient; with probabilities X and one-hot labels Y it has:
#
# $$I = \sum_v X_v Y_v \qquad U = \sum_v (X_v + Y_v - X_v Y_v) \qquad L = 1 - I/U$$
#
# The slide has one mask. With C classes each has its own, and the loss is the mean over those that occur.
#
# ### Exercise 10: `cross_entropy`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation".* In
# `segmentation_losses.py`, with class weights, and without the pixels that nobody labelled.

# %%
check("segmentation.cross_entropy")

# %% [markdown]
# ### Exercise 11: `soft_iou_loss` and `dice_loss`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Alternative Loss: Soft IoU Loss".*

# %%
check("segmentation.soft_iou")

# %%
metrics = exercise("segmentation", "metrics", quiet=True)
losses = exercise("segmentation", "segmentation_losses", quiet=True)
with needs("segmentation.confusion"), needs("segmentation.iou"), needs("segmentation.soft_iou"):
    display(widgets.RegionOverlap(metrics, losses))

# %% [markdown]
# **Notice.** Move the prediction off the object altogether: the IoU falls to 0, the pixel accuracy stays
# above 0.8, and the smaller the object, the higher it stays. Then raise the doubt at the perfect place: the
# decisions are the same, and so are accuracy and IoU, but the soft IoU asks for certainty: that is its
# gradient.

# %% [markdown]
# ## 7. What the bottleneck keeps
#
# *Introduction to Computer Vision, lecture 6 (2023), "Auto-Encoder" and "Advantage of Bottleneck".*
#
# **Claim.** An autoencoder has to say its input again through a code that is much smaller. What it keeps
# is what pays most: large and regular things. What it drops is noise, and exact places.
#
# ### Exercise 12: `ConvAutoencoder`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Auto-Encoder".* In `networks.py`.

# %%
check("segmentation.autoencoder")

# %% tags=["gpu"]
import torch.nn.functional as F

from cvcourse.datasets import load
from cvcourse.training import lesson

networks = exercise("segmentation", "networks", quiet=True)
garments = load("fashion-mnist-mini")
X_train, y_train, X_test, _ = lesson.as_tensors(garments, *pace((2000, 500), (200, 50)), shrink=1)


# %% tags=["gpu"]
def said_again(latent):
    """The test images, by an autoencoder whose code has `latent` channels of 7×7."""
    net = lesson.seeded(networks.ConvAutoencoder, 1, 16, latent, depth=2)
    how = {"loss": lambda net, x, y: F.mse_loss(net(x), x), "optimizer": torch.optim.Adam}
    how |= {"steps": pace(250, 10), "batch_size": 32, "learning_rate": 0.005, "watched": 0}
    lesson.train_briefly(net, X_train, y_train, **how)
    with torch.no_grad():
        return net(X_test)


# %%
shown = {"image, 784 numbers": X_test}
with needs("segmentation.autoencoder"):
    shown |= {f"through {49 * latent}": said_again(latent) for latent in (1, 4, 8)}
    for name, said in list(shown.items())[1:]:
        print(f"{name} numbers: PSNR {-10 * np.log10(float(((said - X_test) ** 2).mean())):.1f} dB")
    rows = [255 * said[i, 0].numpy() for said in shown.values() for i in (0, 1, 2, 3, 5, 8)]
    display(plots.images(rows, [n for name in shown for n in (name, *[""] * 5)], columns=6))

# %% [markdown]
# **Notice.** Through 49 numbers come light and dark, about where they belong; through 196 a shape that can
# be named; letters, straps and sharp edges come last. What is regular is cheap to say, and a net that must
# be brief says that. Yet where exactly the edges run is what a mask needs.

# %% [markdown]
# ## 8. FCN: coarse answers, and finer ones added
#
# *Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation: Fully Convolutional" and
# "Improving FCN".*
#
# **Claim.** FCN takes a classification network, scores the classes at each place of its last map, and
# enlarges that map. At 1/32 of the resolution our images are 2×2 places. FCN-8s adds the scores of two
# earlier, finer maps.
#
# ### Exercise 13: `FCN`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation: Fully Convolutional".*

# %%
check("segmentation.fcn")

# %% tags=["gpu"]
metrics = exercise("segmentation", "metrics", quiet=True)
networks = exercise("segmentation", "networks", quiet=True)
losses = exercise("segmentation", "segmentation_losses", quiet=True)
images, masks, test_images, test_masks = lesson.as_tensors(shapes, *pace((800, 200), (48, 24)), shrink=1)
rare = masks.numel() / (4 * torch.bincount(masks.flatten()))  # class weights: rare classes count more
weighted = lambda logits, y: losses.cross_entropy(logits, y, rare)  # noqa: E731


# %%
def measured(net):
    """mIoU, pixel accuracy and boundary F1 (within one pixel) on the test images."""
    found, truth = lesson.classes(net, test_images), test_masks.numpy()
    cm = metrics.confusion_matrix(truth, found, 4)
    f1 = [metrics.boundary_f1(y, p, 1) for y, p in zip(truth, found, strict=True)]
    return metrics.mean_iou(cm), metrics.pixel_accuracy(cm), np.mean(f1)


# %% tags=["gpu"]
def train(net, loss, epochs=5):
    """Train on the shapes; the test mIoU after each epoch."""
    steps, curve = epochs * len(images) // 16, []
    given = {"loss": lambda net, x, y: loss(net(x), y), "evaluate": epochs, "watched": 0}
    given["on_evaluation"] = lambda _, net: curve.append(measured(net)[0])
    lesson.train_briefly(net, images, masks, steps=steps, batch_size=16, **given)
    return curve


def masks_by(nets):
    """What each net says of the first test images."""
    return {name: lesson.classes(net, test_images[:6]) for name, net in nets.items()}


# %%
fcns, gallery = {}, (shapes.X_test[:6], shapes.y_test[:6])
with needs("segmentation.fcn"):
    for stride in (32, 8):
        fcns[f"FCN-{stride}s"] = net = lesson.seeded(networks.FCN, 3, 4, 8, stride)
        train(net, weighted)
        print(f"FCN-{stride}s: mIoU %.2f, pixel accuracy %.2f, boundary F1 %.2f" % measured(net))
    display(plots.label_maps(*gallery, masks_by(fcns), shapes.class_names))

# %% [markdown]
# **Notice.** FCN-32s knows in which quarter of the image something is, and no more: 2×2 scores, blown up.
# FCN-8s, with its 8×8, puts blobs in about the right places. Both have the same backbone; what differs is
# which maps are asked. "What needs to be stored in the bottleneck?", asks the slide: the context, *and*
# where every edge runs, as long as nothing leads around it.

# %% [markdown]
# ## 9. UNet, with skips on and off
#
# *Introduction to Computer Vision, lecture 6 (2023), "UNet Structure": "Bottleneck: no need to memorize the
# whole image but only provides global context".*
#
# **Claim.** Put a link between the maps of equal resolution on the way down and on the way up, and the
# bottleneck need not carry the edges. To see that it is the links, train the same net without them.
#
# ### Exercise 14: `UNet`
#
# *Introduction to Computer Vision, lecture 6 (2023), "UNet Structure".*

# %%
check("segmentation.unet")

# %%
networks = exercise("segmentation", "networks", quiet=True)
unets, lines = {}, {}
with needs("segmentation.unet"):
    for name, skips in (("with skips", True), ("without", False)):
        unets[name] = net = lesson.seeded(networks.UNet, 3, 4, 8, 3, skips=skips)
        lines[name] = train(net, weighted)
        print(f"{name:10}: mIoU %.2f, pixel accuracy %.2f, boundary F1 %.2f" % measured(net))
    axes = {"xlabel": "epoch", "ylabel": "mIoU on test images"}
    display(plots.curves(range(1, 6), lines, **axes, title=f"UNet on {len(images)} images of small shapes"))

# %% [markdown]
# **Notice.** In our runs (three seeds) the links are worth 0.17 to 0.19 of mIoU, and a boundary F1 of 0.97 in
# place of 0.6; of pixel accuracy, four points of a hundred. It is *this* task where they matter so much:
# shapes of a few pixels, whose colour says what they are. With large objects the gap is small.

# %%
if unets:
    title = "The same net, with links and without"
    display(plots.label_maps(*gallery, masks_by(unets), shapes.class_names, errors=True, title=title))

# %% [markdown]
# **Notice.** The net without links finds nearly every shape and names it rightly; it is wrong along the
# edges (the last row is its own). What a pixel costs in accuracy is the same everywhere. What a user sees is
# the outline. (That crosses swell to diamonds even with links is the loss's doing: see the next section.)
#
# ### Written question: the bottleneck
#
# *Introduction to Computer Vision, lecture 6 (2023), "Advantage of Bottleneck", "Improving FCN" and "UNet
# Structure".*
#
# (a) Why not simply leave the bottleneck out and convolve at full resolution throughout? Two reasons. (b)
# With links, what does the bottleneck still have to carry? Use sections 7 to 9. (c) An autoencoder is
# trained with UNet's links. What will its code learn, and why? About 120 words.

# %% [markdown] written="bottleneck" points=3
# ### BEGIN SOLUTION
# **Model answer.** (a) Memory and work: every layer at full resolution costs 4 times as much as at half.
# And sight: 3×3 at 1/8 of the resolution is some 20 pixels wide at the full one, so context takes few
# layers. (b) Context: which class is where, roughly. Edges come over the links (FCN-8s and the net without
# links have the places right and the boundaries wrong; with links boundary F1 goes from 0.6 to 0.97). (c)
# Nothing: the first link hands the image to the last layers, which copy it. The loss is small whatever the
# code is, so no gradient makes it carry anything.
#
# **Marking scheme.** 1 point each. (a) 0.5 each for cost and for receptive field. (b) 0.5 for context, 0.5
# for an observation from the notebook. (c) 0.5 for "nothing", 0.5 for the shortcut.
# ### END SOLUTION

# %% [markdown]
# ## 10. Imbalance: which loss?
#
# *Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: Pixel Accuracy" and "Alternative
# Loss: Soft IoU Loss".*
#
# **Claim.** Until here the cross-entropy was weighted by class. Take the weights away, or take the soft
# IoU, and make it hard: one small shape in each image, so that 98 of 100 pixels are background.

# %% tags=["gpu"]
lone = small_shapes(*pace((800, 200), (48, 24)), per_image=(1, 1))
images, masks, test_images, test_masks = lesson.as_tensors(lone, shrink=1)
rare = masks.numel() / (4 * torch.bincount(masks.flatten()))
for name, share in zip(lone.class_names, (0.25 / rare).tolist(), strict=True):
    print(f"{name}: {share:.1%} of the pixels")
kinds = {"cross-entropy": losses.cross_entropy, "weighted cross-entropy": weighted}
kinds["soft IoU"] = losses.soft_iou_loss
kinds["the last two together"] = lambda logits, y: weighted(logits, y) + losses.soft_iou_loss(logits, y)

# %%
by_loss, lines = {}, {}
with needs("segmentation.unet"), needs("segmentation.soft_iou"):
    for name, loss in kinds.items():
        by_loss[name] = net = lesson.seeded(networks.UNet, 3, 4, 8, 3)
        lines[name] = train(net, loss, epochs=3)
        print(f"{name:22}: mIoU %.2f, pixel accuracy %.3f, boundary F1 %.2f" % measured(net))
    display(plots.curves(range(1, 4), lines, **axes, title="The same UNet, four losses"))

# %% [markdown]
# **Notice.** By plain cross-entropy the net says "background" nearly everywhere: 98 % of the pixels are
# right, and at least two of the three shapes are never found (mIoU 0.25, 0.39, 0.25 with three seeds).
# Weights get it out, but now a false alarm is cheap and every shape comes out too large (0.72 to 0.74). The
# soft IoU draws sharp outlines, but a class that it does not find at once has hardly a gradient: in two of
# our three seeds it lost two classes (0.96, 0.49, 0.49). Together, one finds and the other draws (0.87 each
# time). It is not always so: with several shapes in each image, plain cross-entropy gets going and ends far
# above the weighted one.

# %%
if by_loss:
    shown, found = (lone.X_test[:6], lone.y_test[:6]), masks_by(by_loss)
    display(plots.label_maps(*shown, found, lone.class_names, title="One shape in each image"))

# %% [markdown]
# **Notice.** Four nets with pixel accuracies from 98 to 100 %. Which of them would you ship?
#
# ### Written question: measures and losses
#
# *Introduction to Computer Vision, lecture 6 (2023), "Evaluation Metrics: mIoU" and "Alternative Loss: Soft
# IoU Loss".*
#
# (a) An image of 1,000 pixels holds a tumour of 10. A net marks 20 pixels, these 10 among them. Give its
# pixel accuracy, the tumour's IoU and its Dice coefficient, and say which of them you would report. (b) Why
# is the mean of the images' mIoUs another number than the mIoU of the whole test set, and for which class
# is the difference largest? (c) You train on such images, in batches of two, with the soft IoU alone. What
# can go wrong, and what would you add? About 120 words.

# %% [markdown] written="measures" points=3
# ### BEGIN SOLUTION
# **Model answer.** (a) 10 pixels are wrong: accuracy 0.99. IoU = 10 / 20 = 0.5, Dice = 2 · 10 / (10 + 20) =
# 0.67. IoU or Dice (they rank alike, Dice = 2 IoU / (1 + IoU)): "always healthy" has an accuracy of 0.99 too.
# (b) A mean of ratios is not the ratio of sums: in the mean, an image with three pixels of a class weighs as
# much as one that is full of it. So rare classes and small objects differ most, and where a class is in an
# image neither said nor there, its IoU is not defined. (c) A batch without a tumour gives no signal for it,
# and false alarms in it are punished only by way of the background; where p is near 0 at first, so is the
# gradient, and the class can get lost (as in two of our three seeds). Add a (weighted) cross-entropy.
#
# **Marking scheme.** 1 point each. (a) 0.25 for each number, 0.25 for the choice with a reason. (b) 0.5 for
# ratio of sums against mean of ratios, 0.5 for rare or small. (c) 0.5 for a failure that can happen, 0.5
# for a remedy that meets it.
# ### END SOLUTION

# %% [markdown]
# ## 11. Context without going down: atrous convolution
#
# *Introduction to Computer Vision, lecture 6 (2023), "DeepLab V3" and "General Dense Prediction: UperNet".*
#
# **Claim.** Pooling is one way to see far. Another is to spread the kernel: an *atrous* (dilated)
# convolution leaves r − 1 pixels between its taps, so that it sees far at full resolution, with as many
# weights as before. DeepLabv3 looks through several dilations side by side (ASPP); UperNet pools at
# several sizes, and then goes up a pyramid as FCN does.
#
# **Predict.** How many pixels wide is what a 3×3 convolution with dilation 4 sees?

# %%
### BEGIN SOLUTION
predicted_atrous = 9
### END SOLUTION


# %% tags=["gpu"]
def sees(dilations):
    """How much each of 33×33 pixels changes the middle output of 3×3 convolutions with these dilations."""
    x = torch.ones(1, 1, 33, 33, requires_grad=True)
    out = x
    for d in dilations:
        out = F.conv2d(out, torch.ones(1, 1, 3, 3), padding=d, dilation=d)
    out[0, 0, 16, 16].backward()
    return x.grad[0, 0].numpy()


# %%
stacks = {(4,): "4", (1, 1, 1): "1, 1, 1", (1, 2, 4): "1, 2, 4", (4, 4, 4): "4, 4, 4"}
fields = {name: sees(dilations) for dilations, name in stacks.items()}
widths = {name: int(np.ptp(np.nonzero(field.any(axis=0))[0])) + 1 for name, field in fields.items()}
print("dilation 4 sees", widths["4"], "pixels;  you predicted", told(predicted_atrous))
titles = [f"dilations {name}\n{width} wide" for name, width in widths.items()]
display(plots.maps(list(fields.values()), titles, columns=4))

# %% [markdown]
# **Notice.** Three layers of 3×3 have 27 weights, whatever their dilation. With 1, 1, 1 they see 7 pixels,
# with 1, 2, 4 fifteen without a gap. With 4, 4, 4 they see 25, but only every fourth: a *grid*, in which
# neighbouring outputs have nothing to do with each other. That is why dilations are mixed.
#
# ### Exercise 15: `ASPP` and `DeepLabHead`
#
# *Introduction to Computer Vision, lecture 6 (2023), "DeepLab V3".*

# %%
check("segmentation.deeplab")

# %% [markdown]
# ### Exercise 16: `PyramidPooling` and `UperNetHead`
#
# *Introduction to Computer Vision, lecture 6 (2023), "General Dense Prediction: UperNet".*

# %%
check("segmentation.upernet")

# %% [markdown]
# ## 12. Failures, looked at
#
# *Introduction to Computer Vision, lecture 6 (2023), "Summary of Semantic Segmentation".*
#
# **Claim.** One number for a test set hides what a user will see first. The scenes are harder than the
# shapes: grey garments on grey photographs, and classes that differ in outline alone. UperNet's head, on a
# backbone that goes down to 1/32, has the context for that.

# %% tags=["gpu"]
networks = exercise("segmentation", "networks", quiet=True)
scene_data, found = lesson.as_tensors(scenes, *pace((1000, 250), (48, 24)), shrink=1), None
how = {"steps": pace(300, 4), "batch_size": 16, "learning_rate": 0.01, "optimizer": torch.optim.Adam}
with needs("segmentation.upernet"):
    torch.manual_seed(0)
    backbone = networks.Backbone(1, width=8)
    net = networks.Segmenter(backbone, networks.UperNetHead(backbone.channels, 6))
    lesson.train_briefly(net, *scene_data[:2], watched=0, **how)
    found, truth = lesson.classes(net, scene_data[2]), scene_data[3].numpy()

# %%
if found is not None:
    cm = metrics.confusion_matrix(truth, found, 6)
    title = f"Scenes: mIoU {metrics.mean_iou(cm):.2f}, pixel accuracy {metrics.pixel_accuracy(cm):.2f}"
    display(plots.confusion_matrix(truth.ravel(), found.ravel(), scenes.class_names, title=title))

# %% [markdown]
# **Notice.** The diagonal is what is right. Dresses fare worst: in our runs (three seeds) 24 to 37 % of
# their pixels are found, and 25 to 42 % are called top; 14 to 22 % of the bags' are, too. What else is missed
# goes to the background, along the edges. The mIoU was 0.57 to 0.61, at a pixel accuracy of 0.94 to 0.95.

# %%
if found is not None:
    each = [metrics.mean_iou(metrics.confusion_matrix(y, p, 6)) for y, p in zip(truth, found, strict=True)]
    order = np.argsort(each)
    picked = [*order[:4], *order[len(order) // 2 :][:2], *order[-2:]]  # the worst, two middling, the best
    shown, what = (scenes.X_test[picked], truth[picked]), [f"mIoU {each[i]:.2f}" for i in picked]
    answer = {"UperNet": found[picked]}
    display(plots.label_maps(*shown, answer, scenes.class_names, titles=what, errors=True))

# %% [markdown]
# **Notice.** The worst are first. There the garments lie on one another: the place is found almost exactly,
# the names are wrong, and they change in the middle of a garment. Nothing tells this net that a garment is
# one thing; every pixel is classified for itself, and a patch of cloth may well be a bag's. (Telling things
# apart first is what instance segmentation does.) In the best, garments stand free, and only edges are wrong.

# %% [markdown]
# ## 13. Real scale
#
# *Introduction to Computer Vision, lecture 6 (2023), "Semantic Segmentation": "Paired training data".*
#
# Photographs, labelled by hand: Oxford-IIIT Pet (811 MB; pet, background and the border between, at 128×128)
# or CamVid (599 MB; streets, 11 classes, 360×480). The `Trainer` of the ResNet assignment does the rest:
# images, masks and their crops and flips on the device, half precision where the GPU has it, and a
# checkpoint after every evaluation, from which the cell goes on when it is run again. `MaskData` leaves
# out the pixels that nobody labelled (255).
#
# *Published.* CamVid: mIoU 0.719 by a UNet from scratch at 368×480, 0.669 by FC-DenseNet103. Oxford Pets at
# 128×128, ten epochs of a UNet: about 0.68 over the three classes.
#
# *Cost.* **Not yet measured** on a GPU. As it stands the cell does a few steps on our scenes, on whatever
# device there is, so that you see it work. Name a data set and set `FULL` to do it in earnest.

# %% tags=["gpu"]
from cvcourse.pace import best_device, device_name, is_fast
from cvcourse.training import MaskData, Recipe, Trainer

REAL, FULL = None, False  # "oxford-pets" or "camvid", and True
real = load(REAL) if REAL else scenes
num = {} if FULL else {"num_train": pace(320, 32), "num_test": pace(100, 16)}
on = MaskData(real, best_device(), hold_out=101 if REAL == "camvid" else 0, **num)
size = {"batch_size": 16, "steps": 40 * len(on) // 16} if FULL else {"batch_size": 16, "steps": pace(40, 2)}
recipe = Recipe(**size, schedule="triangle", nesterov=True, evaluate_every=max(1, size["steps"] // 10))

# %% tags=["gpu"]
live = widgets.LiveCurve()
display(live)
run = None
with needs("segmentation.unet"):
    net = lesson.seeded(networks.UNet, on.images.shape[-1], on.num_classes, 32 if FULL else 8, depth=3)
    folder = f"runs/unet-{real.name}" if FULL else None
    run = Trainer(net, on, recipe, name="UNet", folder=folder, on_report=live.update)
    record = run.fit(progress=not is_fast())

# %% [markdown]
# **Notice.** The accuracy is that of labelled pixels. What counts is the mIoU over all test images:

# %% tags=["gpu"]
if run:
    found = run.predict(on.test_images).argmax(dim=1).cpu().numpy()
    truth = on.test_labels.cpu().numpy()
    iou = metrics.class_iou(metrics.confusion_matrix(truth, found, on.num_classes))
    title = f"{real.name}, {record.seconds:.0f} s on {device_name(on.device)}: mIoU {np.nanmean(iou):.2f}"
    shares = dict(zip(real.class_names, np.nan_to_num(iou), strict=True))
    display(plots.bars(shares, xlabel="IoU", title=title))

# %% [markdown]
# **Notice.** After a few steps the background is learned and little else: by accuracy that looks like a
# start, by IoU it is none. For CamVid the numbers are of the 101 validation frames; the test frames are for
# the end.

# %% [markdown]
# ## 14. Hand in
#
# Your six predictions are read from this notebook; save it first. Then check everything once more.

# %%
check("segmentation.predictions")

# %%
check("segmentation")

# %% [markdown]
# These are the public checks. Hidden tests ask the same functions harder questions: other shapes and
# strides, windows that overlap, classes that are missing, large logits, known weights in every layer. They
# follow what the docstrings promise.
#
# Then, in a terminal: `cvcourse submit segmentation` writes `segmentation.zip`, the one file to hand in.
# (In Colab, run `cvcourse.colab.submit("segmentation")` in a cell instead. On JupyterHub use nbgrader's
# Submit button.)
