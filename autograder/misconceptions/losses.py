"""Wrong answers to the losses assignment that students really give, each with a name and a hint.

See `autograder.catalogue` for the form.  No task of this assignment builds on another one's code (the two
vectorised losses serve LinearSVM and Softmax, which are not graded), so each mistake costs one task.
"""

import numpy as np

from autograder.catalogue import misconception

# --------------------------------------------------------------------------------------------------- softmax


@misconception(
    replaces="softmax",
    loses=["softmax"],
    name="exp overflows",
    why="the formula on the slide is typed in as it stands",
    hint="np.exp(1000) is inf, and inf / inf is nan.  What may you subtract from all scores of a row?",
)
def softmax_overflows(original):
    def softmax(z, beta=1.0):
        with np.errstate(over="ignore", invalid="ignore"):
            e = np.exp(beta * z)
            return e / e.sum(axis=-1, keepdims=True)

    return softmax


@misconception(
    replaces="softmax",
    loses=["softmax"],
    name="shifted by the largest score of all",
    why="z.max() without an axis is shorter, and enough for the first example",
    hint="A row that lies far below the largest score of all becomes exp(-10000) = 0 everywhere, and 0 / 0.",
)
def softmax_global_max(original):
    def softmax(z, beta=1.0):
        with np.errstate(invalid="ignore"):
            e = np.exp(beta * (z - z.max()))
            return e / e.sum(axis=-1, keepdims=True)

    return softmax


@misconception(
    replaces="softmax",
    loses=["softmax"],
    name="normalised over the whole batch",
    why="sum() without an axis adds up everything, which is right for a single row",
    hint="Add up a row of what you return: 1 belongs to every row, not to the whole batch.",
)
def softmax_sums_everything(original):
    def softmax(z, beta=1.0):
        e = np.exp(beta * z - (beta * z).max(axis=-1, keepdims=True))
        return e / e.sum()

    return softmax


@misconception(
    replaces="softmax",
    loses=["softmax"],
    name="normalised along the wrong axis",
    why="axis=0 reads like 'along a row'; it is the axis that disappears",
    hint="Which axis of z counts the classes?  That one has to add up to 1.",
)
def softmax_wrong_axis(original):
    def softmax(z, beta=1.0):
        e = np.exp(beta * z - (beta * z).max(axis=0))
        return e / e.sum(axis=0)

    return softmax


@misconception(
    replaces="softmax",
    loses=["softmax"],
    name="beta is ignored",
    why="beta is 1 by default, and most formulas leave it out",
    hint="Does your answer change at all when you pass beta=2?",
)
def softmax_ignores_beta(original):
    def softmax(z, beta=1.0):
        return original(z)

    return softmax


@misconception(
    replaces="softmax",
    loses=["softmax"],
    name="divided by beta",
    why="temperature, its inverse, is more familiar: softmax(z / T)",
    hint="The slide says that beta → ∞ gives the argmax.  What does yours do as beta grows?",
)
def softmax_temperature(original):
    def softmax(z, beta=1.0):
        with np.errstate(divide="ignore", invalid="ignore"):
            return original(z, 1 / np.float64(beta))

    return softmax


# ------------------------------------------------------------------------------------------------------- nll


@misconception(
    replaces="nll",
    loses=["nll"],
    name="logarithm to base 10",
    why="a slide prints -log(0.13) = 0.89, which is log10, as is the log key of a calculator",
    hint="e^s is undone by the natural logarithm: -log(0.13) is 2.04.",
)
def nll_base_10(original):
    def nll(p, y):
        return original(p, y) / np.log(10)

    return nll


@misconception(
    replaces="nll",
    loses=["nll"],
    name="no minus sign",
    why="one slide's cross-entropy has lost it",
    hint="Probabilities are below 1, so their logarithms are negative; a loss is not.",
)
def nll_positive(original):
    def nll(p, y):
        return -original(p, y)

    return nll


@misconception(
    replaces="nll",
    loses=["nll"],
    name="sum instead of mean",
    why="log-likelihoods of independent images add up",
    hint="Twice as many images of the same kind: should the loss be twice as large?  The formula has 1/N.",
)
def nll_sum(original):
    def nll(p, y):
        return original(p, y) * len(y)

    return nll


@misconception(
    replaces="nll",
    loses=["nll"],
    name="every label's column for every image",
    why="p[:, y] looks like 'for each row, column y'; it takes all columns in y for all rows",
    hint="What is the shape of p[:, y]?  You need one probability for each image.",
)
def nll_all_columns(original):
    def nll(p, y):
        return -np.log(p[:, y]).mean()

    return nll


@misconception(
    replaces="nll",
    loses=["nll"],
    name="the likeliest class instead of the label's",
    why="the prediction is what one looks at; its probability says how sure it is, not how right",
    hint="An image that is surely classified, and wrongly, must be expensive.  What does y do in your code?",
)
def nll_of_the_maximum(original):
    def nll(p, y):
        return -np.log(p.max(axis=1)).mean()

    return nll


@misconception(
    replaces="nll",
    loses=["nll"],
    name="probabilities clipped",
    why="1e-12 is added so that the logarithm never meets a 0",
    hint="A label of probability 1e-30 costs 69.  What does yours say?",
)
def nll_clipped(original):
    def nll(p, y):
        return original(np.maximum(p, 1e-12), y)

    return nll


# --------------------------------------------------------------------------------------------------- entropy


