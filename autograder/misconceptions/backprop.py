"""Wrong answers to the backprop assignment that students really give, each with a name and a hint.

See `autograder.catalogue` for the form.  The network is tested on right layers: no mistake costs two tasks.
"""

import math

import numpy as np

from autograder.catalogue import misconception

# -------------------------------------------------------------------------------------------------- value_ops


@misconception(
    module="graph",
    replaces="Value.__mul__",
    loses=["value_ops"],
    name="each factor's own value as its gradient",
    why="the order of the local gradients follows the order of the parents",
    hint="f = 3 · y: when y grows by 1, f grows by 3, whatever y was.  Whose gradient is 3?",
)
def product_not_swapped(original):
    def __mul__(self, other):
        out = original(self, other)
        return type(self)(out.data, out.parents, out.local[::-1], out.op)

    return __mul__


@misconception(
    module="graph",
    replaces="Value.__pow__",
    loses=["value_ops"],
    name="power rule without the exponent",
    why="only half of the rule is remembered",
    hint="x² at x = 3: from 3 to 3.01 it grows by 0.06, not by 0.03.",
)
def power_without_factor(original):
    def __pow__(self, exponent):
        return type(self)(self.data**exponent, (self,), (self.data ** (exponent - 1),), "pow")

    return __pow__


@misconception(
    module="graph",
    replaces="Value.maximum",
    loses=["value_ops"],
    name="both inputs of a maximum get the gradient",
    why="the gradient is distributed as by a sum",
    hint="If the smaller input moves a little, does the maximum notice?",
)
def maximum_distributes(original):
    def maximum(self, other):
        out = original(self, other)
        return type(self)(out.data, out.parents, (1.0, 1.0), "max")

    return maximum


@misconception(
    module="graph",
    replaces="Value.log",
    loses=["value_ops"],
    name="logarithm to base 10",
    why="the key called log on a pocket calculator; the slide prints 0.89 for -log(0.13) by it",
    hint="The natural logarithm of e is 1.  What does yours say?",
)
def log_base_ten(original):
    def log(self):
        return type(self)(math.log10(self.data), (self,), (1 / (self.data * math.log(10)),), "log")

    return log


# --------------------------------------------------------------------------------------------- value_backward


@misconception(
    module="graph",
    replaces="Value.backward",
    loses=["value_backward"],
    name="gradients are overwritten",
    why="= works in every graph in which nothing is used twice, as on the slide",
    hint="f = x² + 3x: x reaches f on two ways.  Is your gradient that of the last way only?",
)
def gradients_overwritten(original):
    def backward(self):
        order = self.topological_order()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for parent, local in zip(node.parents, node.local, strict=True):
                parent.grad = node.grad * local

    return backward


@misconception(
    module="graph",
    replaces="Value.backward",
    loses=["value_backward"],
    name="a second call adds to the first",
    why="gradients are accumulated with +=, and nothing sets them to 0",
    hint="Call backward twice: did the function get twice as steep?",
)
def gradients_pile_up(original):
    def backward(self):
        self.grad = 1.0
        for node in reversed(self.topological_order()):
            for parent, local in zip(node.parents, node.local, strict=True):
                parent.grad += node.grad * local

    return backward


@misconception(
    module="graph",
    replaces="Value.topological_order",
    loses=["value_backward"],
    name="breadth first instead of topological order",
    why="going level by level from the result looks right in a tree",
    hint="A value may be used both by f and far below f: then it must wait for its farthest use.",
)
def breadth_first(original):
    def topological_order(self):
        found = [self]
        for node in found:
            for parent in node.parents:
                if not any(parent is n for n in found):
                    found.append(parent)
        return found[::-1]

    return topological_order


@misconception(
    module="graph",
    replaces="Value.backward",
    loses=["value_backward"],
    name="local gradients without the upstream gradient",
    why="the chain rule's first factor is forgotten: it is 1 at the last node",
    hint="How does f change when q changes?  Everything below q must be multiplied by that.",
)
def local_only(original):
    def backward(self):
        order = self.topological_order()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for parent, local in zip(node.parents, node.local, strict=True):
                parent.grad += local

    return backward


# ----------------------------------------------------------------------------------------------------- affine


