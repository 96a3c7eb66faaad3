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
# # Backpropagation: how networks learn
#
# You will build what every deep learning library is made of: a graph that differentiates itself, layers
# with a forward and a backward pass, update rules, schedules, initialisations. Then you will train a
# network with it, on your own code alone, and learn to tell from its curves what is wrong when something
# is.
#
# **How to work.** Your code goes into seven small files: `graph.py`, `layers.py`, `optim.py`,
# `schedules.py`, `init.py`, `preprocessing.py` and `fc_net.py`. Each step here makes a claim, runs a few
# lines, and says what to notice. Where it asks you to *predict*, write your guess down before you run the
# next cell, and correct it afterwards: what is graded is the answer that you hand in. After each exercise
# a `check` cell tells what passes. Save your file first; the check reads it anew each time.
#
# Everything runs without a network on 2,500 small pictures of garments, in about a minute.
#
# **The slides behind it**, by the names used below:
# - *Computer Vision, class 4*: "Deep Learning";
# - *ITE4052 Deep Learning Review*;
# - *Notes to CS231n*: "Deep Learning for Computer Vision";
# - *Introduction to Computer Vision, lecture 6 (2023)*: "CNNs and segmentation".

# %%
import numpy as np
from IPython.display import display

from cvcourse import check, exercise, plots, widgets
from cvcourse.checks import needs
from cvcourse.datasets import load
from cvcourse.gradcheck import gradient_check
from cvcourse.pace import pace
from cvcourse.solver import accuracy, train

graph = exercise("backprop", "graph")

# %% [markdown]
# ## 1. A graph of numbers
#
# *ITE4052 Deep Learning Review, "Backpropagation": "Computational Graph"; Computer Vision, class 4,
# "Training the network with backpropagation".*
#
# **Claim.** Whatever a computer works out, it works out in small steps: sums, products, a few functions.
# If each step knows the derivative of its result by its inputs, its *local gradients*, then the chain
# rule gives the derivative of the end by the beginning, however many steps lie between.
#
# The slide's example: $f(x, y, z) = (x + y)\,z$, in two steps, $q = x + y$ and $f = q\,z$.
#
# **Predict.** At $x = 1$, $y = 2$, $z = -3$: what is $\partial f / \partial z$?

# %%
### BEGIN SOLUTION
predicted_gradient_of_z = 3
### END SOLUTION

# %% [markdown]
# ### Exercise 1: `value_ops`
#
# *ITE4052 Deep Learning Review, "Backpropagation".* In `graph.py`, a `Value` is a number that remembers its
# parents and its local gradients. Write the six operations: `+`, `×`, power, `exp`, `log` and `maximum`.

# %%
check("backprop.value_ops")

# %% [markdown]
# The slide's example, at the slide's numbers. Forward first: every node works out its value.

# %%
graph = exercise("backprop", "graph", quiet=True)  # reads your file again
with needs("backprop.value_ops"):
    x, y, z = graph.Value(-2, label="x"), graph.Value(5, label="y"), graph.Value(-4, label="z")
    q = x + y
    f = q * z
    print("f =", f.data)
    print("local gradients of q by x and y:", q.local, "  of f by q and z:", f.local)

# %% [markdown]
# **Notice.** $f = -12$, as on the slide. A sum's local gradients are 1 and 1, whatever it adds; a product's
# are *the other factor*.
#
# ### Exercise 2: `value_backward`
#
# *ITE4052 Deep Learning Review, "Backpropagation": "Chain Rule".* Walk from the result to the inputs. Each
# node hands to each parent its own gradient times the local gradient. Two things need thought: in which
# order to go, and what to do when a value is used twice.

# %%
check("backprop.value_backward")

# %% [markdown]
# **Predict.** $f = x \cdot x + x$ at $x = 3$: what is $df/dx$?

# %%
### BEGIN SOLUTION
predicted_used_twice = 7
### END SOLUTION

# %% [markdown]
# Step through the slide's example: at each step one node passes its gradient on. On the edges: the node's
# gradient times the local gradient.

# %%
graph = exercise("backprop", "graph", quiet=True)
with needs("backprop.value_backward"):
    x, y, z = graph.Value(-2, label="x"), graph.Value(5, label="y"), graph.Value(-4, label="z")
    q = x + y
    f = q * z
    q.label, f.label = "q", "f"
    display(widgets.BackwardSteps(f))

# %% [markdown]
# **Notice.** At the end the red numbers are the slide's: $(-4, -4, 3)$. The sum handed its gradient to both
# parents unchanged; the product swapped the values of its factors.
#
# Now a value that is used twice, and a third time.

# %%
with needs("backprop.value_backward"):
    x = graph.Value(3, label="x")
    f = x * x + x
    f.backward()
    print("df/dx =", x.grad, "  you predicted:", predicted_used_twice)
    display(plots.computational_graph(f.topological_order()))