@misconception(
    replaces="entropy",
    loses=["entropy"],
    name="0 log 0 is nan",
    why="the formula does not show that 0 log 0 counts as 0, and numpy does not know it",
    hint="What is 0 * np.log(0)?  Let the logarithm see something harmless where p is 0.",
)
def entropy_nan(original):
    def entropy(p):
        with np.errstate(divide="ignore", invalid="ignore"):
            return -np.sum(p * np.log(p), axis=-1)

    return entropy


@misconception(
    replaces="entropy",
    loses=["entropy"],
    name="entropy in bits",
    why="information theory counts in bits, with log2",
    hint="For a fair coin yours says 1.  The docstring says in which unit H is.",
)
def entropy_bits(original):
    def entropy(p):
        return original(p) / np.log(2)

    return entropy


@misconception(
    replaces="entropy",
    loses=["entropy"],
    name="sum over the whole batch",
    why="np.sum without an axis returns one number, which is right for one distribution",
    hint="Six distributions have six entropies.  How many does yours return?",
)
def entropy_sums_everything(original):
    def entropy(p):
        return original(p.reshape(-1))

    return entropy


@misconception(
    replaces="entropy",
    loses=["entropy"],
    name="no minus sign",
    why="one slide's cross-entropy has lost it",
    hint="Logarithms of probabilities are negative; an entropy is not.",
)
def entropy_negative(original):
    def entropy(p):
        return -original(p)

    return entropy


@misconception(
    replaces="entropy",
    loses=["entropy"],
    name="mean instead of sum",
    why="an expectation is a mean; but the weights of this one are the probabilities",
    hint="P(x) is already the weight of each term: nothing is left to divide by.",
)
def entropy_mean(original):
    def entropy(p):
        return original(p) / p.shape[-1]

    return entropy


# --------------------------------------------------------------------------------------------- kl_divergence


@misconception(
    replaces="kl_divergence",
    loses=["kl_divergence"],
    name="P and Q swapped",
    why="the prediction comes first in many libraries' signatures",
    hint="D_KL(P ‖ Q) weighs the terms by P.  By which of the two does yours?",
)
def kl_swapped(original):
    def kl_divergence(p, q):
        return original(q, p)

    return kl_divergence


@misconception(
    replaces="kl_divergence",
    loses=["kl_divergence"],
    name="the mean of both directions",
    why="a distance ought to be symmetric, so it is made symmetric",
    hint="The slide says that D_KL(P ‖ Q) differs from D_KL(Q ‖ P).  Does yours?",
)
def kl_symmetric(original):
    def kl_divergence(p, q):
        return (original(p, q) + original(q, p)) / 2

    return kl_divergence


@misconception(
    replaces="kl_divergence",
    loses=["kl_divergence"],
    name="cross-entropy instead of KL",
    why="as losses they differ by a constant, so they pass for the same",
    hint="What is your divergence of P from P itself?  It should be 0.",
)
def kl_is_cross_entropy(original):
    def kl_divergence(p, q):
        with np.errstate(divide="ignore"):
            return -np.sum(p * np.log(np.where(p > 0, q, 1)), axis=-1)

    return kl_divergence