@misconception(
    module="layers",
    replaces="affine_backward",
    loses=["affine"],
    name="bias gradient averaged over the images",
    why="a mean looks as good as a sum, and the loss is a mean",
    hint="The loss divides by N already.  One bias serves all images: what does each of them contribute?",
)
def bias_mean(original):
    def affine_backward(dout, cache):
        dx, dw, _ = original(dout, cache)
        return dx, dw, dout.mean(axis=0)

    return affine_backward


@misconception(
    module="layers",
    replaces="affine_backward",
    loses=["affine"],
    name="dx stays flat",
    why="x is flattened on the way forward and nobody folds it again",
    hint="The layer before this one put out images.  What shape does it expect its gradient in?",
)
def dx_flat(original):
    def affine_backward(dout, cache):
        dx, dw, db = original(dout, cache)
        return dx.reshape(len(dx), -1), dw, db

    return affine_backward


@misconception(
    module="layers",
    replaces="affine_forward",
    loses=["affine"],
    name="no bias",
    why="the product with the weights is the interesting part",
    hint="With all weights 0, out is b.  What is yours?",
)
def no_bias(original):
    def affine_forward(x, w, b):
        return original(x, w, np.zeros_like(b))

    return affine_forward


@misconception(
    module="layers",
    replaces="affine_backward",
    loses=["affine"],
    name="weight gradient averaged over the images",
    why="the gradient is divided by N a second time: the loss has done it",
    hint="dL/dout holds the 1/N of the loss already.",
)
def weights_mean(original):
    def affine_backward(dout, cache):
        dx, dw, db = original(dout, cache)
        return dx, dw / len(dout), db

    return affine_backward


# ------------------------------------------------------------------------------------------------------- relu


@misconception(
    module="layers",
    replaces="relu_backward",
    loses=["relu"],
    name="mask by the sign of dout",
    why="ReLU is applied to the gradient, as it was to x",
    hint="What decides whether a gradient passes: its own sign, or that of x?",
)
def relu_of_gradient(original):
    def relu_backward(dout, cache):
        return np.maximum(dout, 0)

    return relu_backward


@misconception(
    module="layers",
    replaces="relu_backward",
    loses=["relu"],
    name="the slope without the upstream gradient",
    why="the derivative of ReLU is 0 or 1, so that is what is returned",
    hint="Upstream gradient times local gradient: only the second factor is there.",
)
def relu_slope_only(original):
    def relu_backward(dout, cache):
        return (cache > 0).astype(dout.dtype)

    return relu_backward


@misconception(
    module="layers",
    replaces="relu_forward",
    loses=["relu"],
    name="absolute value",
    why="'no negative numbers' can be had in two ways",
    hint="ReLU of -3 is 0.  What is yours?",
)
def relu_abs(original):
    def relu_forward(x):
        return np.abs(x), x

    return relu_forward


@misconception(
    module="layers",
    replaces="relu_forward",
    loses=["relu"],
    name="x is overwritten",
    why="x[x < 0] = 0 is short, and x is the caller's",
    hint="Print x after the call: is it still what it was?",
)
def relu_in_place(original):
    def relu_forward(x):
        out = original(x)
        x[x < 0] = 0
        return out

    return relu_forward


# -------------------------------------------------------------------------------------------------- squashing


@misconception(
    module="layers",
    replaces="sigmoid_forward",
    loses=["squashing"],
    name="overflow for large inputs",
    why="exp(x) / (1 + exp(x)) is the slide's formula, and inf / inf is nan",
    hint="Try 1000 and -1000.  For which of them does your formula take exp of something large?",
)
def sigmoid_overflows(original):
    def sigmoid_forward(x):
        with np.errstate(over="ignore", invalid="ignore"):
            s = np.exp(x) / (1 + np.exp(x))
        return s, s

    return sigmoid_forward


@misconception(
    module="layers",
    replaces="sigmoid_backward",
    loses=["squashing"],
    name="s (1 - s) of x instead of s",
    why="the cache holds x, and the formula is applied to it",
    hint="In s (1 - s), s is the sigmoid's output.  At x = 0 the slope is a quarter.",
)
def sigmoid_of_input(original):
    def sigmoid_backward(dout, cache):
        x = np.log(np.clip(cache, 1e-300, 1)) - np.log(np.clip(1 - cache, 1e-300, 1))
        return dout * x * (1 - x)

    return sigmoid_backward


