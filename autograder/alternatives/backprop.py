"""Right answers to the backprop assignment that look different: each must score 100 %.

They guard against tests that demand the reference's way: float32 inside, loops, torch inside, updates in
place, other caches, the style of well-known public solutions.
"""

import math

import numpy as np

from autograder.catalogue import alternative

# -------------------------------------------------------------------------------------------------- value_ops


@alternative(module="graph", replaces="Value.__mul__")
def product_with_lists(original):
    """Lists instead of tuples, keywords, and no name for the operation"""

    def __mul__(self, other):
        other = other if hasattr(other, "data") else type(self)(other)
        return type(self)(self.data * other.data, parents=[self, other], local=[other.data, self.data])

    return __mul__


@alternative(module="graph", replaces="Value.maximum")
def maximum_by_branches(original):
    """Two branches"""

    def maximum(self, other):
        other = other if hasattr(other, "data") else type(self)(other)
        if other.data > self.data:
            return type(self)(other.data, (self, other), (0, 1), op="max")
        return type(self)(self.data, (self, other), (1, 0), op="max")

    return maximum


@alternative(module="graph", replaces="Value.__pow__")
def power_by_math(original):
    """math.pow, and a numpy number for the local gradient"""

    def __pow__(self, exponent):
        import numpy

        slope = numpy.float64(exponent) * math.pow(self.data, exponent - 1)
        return type(self)(math.pow(self.data, exponent), (self,), (slope,))

    return __pow__


# --------------------------------------------------------------------------------------------- value_backward