@misconception(
    replaces="kl_divergence",
    loses=["kl_divergence"],
    name="0 log 0 is nan",
    why="the formula does not show that a term with P(x) = 0 counts as 0",
    hint="The slide adds '+ 0 + 0' for a one-hot target.  What is 0 * np.log(0 / 0.87) in numpy?",
)
def kl_nan(original):
    def kl_divergence(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sum(p * np.log(p / q), axis=-1)

    return kl_divergence


@misconception(
    replaces="kl_divergence",
    loses=["kl_divergence"],
    name="a small number added to both",
    why="1e-8 keeps log from meeting a 0, and seems to change nothing",
    hint="What Q holds impossible happens: the docstring says what the divergence is then.  Yours is finite.",
)
def kl_epsilon(original):
    def kl_divergence(p, q):
        return np.sum(p * np.log((p + 1e-8) / (q + 1e-8)), axis=-1)

    return kl_divergence


@misconception(
    replaces="kl_divergence",
    loses=["kl_divergence"],
    name="sum over the whole batch",
    why="np.sum without an axis returns one number, which is right for one pair",
    hint="Six pairs have six divergences.  How many does yours return?",
)
def kl_sums_everything(original):
    def kl_divergence(p, q):
        return original(p.reshape(-1), q.reshape(-1))

    return kl_divergence


# --------------------------------------------------------------------------------------------- cross_entropy


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="target and prediction swapped",
    why="the prediction comes first in many libraries' signatures",
    hint="For a one-hot target, log of which of the two would be log 0 almost everywhere?",
)
def cross_entropy_swapped(original):
    def cross_entropy(p, q):
        return original(q, p)

    return cross_entropy


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="only the target's largest class",
    why="with one-hot targets the sum has one term, and argmax finds it",
    hint="A target of (0.5, 0.5) has two terms.  How many does yours add up?",
)
def cross_entropy_hard(original):
    def cross_entropy(p, q):
        best = np.argmax(p, axis=-1)
        with np.errstate(divide="ignore"):
            return -np.log(np.take_along_axis(q, np.expand_dims(best, -1), axis=-1))[..., 0]

    return cross_entropy


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="no minus sign",
    why="one slide has lost it",
    hint="Logarithms of probabilities are negative; a loss is not.",
)
def cross_entropy_negative(original):
    def cross_entropy(p, q):
        return -original(p, q)

    return cross_entropy


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="mean over the batch",
    why="a loss is one number in the end",
    hint="The docstring asks for one cross-entropy for each pair; the mean is taken by who wants it.",
)
def cross_entropy_mean(original):
    def cross_entropy(p, q):
        return np.mean(original(p, q))

    return cross_entropy


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="0 log 0 is nan",
    why="the formula does not show that a term with P(x) = 0 counts as 0",
    hint="Where the target is 0 the prediction may be 0 too.  What is 0 * np.log(0)?",
)
def cross_entropy_nan(original):
    def cross_entropy(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return -np.sum(p * np.log(q), axis=-1)

    return cross_entropy


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="the other outcomes counted as well",
    why="binary cross-entropy has a second term, (1 - p) log(1 - q)",
    hint="Over K outcomes the sum has K terms, one for each.  Where does 1 - q come from?",
)
def cross_entropy_binary(original):
    def cross_entropy(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            other = np.where(p < 1, (1 - p) * np.log(1 - q), 0)
        return original(p, q) - np.sum(other, axis=-1)

    return cross_entropy


# ------------------------------------------------------------------------------------------- label_smoothing


@misconception(
    replaces="label_smoothing",
    loses=["label_smoothing"],
    name="eps is spread over the other classes only",
    why="what is taken from the right class goes, one thinks, to the others",
    hint="With eps = 1 the formula gives 1/K everywhere.  What does yours give the right class?",
)
def smoothing_others_only(original):
    def label_smoothing(y, num_classes, eps=0.1):
        targets = np.full((len(y), num_classes), eps / (num_classes - 1))
        targets[np.arange(len(y)), y] = 1 - eps
        return targets

    return label_smoothing


@misconception(
    replaces="label_smoothing",
    loses=["label_smoothing"],
    name="the right class gets 1 - eps and no more",
    why="= instead of +=: its part of what is spread is overwritten",
    hint="Add up a row of yours: what is missing?",
)
def smoothing_overwrites(original):
    def label_smoothing(y, num_classes, eps=0.1):
        targets = np.full((len(y), num_classes), eps / num_classes)
        targets[np.arange(len(y)), y] = 1 - eps
        return targets

    return label_smoothing


@misconception(
    replaces="label_smoothing",
    loses=["label_smoothing"],
    name="as many classes as labels that occur",
    why="np.unique or max + 1 count what is in y, which may lack a class",
    hint="How many columns are there for y = (0, 1, 0) and num_classes = 4?",
)
def smoothing_counts_labels(original):
    def label_smoothing(y, num_classes, eps=0.1):
        return original(y, int(np.max(y)) + 1, eps)

    return label_smoothing


@misconception(
    replaces="label_smoothing",
    loses=["label_smoothing"],
    name="eps to every other class",
    why="eps is taken for what each class gets instead of what all get together",
    hint="Add up a row of yours: it is a distribution only if eps is shared.",
)
def smoothing_eps_each(original):
    def label_smoothing(y, num_classes, eps=0.1):
        targets = np.full((len(y), num_classes), eps)
        targets[np.arange(len(y)), y] = 1 - eps
        return targets

    return label_smoothing


@misconception(
    replaces="label_smoothing",
    loses=["label_smoothing"],
    name="one row with all labels in it",
    why="targets[:, y] = ... sets the columns of all labels in every row",
    hint="How many ones does a row of yours have for eps = 0?  Row i belongs to y[i] alone.",
)
def smoothing_all_columns(original):
    def label_smoothing(y, num_classes, eps=0.1):
        targets = np.full((len(y), num_classes), eps / num_classes)
        targets[:, y] += 1 - eps
        return targets

    return label_smoothing


# ------------------------------------------------------------------------------------------------ SVM, loops


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="the right class counts as well",
    why="the loop runs over all classes; with itself the margin is 1",
    hint="For the slides' second image the loss is 0.  Is yours 1?  The sum leaves out one j.",
)
def svm_naive_right_class(original):
    def svm_loss_naive(W, X, y, reg):
        loss, dW = original(W, X, y, reg)
        return loss + 1, dW

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="only the classes that are violated pull",
    why="dL/ds_j is clear; that s_y stands in every term too is forgotten",
    hint="A wrong class is pushed down: who is pulled up?  s_y is in the margin as well.",
)
def svm_naive_one_sided(original):
    def svm_loss_naive(W, X, y, reg):
        loss, _ = original(W, X, y, reg)
        dW = np.zeros_like(W)
        for i in range(len(X)):
            scores = X[i] @ W
            for j in range(W.shape[1]):
                if j != y[i] and scores[j] - scores[y[i]] + 1 > 0:
                    dW[:, j] += X[i]
        return loss, dW / len(X) + 2 * reg * W

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="the right class is pulled up once only",
    why="the right class is looked at once for each image, not once for each violated margin",
    hint="The slides' third image violates two margins.  How often is s_y in its loss?",
)
def svm_naive_pulled_once(original):
    def svm_loss_naive(W, X, y, reg):
        loss, _ = original(W, X, y, reg)
        dW = np.zeros_like(W)
        for i in range(len(X)):
            scores = X[i] @ W
            violated = [j for j in range(W.shape[1]) if j != y[i] and scores[j] - scores[y[i]] + 1 > 0]
            for j in violated:
                dW[:, j] += X[i]
            if violated:
                dW[:, y[i]] -= X[i]
        return loss, dW / len(X) + 2 * reg * W

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="the penalty is not in dW",
    why="the loss gets its penalty at the end, and the gradient is forgotten",
    hint="Compare dW for reg = 0 and reg = 1: what should the difference be?",
)
def svm_naive_no_reg_gradient(original):
    def svm_loss_naive(W, X, y, reg):
        return original(W, X, y, reg)[0], original(W, X, y, 0.0)[1]

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="a factor 1/2 in the penalty",
    why="½ reg ΣW² is common, because its derivative is reg W",
    hint="The docstring's penalty has no 1/2 in front of it; what is the derivative of w² then?",
)
def svm_naive_half_reg(original):
    def svm_loss_naive(W, X, y, reg):
        return original(W, X, y, reg / 2)

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="the penalty is divided by N",
    why="everything that was added up is divided at the end, the penalty with it",
    hint="The mean is taken over images.  Does W belong to one of them?",
)
def svm_naive_reg_over_n(original):
    def svm_loss_naive(W, X, y, reg):
        return original(W, X, y, reg / len(X))

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="minus the penalty",
    why="a slide prints a minus before λR(W)",
    hint="A penalty that makes the loss smaller rewards large weights: what would training do to them?",
)
def svm_naive_minus_reg(original):
    def svm_loss_naive(W, X, y, reg):
        return original(W, X, y, -reg)

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="sum instead of mean",
    why="losses of images add up, and the division is forgotten",
    hint="The slides' three images cost 2.9, 0 and 12.9, and together 5.27.",
)
def svm_naive_sum(original):
    def svm_loss_naive(W, X, y, reg):
        N = len(X)
        loss, dW = original(W, X, y, reg / N)
        return N * loss, N * dW

    return svm_loss_naive


