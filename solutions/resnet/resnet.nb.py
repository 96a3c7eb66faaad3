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
# # ResNets: why deeper nets got worse, and what to do when they get too good
#
# You will build the experiment that changed the field: a deep plain net that cannot even fit its training
# images, and the same net with shortcuts, which can. Then the opposite trouble: a net that fits its
# training images perfectly, and the cures for that, one at a time.
#
# **How to work.** Your code goes into five files: `blocks.py`, `resnet.py`, `landscape.py`, `augment.py`
# and `regularize.py`; each exercise says which. Where it asks you to *predict*, write your guess down
# before you run the next cell, then correct it: what is graded is the answer that you hand in. After each
# exercise a `check` cell tells what passes.
#
# Everything runs without a network on 2,500 small pictures of garments, on two CPU cores in about three
# minutes. Only section 12 wants a GPU, and runs shortened without one.
#
# **The slides behind it**, by the names used below:
# - *Introduction to Computer Vision, lecture 7 (2025)*: "Deep Learning IV";
# - *Introduction to Computer Vision, lecture 6 (2023)*: "CNNs and segmentation";
# - *Computer Vision, class 4*: "Deep Learning";
# - *ITE4052 Deep Learning Review*.

# %%
import numpy as np
from IPython.display import display

from cvcourse import check, exercise, plots, save_trained, widgets
from cvcourse.checks import needs
from cvcourse.datasets import held_out_garments, load
from cvcourse.pace import pace, stopwatch
from cvcourse.training import lesson

blocks = exercise("resnet", "blocks")

# %%
data = load("fashion-mnist-mini")
images, labels, test_images, test_labels = lesson.as_tensors(data, *pace((2000, 500), (300, 100)))
test = test_images, test_labels
print(data)
print("images of 14×14, to save time:", tuple(images.shape), " from", float(images.min()), "to 1")

# %% [markdown]
# ## 1. The residual block
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems When CNN Gets Really Deep".*
#
# **Claim.** A deeper net can do whatever a shallower one does: copy its layers, and let the others be the
# identity. So if the deeper one is worse *on the training images*, no lack of capacity and no overfitting
# explains it: the optimizer does not find what exists. The slides' solution is to make the identity easy
# to find: let the layers learn $F$ and compute
#
# $$H(x) = \mathrm{relu}\big(F(x) + x\big)$$
#
# A residual block whose weights are all 0 is the identity (for what a ReLU left positive). A plain block
# whose weights are all 0 is nothing at all.
#
# Where the map gets smaller and the channels more, $x$ has to follow. He et al. offer two ways: (A) every
# second pixel, and zeros for the new channels; (B) a 1×1 convolution, which is given as `Shortcut`.
#
# **Predict.** Shortcuts of kind A: how many parameters more has ResNet-56 than its plain twin?

# %%
### BEGIN SOLUTION
predicted_new_parameters = 0
### END SOLUTION

# %% [markdown]
# ### Exercise 1: `zeros_shortcut`
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet".* In `blocks.py`. Every `stride`-th pixel,
# and zeros before and after the old channels.

# %%
check("resnet.shortcut")

# %% [markdown]
# ### Exercise 2: `BasicBlock`
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet": "Every residual block has two 3x3 conv
# layers".* In `blocks.py`: the layers in `__init__`, their order in `forward`. The plain block
# (`shortcut=None`) is the same without the sum.

# %%
check("resnet.basic_block")

# %% [markdown]
# ### Exercise 3: `CifarResNet`
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet": "Full ResNet architecture".* In
# `resnet.py`: a stem, three stages of blocks, the mean over all pixels, a linear layer.

# %%
check("resnet.cifar_resnet")


# %%
def make(depth, residual=True, width=8, seed=0, **options):
    """A net from your file as it is now, for grey images; the seed decides its weights."""
    resnet = exercise("resnet", quiet=True)
    given = {"residual": residual, "width": width, "channels": 1, **options}
    return lesson.seeded(resnet.resnet_cifar, depth, seed=seed, **given)


def size(net):
    return sum(p.numel() for p in net.parameters())


# %%
with needs("resnet.cifar_resnet"):
    for depth in (20, 56):
        parameters = [size(make(depth, residual, width=16)) for residual in (False, True)]
        print(f"plain-{depth}: {parameters[0]:,} parameters; ResNet-{depth}: {parameters[1]:,}")
    print("you predicted a difference of", predicted_new_parameters)

# %% [markdown]
# **Notice.** Not one parameter more: whatever the two do differently is due to the shortcut alone.