@misconception(
    module="layers",
    replaces="tanh_backward",
    loses=["squashing"],
    name="the sigmoid's derivative for tanh",
    why="t (1 - t) is learnt by heart with the sigmoid",
    hint="At x = 0 tanh has slope 1.  What does your formula say for t = 0?",
)
def tanh_as_sigmoid(original):
    def tanh_backward(dout, cache):
        return dout * cache * (1 - cache)

    return tanh_backward


@misconception(
    module="layers",
    replaces="tanh_backward",
    loses=["squashing"],
    name="1 - t instead of 1 - t²",
    why="the square is lost on the way",
    hint="The slope is the same at x and at -x.  Is yours?",
)
def tanh_without_square(original):
    def tanh_backward(dout, cache):
        return dout * (1 - cache)

    return tanh_backward


# ------------------------------------------------------------------------------------------------------ leaky


@misconception(
    module="layers",
    replaces="leaky_relu_backward",
    loses=["leaky"],
    name="plain ReLU's gradient",
    why="the backward pass is copied from ReLU",
    hint="The leak is there for the gradient's sake: what passes where x is negative?",
)
def leaky_as_relu(original):
    def leaky_relu_backward(dout, cache):
        dx = original(dout, cache)
        return np.where(cache[0] > 0, dx, 0)

    return leaky_relu_backward


@misconception(
    module="layers",
    replaces="elu_forward",
    loses=["leaky"],
    name="overflow in the branch that is not used",
    why="np.where works out both branches: alpha · (exp(x) - 1) also for large x",
    hint="exp(1000) is inf, and a mask that is multiplied with it makes nan.",
)
def elu_overflows(original):
    def elu_forward(x, alpha=1.0):
        with np.errstate(over="ignore", invalid="ignore"):
            out = (x > 0) * x + (x <= 0) * alpha * (np.exp(x) - 1)
        return out, original(x, alpha)[1]

    return elu_forward


@misconception(
    module="layers",
    replaces="elu_backward",
    loses=["leaky"],
    name="out instead of out + alpha",
    why="exp is its own derivative, and the -1 is forgotten",
    hint="Just below 0 the slope is alpha.  What is out there?",
)
def elu_without_alpha(original):
    def elu_backward(dout, cache):
        x, e, alpha = cache
        return np.where(x > 0, dout, dout * alpha * (e - 1))

    return elu_backward


@misconception(
    module="layers",
    replaces="leaky_relu_forward",
    loses=["leaky"],
    name="the slope is always 0.01",
    why="the number from one of the slides is written into the function",
    hint="Which parameter does your function never look at?",
)
def leaky_fixed_slope(original):
    def leaky_relu_forward(x, slope=0.01):
        return original(x)

    return leaky_relu_forward


# ----------------------------------------------------------------------------------------------------- maxout


@misconception(
    module="layers",
    replaces="maxout_backward",
    loses=["maxout"],
    name="every layer gets the gradient",
    why="it is passed on to all layers, as by a sum",
    hint="If a layer that did not win moves a little, does the output notice?",
)
def maxout_distributes(original):
    def maxout_backward(dout, cache):
        x, w, _ = cache
        K = len(w)
        dx = np.einsum("nm,kdm->nd", dout, w)
        dw = np.stack([x.T @ dout] * K)
        return dx, dw, np.stack([dout.sum(axis=0)] * K)

    return maxout_backward


@misconception(
    module="layers",
    replaces="maxout_forward",
    loses=["maxout"],
    name="one winner for a whole image",
    why="the layer with the largest sum wins for all outputs",
    hint="Each output unit takes the maximum on its own.",
)
def maxout_one_winner(original):
    def maxout_forward(x, w, b):
        z = np.einsum("nd,kdm->nkm", x, w) + b
        best = z.sum(axis=2).argmax(axis=1)
        out = z[np.arange(len(x)), best]
        return out, (x, w, np.repeat(best[:, None], out.shape[1], axis=1))

    return maxout_forward