@misconception(
    replaces="svm_loss_naive",
    loses=["svm_naive"],
    name="no margin",
    why="a class that is not above the right one looks harmless",
    hint="Where is the 1 of the formula?  The right class has to win by that much.",
)
def svm_naive_no_margin(original):
    def svm_loss_naive(W, X, y, reg):
        N = X.shape[0]
        loss, dW = 0.0, np.zeros_like(W)
        for i in range(N):
            scores = X[i] @ W
            for j in range(W.shape[1]):
                if scores[j] > scores[y[i]]:
                    loss += scores[j] - scores[y[i]]
                    dW[:, j] += X[i]
                    dW[:, y[i]] -= X[i]
        return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W

    return svm_loss_naive


# ------------------------------------------------------------------------------------------- SVM, vectorised


@misconception(
    replaces="svm_loss_vectorized",
    loses=["svm_vectorized"],
    name="the right class counts as well",
    why="the margins matrix has a column for it, with the margin 1",
    hint="For the slides' second image the loss is 0.  Is yours 1?  Which entries of the matrix add it?",
)
def svm_vectorized_right_class(original):
    def svm_loss_vectorized(W, X, y, reg):
        loss, dW = original(W, X, y, reg)
        return loss + 1, dW

    return svm_loss_vectorized


@misconception(
    replaces="svm_loss_vectorized",
    loses=["svm_vectorized"],
    name="a loop in disguise",
    why="a comprehension over the images does not look like a loop, and it works",
    hint="The result is right.  Write all margins as one matrix of shape (N, C).",
)
def svm_vectorized_comprehension(original):
    def svm_loss_vectorized(W, X, y, reg):
        parts = [original(W, X[i : i + 1], y[i : i + 1], reg) for i in range(len(X))]
        return sum(p[0] for p in parts) / len(X), sum(p[1] for p in parts) / len(X)

    return svm_loss_vectorized


@misconception(
    replaces="svm_loss_vectorized",
    loses=["svm_vectorized"],
    name="the right class is pulled up once only",
    why="-1 is put where the right class is, as for softmax",
    hint="An image that violates three margins pulls its own class up three times.",
)
def svm_vectorized_pulled_once(original):
    def svm_loss_vectorized(W, X, y, reg):
        rows = np.arange(len(X))
        scores = X @ W
        violated = (scores - scores[rows, y][:, None] + 1 > 0).astype(X.dtype)
        violated[rows, y] = 0
        violated[rows, y] = -violated.max(axis=1)
        return original(W, X, y, reg)[0], X.T @ violated / len(X) + 2 * reg * W

    return svm_loss_vectorized


@misconception(
    replaces="svm_loss_vectorized",
    loses=["svm_vectorized"],
    name="margins weigh the pull",
    why="the margins themselves are multiplied with X instead of whether they are violated",
    hint="max(0, m) has slope 0 or 1: how far a margin is violated does not matter to the gradient.",
)
def svm_vectorized_margins(original):
    def svm_loss_vectorized(W, X, y, reg):
        rows = np.arange(len(X))
        scores = X @ W
        margins = np.maximum(scores - scores[rows, y][:, None] + 1, 0)
        margins[rows, y] = 0
        margins[rows, y] = -margins.sum(axis=1)
        return original(W, X, y, reg)[0], X.T @ margins / len(X) + 2 * reg * W

    return svm_loss_vectorized


@misconception(
    replaces="svm_loss_vectorized",
    loses=["svm_vectorized"],
    name="the penalty is left out",
    why="the vectorised version is written anew, and with small weights nobody sees that the penalty is gone",
    hint="Compare with your loops at reg = 1000.",
)
def svm_vectorized_no_reg(original):
    def svm_loss_vectorized(W, X, y, reg):
        return original(W, X, y, 0.0)

    return svm_loss_vectorized