# %% [markdown]
# ## 2. Degradation, by your own hands
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems When CNN Gets Really Deep"; lecture 6
# (2023), "ResNet": "Able to train very deep networks without degrading".*
#
# **Claim.** Deeper plain nets get worse on the images that they *train on*. Four narrow nets, the same
# number of steps: plain and residual, 20 and 44 layers deep.

# %%
depths = pace((20, 44), (8, 14))
nets, runs = {}, {}
with needs("resnet.basic_block"), stopwatch() as watch:
    for depth in depths:
        for kind, residual in (("plain", False), ("ResNet", True)):
            net = make(depth, residual)
            given = {"steps": pace(200, 4), "test": test, "evaluate": pace(5, 2)}
            runs[f"{kind}-{depth}"] = lesson.train_briefly(net, images, labels, **given)
            nets[f"{kind}-{depth}"] = net

# %%
if len(runs) == 4:
    lines = {name: [100 * a for a in run.train_accuracy] for name, run in runs.items()}
    axes = {"xlabel": "step", "ylabel": "accuracy on training images (%)"}
    steps = next(iter(runs.values())).steps
    display(plots.curves(steps, lines, **axes, title=f"{data.name}, 14×14, width 8"))
    for name, run in runs.items():
        print(f"{name}: training {run.train_accuracy[-1]:.0%}, test {run.test_accuracy[-1]:.0%}")

# %% [markdown]
# **Notice.** In the full run the deeper plain net is far behind the shallower one on its own training
# images; we measured 80 % (20 layers) against about 50 % (44), and 85 to 90 % for both residual nets,
# with two seeds. More depth cost the plain net thirty points, and the residual one next to nothing.
#
# Be careful with what this shows. 200 steps are a short run, and much of the gap closes with more: here,
# depth makes plain nets *slow*. In He et al.'s full runs on CIFAR-10 a gap stays: plain-20 has an error
# of about 9.5 %, plain-56 one of 13.5 %, and ResNet-56 one of 7.0 %.

# %% [markdown]
# ## 3. Where the gradient goes
#
# *Introduction to Computer Vision, lecture 7 (2025), "From the Perspective of Gradient BP": "Skip links
# provide bypaths for gradients to backpropagate".*
#
# **Claim.** For $y = x + F(x)$ the derivative is $1 + F'(x)$: whatever $F$ does, the 1 is there.
#
# **Predict.** Twenty residual blocks in a row ($y = x + F(x)$, without ReLU), all with $F'(x) = 0$ at
# this point. What is the derivative of the last output by the first input? (For plain layers it is
# $0^{20} = 0$.)

# %%
### BEGIN SOLUTION
predicted_gradient = 1
### END SOLUTION

# %%
with needs("resnet.basic_block"):
    norms = {}
    for name, residual in ((f"plain-{depths[1]}", False), (f"ResNet-{depths[1]}", True)):
        norms[name] = lesson.gradient_norms(make(depths[1], residual), images[:128], labels[:128])
    print("twenty factors of 1 + 0:", (1 + 0) ** 20, "  you predicted:", predicted_gradient)
    display(plots.gradients(norms, title="before training: the gradient in each 3×3 convolution"))

# %% [markdown]
# **Notice.** Gradients do not vanish in the plain net: batch norm sees to their size. They *grow* towards
# the first layers there, by orders of magnitude, and stay level in the residual net. A learning rate that
# is right for the last layers is then wrong for the first. "Vanishing gradients", which is often given as
# the reason for ResNets, is not what happens in a net with batch norm, and He et al. say so.

# %% [markdown]
# ## 4. The loss landscape
#
# *Introduction to Computer Vision, lecture 7 (2025), "Loss Landscape".*
#
# **Claim.** Without shortcuts, the loss around a deep net's weights is rugged; with them, it is a bowl. A
# net has thousands of weights and a picture two axes, so we look along two random directions. To compare
# two nets fairly, each filter of a direction is made as long as the net's own filter.
#
# ### Exercise 4: `filter_normalise`, `loss_surface`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Loss Landscape": "filter normalization".* In
# `landscape.py`.

# %%
check("resnet.landscape")


# %%
def surface(net, reach=1.0):
    landscape = exercise("resnet", "landscape", quiet=True)
    weights, few = list(net.parameters()), pace(200, 50)
    first, second = (landscape.random_direction(weights, seed) for seed in (0, 1))
    at = np.linspace(-reach, reach, pace(9, 3)).tolist()
    loss = lambda: lesson.mean_loss(net, images[:few], labels[:few])  # noqa: E731
    return landscape.loss_surface(loss, weights, first, second, at, at)