@misconception(
    module="layers",
    replaces="maxout_backward",
    loses=["maxout"],
    name="biases get the gradient of every image",
    why="the winner is looked up for the weights and forgotten for the biases",
    hint="A bias of a layer that never wins changes nothing: its gradient is 0.",
)
def maxout_bias(original):
    def maxout_backward(dout, cache):
        dx, dw, db = original(dout, cache)
        return dx, dw, np.broadcast_to(dout.sum(axis=0), db.shape).copy()

    return maxout_backward


@misconception(
    module="layers",
    replaces="maxout_backward",
    loses=["maxout"],
    name="ties are paid twice",
    why="the winners are found by comparing with the maximum, and equal layers all match",
    hint="Two layers with equal weights: together they must not get more than the gradient.",
)
def maxout_ties_twice(original):
    def maxout_backward(dout, cache):
        x, w, winner = cache
        dz = dout * (winner == np.arange(len(w))[:, None, None])
        for k in range(1, len(w)):
            if np.array_equal(w[k], w[0]):
                dz[k] = dz[0]
        return np.einsum("knm,kdm->nd", dz, w), np.einsum("nd,knm->kdm", x, dz), dz.sum(axis=1)

    return maxout_backward


# ------------------------------------------------------------------------------------------------ loss_layers


@misconception(
    module="layers",
    replaces="softmax_loss",
    loses=["loss_layers"],
    name="gradient not divided by N",
    why="the loss is averaged, the gradient is not",
    hint="The loss is a mean over the images: so is its gradient.",
)
def softmax_sum(original):
    def softmax_loss(x, y):
        loss, dx = original(x, y)
        return loss, dx * len(x)

    return softmax_loss


@misconception(
    module="layers",
    replaces="softmax_loss",
    loses=["loss_layers"],
    name="scores are not shifted",
    why="exp of small scores works, and the formula on the slide shows no shift",
    hint="Try scores of 1000.  Softmax does not mind if a row's scores all shrink by the same number.",
)
def softmax_unstable(original):
    def softmax_loss(x, y):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
            loss = -np.log(p[np.arange(len(x)), y]).mean()
        p[np.arange(len(x)), y] -= 1
        return loss, p / len(x)

    return softmax_loss


@misconception(
    module="layers",
    replaces="softmax_loss",
    loses=["loss_layers"],
    name="one shift for the whole batch",
    why="x.max() looks like enough",
    hint="A row whose scores are all far below the batch's largest: what are its exponentials?",
)
def softmax_global_shift(original):
    def softmax_loss(x, y):
        with np.errstate(invalid="ignore", divide="ignore"):
            e = np.exp(x - x.max())
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.log(p[np.arange(len(x)), y]).mean()
        p[np.arange(len(x)), y] -= 1
        return loss, p / len(x)

    return softmax_loss


@misconception(
    module="layers",
    replaces="svm_loss",
    loses=["loss_layers"],
    name="the right class counts",
    why="its margin is max(0, s - s + 1) = 1 and is not left out",
    hint="The sum goes over the other classes.  Is your loss too large by 1?",
)
def svm_counts_right_class(original):
    def svm_loss(x, y):
        loss, dx = original(x, y)
        return loss + 1, dx

    return svm_loss


@misconception(
    module="layers",
    replaces="svm_loss",
    loses=["loss_layers"],
    name="the right class's score is pulled up only once",
    why="-1 is written where every class that violates the margin adds a -1",
    hint="Two classes violate the margin: by how much does the loss fall when the right score grows by 1?",
)
def svm_pulls_once(original):
    def svm_loss(x, y):
        loss, dx = original(x, y)
        rows = np.arange(len(x))
        dx[rows, y] = np.where(dx[rows, y] < 0, -1, 0) / len(x)
        return loss, dx

    return svm_loss


# --------------------------------------------------------------------------------------------------- momentum


@misconception(
    module="optim",
    replaces="sgd_momentum",
    loses=["momentum"],
    name="the velocity is not kept",
    why="it is computed and used, and the config stays as it was",
    hint="What does the next call find in the config?",
)
def velocity_not_kept(original):
    def sgd_momentum(w, dw, config=None):
        next_w, after = original(w, dw, config)
        return next_w, after | {"velocity": np.zeros_like(w)}

    return sgd_momentum