@misconception(
    replaces="svm_loss_vectorized",
    loses=["svm_vectorized"],
    name="the penalty is not in dW",
    why="the loss gets its penalty at the end, and the gradient is forgotten",
    hint="Compare dW for reg = 0 and reg = 1: what should the difference be?",
)
def svm_vectorized_no_reg_gradient(original):
    def svm_loss_vectorized(W, X, y, reg):
        return original(W, X, y, reg)[0], original(W, X, y, 0.0)[1]

    return svm_loss_vectorized


@misconception(
    replaces="svm_loss_vectorized",
    loses=["svm_vectorized"],
    name="the gradient is not divided by N",
    why="the loss is divided, the matrix product is not",
    hint="Give every image twice: the loss stays the same.  Does your dW?",
)
def svm_vectorized_sum_gradient(original):
    def svm_loss_vectorized(W, X, y, reg):
        loss, _ = original(W, X, y, reg)
        return loss, original(W, X, y, 0.0)[1] * len(X) + 2 * reg * W

    return svm_loss_vectorized


# -------------------------------------------------------------------------------------------- softmax, loops


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="exp overflows",
    why="the formula on the slide is typed in as it stands",
    hint="exp(10000) is inf, and inf / inf is nan.  What may you subtract from an image's scores?",
)
def softmax_naive_overflows(original):
    def softmax_loss_naive(W, X, y, reg):
        N = len(X)
        loss, dW = 0.0, np.zeros_like(W)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for i in range(N):
                e = np.exp(X[i] @ W)
                p = e / e.sum()
                loss -= np.log(p[y[i]])
                p[y[i]] -= 1
                dW += np.outer(X[i], p)
        return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W

    return softmax_loss_naive


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="log of a probability that is 0",
    why="scores are shifted, so exp is safe; but the right class's probability can still underflow",
    hint="exp(-20000) is 0, and log 0 is not -20000.  Take the logarithm of the quotient on paper first.",
)
def softmax_naive_underflows(original):
    def softmax_loss_naive(W, X, y, reg):
        N = len(X)
        loss, dW = 0.0, np.zeros_like(W)
        with np.errstate(divide="ignore"):
            for i in range(N):
                scores = X[i] @ W
                e = np.exp(scores - scores.max())
                p = e / e.sum()
                loss -= np.log(p[y[i]])
                p[y[i]] -= 1
                dW += np.outer(X[i], p)
        return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W

    return softmax_loss_naive


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="no 1 is taken from the right class",
    why="d log sum exp / ds_j = p_j is worked out, and the term -s_y forgotten",
    hint="What is the derivative of -s_y by s_y?  Without it, every class is only pushed down.",
)
def softmax_naive_only_p(original):
    def softmax_loss_naive(W, X, y, reg):
        loss, dW = original(W, X, y, reg)
        one_hot = np.arange(W.shape[1]) == np.asarray(y)[:, None]
        return loss, dW + X.T @ one_hot.astype(X.dtype) / len(X)

    return softmax_loss_naive


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="the gradient with the wrong sign",
    why="[j = y] - p is what the weights should move by; the gradient points the other way",
    hint="A step goes against the gradient.  Would a step along -dW make the right class likelier?",
)
def softmax_naive_sign(original):
    def softmax_loss_naive(W, X, y, reg):
        loss, _ = original(W, X, y, reg)
        return loss, -original(W, X, y, 0.0)[1] + 2 * reg * W

    return softmax_loss_naive


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="a factor 1/2 in the penalty",
    why="½ reg ΣW² is common, because its derivative is reg W",
    hint="The docstring's penalty has no 1/2 in front of it; what is the derivative of w² then?",
)
def softmax_naive_half_reg(original):
    def softmax_loss_naive(W, X, y, reg):
        return original(W, X, y, reg / 2)

    return softmax_loss_naive


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="minus the penalty",
    why="a slide prints a minus before λR(W)",
    hint="A penalty that makes the loss smaller rewards large weights: what would training do to them?",
)
def softmax_naive_minus_reg(original):
    def softmax_loss_naive(W, X, y, reg):
        return original(W, X, y, -reg)

    return softmax_loss_naive


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="the penalty is divided by N",
    why="everything that was added up is divided at the end, the penalty with it",
    hint="The mean is taken over images.  Does W belong to one of them?",
)
def softmax_naive_reg_over_n(original):
    def softmax_loss_naive(W, X, y, reg):
        return original(W, X, y, reg / len(X))

    return softmax_loss_naive


@misconception(
    replaces="softmax_loss_naive",
    loses=["softmax_naive"],
    name="logarithm to base 10",
    why="a slide prints -log(0.13) = 0.89, which is log10",
    hint="The slides' first image costs 2.04 with the natural logarithm, the one that undoes exp.",
)
def softmax_naive_base_10(original):
    def softmax_loss_naive(W, X, y, reg):
        loss, dW = original(W, X, y, reg)
        penalty = reg * np.sum(W * W)
        return (loss - penalty) / np.log(10) + penalty, dW

    return softmax_loss_naive


# --------------------------------------------------------------------------------------- softmax, vectorised