# %%
with needs("resnet.landscape"):
    found = {name: surface(net) for name, net in nets.items() if name.endswith(str(depths[1]))}
    if found:
        display(plots.surfaces(found, 1.0, title="the loss around the trained nets (stars)"))

# %% [markdown]
# **Notice.** Compare how far you can walk from each star before the loss has doubled, and how regular the
# contours are. The two nets ended at different losses, so compare shapes, not heights. It is a slice
# through a space of tens of thousands of dimensions: a bowl here is no proof of a bowl everywhere.

# %% [markdown]
# ### Written question: what the experiment shows
#
# *Introduction to Computer Vision, lecture 7 (2025), "Problems When CNN Gets Really Deep".*
#
# A fellow student says: "The deep plain net was worse because it overfits." (a) Which of your numbers
# speaks against it? (b) Another says: "because gradients vanish". Which of your figures speaks for or
# against that? (c) Name one thing that our short experiment cannot show about fully trained nets. About
# 100 words.

# %% [markdown] written="degradation" points=3
# ### BEGIN SOLUTION
# **Model answer.** (a) The training accuracy: 44 plain layers reach about half, 20 reach about 80 %. Who
# overfits is good on training images. (b) The gradients by depth: in the plain net they are larger, not
# smaller, in the first layers; with batch norm they do not vanish. (c) Whether the gap stays when both
# are trained to the end: 200 steps measure speed; He et al.'s 64,000 steps show that a gap remains. (Also
# accepted: one seed or two, one width, small grey images.)
#
# **Marking scheme.** 1 point for each part: (a) names training accuracy with its numbers; (b) refers to
# the figure and draws the conclusion that it allows; (c) a limit that is one of this experiment.
# ### END SOLUTION

# %% [markdown]
# ## 5. Deeper, and for large images
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet": "For deeper networks (ResNet-50+), use
# 'bottleneck' layer to improve efficiency".*
#
# **Claim.** A 3×3 convolution on 256 channels takes 590,000 weights. Go down to 64 channels by a 1×1,
# convolve there, go up again: 70,000 for three layers.
#
# ### Exercise 5: `Bottleneck`
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet".* In `blocks.py`.

# %%
check("resnet.bottleneck")

# %% [markdown]
# ### Exercise 6: `ImageNetResNet`
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet": "Total depths of 18, 34, 50, 101, or 152
# layers for ImageNet".* In `resnet.py`.

# %%
check("resnet.imagenet_resnet")

# %%
resnet = exercise("resnet", quiet=True)
with needs("resnet.imagenet_resnet"):
    found = {f"ResNet-{d}": size(resnet.resnet_imagenet(d)) / 1e6 for d in pace((18, 34, 50), (18,))}
    display(plots.bars(found, xlabel="million parameters", title="ResNets for ImageNet"))

# %% [markdown]
# **Notice.** ResNet-50 is half again as deep as ResNet-34, and four times as wide between its blocks, for
# 17 % more parameters. That is the bottleneck.
#
# ### Erratum: the weight decay
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet": "Weight decay of 1e-5".* The paper has
# 1e-4 (section 3.4, and again 4.2). Does a factor of ten matter? With SGD, each step multiplies every
# weight by $1 - \eta\lambda$, besides what the gradient does:

# %%
rates = np.repeat([0.1, 0.01, 0.001], [32_000, 16_000, 16_000])  # He et al.'s 64,000 steps on CIFAR-10
for decay in (1e-4, 1e-5):
    left = np.prod(1 - rates * decay)
    print(f"weight decay {decay:g}: what is left of a weight that gets no gradient: {left:.0%}")

# %% [markdown]
# **Notice.** A third of an unused weight goes with 1e-4, and next to nothing with 1e-5: the slide's value
# would hardly regularise. (Momentum of 0.9 makes it stronger still, in both cases.) The same slide's
# "Xavier initialization from He et al." is He's: $\sigma^2 = 2/N$, not $1/N$.

# %% [markdown]
# ## 6. Beyond ResNet
#
# *Introduction to Computer Vision, lecture 6 (2023), "Beyond ResNet".*
#
# **Claim.** Once the block was the unit, everybody built blocks. Three of them, each with one idea.
#
# ### Exercise 7: `SqueezeExcite`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Beyond ResNet": "Squeeze-and-Excitation Network".*
# In `blocks.py`. *Idea: let the whole image say which channels matter.*

# %%
check("resnet.squeeze_excite")