@misconception(
    module="optim",
    replaces="sgd_momentum",
    loses=["momentum"],
    name="the velocity has the wrong sign",
    why="v = μ v + τ dw, and then w + v: uphill",
    hint="With a positive gradient w must get smaller.",
)
def velocity_uphill(original):
    def sgd_momentum(w, dw, config=None):
        return original(w, -dw, config)

    return sgd_momentum


@misconception(
    module="optim",
    replaces="sgd_momentum",
    loses=["momentum"],
    name="a running mean instead of a velocity",
    why="(1 - μ) is taken from Adam's formula",
    hint="From rest, the first step must be that of plain SGD.  Is yours a tenth of it?",
)
def velocity_averaged(original):
    def sgd_momentum(w, dw, config=None):
        momentum = (config or {}).get("momentum", 0.9)
        return original(w, (1 - momentum) * dw, config)

    return sgd_momentum


# --------------------------------------------------------------------------------------------------- adaptive


@misconception(
    module="optim",
    replaces="adagrad",
    loses=["adaptive"],
    name="squares are not added up",
    why="cache = dw**2 instead of adding it to what was there",
    hint="In AdaGrad steps get smaller and smaller: what makes them?",
)
def adagrad_forgets(original):
    def adagrad(w, dw, config=None):
        next_w, after = original(w, dw, (config or {}) | {"cache": np.zeros_like(w)})
        return next_w, after

    return adagrad


@misconception(
    module="optim",
    replaces="adagrad",
    loses=["adaptive"],
    name="no square root",
    why="the sum of squares is divided by as it is",
    hint="Twice the gradient must not mean half the step.",
)
def adagrad_without_root(original):
    def adagrad(w, dw, config=None):
        _, after = original(w, dw, config)
        return w - after["learning_rate"] * dw / (after["cache"] + after["epsilon"]), after

    return adagrad


@misconception(
    module="optim",
    replaces="rmsprop",
    loses=["adaptive"],
    name="old and new shares swapped",
    why="decay_rate is read as the share of the new square",
    hint="A decay rate of 0.99 means a long memory.  How much of the old mean do you keep?",
)
def rmsprop_swapped(original):
    def rmsprop(w, dw, config=None):
        decay = (config or {}).get("decay_rate", 0.99)
        next_w, after = original(w, dw, (config or {}) | {"decay_rate": 1 - decay})
        return next_w, after | {"decay_rate": decay}

    return rmsprop


@misconception(
    module="optim",
    replaces="rmsprop",
    loses=["adaptive"],
    name="AdaGrad under RMSProp's name",
    why="the new square is added with its full weight",
    hint="A running mean keeps a share of the old and takes a share of the new.",
)
def rmsprop_adds(original):
    def rmsprop(w, dw, config=None):
        _, after = original(w, dw, config)
        cache = (config or {}).get("cache", 0) + dw**2
        next_w = w - after["learning_rate"] * dw / (np.sqrt(cache) + after["epsilon"])
        return next_w, after | {"cache": cache}

    return rmsprop


# ------------------------------------------------------------------------------------------------------- adam


@misconception(
    module="optim",
    replaces="adam",
    loses=["adam"],
    name="no bias correction",
    why="the slide leaves it out",
    hint="m starts at 0, so after one step it is a tenth of the gradient.  What makes up for that?",
)
def adam_uncorrected(original):
    def adam(w, dw, config=None):
        _, after = original(w, dw, config)
        return w - after["learning_rate"] * after["m"] / (np.sqrt(after["v"]) + after["epsilon"]), after

    return adam


@misconception(
    module="optim",
    replaces="adam",
    loses=["adam"],
    name="t never grows",
    why="t + 1 is used, and not stored",
    hint="Print config['t'] after three steps.",
)
def adam_first_step_forever(original):
    def adam(w, dw, config=None):
        next_w, after = original(w, dw, config)
        return next_w, after | {"t": 0}

    return adam


@misconception(
    module="optim",
    replaces="adam",
    loses=["adam"],
    name="corrected moments are stored",
    why="m and v are overwritten by m̂ and v̂",
    hint="The correction is for this step only.  What must the next step's running mean start from?",
)
def adam_stores_corrected(original):
    def adam(w, dw, config=None):
        next_w, after = original(w, dw, config)
        t = after["t"]
        m, v = after["m"] / (1 - after["beta1"] ** t), after["v"] / (1 - after["beta2"] ** t)
        return next_w, after | {"m": m, "v": v}

    return adam