@alternative(module="graph", replaces="Value.topological_order")
def order_without_recursion(original):
    """A stack instead of recursion"""

    def topological_order(self):
        order, done, stack = [], set(), [(self, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
            elif id(node) not in done:
                done.add(id(node))
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        return order

    return topological_order


@alternative(module="graph", replaces="Value.backward")
def backward_collects(original):
    """Gradients in a dict first"""

    def backward(self):
        gradients = {id(self): 1.0}
        for node in self.topological_order()[::-1]:
            node.grad = gradients.setdefault(id(node), 0.0)
            for i, parent in enumerate(node.parents):
                gradients[id(parent)] = gradients.get(id(parent), 0.0) + node.local[i] * node.grad

    return backward


# ----------------------------------------------------------------------------------------------------- affine


@alternative(module="layers", replaces="affine_forward")
def affine_as_elsewhere(original):
    """The style of a well-known public solution"""

    def affine_forward(x, w, b):
        out = None
        x_row = np.reshape(x, (x.shape[0], np.prod(x.shape[1:])))
        out = x_row.dot(w) + b.reshape(1, -1)
        cache = (x, w, b)
        return out, cache[:2]

    return affine_forward


@alternative(module="layers", replaces="affine_backward")
def affine_in_loops(original):
    """One image after the other, in float32, into arrays made beforehand"""

    def affine_backward(dout, cache):
        x, w = cache
        dout = dout.astype(np.float32)
        dx, dw, db = (np.zeros(a.shape, dtype=np.float32) for a in (x, w, w[0]))
        for n in range(len(x)):
            dx[n] = np.dot(w, dout[n]).reshape(x.shape[1:])
            dw += np.outer(x[n].ravel(), dout[n])
            db += dout[n]
        return dx, dw, db

    return affine_backward


@alternative(module="layers", replaces="affine_backward")
def affine_einsum(original):
    """einsum, and a list instead of a tuple"""

    def affine_backward(dout, cache):
        x, w = cache
        flat = x.reshape(x.shape[0], w.shape[0])
        dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
        return [dx, np.einsum("nd,nm->dm", flat, dout), np.einsum("nm->m", dout)]

    return affine_backward


# ------------------------------------------------------------------------------------------------------- relu


@alternative(module="layers", replaces="relu_forward")
def relu_by_mask(original):
    """A product with a mask"""

    def relu_forward(x):
        return x * (x > 0), x

    return relu_forward


@alternative(module="layers", replaces="relu_backward")
def relu_backward_in_place(original):
    """A copy of dout, changed in place; slope 1 at 0"""

    def relu_backward(dout, cache):
        dx = np.array(dout, copy=True)
        dx[cache < 0] = 0
        return dx

    return relu_backward


# -------------------------------------------------------------------------------------------------- squashing


@alternative(module="layers", replaces="sigmoid_forward")
def sigmoid_of_absolute_value(original):
    """exp of what is never positive, and two cases"""

    def sigmoid_forward(x):
        small = np.exp(-np.abs(x))
        s = np.where(x >= 0, 1, small) / (1 + small)
        return s, s

    return sigmoid_forward


@alternative(module="layers", replaces="sigmoid_forward")
def sigmoid_by_two_masks(original):
    """Each sign in its own way, in float32"""

    def sigmoid_forward(x):
        out = np.zeros_like(x, dtype=np.float32)
        positive = x >= 0
        out[positive] = 1 / (1 + np.exp(-x[positive]))
        z = np.exp(x[~positive])
        out[~positive] = z / (1 + z)
        return out, out

    return sigmoid_forward


@alternative(module="layers", replaces="tanh_forward")
def tanh_by_torch(original):
    """torch inside"""

    def tanh_forward(x):
        import torch

        out = torch.tanh(torch.from_numpy(x)).numpy()
        return out, out

    return tanh_forward


# ------------------------------------------------------------------------------------------------------ leaky


@alternative(module="layers", replaces="leaky_relu_forward")
def leaky_in_two_parts(original):
    """The positive part and the negative one, added"""

    def leaky_relu_forward(x, slope=0.01):
        return np.maximum(x, 0) + slope * np.minimum(x, 0), (x, slope)

    return leaky_relu_forward


@alternative(module="layers", replaces="leaky_relu_backward")
def leaky_by_slopes(original):
    """An array of slopes"""

    def leaky_relu_backward(dout, cache):
        x, slope = cache
        slopes = np.ones_like(x)
        slopes[x < 0] = slope
        return slopes * dout

    return leaky_relu_backward


@alternative(module="layers", replaces="elu_forward")
def elu_by_mask(original):
    """exp of the negative numbers only, in float32"""

    def elu_forward(x, alpha=1.0):
        out = np.array(x, dtype=np.float32)
        negative = x <= 0
        out[negative] = alpha * np.expm1(x[negative])
        return out, (x, np.where(negative, out / alpha + 1, 1), alpha)

    return elu_forward


# ----------------------------------------------------------------------------------------------------- maxout


@alternative(module="layers", replaces="maxout_forward")
def maxout_one_by_one(original):
    """A loop over the layers, with a running maximum"""

    def maxout_forward(x, w, b):
        out = x @ w[0] + b[0]
        winner = np.zeros(out.shape, dtype=int)
        for k in range(1, len(w)):
            z = x @ w[k] + b[k]
            winner[z > out] = k
            out = np.maximum(out, z)
        return out, (x, w, winner)

    return maxout_forward


@alternative(module="layers", replaces="maxout_backward")
def maxout_in_loops(original):
    """A loop over layers, in float32"""

    def maxout_backward(dout, cache):
        x, w, winner = cache
        dx, dw, db = np.zeros(x.shape, np.float32), np.zeros(w.shape, np.float32), []
        for k in range(w.shape[0]):
            dz = np.where(winner == k, dout, 0).astype(np.float32)
            dx += dz @ w[k].T
            dw[k] = x.T @ dz
            db.append(dz.sum(0))
        return dx, dw, np.array(db)

    return maxout_backward


# ------------------------------------------------------------------------------------------------ loss_layers


@alternative(module="layers", replaces="softmax_loss")
def softmax_as_elsewhere(original):
    """Probabilities, normalised in place, and a small number inside the logarithm"""

    def softmax_loss(x, y):
        log_probs = x - np.max(x, axis=1, keepdims=True)
        log_probs = log_probs - np.log(np.sum(np.exp(log_probs), axis=1, keepdims=True))
        N = x.shape[0]
        loss = -np.sum(log_probs[np.arange(N), y]) / N
        dx = np.exp(log_probs).copy()
        dx[np.arange(N), y] -= 1
        dx /= N
        return loss, dx

    return softmax_loss


@alternative(module="layers", replaces="softmax_loss")
def softmax_by_torch(original):
    """torch inside, and a Python number for the loss"""

    def softmax_loss(x, y):
        import torch

        scores = torch.tensor(x, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(scores, torch.as_tensor(y))
        loss.backward()
        return loss.item(), scores.grad.numpy()

    return softmax_loss


@alternative(module="layers", replaces="svm_loss")
def svm_in_loops(original):
    """Two loops, in float32"""

    def svm_loss(x, y):
        loss, dx = np.float32(0), np.zeros(x.shape, dtype=np.float32)
        N, C = x.shape
        for n in range(N):
            for c in range(C):
                margin = x[n, c] - x[n, y[n]] + 1
                if c != y[n] and margin > 0:
                    loss += margin / N
                    dx[n, c] += 1 / N
                    dx[n, y[n]] -= 1 / N
        return loss, dx

    return svm_loss


# ------------------------------------------------------------------------------------------- momentum and co.


@alternative(module="optim", replaces="sgd_momentum")
def momentum_as_elsewhere(original):
    """The style of a well-known public solution: defaults by setdefault, w updated in place"""

    def sgd_momentum(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("momentum", 0.9)
        v = config.get("velocity", np.zeros_like(w))
        v = config["momentum"] * v - config["learning_rate"] * dw
        w += v
        config["velocity"] = v
        return w, config

    return sgd_momentum


@alternative(module="optim", replaces="sgd_momentum")
def momentum_in_float32(original):
    """float32, the velocity updated in place"""

    def sgd_momentum(w, dw, config=None):
        config = {"learning_rate": 1e-2, "momentum": 0.9} | (config or {})
        v = np.array(config.get("velocity", np.zeros(w.shape)), dtype=np.float32)
        v *= config["momentum"]
        v -= config["learning_rate"] * dw
        return (w + v).astype(np.float32), config | {"velocity": v}

    return sgd_momentum


@alternative(module="optim", replaces="adagrad")
def adagrad_epsilon_inside(original):
    """epsilon under the root, as on the slide"""

    def adagrad(w, dw, config=None):
        _, config = original(w, dw, config)
        step = config["learning_rate"] / np.sqrt(config["cache"] + config["epsilon"] ** 2)
        return w - step * dw, config

    return adagrad


@alternative(module="optim", replaces="rmsprop")
def rmsprop_as_elsewhere(original):
    """The style of a well-known public solution"""

    def rmsprop(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("decay_rate", 0.99)
        config.setdefault("epsilon", 1e-8)
        config.setdefault("cache", np.zeros_like(w))
        config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * (dw**2)
        next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
        return next_w, config

    return rmsprop


@alternative(module="optim", replaces="adam")
def adam_efficient(original):
    """The corrections put into the step's length, as the paper suggests"""

    def adam(w, dw, config=None):
        _, config = original(w, dw, config)
        right = np.sqrt(1 - config["beta2"] ** config["t"])
        alpha = config["learning_rate"] * right / (1 - config["beta1"] ** config["t"])
        return w - alpha * config["m"] / (np.sqrt(config["v"]) + config["epsilon"] * right), config

    return adam


@alternative(module="optim", replaces="adam")
def adam_in_place(original):
    """m and v updated in place, and w too"""

    def adam(w, dw, config=None):
        config = {} if config is None else config
        c = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0} | config
        m, v = np.array(c.get("m", np.zeros(w.shape))), np.array(c.get("v", np.zeros(w.shape)))
        c["t"] += 1
        m += (1 - c["beta1"]) * (dw - m)
        v += (1 - c["beta2"]) * (np.square(dw) - v)
        mt, vt = m / (1 - c["beta1"] ** c["t"]), v / (1 - c["beta2"] ** c["t"])
        w -= c["learning_rate"] * mt / (vt**0.5 + c["epsilon"])
        return w, c | {"m": m, "v": v}

    return adam


# ------------------------------------------------------------------------------------- schedules, on_plateau


@alternative(module="schedules", replaces="step")
def step_in_a_loop(original):
    """A loop that stops at the first milestone that lies ahead"""

    def step(t, alpha_0, milestones=(30, 60, 90), factor=0.1):
        for milestone in milestones:
            if t < milestone:
                break
            alpha_0 *= factor
        return alpha_0

    return step


@alternative(module="schedules", replaces="cosine")
def cosine_by_numpy(original):
    """numpy's cosine, and its own kind of number"""

    def cosine(t, alpha_0, T):
        import numpy

        return alpha_0 * numpy.cos(numpy.pi * t / (2 * T)) ** 2

    return cosine


@alternative(module="schedules", replaces="inverse_sqrt")
def inverse_sqrt_by_case(original):
    """The first epoch as a case of its own"""

    def inverse_sqrt(t, alpha_0):
        return alpha_0 if t == 0 else alpha_0 * t**-0.5

    return inverse_sqrt


@alternative(module="schedules", replaces="on_plateau")
def plateau_counts_back(original):
    """The position of the last event, instead of a count"""

    def on_plateau(losses, alpha_0, patience=5, factor=0.1):
        best, since, falls = math.inf, -1, 0
        for epoch, loss in enumerate(losses):
            if loss < best:
                best, since = loss, epoch
            elif epoch - since == patience:
                since, falls = epoch, falls + 1
        return alpha_0 * factor**falls

    return on_plateau


@alternative(module="schedules", replaces="on_plateau")
def plateau_by_recursion(original):
    """Recursion on the list of losses"""

    def on_plateau(losses, alpha_0, patience=5, factor=0.1, lowest=math.inf, waited=0):
        if not losses:
            return alpha_0
        loss, *rest = losses
        if loss < lowest:
            return on_plateau(rest, alpha_0, patience, factor, loss, 0)
        if waited + 1 >= patience:
            return on_plateau(rest, alpha_0 * factor, patience, factor, lowest, 0)
        return on_plateau(rest, alpha_0, patience, factor, lowest, waited + 1)

    return on_plateau


# --------------------------------------------------------------------------------------------- initialisation


@alternative(module="init", replaces="he")
def he_by_normal(original):
    """rng.normal with its scale, the other way round, in float32"""

    def he(N, M, rng):
        return rng.normal(loc=0.0, scale=(2.0 / N) ** 0.5, size=(M, N)).T.astype("float32")

    return he


@alternative(module="init", replaces="xavier")
def xavier_uniform(original):
    """Uniform numbers of the same variance"""

    def xavier(N, M, rng):
        edge = (3 / N) ** 0.5
        return rng.uniform(-edge, edge, (N, M))

    return xavier


# ----------------------------------------------------------------------------------------- scaling, whitening


@alternative(module="preprocessing", replaces="normalise")
def normalise_by_hand(original):
    """float32, and the standard deviation as a root of a mean"""

    def normalise(X_train, X_test):
        mean = np.sum(X_train, axis=0) / len(X_train)
        first, second = X_train - mean, X_test - mean
        std = np.sqrt(np.mean(first * first, axis=0))
        std[std == 0] = 1.0
        return (first / std).astype(np.float32), (second / std).astype(np.float32)

    return normalise


@alternative(module="preprocessing", replaces="zero_centre")
def centre_in_place(original):
    """Copies, changed in place; a list instead of a tuple"""

    def zero_centre(X_train, X_test):
        out = [X_train.copy(), X_test.copy()]
        for i in range(2):
            out[i] -= np.mean(X_train, axis=0, keepdims=True)
        return out

    return zero_centre


@alternative(module="preprocessing", replaces="pca")
def pca_by_svd(original):
    """Singular values of the images instead of eigenvalues of their covariance"""

    def pca(X_train, X_test, dims):
        mean = X_train.mean(axis=0)
        Vt = np.linalg.svd(X_train - mean)[2][:dims]
        return np.dot(X_train - mean, Vt.T), np.dot(X_test - mean, Vt.T)

    return pca


@alternative(module="preprocessing", replaces="whiten")
def whiten_zca(original):
    """ZCA: turned back to pixels"""

    def whiten(X_train, X_test, epsilon=1e-5):
        mean = X_train.mean(axis=0)
        U, S, _ = np.linalg.svd(np.cov(X_train, rowvar=False, bias=True))
        M = U / np.sqrt(S + epsilon) @ U.T
        return (X_train - mean) @ M, (X_test - mean) @ M

    return whiten


# ----------------------------------------------------------------------------------------------------- fc_net


@alternative(module="fc_net", replaces="FullyConnectedNet.loss")
def net_by_torch(original):
    """torch inside, without any of the layers"""

    def loss(self, X, y=None):
        import torch

        p = {k: torch.tensor(v, requires_grad=True) for k, v in self.params.items()}
        out = torch.tensor(X.astype(self.dtype)).flatten(1)
        for i in range(1, self.num_layers + 1):
            out = (out if i == 1 else out.relu()) @ p[f"W{i}"] + p[f"b{i}"]
        if y is None:
            return out.numpy(force=True)
        total = torch.nn.functional.cross_entropy(out, torch.as_tensor(y))
        total = total + self.reg * sum((p[f"W{i}"] ** 2).sum() for i in range(1, self.num_layers + 1))
        total.backward()
        return total.item(), {k: v.grad.numpy() for k, v in p.items()}

    return loss


@alternative(module="fc_net", replaces="FullyConnectedNet.loss")
def net_with_stack(original):
    """Functions imported by name, and a stack of caches"""

    def loss(self, X, y=None):
        from layers import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss

        stack, h, p = [], X.astype(self.dtype), self.params
        for i in range(1, self.num_layers):
            h, fc = affine_forward(h, p["W" + str(i)], p["b" + str(i)])
            h, relu = relu_forward(h)
            stack.append((fc, relu))
        last = str(self.num_layers)
        scores, fc = affine_forward(h, p["W" + last], p["b" + last])
        if y is None:
            return scores
        value, dh = softmax_loss(scores, y)
        grads = {}
        dh, grads["W" + last], grads["b" + last] = affine_backward(dh, fc)
        while stack:
            i = str(len(stack))
            fc, relu = stack.pop()
            dh, grads["W" + i], grads["b" + i] = affine_backward(relu_backward(dh, relu), fc)
        for k, v in p.items():
            if k[0] == "W":
                value += self.reg * (v**2).sum()
                grads[k] += 2 * self.reg * v
        return value, grads

    return loss


@alternative(module="fc_net", replaces="FullyConnectedNet.__init__")
def net_init_by_hand(original):
    """Weights made on the spot, without init.py"""

    def __init__(
        self,
        hidden_dims,
        input_dim=3072,
        num_classes=10,
        reg=0.0,
        weight_scale="he",
        dtype=np.float32,
        seed=None,
    ):
        self.reg, self.dtype, self.num_layers = reg, dtype, 1 + len(hidden_dims)
        rng = np.random.default_rng(seed)
        self.params = {}
        before = input_dim
        for i, size in enumerate([*hidden_dims, num_classes]):
            scale = {"he": np.sqrt(2 / before), "xavier": np.sqrt(1 / before)}.get(weight_scale, weight_scale)
            self.params[f"W{i + 1}"] = (scale * rng.normal(size=(before, size))).astype(dtype)
            self.params[f"b{i + 1}"] = np.zeros(size, dtype)
            before = size

    return __init__