# %% [markdown]
# **Notice.** Three edges leave $x$, and each brings a contribution: $3 + 3 + 1 = 7$. That is why `backward`
# adds up, and why a node must wait for all its uses before it passes anything on.
#
# ### A neuron
#
# *Computer Vision, class 4, "General concept of a feed-forward network".*
#
# **Claim.** Your six operations suffice for a neuron, $\sigma(w_1 x_1 + w_2 x_2 + b)$, with $\sigma(s) =
# e^s / (1 + e^s)$ the sigmoid.

# %%
with needs("backprop.value_backward"):
    names, numbers = ("w1", "x1", "w2", "x2", "b"), (2.0, -1.0, -3.0, -2.0, -3.0)
    w1, x1, w2, x2, b = (graph.Value(v, label=n) for n, v in zip(names, numbers, strict=True))
    f = (w1 * x1 + w2 * x2 + b).sigmoid()
    display(widgets.BackwardSteps(f))

# %% [markdown]
# **Notice.** Seven small steps for one sigmoid, though its derivative is simply $\sigma(1 - \sigma)$.
# That is why libraries do not work on single numbers: they use larger steps, *layers*, on whole arrays,
# with a backward pass written by hand for each. You write these next.

# %% [markdown]
# ## 2. Layers
#
# *Computer Vision, class 4, "General concept of a feed-forward network"; ITE4052 Deep Learning Review,
# "Neural Networks: Architectures".*
#
# **Claim.** A layer needs to know nothing of the network around it. Forward it maps `x` to `out`;
# backward it is told `dout` $= \partial L/\partial\text{out}$ and says `dx` $= \partial L/\partial x$,
# whatever the loss $L$ is. What it wants to remember between the two goes into a `cache`.
#
# $$\text{out} = x\,w + b \qquad dx = \text{dout}\; w^\top \qquad dw = x^\top\, \text{dout}
# \qquad db = \textstyle\sum_n \text{dout}_n$$
#
# ### Exercise 3: `affine`
#
# *Computer Vision, class 4, "General concept of a feed-forward network".* Write `affine_forward` and
# `affine_backward` in `layers.py`. There is one way only to multiply two of the three matrices so that the
# shape is right: shapes tell you the formula.

# %%
check("backprop.affine")

# %% [markdown]
# ### Reading a gradient check
#
# *Notes to CS231n, "Baby Sitting the Learning Process".*
#
# **Claim.** A derivative is a limit of differences, so a backward pass can be checked by its own forward
# pass: $(f(x + h) - f(x - h)) / 2h$ for a small $h$. But how small?

# %%
layers = exercise("backprop", "layers", quiet=True)
rng = np.random.default_rng(0)
x, w, b, dout = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=2), rng.normal(size=(3, 2))
with needs("backprop.affine"):
    out, cache = layers.affine_forward(x, w, b)
    dx, dw, db = layers.affine_backward(dout, cache)
    cubed = gradient_check(lambda w: np.sum(layers.affine_forward(x, w, b)[0] ** 3), w, x.T @ (3 * out**2))
    print(cubed)
    print("\nthe same with a gradient that is 1 % off:")
    print(gradient_check(lambda w: np.sum(dout * layers.affine_forward(x, w, b)[0]), w, 1.01 * dw))

# %% [markdown]
# **Notice.** In the first table the error falls with $h$, because a difference is only nearly a
# derivative, and grows again, because float64 keeps 16 digits and subtracting nearly equal numbers throws
# them away. The best $h$ is about $10^{-5}$; there a right gradient agrees to seven digits or more. In
# the second table the error stays at $5\cdot10^{-3}$ for every $h$ in the middle: that is no rounding,
# that is a mistake.

# %% [markdown]
# ## 3. Activation functions
#
# *ITE4052 Deep Learning Review, "Activation Functions"; Notes to CS231n, "Activation Functions" and
# "Activation Function".*
#
# **Claim.** Without something that is not linear between them, two affine layers are one: $(x w_1) w_2 = x
# (w_1 w_2)$. What it is matters less for what the network can say than for what its gradient can tell.
#
# ### Exercise 4: `relu`
#
# *ITE4052 Deep Learning Review, "Activation Functions".* $\max(0, x)$, and its backward pass.

# %%
check("backprop.relu")

# %% [markdown]
# ### Exercise 5: `squashing`
#
# *Notes to CS231n, "Activation Functions".* The sigmoid and tanh. The slide's formulas overflow for inputs
# like ±1000; yours must not.

# %%
check("backprop.squashing")