@misconception(
    module="optim",
    replaces="adam",
    loses=["adam"],
    name="second moment without the square",
    why="both moments are updated by the same line, copied",
    hint="v is a mean of squares: can it be negative?",
)
def adam_unsquared(original):
    def adam(w, dw, config=None):
        _, after = original(w, dw, config)
        beta2, t = after["beta2"], after["t"]
        v = beta2 * (config or {}).get("v", np.zeros_like(w)) + (1 - beta2) * np.abs(dw)
        m_hat, v_hat = after["m"] / (1 - after["beta1"] ** t), v / (1 - beta2**t)
        return w - after["learning_rate"] * m_hat / (np.sqrt(v_hat) + after["epsilon"]), after | {"v": v}

    return adam


# -------------------------------------------------------------------------------------------------- schedules


@misconception(
    module="schedules",
    replaces="step",
    loses=["schedules"],
    name="the rate falls one epoch late",
    why="t > milestone instead of at it",
    hint="Epoch 30 itself has the smaller rate.",
)
def step_late(original):
    def step(t, alpha_0, milestones=(30, 60, 90), factor=0.1):
        return original(t - 1, alpha_0, milestones, factor)

    return step


@misconception(
    module="schedules",
    replaces="cosine",
    loses=["schedules"],
    name="a whole period of the cosine",
    why="2π t / T, as for waves",
    hint="At the end the rate should be 0.  Where is yours 0?",
)
def cosine_whole_period(original):
    def cosine(t, alpha_0, T):
        return original(2 * t, alpha_0, T)

    return cosine


@misconception(
    module="schedules",
    replaces="inverse_sqrt",
    loses=["schedules"],
    name="t + 1 under the root",
    why="it avoids the division by 0 and moves every other epoch too",
    hint="What does the docstring say for t = 1, and for t = 4?",
)
def inverse_sqrt_shifted(original):
    def inverse_sqrt(t, alpha_0):
        return original(t + 1, alpha_0)

    return inverse_sqrt


@misconception(
    module="schedules",
    replaces="step",
    loses=["schedules"],
    name="one factor for all milestones",
    why="the rate is multiplied once, when the last of the milestones is passed as when the first is",
    hint="After epoch 60 the rate has fallen twice.",
)
def step_once(original):
    def step(t, alpha_0, milestones=(30, 60, 90), factor=0.1):
        return original(t, alpha_0, milestones[:1], factor)

    return step


# ------------------------------------------------------------------------------------------------- on_plateau


@misconception(
    module="schedules",
    replaces="on_plateau",
    loses=["on_plateau"],
    name="compares with the loss before",
    why="'stopped falling' is read as 'not lower than in the last epoch'",
    hint="A loss that goes up and down at the same level falls every second epoch.  Is that progress?",
)
def plateau_last(original):
    def on_plateau(losses, alpha_0, patience=5, factor=0.1):
        alpha, last, waited = alpha_0, math.inf, 0
        for loss in losses:
            waited = 0 if loss < last else waited + 1
            last = loss
            if waited == patience:
                alpha, waited = alpha * factor, 0
        return alpha

    return on_plateau


@misconception(
    module="schedules",
    replaces="on_plateau",
    loses=["on_plateau"],
    name="the count goes on after the rate has fallen",
    why="nothing sets it back, so the rate falls in every further epoch",
    hint="How many epochs does the smaller rate get to show what it can do?",
)
def plateau_no_reset(original):
    def on_plateau(losses, alpha_0, patience=5, factor=0.1):
        alpha, lowest, waited = alpha_0, math.inf, 0
        for loss in losses:
            waited = 0 if loss < lowest else waited + 1
            lowest = min(lowest, loss)  # nan is not
            if waited >= patience:
                alpha *= factor
        return alpha

    return on_plateau


@misconception(
    module="schedules",
    replaces="on_plateau",
    loses=["on_plateau"],
    name="one epoch too patient",
    why="waited > patience, as in torch, instead of waited == patience",
    hint="patience = 3: after which epoch without progress does the rate fall?",
)
def plateau_patient(original):
    def on_plateau(losses, alpha_0, patience=5, factor=0.1):
        return original(losses, alpha_0, patience + 1, factor)

    return on_plateau