@misconception(
    replaces="softmax_loss_vectorized",
    loses=["softmax_vectorized"],
    name="shifted by the largest score of all",
    why="scores.max() without an axis is shorter, and enough when all scores are alike",
    hint="An image whose scores lie 20,000 below another's gets exp(-20000) = 0 everywhere.",
)
def softmax_vectorized_global_max(original):
    def softmax_loss_vectorized(W, X, y, reg):
        rows = np.arange(len(X))
        scores = X @ W
        scores = scores - scores.max()
        with np.errstate(divide="ignore", invalid="ignore"):
            sums = np.exp(scores).sum(axis=1)
            loss = np.mean(np.log(sums) - scores[rows, y]) + reg * np.sum(W * W)
            p = np.exp(scores) / sums[:, None]
        p[rows, y] -= 1
        return loss, X.T @ p / len(X) + 2 * reg * W

    return softmax_loss_vectorized


@misconception(
    replaces="softmax_loss_vectorized",
    loses=["softmax_vectorized"],
    name="log of a probability that is 0",
    why="scores are shifted, so exp is safe; but the right class's probability can still underflow",
    hint="exp(-20000) is 0, and log 0 is not -20000.  Take the logarithm of the quotient on paper first.",
)
def softmax_vectorized_underflows(original):
    def softmax_loss_vectorized(W, X, y, reg):
        rows = np.arange(len(X))
        scores = X @ W
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            loss = -np.log(p[rows, y]).mean() + reg * np.sum(W * W)
        p[rows, y] -= 1
        return loss, X.T @ p / len(X) + 2 * reg * W

    return softmax_loss_vectorized


@misconception(
    replaces="softmax_loss_vectorized",
    loses=["softmax_vectorized"],
    name="exp overflows",
    why="the formula on the slide is typed in as it stands",
    hint="exp(10000) is inf, and inf / inf is nan.  What may you subtract from a row of scores?",
)
def softmax_vectorized_overflows(original):
    def softmax_loss_vectorized(W, X, y, reg):
        rows = np.arange(len(X))
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            e = np.exp(X @ W)
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.log(p[rows, y]).mean() + reg * np.sum(W * W)
        p[rows, y] -= 1
        return loss, X.T @ p / len(X) + 2 * reg * W

    return softmax_loss_vectorized


@misconception(
    replaces="softmax_loss_vectorized",
    loses=["softmax_vectorized"],
    name="a loop in disguise",
    why="a comprehension over the images does not look like a loop, and it works",
    hint="The result is right.  Write all probabilities as one matrix of shape (N, C).",
)
def softmax_vectorized_comprehension(original):
    def softmax_loss_vectorized(W, X, y, reg):
        parts = [original(W, X[i : i + 1], y[i : i + 1], reg) for i in range(len(X))]
        return sum(p[0] for p in parts) / len(X), sum(p[1] for p in parts) / len(X)

    return softmax_loss_vectorized


@misconception(
    replaces="softmax_loss_vectorized",
    loses=["softmax_vectorized"],
    name="the penalty is left out",
    why="the vectorised version is written anew, and with small weights nobody sees that the penalty is gone",
    hint="Compare with your loops at reg = 1000.",
)
def softmax_vectorized_no_reg(original):
    def softmax_loss_vectorized(W, X, y, reg):
        return original(W, X, y, 0.0)

    return softmax_loss_vectorized


@misconception(
    replaces="softmax_loss_vectorized",
    loses=["softmax_vectorized"],
    name="1 is taken from whole columns",
    why="p[:, y] -= 1 looks like 'for each row, column y'; it takes every column in y, in all rows",
    hint="How many entries of an (N, C) matrix should become smaller by 1?  How many of yours do?",
)
def softmax_vectorized_columns(original):
    def softmax_loss_vectorized(W, X, y, reg):
        scores = X @ W
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        p[:, y] -= 1
        return original(W, X, y, reg)[0], X.T @ p / len(X) + 2 * reg * W

    return softmax_loss_vectorized


@misconception(
    replaces="softmax_loss_vectorized",
    loses=["softmax_vectorized"],
    name="the gradient is not divided by N",
    why="the loss is a mean, the matrix product is a sum",
    hint="Give every image twice: the loss stays the same.  Does your dW?",
)
def softmax_vectorized_sum_gradient(original):
    def softmax_loss_vectorized(W, X, y, reg):
        loss, _ = original(W, X, y, reg)
        return loss, original(W, X, y, 0.0)[1] * len(X) + 2 * reg * W

    return softmax_loss_vectorized


# ------------------------------------------------------------------------------- penalties, numeric gradient


@misconception(
    replaces="l1_penalty",
    loses=["penalties"],
    name="the absolute values are forgotten",
    why="the sum is taken as it stands, so that signs cancel",
    hint="What is your penalty of (5, -5)?",
)
def l1_signs_cancel(original):
    def l1_penalty(W):
        return abs(np.sum(W)), np.sign(W)

    return l1_penalty


@misconception(
    replaces="l1_penalty",
    loses=["penalties"],
    name="slope 1 at 0",
    why="W >= 0 sorts 0 among the positive numbers",
    hint="A weight of 0 is at the lowest point of |w|: should it be moved?  The docstring says what to take.",
)
def l1_slope_at_zero(original):
    def l1_penalty(W):
        return np.abs(W).sum(), np.where(W >= 0, 1.0, -1.0)

    return l1_penalty