# %% [markdown]
# **Predict.** A 3×3 convolution from 64 to 64 channels takes 9 · 64 · 64 products for each pixel. How
# many times fewer does a depthwise separable one take (9 · 64 + 64 · 64)? One digit after the point will
# do.

# %%
### BEGIN SOLUTION
predicted_factor = 7.9
### END SOLUTION

# %% [markdown]
# ### Exercise 8: `DepthwiseSeparable`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Efficient Networks": "MobileNets".* In `blocks.py`.
# *Idea: look at neighbours and mix channels in two steps.*

# %%
check("resnet.depthwise")

# %% [markdown]
# ### Exercise 9: `DenseBlock`
#
# *Introduction to Computer Vision, lecture 6 (2023), "DenseNet": "each layer is connected to every other
# layer".* In `blocks.py`. *Idea: do not add, concatenate: nothing that was computed is lost.*

# %%
check("resnet.dense_block")

# %%
blocks = exercise("resnet", "blocks", quiet=True)
with needs("resnet.dense_block"):
    kinds = {"basic": blocks.BasicBlock(64, 64), "bottleneck": blocks.Bottleneck(64, 64)}
    kinds |= {"depthwise": blocks.DepthwiseSeparable(64, 64), "dense, 4 × 16": blocks.DenseBlock(64, 16, 4)}
    kinds |= {"squeeze-excite": blocks.SqueezeExcite(64)}
    counts = {name: size(block) for name, block in kinds.items()}
    display(plots.bars(counts, xlabel="parameters", title="one block with 64 channels of input"))

# %% [markdown]
# **Notice.** The first bar is two full 3×3 convolutions. You predicted the factor for one of them; the
# third bar shows it (batch norm aside). Fewer parameters are not always fewer seconds: depthwise
# convolutions do little work for each number that they fetch, and GPUs wait for memory.

# %%
print(f"9·64·64 / (9·64 + 64·64) = {9 * 64 * 64 / (9 * 64 + 64 * 64):.2f}; you predicted {predicted_factor}")

# %% [markdown]
# ## 7. Too good: overfitting
#
# *Introduction to Computer Vision, lecture 7 (2025), "The Generalization Gap and Overfitting".*
#
# **Claim.** Now the opposite trouble. With 300 training images, even a small net finds a way to be right
# on all of them.

# %%
few, few_labels = images[:300], labels[:300]


def with_few(seed=0, **cure):
    """A small ResNet trained on few images, with one thing changed."""
    given = {"steps": pace(200, 4), "test": test, "evaluate": pace(8, 2), "seed": seed} | cure
    return lesson.train_briefly(make(8, seed=seed), few, few_labels, **given)


# %%
cured = {}
with needs("resnet.basic_block"):
    cured["nothing"] = run = with_few()
    lines = {"300 training images": run.train_accuracy, "test images": run.test_accuracy}
    axes = {"xlabel": "step", "ylabel": "accuracy"}
    display(plots.curves(run.steps, lines, **axes, title="ResNet-8 on 300 images"))

# %% [markdown]
# **Notice.** The training curve ends at 100 %, the test curve about a quarter below. The gap between them
# is the *generalization gap*. From some point on, training buys nothing that holds for other images.

# %% [markdown]
# ## 8. Data augmentation
#
# *Introduction to Computer Vision, lecture 7 (2025), "Data Augmentation Gallery".*
#
# **Claim.** A mirrored boot is a boot. Whatever leaves the name alone can be done to the images, for
# free, and differently in each epoch. We do it to a batch at once, wherever it lies: no loop over images.
#
# ### Exercise 10: `flip`, `crop`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Simplest Data Augmentation: Horizontal Flip".* In
# `augment.py`.

# %%
check("resnet.flip_crop")

# %% [markdown]
# ### Exercise 11: `affine_matrix`, `affine`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Data Augmentation Gallery": rotation, scaling,
# translation.* In `augment.py`. The trap is the direction: each pixel of the *result* asks where it comes
# from.

# %%
check("resnet.affine")

# %% [markdown]
# ### Exercise 12: `adjust_colour`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Data Augmentation Gallery": "Color augmentation".*
# In `augment.py`.

# %%
check("resnet.colour")

# %% [markdown]
# ### Exercise 13: `box_mask`, `cutout`
#
# *ITE4052 Deep Learning Review, "Data Augmentation": "Cutout".* In `augment.py`.

# %%
check("resnet.cutout")

# %% [markdown]
# How strong may it be? Move the sliders until you cannot name the images yourself any more.