# %% [markdown]
# ### Exercise 6: `leaky`
#
# *ITE4052 Deep Learning Review, "Activation Functions".* Leaky ReLU and ELU. (The slides differ on the
# leak: 0.1 in one, 0.01 in the other. It is a parameter.)

# %%
check("backprop.leaky")

# %% [markdown]
# All five, and what each makes of the gradient.

# %%
layers = exercise("backprop", "layers", quiet=True)
s = np.linspace(-5, 5, 41)
outs, slopes = {}, {}
with needs("backprop.leaky"):
    for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu"):
        out, cache = getattr(layers, f"{name}_forward")(s)
        outs[name], slopes[name] = out, getattr(layers, f"{name}_backward")(np.ones_like(s), cache)
    display(plots.curves(s, outs, xlabel="x", ylabel="out", title="Activation functions"))
    display(plots.curves(s, slopes, xlabel="x", ylabel="slope", title="What they multiply gradients by"))

# %% [markdown]
# **Notice.** In the second picture: the sigmoid's slope is a quarter at best, and next to nothing beyond
# ±5 (*vanishing gradient*); tanh is better in the middle and no better outside. ReLU's is exactly 1 on
# one side and exactly 0 on the other: a unit whose input is negative for every image gets no gradient,
# and stays so (*dying ReLU*, section 10). Leaky ReLU and ELU keep something.
#
# How bad is a quarter? Ten layers of sigmoids, at their best:

# %%
with needs("backprop.squashing"):
    dout = 1.0
    for _ in range(10):
        _, cache = layers.sigmoid_forward(np.zeros(1))
        dout = layers.sigmoid_backward(dout, cache)
    print("of a gradient of 1, the tenth layer gets", dout)

# %% [markdown]
# **Notice.** A millionth. "Don't use sigmoid", say the notes; that is why.
#
# ### Exercise 7: `maxout`
#
# *ITE4052 Deep Learning Review, "Activation Functions": "Maxout".* The maximum of several affine layers:
# the unit learns its own activation function. Only the winner gets the gradient.

# %%
check("backprop.maxout")

# %% [markdown]
# ### Exercise 8: `loss_layers`
#
# *ITE4052 Deep Learning Review, "Computational Graph"; Computer Vision, class 4, "Softmax layer and
# cross-entropy loss".* The losses of the last assignment as layers: they take scores and return the loss
# with its gradient. Softmax must survive scores of ±10,000.
#
# (Two errata to the slides: the cross-entropy in *Computer Vision, class 4* lacks its minus sign, and the
# 0.89 that *ITE4052* prints for $-\log 0.13$ is a logarithm to base 10; the natural one is 2.04.)

# %%
check("backprop.loss_layers")

# %% [markdown]
# **Predict.** A network that has learnt nothing gives ten classes about equal scores. What is its softmax
# loss? Two digits after the point.

# %%
### BEGIN SOLUTION
predicted_loss_at_start = 2.30
### END SOLUTION

# %%
layers = exercise("backprop", "layers", quiet=True)
with needs("backprop.loss_layers"):
    y = np.arange(10) % 10
    for scale in (0, 0.01, 1, 100):
        scores = scale * np.random.default_rng(0).normal(size=(10, 10))
        print(f"scores of about ±{scale}: softmax loss {layers.softmax_loss(scores, y)[0]:.2f}")
    print("you predicted", predicted_loss_at_start)

# %% [markdown]
# **Notice.** Small scores give $\log 10$, whatever they are. A network whose first loss is much larger
# starts *sure of something wrong*: its first weights are too large. This is the first number to look at
# in any training.

# %% [markdown]
# ## 4. Update rules
#
# *Computer Vision, class 4, "Stochastic gradient descent" and "Adding inertia to gradient descent"; Notes
# to CS231n, "Optimization", "SGD with Momentum" and "Adam".*
#
# **Claim.** The gradient says which way is down here, for this batch. It says neither how far to go nor
# what comes next. Update rules remember the past to guess at both.
#
# ### Exercise 9: `momentum`
#
# *Computer Vision, class 4, "Adding inertia to gradient descent".* $v \leftarrow \mu v - \tau \nabla L$,
# then $w \leftarrow w + v$. In `optim.py`, `sgd` shows the form.

# %%
check("backprop.momentum")

# %% [markdown]
# ### Exercise 10: `adaptive`
#
# *Notes to CS231n, "SGD with Momentum": "AdaGrad" and "RMSProp".* Divide each weight's step by how large
# its gradients have been: all of them (AdaGrad) or the recent ones (RMSProp).

# %%
check("backprop.adaptive")

# %% [markdown]
# ### Exercise 11: `adam`
#
# *Notes to CS231n, "Adam".* Momentum and RMSProp together, with a correction that the slide leaves out.

# %%
check("backprop.adam")

