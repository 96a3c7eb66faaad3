"""Right answers to the losses assignment that look different: each must score 100 %.

They guard against tests that demand the reference's way: another order of summation, float32 inside, torch
inside a numpy function, plain Python, masks instead of indices, updates in place of what belongs to the
function.
"""

import numpy as np

from autograder.catalogue import alternative

# --------------------------------------------------------------------------------------------------- softmax


@alternative(replaces="softmax")
def softmax_by_log_sum(original):
    """By way of the logarithm: exp(z - log sum exp z)"""

    def softmax(z, beta=1.0):
        scaled = beta * np.asarray(z)
        top = np.max(scaled, axis=-1, keepdims=True)
        log_sum = top + np.log(np.sum(np.exp(scaled - top), axis=-1, keepdims=True))
        return np.exp(scaled - log_sum)

    return softmax


@alternative(replaces="softmax")
def softmax_by_torch(original):
    """torch inside"""

    def softmax(z, beta=1.0):
        import torch

        return torch.softmax(beta * torch.from_numpy(z), dim=-1).numpy()

    return softmax


@alternative(replaces="softmax")
def softmax_float32_in_place(original):
    """float32, and updates in place of a copy"""

    def softmax(z, beta=1.0):
        e = z.astype(np.float32)
        e -= e.max(axis=-1, keepdims=True)
        e *= beta
        np.exp(e, out=e)
        e /= e.sum(axis=-1)[..., None]
        return e

    return softmax


# ------------------------------------------------------------------------------------------------------- nll


@alternative(replaces="nll")
def nll_in_python(original):
    """Plain Python, image by image"""

    def nll(p, y):
        import math

        return sum(-math.log(row[label]) for row, label in zip(p.tolist(), y.tolist(), strict=True)) / len(y)

    return nll


@alternative(replaces="nll")
def nll_by_masks(original):
    """One-hot targets, and the sum over classes"""

    def nll(p, y):
        one_hot = np.arange(p.shape[1]) == y[:, None]
        return np.mean(-np.log(np.sum(p * one_hot, axis=1)))

    return nll


# -------------------------------------------------------------------------------- entropy, KL, cross-entropy


@alternative(replaces="entropy")
def entropy_nan_to_num(original):
    """Takes the nan of 0 log 0 out afterwards"""

    def entropy(p):
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = -p * np.log(p)
        return np.nan_to_num(terms).sum(axis=-1)

    return entropy


@alternative(replaces="entropy")
def entropy_by_torch(original):
    """torch's entr, in float64"""

    def entropy(p):
        import torch

        return torch.special.entr(torch.from_numpy(p)).sum(dim=-1).numpy()

    return entropy


@alternative(replaces="entropy")
def entropy_where(original):
    """log only where there is something, by numpy's where="""

    def entropy(p):
        log_p = np.zeros_like(p, dtype=np.float32)
        np.log(p, out=log_p, where=p > 0, casting="same_kind")
        return np.einsum("...k,...k->...", -p, log_p)

    return entropy