@misconception(
    replaces="l2_penalty",
    loses=["penalties"],
    name="a factor 1/2 in the penalty",
    why="½ ΣW² is common, because its derivative is W",
    hint="The penalty of a single weight of 3 is 9 here, not 4.5, and its slope 6.",
)
def l2_half(original):
    def l2_penalty(W):
        return np.sum(W * W) / 2, W.copy()

    return l2_penalty


@misconception(
    replaces="l2_penalty",
    loses=["penalties"],
    name="the norm instead of its square",
    why="'the L2 norm' is the root of the sum of squares",
    hint="The penalty of (3, 4) is 25.  Is yours 5?",
)
def l2_norm(original):
    def l2_penalty(W):
        norm = np.sqrt(np.sum(W * W))
        return norm, W / norm

    return l2_penalty


@misconception(
    replaces="l2_penalty",
    loses=["penalties"],
    name="the slope is W, not 2 W",
    why="the 1/2 that would make it so is not in this penalty",
    hint="From w = 3 to w = 3.01 the square grows by 0.06.  What does your slope say?",
)
def l2_slope(original):
    def l2_penalty(W):
        return np.sum(W * W), W.copy()

    return l2_penalty


@misconception(
    replaces="elastic_net_penalty",
    loses=["penalties"],
    name="beta before the absolute values",
    why="which of the two terms beta weighs differs from book to book",
    hint="With beta = 0 the docstring leaves |W|.  What does yours leave?",
)
def elastic_net_wrong_term(original):
    def elastic_net_penalty(W, beta=1.0):
        return np.sum(W * W) + beta * np.abs(W).sum(), 2 * W + beta * np.sign(W)

    return elastic_net_penalty


@misconception(
    replaces="elastic_net_penalty",
    loses=["penalties"],
    name="a mixture of beta and 1 - beta",
    why="scikit-learn's elastic net mixes the two with weights that add up to 1",
    hint="In the slide's formula |W| has no factor in front of it.",
)
def elastic_net_mixture(original):
    def elastic_net_penalty(W, beta=1.0):
        R = beta * np.sum(W * W) + (1 - beta) * np.abs(W).sum()
        return R, 2 * beta * W + (1 - beta) * np.sign(W)

    return elastic_net_penalty


@misconception(
    replaces="numeric_gradient",
    loses=["numeric_gradient"],
    name="one-sided difference",
    why="(f(x + h) - f(x)) / h is how the derivative is defined",
    hint="Its error shrinks with h, a centred difference's with h².  Which points does the formula name?",
)
def numeric_one_sided(original):
    def numeric_gradient(f, x, h=1e-5):
        gradient = np.zeros(x.shape)
        at_x = f(x.copy())
        for i in np.ndindex(x.shape):
            moved = x.copy()
            moved[i] += h
            gradient[i] = (f(moved) - at_x) / h
        return gradient

    return numeric_gradient


@misconception(
    replaces="numeric_gradient",
    loses=["numeric_gradient"],
    name="divided by h instead of 2h",
    why="the two points are each h away from x, so h comes to mind",
    hint="For f(x) = x yours says 2.  How far apart are x + h and x - h?",
)
def numeric_divided_by_h(original):
    def numeric_gradient(f, x, h=1e-5):
        return 2 * original(f, x, h)

    return numeric_gradient


@misconception(
    replaces="numeric_gradient",
    loses=["numeric_gradient"],
    name="all numbers move at once",
    why="x + h adds h to every number of x",
    hint="If all of x moves, whose slope is it that you measure?",
)
def numeric_all_at_once(original):
    def numeric_gradient(f, x, h=1e-5):
        return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))

    return numeric_gradient


@misconception(
    replaces="numeric_gradient",
    loses=["numeric_gradient"],
    name="numbers that were moved stay moved",
    why="x[i] is changed in place, and not put back",
    hint="Look at x after the call: is it still the point that you were asked about?",
)
def numeric_not_put_back(original):
    def numeric_gradient(f, x, h=1e-5):
        gradient = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            x[i] += h
            above = f(x)
            x[i] -= 2 * h
            gradient[i] = (above - f(x)) / (2 * h)
        return gradient

    return numeric_gradient


@misconception(
    replaces="numeric_gradient",
    loses=["numeric_gradient"],
    name="h is ignored",
    why="a small number is written down where h should stand",
    hint="Does your answer change at all when you pass h=0.5?",
)
def numeric_ignores_h(original):
    def numeric_gradient(f, x, h=1e-5):
        return original(f, x)

    return numeric_gradient


# ------------------------------------------------------------------------------------------------ learning W


@misconception(
    replaces="random_search",
    loses=["random_search"],
    name="the last W instead of the best",
    why="W is overwritten in each round, and what is left at the end is returned",
    hint="Which try had the lowest loss, and is that the W that you return?",
)
def search_returns_last(original):
    def random_search(f, shape, num_tries=100, scale=1e-3):
        lowest, history = np.inf, []
        for _ in range(num_tries):
            W = scale * np.random.randn(*shape)
            lowest = min(lowest, f(W))
            history.append(lowest)
        return W, history

    return random_search


@misconception(
    replaces="random_search",
    loses=["random_search"],
    name="the loss of each try instead of the lowest so far",
    why="a loss history usually holds what each step measured",
    hint="Can the lowest loss so far go up?  Yours does.",
)
def search_history_of_tries(original):
    def random_search(f, shape, num_tries=100, scale=1e-3):
        history = []

        def watched(W):
            history.append(f(W))
            return history[-1]

        return original(watched, shape, num_tries, scale)[0], history

    return random_search