# %%
large = lesson.as_tensors(data, 12, 1, shrink=1)[0]
augment = exercise("resnet", "augment", quiet=True)
with needs("resnet.affine"):
    shown = [0, 1, 3, 5, 6, 8]
    names = [data.class_names[data.y_train[i]] for i in shown]
    display(widgets.Augmentations(augment, large[shown], names))

# %% [markdown]
# **Notice.** "The magnitude of DA can't be too strong. If core information is lost, then model can't
# learn", says the slide. And what is information depends on the task: upside down, a shirt is still a
# shirt, but a 6 is a 9; without colour, a red apple may be a green one (*Computer Vision, class 4, "Data
# augmentation"*).
#
# Three strengths, measured:

# %%
strengths = {"flip, crop by 1": {"flip": True, "pad": 1}, "flip, crop by 2": {"flip": True, "pad": 2}}
strengths["far too strong"] = {"flip": True, "pad": 6, "angle": 180.0, "colour": 0.9, "cutout": 10}
augment = exercise("resnet", "augment", quiet=True)
with needs("resnet.cutout"):
    for name, strength in strengths.items():
        cured[name] = with_few(augment=augment.Augment(**strength))
    found = {name: 100 * run.test_accuracy[-1] for name, run in cured.items()}
    display(plots.bars(found, xlabel="test accuracy (%)", title="300 training images, one augmentation each"))

# %% [markdown]
# **Notice.** Too strong is a disaster: the net ends not far above the 10 % of guessing, because what it
# trained on had little to do with garments any more. The gentle ones are no miracle either: with each of
# three seeds they left the *accuracy* within four points of where it was, and took 8 to 30 % off the test
# *loss* (below). Garments that are centred and upright in every image need little invariance to shifts;
# photographs need a lot.
#
# ### Exercise 14: `mixup`
#
# *ITE4052 Deep Learning Review, "Mixup and CutMix".* In `augment.py`. Two images at once, and two labels
# at once.

# %%
check("resnet.mixup")

# %% [markdown]
# **Predict.** CutMix with $\lambda = 3/4$ pastes a box of a quarter of the area, half as high and half as
# wide as the image. Its middle falls on the image's corner (row 0, column 0), in a large image. What
# share of the target belongs to the partner?

# %%
### BEGIN SOLUTION
predicted_share = 0.0625
### END SOLUTION

# %% [markdown]
# ### Exercise 15: `cutmix`
#
# *ITE4052 Deep Learning Review, "Mixup and CutMix".* In `augment.py`. The target goes by what was really
# pasted.

# %%
check("resnet.cutmix")

# %%
augment = exercise("resnet", "augment", quiet=True)
with needs("resnet.cutmix"):
    pair = large[[1, 8]]
    names = [data.class_names[data.y_train[i]] for i in (1, 8)]
    print(f"a quarter of a quarter: {1 / 16}; you predicted {predicted_share}")
    display(widgets.Mixtures(augment, pair, names))

# %% [markdown]
# **Notice.** Choose CutMix and push the box into a corner: the target follows what is left of it, not λ.
# With mixup, the net sees what no camera would, and yet it learns from it: it is asked to be *in between*
# wherever the image is.
#
# ### Exercise 16: `augmix`
#
# *Computer Vision, class 4, "Heavy data augmentation, AugMix".* In `augment.py`. Several chains side by
# side, and a share of the original, so that the result never gets too far from it.

# %%
check("resnet.augmix")

# %% [markdown]
# ## 9. Regularisation
#
# *Introduction to Computer Vision, lecture 7 (2025), "Overfitting" and "Early Stopping".*
#
# **Claim.** The other side: leave the images alone, and hold the net back.
#
# ### Exercise 17: `decay_groups`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Regularization": "In common use: L2
# regularization".* In `regularize.py`. Weights decay; biases and batch norms do not.

# %%
check("resnet.decay_groups")

# %% [markdown]
# ### Exercise 18: `EarlyStopping.step`
#
# *Introduction to Computer Vision, lecture 7 (2025), "Early Stopping": "always keep track of the model
# snapshot that worked best on val".* In `regularize.py`.

# %%
check("resnet.early_stopping")

# %% [markdown]
# ### Exercise 19: `smooth_labels`, `soft_cross_entropy`
#
# *Introduction to Computer Vision, lecture 7 (2025), "KL divergence": "the label is smoothed (label
# smoothing)".* In `regularize.py`.

# %%
check("resnet.label_smoothing")

# %% [markdown]
# One cure at a time, on the same 300 images:

# %%
augment, regularize = (exercise("resnet", module, quiet=True) for module in ("augment", "regularize"))
with needs("resnet.label_smoothing"):
    cured["weight decay 5e-3"] = with_few(weight_decay=5e-3)
    soft = regularize.soft_cross_entropy
    smooth = lambda net, x, y: soft(net(x), regularize.smooth_labels(y, 10, 0.1))  # noqa: E731
    cured["label smoothing"] = with_few(loss=smooth)
    cured["CutMix"] = with_few(loss=lesson.mixing(augment.cutmix, soft, 10))
    stopping = regularize.EarlyStopping(patience=2)
    cured["early stopping"] = with_few(on_evaluation=stopping.step)

# %%
if "early stopping" in cured:
    for name, run in cured.items():
        last = f"{run.train_accuracy[-1]:4.0%}  test accuracy {run.test_accuracy[-1]:.0%}"
        print(f"{name:18} training accuracy {last}  test loss {run.test_loss[-1]:.2f}")
    found = {name: run.test_loss[-1] for name, run in cured.items() if name != "far too strong"}
    display(plots.bars(found, xlabel="loss on the test images (less is better)", title="one cure at a time"))

# %% [markdown]
# **Notice.** Every cure but the last lowers the test loss (with three seeds, by 8 to 30 %), and the
# accuracies differ by no more than seeds do (three seeds of "nothing" lay 4 points apart). An overfitted
# net is not so much wrong more often as wrong *with certainty*: it says 99.9 % and means 75 %. The loss
# minds that, the accuracy does not. Which one you should mind depends on what is done with the answer.
#
# Early stopping cures nothing here. The test loss goes up and down while the learning rate is high, and
# comes down for good when the rate falls at the end; two bad evaluations in a row are no sign that the
# best is over, and a run that stops there misses it. It is a cure for losses that turn and climb.
#
# (We chose and stopped by the test images, for brevity. In earnest that is what a validation set is for.)

# %% [markdown]
# ### Written question: choose a cure
#
# *Introduction to Computer Vision, lecture 7 (2025), "Summary of Mitigating Overfitting".*
#
# You are to tell ripe from unripe tomatoes, from 400 photographs of single tomatoes taken from above
# under the same lamp. (a) Choose two augmentations of this notebook that fit, and one that does not, and
# say why. (b) Would you use label smoothing if the robot picks only when the net is sure by more than 95
# %? About 100 words.

# %% [markdown] written="cures" points=3
# ### BEGIN SOLUTION
# **Model answer.** (a) From above, a tomato has no up and down: flips and any rotation fit; so do shifts
# and crops. Colour changes do not fit: colour is what tells ripe from unripe (light may vary a little).
# Cutout and CutMix are arguable: patches of a tomato still have their colour. (b) Label smoothing makes
# the net less sure: with ε = 0.1 and two classes its targets are 0.95 and 0.05, so hardly any answer
# would exceed 95 %; use another cure, or choose the threshold anew on validation images.
#
# **Marking scheme.** (a) 1.5 points: 0.5 for each augmentation whose reason speaks of this task. (b) 1.5
# points: 1 for what smoothing does to the certainty, 0.5 for a conclusion that follows.
# ### END SOLUTION

# %% [markdown]
# ## 10. Standing on the shoulders of another net
#
# *Computer Vision, class 4, "Adapting a network to another dataset: finetuning".*
#
# **Claim.** A net that learned to see on *other* classes need not begin at the beginning: it learns new
# ones sooner, from few images.
#
# ### Exercise 20: `freeze`, `fine_tuning_mode`
#
# *Computer Vision, class 4, "Adapting a network to another dataset: finetuning": "freezing".* In
# `regularize.py`.

# %%
check("resnet.freeze")

# %% [markdown]
# The old task: the first five classes, all images. The new task: the other five, ten images each.

# %%
old, new = labels < 5, labels >= 5
tens = np.concatenate([np.flatnonzero(labels == c)[:10] for c in range(5, 10)])
task = {"images": images[tens], "labels": labels[tens] - 5}
new_test = test_images[test_labels >= 5], test_labels[test_labels >= 5] - 5
regularize = exercise("resnet", "regularize", quiet=True)
with needs("resnet.basic_block"):
    trained = make(8, num_classes=5)
    lesson.train_briefly(trained, images[old], labels[old], steps=pace(200, 4))


# %%
def adapt(learn, steps):
    """A net for the new task; `learn` names what may change of the old net, None starts from scratch."""
    net = make(8, num_classes=5, seed=1)
    if learn:
        net.features.load_state_dict(trained.features.state_dict())
        regularize.freeze(net, learn)
    given = {"steps": steps, "batch_size": 25, "test": new_test}
    return lesson.train_briefly(net, **task, **given, mode=regularize.fine_tuning_mode)