# %% [markdown]
# **Predict.** The learning rate is 0.001, the very first gradient of a weight is 500. How far does Adam,
# with its bias correction, move that weight in its first step?

# %%
### BEGIN SOLUTION
predicted_first_adam_step = 0.001
### END SOLUTION

# %% [markdown]
# **Erratum.** *Notes to CS231n, "Adam"* prints $W - \alpha\, m / \sqrt{v + \epsilon}$ without the
# correction. Here are both, with a gradient that is always the same, so that every step should have the
# same length.

# %%
optim = exercise("backprop", "optim", quiet=True)
t, path = np.arange(1, 31), [0.0]
with needs("backprop.adam"):
    w, config = np.zeros(1), {"learning_rate": 0.001}
    for _ in t:
        w, config = optim.adam(w.copy(), np.array([500.0]), config)
        path.append(w[0])
    slide = 0.001 * (1 - 0.9**t) / np.sqrt(1 - 0.999**t)  # m and v of a constant gradient, uncorrected
    lines = {"with correction (yours)": np.abs(np.diff(path)), "as on the slide": slide}
    display(plots.curves(t, lines, xlabel="step", ylabel="length", title="Adam's steps"))

# %% [markdown]
# **Notice.** With the correction the length is the learning rate from the first step on, whatever the
# gradient: that is Adam's charm. Without it the first steps are three to seven times too long, because $v$
# starts at 0 and takes a thousand steps to catch up, $m$ only ten: the slide's rule is at its wildest just
# when the weights are random.
#
# ### The race
#
# **Claim.** Which rule is best depends on the shape of the loss. Three shapes: a *ravine*, steep across
# and flat along; a *saddle*, where the gradient is nearly 0 and yet no minimum; a *plateau* with a hole
# far off.

# %%
optim = exercise("backprop", "optim", quiet=True)
display(widgets.OptimiserRace(optim))

# %% [markdown]
# **Notice.** In the ravine SGD jumps from wall to wall and hardly moves along; momentum swings, but
# arrives; those that divide by the size of the gradient take the valley's two directions alike. On the
# saddle SGD waits longest where the gradient is small. On the plateau it does not get anywhere in 60
# steps. Now turn all learning rates up to 200 %: SGD in the ravine leaves the picture. Nobody wins
# everywhere.

# %% [markdown]
# ## 5. Learning-rate schedules
#
# *ITE4052 Deep Learning Review, "Learning Rate Schedules" and "Learning Rate Decay"; Introduction to
# Computer Vision, lecture 6 (2023): "divided by 10 when validation error plateaus".*
#
# **Claim.** Large steps find the valley, small steps its floor: start with the first, end with the second.
#
# ### Exercise 12: `schedules`
#
# *ITE4052 Deep Learning Review, "Learning Rate Decay".* Step, cosine, linear and inverse square root, in
# `schedules.py`. (The slide's $\alpha_0/\sqrt{t}$ divides by 0 in epoch 0: the docstring says what to do.)

# %%
check("backprop.schedules")

# %% [markdown]
# ### Exercise 13: `on_plateau`
#
# *Introduction to Computer Vision, lecture 6 (2023), "Training ResNet in practice".* Do not guess when:
# wait until the validation loss has stopped falling.

# %%
check("backprop.on_plateau")

# %%
schedules = exercise("backprop", "schedules", quiet=True)
with needs("backprop.on_plateau"):
    losses = [round(0.3 + 0.9**t, 2) for t in range(100)]  # they stop falling at last
    epochs, lines = range(0, 100, 3), {}
    lines["step"] = [schedules.step(t, 1.0) for t in epochs]
    lines["cosine"] = [schedules.cosine(t, 1.0, 100) for t in epochs]
    lines["linear"] = [schedules.linear(t, 1.0, 100) for t in epochs]
    lines["inverse sqrt"] = [schedules.inverse_sqrt(t, 1.0) for t in epochs]
    lines["on plateau"] = [schedules.on_plateau(losses[:t], 1.0, 10, 0.5) for t in epochs]
    display(plots.curves(epochs, lines, xlabel="epoch", ylabel="rate", title="Schedules, from a rate of 1"))

# %% [markdown]
# **Notice.** *Step* is a guess at when; *on plateau* waits until the loss has stopped falling, here near
# epoch 50, and halves the rate every ten epochs from then on. *Cosine* and *linear* reach 0 exactly at
# the end, so they must know when the end is. The inverse root is fast at first and never done.

# %% [markdown]
# ## 6. The first weights
#
# *Notes to CS231n, "Weight Initialization"; Computer Vision, class 4, "Weight initialization".*
#
# **Claim.** Each layer multiplies the spread of its signal by some factor. Fifty layers multiply by that
# factor fifty times: anything but 1 ends in nothing or in overflow.
#
# ### Exercise 14: `initialisation`
#
# *Notes to CS231n, "Weight Initialization".* Small random numbers, Xavier and He, in `init.py`.