@misconception(
    module="schedules",
    replaces="on_plateau",
    loses=["on_plateau"],
    name="a loss that equals the lowest counts as progress",
    why="<= instead of <",
    hint="A loss that stays exactly where it is: is that a plateau?",
)
def plateau_equal(original):
    def on_plateau(losses, alpha_0, patience=5, factor=0.1):
        return original([loss - 1e-9 * i for i, loss in enumerate(losses)], alpha_0, patience, factor)

    return on_plateau


# --------------------------------------------------------------------------------------------- initialisation


@misconception(
    module="init",
    replaces="he",
    loses=["initialisation"],
    name="variance for standard deviation",
    why="2 / N is multiplied with, and its root is forgotten",
    hint="Random numbers times c have variance c².  Which c gives 2 / N?",
)
def he_without_root(original):
    def he(N, M, rng):
        return rng.standard_normal((N, M)) * 2 / N

    return he


@misconception(
    module="init",
    replaces="xavier",
    loses=["initialisation"],
    name="He's variance under Xavier's name",
    why="a slide has it so: σ² = 2 / N",
    hint="Which of the two makes up for what ReLU throws away?",
)
def xavier_is_he(original):
    def xavier(N, M, rng):
        return original(N, M, rng) * 2**0.5

    return xavier


@misconception(
    module="init",
    replaces="xavier",
    loses=["initialisation"],
    name="outputs instead of inputs",
    why="the two numbers of w's shape are easily swapped",
    hint="Each output is a sum of N terms: the more terms, the smaller each must be.",
)
def xavier_fan_out(original):
    def xavier(N, M, rng):
        return original(M, N, rng).T

    return xavier


@misconception(
    module="init",
    replaces="small_random",
    loses=["initialisation"],
    name="uniform numbers from 0 to 1",
    why="rng.random is the first generator that one finds",
    hint="Are any of your weights negative?  What is their mean?",
)
def small_positive(original):
    def small_random(N, M, rng, scale=0.01):
        return scale * rng.random((N, M))

    return small_random


# ---------------------------------------------------------------------------------------------------- scaling


@misconception(
    module="preprocessing",
    replaces="zero_centre",
    loses=["scaling"],
    name="test images centred by their own mean",
    why="each set is made to have mean 0",
    hint="In use a test image comes alone.  What is the mean of one image, minus itself?",
)
def centred_apart(original):
    def zero_centre(X_train, X_test):
        return X_train - X_train.mean(axis=0), X_test - X_test.mean(axis=0)

    return zero_centre


@misconception(
    module="preprocessing",
    replaces="zero_centre",
    loses=["scaling"],
    name="one mean for all pixels",
    why="np.mean without an axis is one number",
    hint="Each pixel has a mean of its own: subtract the mean image.",
)
def one_mean(original):
    def zero_centre(X_train, X_test):
        return X_train - X_train.mean(), X_test - X_train.mean()

    return zero_centre


@misconception(
    module="preprocessing",
    replaces="normalise",
    loses=["scaling"],
    name="divided by the variance",
    why="np.var where np.std is meant",
    hint="The standard deviation of what you return should be 1.  Is it?",
)
def by_variance(original):
    def normalise(X_train, X_test):
        std = X_train.std(axis=0)
        std = np.where(std > 0, std, 1)
        first, second = original(X_train, X_test)
        return first / std, second / std

    return normalise


@misconception(
    module="preprocessing",
    replaces="normalise",
    loses=["scaling"],
    name="division by 0 for constant pixels",
    why="the corner of every picture is black, and its standard deviation 0",
    hint="A pixel that never varies in the training set: what is 0 / 0?",
)
def constant_pixels(original):
    def normalise(X_train, X_test):
        with np.errstate(invalid="ignore", divide="ignore"):
            mean, std = X_train.mean(axis=0), X_train.std(axis=0)
            return (X_train - mean) / std, (X_test - mean) / std

    return normalise


# -------------------------------------------------------------------------------------------------- whitening


@misconception(
    module="preprocessing",
    replaces="pca",
    loses=["whitening"],
    name="the directions of least variance",
    why="eigh sorts from the smallest eigenvalue to the largest",
    hint="Print the variance of each of your columns: the first should be the largest.",
)
def pca_smallest(original):
    def pca(X_train, X_test, dims):
        D = X_train.shape[1]
        first, second = original(X_train, X_test, D)
        return first[:, ::-1][:, :dims], second[:, ::-1][:, :dims]

    return pca