# %%
with needs("resnet.freeze"):
    ways = {"from scratch": None, "only the classifier": ("classifier",)}
    ways["fine-tuned, all of it"] = ("features", "classifier")
    found = {}
    for steps in (pace(20, 2), pace(100, 3)):
        for name, learn in ways.items():
            found[f"{name}, {steps} steps"] = 100 * adapt(learn, steps).test_accuracy[-1]
    display(plots.bars(found, xlabel="test accuracy (%)", title="five new classes, ten images each"))

# %% [markdown]
# **Notice.** Guessing would give 20 %. After 20 steps the fine-tuned net leads: by 3, 12 and 20 points over
# the one from scratch, with three seeds. After 100 steps the lead is gone (both 82 to 86 %). On these small
# images the old net is a *head start*, and the same was found for ImageNet's weights where there is data
# enough (He, Girshick and Dollár, Rethinking ImageNet Pre-training, 2019).
#
# The frozen net stays behind (48 to 64 %): the old task was tops, dresses and coats, the new one has shoes
# and bags, and what tells tops apart is not what tells shoes apart. Freezing pays where the old task is
# broad, like ImageNet's thousand classes, and the new one is small and similar.
#
# ### Exercise 21: `distillation_loss`
#
# *Computer Vision, class 4, "Adapting a network to another dataset: finetuning": "knowledge distillation
# loss".* In `regularize.py`. A teacher's "0.7 shirt, 0.2 pullover, 0.1 coat" says more than the label
# "shirt".

# %%
check("resnet.distillation")

# %%
regularize = exercise("resnet", "regularize", quiet=True)
teacher = nets.get(f"ResNet-{depths[0]}")


def taught(alpha):
    """A smaller net trained on few images, by labels (α = 0) or mostly by the teacher."""
    said = lambda net, x, y: (net(x), teacher(x).detach(), y, 4.0, alpha)  # noqa: E731
    loss = lambda *batch: regularize.distillation_loss(*said(*batch))  # noqa: E731
    given = {"steps": pace(200, 4), "test": test, "loss": loss}
    return lesson.train_briefly(make(8, width=4), few, few_labels, **given)


# %%
with needs("resnet.distillation"):
    found = {f"α = {alpha}": 100 * taught(alpha).test_accuracy[-1] for alpha in (0.0, 0.9)}
    title = "300 images: by labels, and with a teacher"
    display(plots.bars(found, xlabel="test accuracy (%)", title=title))

# %% [markdown]
# **Notice.** The two students are the same small net and saw the same 300 images; the second also heard
# what a teacher says, who has seen 2,000. With four seeds it gained 2, 2, 4 and -1 points of accuracy, and
# its test loss was 21 to 32 % lower in all of them. Distillation moves knowledge from images that the
# student never sees, or from a net that is too large to run on a phone.

# %% [markdown]
# ## 11. Garments as they come
#
# *Computer Vision, class 4, "Data augmentation"; Introduction to Computer Vision, lecture 7 (2025), "Doing
# Right Data Augmentations".*
#
# **Claim.** A test set that was made like the training set tells you little about images that were not.
# Here are 1,000 garments that nobody in this notebook has seen, as a careless hand photographs them. You
# get the images; only those who grade have the labels.

# %%
strange = held_out_garments()
display(plots.images([*data.X_train[:6], *strange[:12]], ["training"] * 6 + ["held out"] * 12))

# %% [markdown]
# **Notice.** Compare the rows, garment by garment: where they stand in the frame, how large they are, how
# they are turned, how dark they came out. Write down numbers: "up to 10 degrees", "up to 2 pixels". You will
# need them. (The net sees images of half the width: 2 pixels here are 1 there.)
#
# ### Exercise 22: name them
#
# Train a net, let it say a class for every one of the 1,000 images, and hand these in as a file. The net
# trains on the 2,000 embedded images, whole data sets, on a GPU or through the night: as you like. What
# counts is how many of the 1,000 it names rightly. 20 % are better than guessing and one point, and so are
# 40, 55 and 65 %.
#
# To choose, you need labels. Make your own validation set: the test images, distorted by *your* guess of
# what happened to the strange ones. The first run has no augmentation; then change `strength` (the arguments
# of `Augment`), and run the three cells again.

# %%
strength = {}  # such as {"flip": True, "pad": 1}
guess = {"angle": 15.0}  # what happened to the strange images, as you see it
net = None  # until it is trained