# %%
check("backprop.initialisation")

# %% [markdown]
# **Predict.** Weights by Xavier, variance $1/N$, and ReLU after each layer. By what factor does one layer
# change the root mean square of the activations? (ReLU sets half of them to 0.) Two digits after the point.

# %%
### BEGIN SOLUTION
predicted_factor_per_layer = 0.71
### END SOLUTION

# %%
init = exercise("backprop", "init", quiet=True)
layers = exercise("backprop", "layers", quiet=True)
with needs("backprop.initialisation"):
    display(widgets.ActivationStatistics(init, layers))

# %% [markdown]
# **Notice.** *Small*: after 50 layers nothing is left, with tanh as with ReLU. *Xavier and tanh*: a
# spread that lasts. *Xavier and ReLU*: each layer loses a factor of $\sqrt{1/2}$, which makes $10^{-8}$
# after 50 of them. *He and ReLU*: the 2 makes up for it. Now make the weights 10 % larger or smaller: 50
# layers do not forgive.
#
# **Erratum.** *Computer Vision, class 4, "Weight initialization"* gives "Xavier initialization: σ² = 2/N
# (for ReLU activations)". The formula is right for ReLU, but it is He's; Xavier's is 1/N. The proof:

# %%
with needs("backprop.initialisation"):
    for name in ("xavier", "he"):
        rng, out = np.random.default_rng(0), np.random.default_rng(1).normal(size=(200, 400))
        for _ in range(20):
            out, _ = layers.relu_forward(out @ getattr(init, name)(400, 400, rng))
        root_mean_square = np.sqrt(np.mean(out**2))
        print(
            f"{name:7} 20 layers of ReLU: {root_mean_square:.1e}, {root_mean_square ** (1 / 20):.2f} a layer"
        )
    print("you predicted", predicted_factor_per_layer, "for Xavier")

# %% [markdown]
# **Notice.** With the variance that bears Xavier's name a layer of ReLU keeps 0.71 of the signal, with the
# slide's it keeps all. The slide's number is the right one for ReLU; only the name is not.

# %% [markdown]
# ## 7. Preprocessing
#
# *Notes to CS231n, "Data Preprocessing".*
#
# **Claim.** All of this counts on inputs with mean 0 and about one size. Images have neither: they are
# positive, and neighbouring pixels say nearly the same.
#
# ### Exercise 15: `scaling`
#
# *Notes to CS231n, "Data Preprocessing".* Zero-centring and normalisation, in `preprocessing.py`:
# statistics of the training set, applied to all images.

# %%
check("backprop.scaling")

# %% [markdown]
# ### Exercise 16: `whitening`
#
# *Notes to CS231n, "Data Preprocessing": "PCA/Whitening".* Turn the axes so that nothing is correlated;
# then make all of them equally long.

# %%
check("backprop.whitening")

# %%
data = load("fashion-mnist-mini")
num_train, num_test = pace(full=(2000, 500), fast=(500, 100))  # fast: only when the notebook is being tested
X_train, y_train, X_test, y_test = data.flat(num_train, num_test)
preprocessing = exercise("backprop", "preprocessing", quiet=True)
with needs("backprop.whitening"):
    white, _ = preprocessing.whiten(X_train / 255, X_test / 255, 0.01)
    for name, X in (("as they are", X_train / 255), ("white", white)):
        covariance = np.cov(X[:, :60], rowvar=False)
        print(f"{name:12} the largest covariance of two pixels or directions:", end=" ")
        print(f"{np.abs(covariance - np.diag(np.diag(covariance))).max():.0e}")

# %% [markdown]
# What is lost when only some directions are kept? A garment, from its first 5, 20 and 100 principal
# components.

# %%
with needs("backprop.whitening"):
    centred, _ = preprocessing.zero_centre(X_train, X_test)
    rebuilt = {"original": X_train[0]}
    for dims in (5, 20, 100):
        P, _ = preprocessing.pca(X_train, X_test, dims)
        directions = np.linalg.lstsq(P, centred, rcond=None)[0]
        rebuilt[f"{dims} of 784"] = P[0] @ directions + X_train.mean(axis=0)
    pictures = [image.reshape(28, 28) for image in rebuilt.values()]
    display(plots.images(pictures, list(rebuilt), columns=4, title="One image, by its components"))

# %% [markdown]
# **Notice.** Twenty numbers tell what it is; a hundred tell nearly all. Whitening makes the last of these
# directions, mostly noise, as loud as the first: that is why hardly anybody whitens images any more, and
# subtracting the mean is enough.