@misconception(
    module="preprocessing",
    replaces="pca",
    loses=["whitening"],
    name="images are not centred",
    why="eigenvectors are taken of XᵀX as it is",
    hint="Without centring, the first direction points from the origin to the mean image.",
)
def pca_uncentred(original):
    def pca(X_train, X_test, dims):
        U = np.linalg.svd(X_train, full_matrices=True)[2].T[:, :dims]
        return X_train @ U, X_test @ U

    return pca


@misconception(
    module="preprocessing",
    replaces="whiten",
    loses=["whitening"],
    name="divided by the variance, not by its root",
    why="the eigenvalues are variances, and are divided by",
    hint="The variance of x / c is that of x, divided by c².  Which c makes it 1?",
)
def whiten_by_variance(original):
    def whiten(X_train, X_test, epsilon=1e-5):
        first, second = pca(X_train, X_test, X_train.shape[1])  # noqa: F821 of the module it joins
        variance = first.var(axis=0) + epsilon
        return first / variance, second / variance

    return whiten


@misconception(
    module="preprocessing",
    replaces="whiten",
    loses=["whitening"],
    name="each pixel scaled, nothing decorrelated",
    why="variance 1 everywhere is taken for white",
    hint="Print the covariance of two neighbouring pixels of your result.",
)
def whiten_is_normalise(original):
    def whiten(X_train, X_test, epsilon=1e-5):
        return normalise(X_train, X_test)  # noqa: F821 of the module it joins

    return whiten


# ----------------------------------------------------------------------------------------------------- fc_net


@misconception(
    module="fc_net",
    replaces="FullyConnectedNet.loss",
    loses=["fc_net"],
    name="the penalty's gradient is left out",
    why="the loss gets its term, the gradients are those of the data",
    hint="With a large reg, W should shrink in every step.  What makes it?",
)
def penalty_without_gradient(original):
    def loss(self, X, y=None):
        if y is None:
            return original(self, X)
        value, _ = original(self, X, y)
        reg, self.reg = self.reg, 0.0
        _, grads = original(self, X, y)
        self.reg = reg
        return value, grads

    return loss


@misconception(
    module="fc_net",
    replaces="FullyConnectedNet.loss",
    loses=["fc_net"],
    name="the penalty with a ½",
    why="many courses define it so, because the gradient then has no 2",
    hint="The docstring's penalty is reg · sum(W²).  Is your loss too small by half of it?",
)
def penalty_half(original):
    def loss(self, X, y=None):
        if y is None:
            return original(self, X)
        reg, self.reg = self.reg, self.reg / 2
        out = original(self, X, y)
        self.reg = reg
        return out

    return loss


@misconception(
    module="fc_net",
    replaces="FullyConnectedNet.loss",
    loses=["fc_net"],
    name="biases are penalised",
    why="the penalty runs over all params",
    hint="Which of the params does the docstring's sum run over?",
)
def penalty_of_biases(original):
    def loss(self, X, y=None):
        if y is None:
            return original(self, X)
        value, grads = original(self, X, y)
        for name, p in self.params.items():
            if name.startswith("b"):
                value = value + self.reg * np.sum(p * p)
                grads[name] = grads[name] + 2 * self.reg * p
        return value, grads

    return loss


@misconception(
    module="fc_net",
    replaces="FullyConnectedNet.loss",
    loses=["fc_net"],
    name="ReLU after the last layer",
    why="every layer is treated alike",
    hint="Can your network give a class a negative score?",
)
def relu_on_scores(original):
    def loss(self, X, y=None):
        scores = np.maximum(original(self, X), 0)
        return scores if y is None else original(self, X, y)

    return loss


@misconception(
    module="fc_net",
    replaces="FullyConnectedNet.__init__",
    loses=["fc_net"],
    name="all weights 0",
    why="biases start at 0, so why not weights",
    hint="If all units of a layer start equal, what makes them differ later?",
)
def zero_weights(original):
    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.params = {name: 0 * p for name, p in self.params.items()}

    return __init__