@alternative(replaces="kl_divergence")
def kl_as_difference(original):
    """Cross-entropy less entropy"""

    def kl_divergence(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(p > 0, p * (np.log(p) - np.log(q)), 0)
        return terms.sum(axis=-1)

    return kl_divergence


@alternative(replaces="kl_divergence")
def kl_by_torch(original):
    """torch's kl_div, which wants log q first"""

    def kl_divergence(p, q):
        import torch

        P, Q = torch.from_numpy(p), torch.from_numpy(q)
        terms = torch.special.xlogy(P, P) - torch.special.xlogy(P, Q)
        return torch.nan_to_num(terms, nan=0.0, posinf=np.inf).sum(dim=-1).numpy()

    return kl_divergence


@alternative(replaces="kl_divergence")
def kl_row_by_row(original):
    """Plain Python for each distribution"""

    def kl_divergence(p, q):
        import math

        def one(p, q):
            total = 0.0
            for a, b in zip(p.tolist(), q.tolist(), strict=True):
                if a > 0:
                    total += math.inf if b == 0 else a * math.log(a / b)
            return total

        pairs = zip(p.reshape(-1, p.shape[-1]), q.reshape(-1, q.shape[-1]), strict=True)
        divergences = np.array([one(a, b) for a, b in pairs])
        return divergences.reshape(p.shape[:-1]) if p.ndim > 1 else divergences[0]

    return kl_divergence


@alternative(replaces="cross_entropy")
def cross_entropy_nan_to_num(original):
    """Takes the nan of 0 log 0 out afterwards"""

    def cross_entropy(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nansum(-p * np.log(q), axis=-1)

    return cross_entropy


@alternative(replaces="cross_entropy")
def cross_entropy_by_torch(original):
    """torch's xlogy"""

    def cross_entropy(p, q):
        import torch

        return -torch.special.xlogy(torch.from_numpy(p), torch.from_numpy(q)).sum(dim=-1).numpy()

    return cross_entropy


# ------------------------------------------------------------------------------------------- label_smoothing


@alternative(replaces="label_smoothing")
def smoothing_of_identity(original):
    """Rows of the identity, mixed with the uniform distribution"""

    def label_smoothing(y, num_classes, eps=0.1):
        return (1 - eps) * np.eye(num_classes)[y] + eps / num_classes

    return label_smoothing


@alternative(replaces="label_smoothing")
def smoothing_float32(original):
    """float32, a comparison instead of indices"""

    def label_smoothing(y, num_classes, eps=0.1):
        same = np.asarray(y)[:, None] == np.arange(num_classes)
        rest = np.float32(eps) / num_classes
        return np.where(same, 1 - np.float32(eps) + rest, rest).astype(np.float32)

    return label_smoothing


# ----------------------------------------------------------------------------------------- hinge: svm_loss_*


@alternative(replaces="svm_loss_naive")
def svm_naive_cs231n(original):
    """As in CS231n: skips the right class, adds the penalty at the end"""

    def svm_loss_naive(W, X, y, reg):
        dW = np.zeros(W.shape)
        num_classes = W.shape[1]
        num_train = X.shape[0]
        loss = 0.0
        for i in range(num_train):
            scores = X[i].dot(W)
            correct_class_score = scores[y[i]]
            for j in range(num_classes):
                if j == y[i]:
                    continue
                margin = scores[j] - correct_class_score + 1
                if margin > 0:
                    loss += margin
                    dW[:, j] += X[i, :]
                    dW[:, y[i]] -= X[i, :]
        loss /= num_train
        dW /= num_train
        loss += reg * np.sum(W * W)
        dW += 2 * reg * W
        return loss, dW

    return svm_loss_naive


@alternative(replaces="svm_loss_naive")
def svm_naive_counts(original):
    """One loop for the scores, float32, and the right class's share counted at the end"""

    def svm_loss_naive(W, X, y, reg):
        W, X = W.astype(np.float32), X.astype(np.float32)
        loss, dW = reg * float((W**2).sum()), 2 * reg * W
        for x, label in zip(X, y.tolist(), strict=True):
            margins = np.array([max(float(x @ (W[:, j] - W[:, label])) + 1, 0) for j in range(W.shape[1])])
            margins[label] = 0
            pulls = (margins > 0).astype(np.float32)
            pulls[label] = -pulls.sum()
            loss += margins.sum() / len(X)
            dW = dW + np.outer(x, pulls) / len(X)
        return loss, dW

    return svm_loss_naive


@alternative(replaces="svm_loss_vectorized")
def svm_vectorized_cs231n(original):
    """As in CS231n: a mask of counts, and the margin of the right class set to 0"""

    def svm_loss_vectorized(W, X, y, reg):
        num_train = X.shape[0]
        scores = X.dot(W)
        correct = scores[np.arange(num_train), y].reshape(num_train, 1)
        margins = np.maximum(0, scores - correct + 1)
        margins[np.arange(num_train), y] = 0
        loss = np.sum(margins) / num_train + reg * np.sum(W * W)
        mask = np.zeros(margins.shape)
        mask[margins > 0] = 1
        mask[np.arange(num_train), y] = -np.sum(mask, axis=1)
        dW = X.T.dot(mask) / num_train + 2 * reg * W
        return loss, dW

    return svm_loss_vectorized


@alternative(replaces="svm_loss_vectorized")
def svm_vectorized_with_its_own_class(original):
    """Leaves the right class in, which adds 1 to each image's loss, and takes the 1 away again"""

    def svm_loss_vectorized(W, X, y, reg):
        one_hot = np.eye(W.shape[1], dtype=X.dtype)[y]
        scores = X @ W
        margins = np.clip(scores - (scores * one_hot).sum(axis=1, keepdims=True) + 1, 0, None)
        loss = (margins.sum() - len(X)) / len(X) + reg * np.linalg.norm(W) ** 2
        above = (margins > 0) - one_hot
        dscores = above - one_hot * above.sum(axis=1, keepdims=True)
        return loss, np.einsum("nd,nc->dc", X, dscores) / len(X) + 2 * reg * W

    return svm_loss_vectorized


@alternative(replaces="svm_loss_vectorized")
def svm_vectorized_by_torch(original):
    """torch's autograd"""

    def svm_loss_vectorized(W, X, y, reg):
        import torch

        w, x = torch.tensor(W, requires_grad=True), torch.from_numpy(X)
        labels = torch.from_numpy(y.astype(np.int64))[:, None]
        scores = x @ w
        margins = (scores - scores.gather(1, labels) + 1).clamp(min=0).scatter(1, labels, 0.0)
        loss = margins.sum() / len(x) + reg * (w * w).sum()
        loss.backward()
        return loss.item(), w.grad.numpy()

    return svm_loss_vectorized


# ---------------------------------------------------------------------------------- cross-entropy: softmax_*


@alternative(replaces="softmax_loss_naive")
def softmax_naive_outer(original):
    """An outer product for each image, log by np.logaddexp"""

    def softmax_loss_naive(W, X, y, reg):
        loss, dW = reg * np.sum(W**2), 2.0 * reg * W
        for x, label in zip(X, y, strict=True):
            scores = x.dot(W)
            log_p = scores - np.logaddexp.reduce(scores)
            loss = loss - log_p[label] / len(X)
            p = np.exp(log_p)
            p[label] -= 1
            dW = dW + np.outer(x, p) / len(X)
        return loss, dW

    return softmax_loss_naive


@alternative(replaces="softmax_loss_naive")
def softmax_naive_in_python(original):
    """Plain Python's log and exp, class by class"""

    def softmax_loss_naive(W, X, y, reg):
        import math

        loss, dW = 0.0, np.zeros(W.shape)
        for i in range(len(X)):
            s = [float(X[i] @ W[:, j]) for j in range(W.shape[1])]
            top = max(s)
            log_sum = top + math.log(math.fsum(math.exp(t - top) for t in s))
            loss += (log_sum - s[y[i]]) / len(X)
            for j in range(W.shape[1]):
                dW[:, j] += math.exp(s[j] - log_sum) * X[i] / len(X)
            dW[:, y[i]] -= X[i] / len(X)
        return loss + reg * float((W * W).sum()), dW + 2 * reg * W

    return softmax_loss_naive


@alternative(replaces="softmax_loss_vectorized")
def softmax_vectorized_one_hot(original):
    """One-hot targets and log-probabilities, float32 inside"""

    def softmax_loss_vectorized(W, X, y, reg):
        W, X = W.astype(np.float32), X.astype(np.float32)
        targets = np.eye(W.shape[1], dtype=np.float32)[y]
        scores = X.dot(W)
        log_p = scores - scores.max(axis=1)[:, None]
        log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
        loss = -(targets * log_p).sum() / len(X) + reg * (W * W).sum()
        return loss, np.dot(X.T, np.exp(log_p) - targets) / len(X) + 2 * reg * W

    return softmax_loss_vectorized


@alternative(replaces="softmax_loss_vectorized")
def softmax_vectorized_by_torch(original):
    """torch's cross_entropy and autograd"""

    def softmax_loss_vectorized(W, X, y, reg):
        import torch

        w, x = torch.tensor(W, requires_grad=True), torch.from_numpy(X)
        labels = torch.from_numpy(y.astype(np.int64))
        loss = torch.nn.functional.cross_entropy(x @ w, labels) + reg * w.square().sum()
        loss.backward()
        return loss.item(), w.grad.numpy()

    return softmax_loss_vectorized


# ---------------------------------------------------------------------------- penalties and numeric gradient


@alternative(replaces="l1_penalty")
def l1_where(original):
    """A norm of the flat weights, and comparisons for the sign"""

    def l1_penalty(W):
        return np.linalg.norm(W.ravel(), ord=1), (W > 0) * 1.0 - (W < 0) * 1.0

    return l1_penalty


@alternative(replaces="l2_penalty")
def l2_vdot(original):
    """A dot product of the flat weights"""

    def l2_penalty(W):
        return float(np.vdot(W, W)), W + W

    return l2_penalty


@alternative(replaces="elastic_net_penalty")
def elastic_net_float32(original):
    """Written out in full, in float32"""

    def elastic_net_penalty(W, beta=1.0):
        V = W.astype(np.float32)
        return (beta * V**2 + np.abs(V)).sum(), (2 * beta * V + np.sign(V)).astype(np.float32)

    return elastic_net_penalty


@alternative(replaces="numeric_gradient")
def numeric_in_place(original):
    """As in CS231n: moves x itself and puts the old number back"""

    def numeric_gradient(f, x, h=1e-5):
        grad = np.zeros_like(x)
        it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
        while not it.finished:
            ix = it.multi_index
            oldval = x[ix]
            x[ix] = oldval + h
            fxph = f(x)
            x[ix] = oldval - h
            fxmh = f(x)
            x[ix] = oldval
            grad[ix] = (fxph - fxmh) / (2 * h)
            it.iternext()
        return grad

    return numeric_gradient


@alternative(replaces="numeric_gradient")
def numeric_by_directions(original):
    """Unit vectors, all values of f collected in lists"""

    def numeric_gradient(f, x, h=1e-5):
        steps = (h * np.eye(x.size)).reshape(x.size, *x.shape)
        behind = np.array([f(x - step) for step in steps])
        ahead = np.array([f(x + step) for step in steps])
        return ((ahead - behind) / (h + h)).reshape(x.shape)

    return numeric_gradient


# ------------------------------------------------------------------------------------------------ learning W


@alternative(replaces="random_search")
def search_default_rng(original):
    """A generator of its own; keeps every try and looks for the lowest at the end"""

    def random_search(f, shape, num_tries=100, scale=1e-3):
        rng = np.random.default_rng()
        tries = [rng.normal(0, scale, size=shape) for _ in range(num_tries)]
        losses = [f(W) for W in tries]
        history = [min(losses[: i + 1]) for i in range(num_tries)]
        return tries[int(np.argmin(losses))], history

    return random_search


@alternative(replaces="random_search")
def search_accumulate(original):
    """numpy's running minimum, which is an array before it is a list"""

    def random_search(f, shape, num_tries=100, scale=1e-3):
        losses = []
        for i in range(num_tries):
            W = np.random.standard_normal(shape) * scale
            losses.append(f(W))
            if i == 0 or losses[-1] < min(losses[:-1]):
                W_best = W.copy()
        return W_best, list(np.minimum.accumulate(losses))

    return random_search


@alternative(replaces="LinearClassifier.train")
def train_cs231n(original):
    """As in CS231n: np.random.choice, a list of losses, W updated by assignment"""

    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        num_train, dim = X.shape
        num_classes = np.max(y) + 1
        if self.W is None:
            self.W = 0.001 * np.random.randn(dim, num_classes)
        loss_history = []
        for _ in range(num_iters):
            indices = np.random.choice(num_train, batch_size, replace=True)
            X_batch = X[indices]
            y_batch = y[indices]
            loss, grad = self.loss(X_batch, y_batch, reg)
            loss_history.append(loss)
            self.W = self.W - learning_rate * grad
        return loss_history

    return train


@alternative(replaces="LinearClassifier.train")
def train_by_epochs(original):
    """Goes through the training set in a new order each time, so that no image is drawn twice"""

    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        rng = np.random.default_rng()
        if self.W is None:
            self.W = 0.001 * rng.normal(size=(X.shape[1], int(max(y)) + 1))
        waiting, history = np.zeros(0, dtype=int), []
        while len(history) < num_iters:
            while len(waiting) < batch_size:
                waiting = np.concatenate([waiting, rng.permutation(len(X))])
            batch, waiting = waiting[:batch_size], waiting[batch_size:]
            value, gradient = self.loss(X[batch], y[batch], reg)
            history += [float(value)]
            self.W += -learning_rate * gradient
        return history

    return train


@alternative(replaces="LinearClassifier.predict")
def predict_one_by_one(original):
    """Image by image; labels come out as floats"""

    def predict(self, X):
        y_pred = np.zeros(X.shape[0])
        for i in range(X.shape[0]):
            y_pred[i] = X[i].dot(self.W).argmax()
        return y_pred

    return predict


@alternative(replaces="LinearClassifier.predict")
def predict_transposed(original):
    """Classes in rows, as the slides write W x; the order of a sort"""

    def predict(self, X):
        return np.argsort(self.W.T @ X.T, axis=0)[-1]

    return predict