# %% [markdown]
# ## 8. A network
#
# *ITE4052 Deep Learning Review, "Neural Networks: Architectures"; Computer Vision, class 4, "Forward
# propagation".*
#
# ### Exercise 17: `fc_net`
#
# *ITE4052 Deep Learning Review, "Neural Networks: Architectures".* `FullyConnectedNet` in `fc_net.py`:
# your layers, one after the other, forward and then backward, for any number of them. (The checks put
# right layers in the place of yours, so that a mistake in `layers.py` costs points once.)

# %%
check("backprop.fc_net")

# %% [markdown]
# Before any training, the three questions that save days: is the first loss $\log 10$? Is the gradient
# right? Can it learn 50 images by heart?

# %%
fc_net = exercise("backprop", "fc_net", quiet=True)
X, X_new = X_train / 255 - np.mean(X_train / 255, axis=0), X_test / 255 - np.mean(X_train / 255, axis=0)
with needs("backprop.fc_net"):
    tiny = fc_net.FullyConnectedNet([6], input_dim=5, reg=0.1, dtype=np.float64, weight_scale=0.01, seed=0)
    few, labels = np.random.default_rng(0).normal(size=(8, 5)), np.arange(8)
    loss, grads = tiny.loss(few, labels)
    print(f"loss {loss:.4f}, log 10 = {np.log(10):.4f}")
    tiny.params["W1"] = w = np.random.default_rng(1).normal(size=(5, 6))
    gradient = tiny.loss(few, labels)[1]["W1"]
    print(gradient_check(lambda w: tiny.params.update(W1=w) or tiny.loss(few, labels)[0], w, gradient))

# %% [markdown]
# **Notice.** The penalty adds its small part to $\log 10$. The relative error is $10^{-7}$ or less for
# the best $h$; where a step of $h$ crosses one of ReLU's kinks the difference is wrong, not the gradient.
#
# Now 50 images by heart.

# %%
with needs("backprop.fc_net"):
    net = fc_net.FullyConnectedNet([100], input_dim=784, seed=0)
    overfit = train(net, X[:50], y_train[:50], X_new, y_test, optim.adam, epochs=40, batch_size=10)
    display(plots.learning_curve(overfit, title=f"{data.name}: 50 images, by heart"))

# %% [markdown]
# **Notice.** 100 % of 50 images, and about two thirds of the others: it has learnt these by heart, as it
# should. A network that cannot do this has a mistake, not too little data. That is why one begins here.

# %% [markdown]
# ## 9. Training, for real
#
# *Notes to CS231n, "Baby Sitting the Learning Process"; Computer Vision, class 4, "Stochastic gradient
# descent".*

# %%
with needs("backprop.fc_net"):
    net = fc_net.FullyConnectedNet([200, 100], input_dim=784, reg=1e-4, seed=0)
    E = pace(20, 3)
    cosine = {"schedule": lambda epoch: schedules.cosine(epoch, 1.0, E), "epochs": E, "batch_size": 50}
    history = train(net, X, y_train, X_new, y_test, optim.adam, learning_rate=1e-3, **cosine)
    print(history)
    display(plots.learning_curve(history, title=f"{data.name}: three layers, Adam, cosine"))

# %% [markdown]
# **Notice.** About 85 % of the test images, from 2,000 training images, in seconds; nearest neighbours on
# pixels got 80 %. The training images are at 100 %: from here on more data would help more than more
# epochs.

# %%
with needs("backprop.fc_net"):
    start = fc_net.FullyConnectedNet([200, 100], input_dim=784, seed=0)
    guesses = net.predict(X_new)
    display(plots.confusion_matrix(y_test, guesses, data.class_names, title=f"{data.name}: what for what"))
    learnt = (net.params["W1"] - start.params["W1"])[:, :16]
    names, title = [str(i) for i in range(16)], "What training added to the first 16 hidden units"
    display(plots.templates(learnt, (28, 28), names, columns=8, title=title))

# %% [markdown]
# **Notice.** The shirt is still what it was for nearest neighbours: taken for T-shirt, pullover and coat.
# The first layer's units are templates, no longer one for each class but 200, of parts and outlines, to
# be mixed by the layers above.
#
# ### The race again, on real images
#
# **Claim.** What the toy surfaces showed holds here, too.

# %%
rules = {"sgd": 0.05, "sgd_momentum": 0.02, "adagrad": 0.01, "rmsprop": 1e-3, "adam": 1e-3}
lines = {}
with needs("backprop.fc_net"):
    for name, rate in rules.items():
        racer = fc_net.FullyConnectedNet([100], input_dim=784, seed=0)
        how = {"learning_rate": rate, "epochs": pace(5, 2), "batch_size": 50}
        losses = train(racer, X, y_train, X_new, y_test, getattr(optim, name), **how).losses
        lines[name] = [np.mean(part) for part in np.array_split(losses, 10)]
    display(plots.curves(range(1, 11), lines, xlabel="tenth of the training", ylabel="loss", title="A race"))