@misconception(
    replaces="random_search",
    loses=["random_search"],
    name="compared with the try before",
    why="'better than before' is read as better than the last one",
    hint="Losses 1, 4, 2: the third is better than the second.  Is it the best?",
)
def search_compares_with_last(original):
    def random_search(f, shape, num_tries=100, scale=1e-3):
        before, W_best, history = np.inf, None, []
        for _ in range(num_tries):
            W = scale * np.random.randn(*shape)
            loss = f(W)
            if loss < before:
                W_best, kept = W, loss
            before = loss
            history.append(kept)
        return W_best, history

    return random_search


@misconception(
    replaces="random_search",
    loses=["random_search"],
    name="uniform instead of normal numbers",
    why="np.random.rand and np.random.randn differ by a letter",
    hint="np.random.rand is never negative: what is the mean of the numbers in your W?",
)
def search_uniform(original):
    def random_search(f, shape, num_tries=100, scale=1e-3):
        W_best, lowest, history = None, np.inf, []
        for _ in range(num_tries):
            W = scale * np.random.rand(*shape)
            loss = f(W)
            if loss < lowest:
                lowest, W_best = loss, W
            history.append(lowest)
        return W_best, history

    return random_search


@misconception(
    replaces="random_search",
    loses=["random_search"],
    name="scale is ignored",
    why="W = randn(size(W)) stands on the slide, without a factor",
    hint="What is the standard deviation of the W that you try?",
)
def search_ignores_scale(original):
    def random_search(f, shape, num_tries=100, scale=1e-3):
        return original(f, shape, num_tries, 1.0)

    return random_search


@misconception(
    replaces="LinearClassifier.train",
    loses=["train"],
    name="steps up the hill",
    why="the gradient is added: it does say where to go, but to where the loss is higher",
    hint="Print the losses: do they grow?  The gradient points to where the loss grows fastest.",
)
def train_uphill(original):
    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        return original(self, X, y, -learning_rate, reg, num_iters, batch_size, verbose)

    return train


@misconception(
    replaces="LinearClassifier.train",
    loses=["train"],
    name="the same batch in every step",
    why="the indices are drawn before the loop",
    hint="Which images does your classifier ever see?  Draw anew in each step.",
)
def train_one_batch(original):
    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        batch = np.random.choice(len(X), batch_size)
        loss_history = []
        for _ in range(num_iters):
            loss, dW = self.loss(X[batch], y[batch], reg)
            loss_history.append(loss)
            self.W = self.W - learning_rate * dW
        return loss_history

    return train


@misconception(
    replaces="LinearClassifier.train",
    loses=["train"],
    name="the first images only",
    why="X[:batch_size] is a batch of the right size",
    hint="Which images does your classifier ever see?  From which range should the indices be drawn?",
)
def train_first_images(original):
    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        few = slice(None, batch_size)
        return original(self, X[few], y[few], learning_rate, reg, num_iters, batch_size, verbose)

    return train


@misconception(
    replaces="LinearClassifier.train",
    loses=["train"],
    name="all images in every step",
    why="full-batch gradient descent is the simpler algorithm, and the batch is forgotten",
    hint="How many images does each step look at?  batch_size says how many it should.",
)
def train_full_batch(original):
    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        loss_history = []
        for _ in range(num_iters):
            loss, dW = self.loss(X, y, reg)
            loss_history.append(loss)
            self.W = self.W - learning_rate * dW
        return loss_history

    return train


@misconception(
    replaces="LinearClassifier.train",
    loses=["train"],
    name="the gradient is divided by the batch size again",
    why="the step is averaged over the batch, which the loss has done already",
    hint="Is the loss a sum or a mean over the batch?  Its gradient is the same.",
)
def train_divides_again(original):
    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        rate = learning_rate / batch_size
        return original(self, X, y, rate, reg, num_iters, batch_size, verbose)

    return train


@misconception(
    replaces="LinearClassifier.predict",
    loses=["predict"],
    name="the lowest score",
    why="distances are best when small, scores when large",
    hint="A score says how well an image fits a class.  Which end of the scores wins?",
)
def predict_argmin(original):
    def predict(self, X):
        return np.argmin(X @ self.W, axis=1)

    return predict


@misconception(
    replaces="LinearClassifier.predict",
    loses=["predict"],
    name="the best image of each class",
    why="axis=0 reads like 'along each row'; it is the axis that disappears",
    hint="How many labels do you return: as many as images, or as many as classes?",
)
def predict_wrong_axis(original):
    def predict(self, X):
        return np.argmax(X @ self.W, axis=0)

    return predict


@misconception(
    replaces="LinearClassifier.predict",
    loses=["predict"],
    name="the score instead of the class",
    why="np.max returns the largest value, np.argmax where it is",
    hint="A label is the place of the largest score in its row, a whole number.",
)
def predict_max(original):
    def predict(self, X):
        return np.max(X @ self.W, axis=1)

    return predict


@misconception(
    replaces="LinearClassifier.predict",
    loses=["predict"],
    name="the largest absolute score",
    why="scores are taken for distances from a boundary, of which only the size counts",
    hint="A score of -9 says that the class does not fit at all.",
)
def predict_absolute(original):
    def predict(self, X):
        return np.argmax(np.abs(X @ self.W), axis=1)

    return predict