# %%
augment = exercise("resnet", "augment", quiet=True)
with needs("resnet.cutout"):
    net = make(8, width=16)
    options = {"augment": augment.Augment(**strength)} if strength else {}
    lesson.train_briefly(net, images, labels, steps=pace(600, 4), **options)
    distorted = lesson.seeded(augment.Augment(**guess), test_images)  # the same in every run
    print(f"upright test images: {lesson.accuracy_of(net, *test):.0%} are named rightly")
    print(f"distorted by your guess: {lesson.accuracy_of(net, distorted, test_labels):.0%}")

# %%
if net is not None:
    said = lesson.classes(net, lesson.as_images(strange))
    save_trained("resnet", "held_out", labels=said)
    names = [data.class_names[c] for c in said[:12]]
    display(plots.images(list(strange[:12]), names, title="what your net says"))

# %% [markdown]
# **Notice.** Judge for yourself: how many of these twelve are right? That is an estimate too, if a coarse
# one.

# %%
check("resnet.held_out")

# %% [markdown]
# Without augmentation the net names 86 % of the upright test images rightly, and 27 % of the
# strange ones (three seeds). In section 8 augmentation was no miracle, because the test images had been
# made like the training images; here it decides. What a net knows of tilted garments, it knows from having
# seen some.

# %% [markdown]
# ## 12. Real scale
#
# *Introduction to Computer Vision, lecture 6 (2023), "ResNet": "Training ResNet in practice".*
#
# He et al.'s recipe is the default of `Recipe`: SGD with momentum 0.9, learning rate 0.1, divided by 10
# after a half and after three quarters of 64,000 steps, batches of 128, weight decay 1e-4, crops and
# flips. With CIFAR-10 on a GPU, set the two switches. The run keeps a checkpoint, and goes on from there
# if you run the cell again.
#
# *Cost.* Not yet measured on a GPU. As it stands, on a CPU, the cell does a few steps on the garments, so
# that you see it work. In a terminal, `python -m cvcourse.training resnet20` does the same, and `python
# -m cvcourse.training speedrun` trains a modern net to 94 %.

# %% tags=["gpu"]
from cvcourse.pace import best_device, device_name, is_fast
from cvcourse.training import DeviceData, Recipe, Trainer

USE_CIFAR10, FULL = False, False
real = load("cifar10", fallback="fashion-mnist-mini") if USE_CIFAR10 else data
on = DeviceData(real, best_device(), num_train=None if FULL else 640, num_test=None if FULL else 200)
recipe = Recipe() if FULL else Recipe(steps=pace(20, 2), evaluate_every=pace(5, 1), batch_size=32)
print(f"{real.name}, {recipe.steps:,} steps, {device_name(on.device)}")

# %% tags=["gpu"]
records = []
live = widgets.LiveCurve()
display(live)
with needs("resnet.cifar_resnet"):
    for kind, residual in (("plain", False), ("ResNet", True)):
        net = make(pace(20, 8), residual, width=16, channels=on.images.shape[-1])
        run = Trainer(net, on, recipe, name=f"{kind}-20", on_report=live.update)
        records.append(run.fit(progress=not is_fast()))

# %% [markdown]
# **Notice.** The picture is drawn anew at each evaluation. Each run leaves a *record*: what was trained,
# by which recipe, on which machine, how fast, with which curve. Records can be kept as JSON and compared
# later:

# %% tags=["gpu"]
for record in records:
    speed = f"{record.images_per_second:,.0f} images/s"
    print(f"{record.name}: {record.status}, {record.seconds:.0f} s, {speed}, on {record.machine['device']}")
if records:
    display(plots.records(records, title=f"{real.name}, {recipe.steps:,} steps"))

# %% [markdown]
# **Notice.** A few steps say nothing about which net is better. The published errors on CIFAR-10, after
# the full run, are 8.75 % for ResNet-20, 6.97 % for ResNet-56 and 13.5 % or so for plain-56: reaching
# them is what the recipe is for.

# %% [markdown]
# ## 13. Hand in
#
# Your four predictions are read from this notebook; save it first. Then check everything once more.

# %%
check("resnet.predictions")

# %%
check("resnet")

# %% [markdown]
# These are the public checks. Hidden tests ask the same functions harder questions: other shapes, known
# weights in every layer, batches in which each image gets something else. They follow what the docstrings
# promise.
#
# Then, in a terminal: `cvcourse submit resnet` writes `resnet.zip`, the one file to hand in. (In Colab,
# run `cvcourse.colab.submit("resnet")` in a cell instead. On JupyterHub use nbgrader's Submit button.)