# %% [markdown]
# **Notice.** Plain SGD is last; the others are close together, and which of them is first changes with the
# learning rates. Adam's advantage is that 0.001 nearly always works.

# %% [markdown]
# ## 10. Babysitting
#
# *Notes to CS231n, "Baby Sitting the Learning Process"; ITE4052 Deep Learning Review, "Learning Rate
# Schedules": "Which one of these learning rates is best to use?".*
#
# **Claim.** The learning rate is the one number to get right, and the loss curve shows which way it is
# wrong.

# %%
lines = {}
with needs("backprop.fc_net"):
    for rate in (1e-3, 1e-2, 1e-1, 1.0):
        baby = fc_net.FullyConnectedNet([100], input_dim=784, seed=0)
        how = {"learning_rate": rate, "epochs": pace(6, 2), "batch_size": 50}
        losses = train(baby, X, y_train, X_new, y_test, optim.sgd_momentum, **how).losses
        shown = [min(np.mean(part), 4) for part in np.array_split(losses, 10)]
        lines[f"{rate:g}"] = np.nan_to_num(shown, nan=4.0)
    display(plots.curves(range(1, 11), lines, xlabel="tenth of the training", ylabel="loss", title="Rates"))

# %% [markdown]
# **Notice.** 0.001: a slow fall that would go on (too small). 0.01 and 0.1: steep at first, then flat. 1: at
# the upper edge of the picture from the first tenth on; its true losses have a dozen digits.
#
# ### Dead units, made and counted
#
# *Notes to CS231n, "Activation Function": "Dying ReLU".*
#
# **Claim.** One step that is too large can push a unit so far that its input is negative for every image.
# Then its gradient is 0 for every image: no step will ever bring it back.

# %%
with needs("backprop.fc_net"):
    for rate in (0.03, 0.1, 0.2, 0.3, 0.5):
        net = fc_net.FullyConnectedNet([100, 100], input_dim=784, seed=0)
        how = {"learning_rate": rate, "epochs": 2, "batch_size": 50}
        train(net, X, y_train, X_new, y_test, optim.sgd_momentum, **how)
        first = np.maximum(X @ net.params["W1"] + net.params["b1"], 0)
        second = first @ net.params["W2"] + net.params["b2"]  # what goes into the second layer's ReLUs
        dead = int(np.sum(np.all(~(second > 0), axis=0)))
        right = accuracy(net, X_new, y_test)
        print(f"learning rate {rate:4}: {dead:3} of 100 units are dead, {right:.0%} right")

# %% [markdown]
# **Notice.** At 0.03 all are alive, at 0.3 most are dead, and at 0.5 (nearly) all: the network gives every
# image the same scores, and guesses one in ten. Nothing in the loss says "dead": it just stays where it is.
# Count.
#
# ### Written question: vanishing and dying
#
# *Notes to CS231n, "Activation Function".*
#
# (a) Explain with the formulas of the two backward passes why sigmoids make gradients vanish and why a
# ReLU can die. (b) For each of the two, say whether a smaller learning rate, He initialisation, or leaky
# ReLU helps, and why. (c) Give a number that you measured in this notebook for each of the two. About 150
# words.

# %% [markdown] written="vanishing_and_dying" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) The sigmoid's backward pass multiplies by s(1 − s), which is at most 1/4 and close
# to 0 when |x| is large; each layer multiplies again, so the gradient shrinks geometrically with depth.
# ReLU's multiplies by 1 or 0. If a unit's input is negative for every training image, it gets 0 for every
# image; then its weights have gradient 0 and never change again. (b) Vanishing: a smaller rate does not
# help (it makes steps smaller still); a suitable initialisation keeps |x| small, so that s(1 − s) is near
# 1/4, but no larger; replacing sigmoid by (leaky) ReLU removes the factor. Dying: a smaller rate helps,
# because units die by steps that are too large; He helps at the start only; leaky ReLU helps, because its
# slope is never 0. (c) 10 layers of sigmoids at x = 0 left 1e-6 of the gradient; at a learning rate of
# 0.5 (nearly) all of 100 units were dead, at 0.03 none.
#
# **Marking scheme.** (a) 2 points, 1 each: the factor must be named and, for the sigmoid, that it is
# multiplied over layers; for ReLU, that it is 0 for *all* images. (b) 2 points: 1 for each of the two
# problems if at least two of the three remedies are judged rightly with a reason. (c) 1 point, ½ each.
# ### END SOLUTION

# %% [markdown]
# ### Written question: what is wrong here?
#
# *Notes to CS231n, "Baby Sitting the Learning Process".*
#
# Four trainings of a network with ten classes went wrong. Say for each the most likely reason and the
# first thing that you would do. (a) The loss starts at 2.30 and stays there, to two digits, for all
# epochs. (b) It starts at 31 and falls to 2.3 within an epoch. (c) It falls to 0.01; training accuracy is
# 100 %, validation accuracy 55 %. (d) It falls nicely for 20 epochs and becomes nan in the 21st. About
# 100 words.

# %% [markdown] written="what_is_wrong" points=5
# ### BEGIN SOLUTION
# **Model answer.** (a) log 10: nothing is learnt. The learning rate is far too small, the signal or the
# gradient vanishes (small random weights in a deep network), all units are dead, or the gradient is
# wrong: check the gradient and the activations, overfit 50 images. (b) The first weights are too large,
# so the network is sure of wrong answers at the start: He or Xavier initialisation, or inputs that were
# not scaled. (c) Overfitting: more data or augmentation, stronger regularisation, a smaller network,
# early stopping. (d) Steps too large for where it has got to: a lower rate or a schedule; look for log 0
# or overflow in the loss.
#
# **Marking scheme.** (a) 1.5 points: 0.5 for recognising log 10, 0.5 for a reason, 0.5 for a first step
# that would tell reasons apart. (b), (c) 1 point each: half for the reason, half for the remedy. (d) 1.5
# points: 0.75 each; a numerical cause (overflow, log 0) instead of the rate is as good if the remedy
# fits.
# ### END SOLUTION

# %% [markdown]
# ## 11. Real scale: photographs
#
# *ITE4052 Deep Learning Review, "Setting the Number of Layers and Sizes"; Notes to CS231n, "Baby Sitting
# the Learning Process".*
#
# CIFAR-10 has 50,000 training and 10,000 test photographs of 32×32 pixels in colour. Set the switch to
# `True` to fetch it (170 MB, once) and to train on all of it; without it this section runs on the
# garments. Each title says which data it shows.
#
# *Cost.* On one CPU core, the 10 epochs took 34 s of CPU time and 280 MB of memory (n = 1).

# %%
USE_CIFAR10 = False
real = load("cifar10", fallback="fashion-mnist-mini") if USE_CIFAR10 else data
print(real)
mean = real.X_train.reshape(len(real.X_train), -1).mean(axis=0).astype(np.float32)


def prepare(images):
    """Bytes stay bytes until their batch is due: all of CIFAR-10 in float32 would be 600 MB."""
    return (images.reshape(len(images), -1) - mean) / np.float32(64)


# %%
E = pace(10, 2)
with needs("backprop.fc_net"):
    net = fc_net.FullyConnectedNet([256], input_dim=mean.size, reg=2e-4, seed=0)
    how = {"epochs": E, "batch_size": 200, "prepare": prepare, "progress": True}
    how |= {"learning_rate": 1e-3, "schedule": lambda epoch: schedules.cosine(epoch, 1.0, E)}
    history = train(net, real.X_train, real.y_train, real.X_test, real.y_test, optim.adam, **how)
    print(history)
    display(plots.learning_curve(history, title=f"{real.name}: two layers, 256 hidden units"))

# %% [markdown]
# **Notice.** (With CIFAR-10.) After ten epochs 54.8 % of the 10,000 test images are right, and 74 % of the
# training images. Nearest neighbours, with all 50,000 images at hand, got 35 %; now the images can be thrown
# away, and what is left is 0.8 million numbers.

# %%
with needs("backprop.fc_net"):
    start = fc_net.FullyConnectedNet([256], input_dim=mean.size, seed=0)
    learnt = (net.params["W1"] - start.params["W1"])[:, :16]
    shape, title = real.X_train.shape[1:], f"{real.name}: what training added to 16 hidden units"
    display(plots.templates(learnt, shape, [str(i) for i in range(16)], columns=8, title=title))

# %% [markdown]
# **Notice.** (With CIFAR-10.) Blobs of colour and coarse edges: every unit looks at the whole image, so
# it has to learn the same edge anew for every place. The next assignment lets units share what they know.

# %% [markdown]
# ## 12. Hand in
#
# Your five predictions are read from this notebook; save it first. Then check everything once more.

# %%
check("backprop.predictions")

# %%
check("backprop")

# %% [markdown]
# These are the public checks. Hidden tests ask the same functions harder questions: other shapes and types,
# extreme values, the laws that gradients obey. They follow what the docstrings promise.
#
# Then, in a terminal: `cvcourse submit backprop` writes `backprop.zip`, the one file to hand in. (In Colab,
# run `cvcourse.colab.submit("backprop")` in a cell instead. On JupyterHub use nbgrader's Submit button.)
