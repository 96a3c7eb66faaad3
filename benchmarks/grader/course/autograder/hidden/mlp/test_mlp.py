"""Hidden tests of the benchmark's assignment: fourteen of its twenty."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cvcourse.checks.compare import Tolerance, same

SUMS = Tolerance(1e-5, 1e-4, "float32 sums of some hundred terms")


def normal(rng, *shape):
    return torch.from_numpy(rng.normal(size=shape).astype(np.float32))


# ----------------------------------------------------------------------------------------------------- linear


@pytest.mark.task("linear", points=1)
def test_linear_many(student, rng):
    """N, D and C are independent"""
    for N, D, C in ((1, 7, 3), (6, 1, 2), (5, 4, 1)):
        x, W, b = normal(rng, N, D), normal(rng, D, C), normal(rng, C)
        same(student.mlp.linear(x, W, b), F.linear(x, W.T, b), tolerance=SUMS)


def gradients(linear, x, W, b):
    x, W, b = (t.clone().requires_grad_() for t in (x, W, b))
    linear(x, W, b).square().sum().backward()
    return [x.grad, W.grad, b.grad]


@pytest.mark.task("linear", points=1)
def test_linear_has_gradients(student, rng):
    """Autograd reaches x, W and b"""
    x, W, b = normal(rng, 5, 4), normal(rng, 4, 3), normal(rng, 3)
    out = 2 * (x @ W + b)
    got = student.helper(gradients, student.mlp.linear, x, W, b)
    same(got, [out @ W.T, x.T @ out, out.sum(dim=0)], tolerance=SUMS, what="the gradients")


# ---------------------------------------------------------------------------------------------- cross_entropy


@pytest.mark.task("cross_entropy", points=1)
def test_cross_entropy_random(student, rng):
    """The mean over a batch"""
    logits, y = normal(rng, 20, 10), torch.from_numpy(rng.integers(0, 10, size=20))
    same(student.mlp.cross_entropy(logits, y), F.cross_entropy(logits, y), tolerance=SUMS)


@pytest.mark.task("cross_entropy", points=1)
def test_cross_entropy_large_logits(student):
    """exp does not overflow, for any image"""
    logits = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, -1001.0, -1002.0]])
    y = torch.tensor([0, 1])
    same(student.mlp.cross_entropy(logits, y), F.cross_entropy(logits, y), tolerance=SUMS)


def loss_gradient(cross_entropy, logits, y):
    logits = logits.clone().requires_grad_()
    cross_entropy(logits, y).backward()
    return logits.grad


@pytest.mark.task("cross_entropy", points=1)
def test_cross_entropy_gradient(student, rng):
    """The gradient is (softmax - one-hot) / N"""
    logits, y = normal(rng, 8, 5), torch.from_numpy(rng.integers(0, 5, size=8))
    expected = (logits.softmax(dim=1) - F.one_hot(y, 5)) / 8
    got = student.helper(loss_gradient, student.mlp.cross_entropy, logits, y)
    same(got, expected, tolerance=SUMS, what="the gradient")


# -------------------------------------------------------------------------------------------------------- net


def shapes_of(TwoLayerNet, D, H, C):
    return {name: list(p.shape) for name, p in TwoLayerNet(D, H, C).named_parameters()}


@pytest.mark.task("net", points=1)
def test_net_registers_its_parameters(student):
    """Four parameters, known to nn.Module"""
    shapes = student.helper(shapes_of, student.mlp.TwoLayerNet, 6, 11, 4)
    assert shapes == {"W1": [6, 11], "b1": [11], "W2": [11, 4], "b2": [4]}, "the parameters' names or shapes"


def scales_of(TwoLayerNet, D, H, C):
    net = TwoLayerNet(D, H, C)
    return [float(net.W1.std()), float(net.W2.std()), float(net.b1.abs().sum() + net.b2.abs().sum())]


@pytest.mark.task("net", points=1)
def test_net_starts_well(student):
    """Weights of the right size, biases zero"""
    first, second, biases = student.helper(scales_of, student.mlp.TwoLayerNet, 200, 300, 100)
    # 30,000 and more normal numbers: their standard deviation is within 2 % with near certainty
    same(first, (2 / 200) ** 0.5, tolerance=Tolerance(relative=0.05), what="the spread of W1")
    same(second, (2 / 300) ** 0.5, tolerance=Tolerance(relative=0.05), what="the spread of W2")
    same(biases, 0.0, what="the biases' sum")


def forward_twice(TwoLayerNet, X):
    import torch

    net = TwoLayerNet(X.shape[1], 9, 4)
    with torch.no_grad():
        net.b1.normal_()
        net.b2.normal_()
        return net(X), torch.relu(X @ net.W1 + net.b1) @ net.W2 + net.b2


@pytest.mark.task("net", points=1)
def test_net_forward(student, rng):
    """linear, ReLU, linear, with both biases"""
    got, expected = student.helper(forward_twice, student.mlp.TwoLayerNet, normal(rng, 6, 5))
    same(got, expected, tolerance=SUMS, what="the logits")


# --------------------------------------------------------------------------------------------------- accuracy


@pytest.mark.task("accuracy", points=1)
def test_accuracy_random(student, rng):
    """A share between 0 and 1 of any batch"""
    logits, y = normal(rng, 50, 7), torch.from_numpy(rng.integers(0, 7, size=50))
    same(student.mlp.accuracy(logits, y), float((logits.argmax(dim=1) == y).sum()) / 50)


# -------------------------------------------------------------------------------------------------------- sgd


def steps(sgd_momentum, parameters, grads, lr, momentum):
    import torch

    parameters = [p.clone().requires_grad_() for p in parameters]
    velocities = [torch.zeros_like(p) for p in parameters]
    for step in grads:
        for p, grad in zip(parameters, step, strict=True):
            p.grad = grad
        sgd_momentum(parameters, velocities, lr, momentum)
    return [p.detach() for p in parameters]


@pytest.mark.task("sgd", points=1)
def test_sgd_remembers(student, rng):
    """Ten steps of two parameters, against torch.optim.SGD"""
    shapes = ((4, 3), (5,))
    parameters = [normal(rng, *shape) for shape in shapes]
    grads = [[normal(rng, *shape) for shape in shapes] for _ in range(10)]
    expected = [p.clone().requires_grad_() for p in parameters]
    optimizer = torch.optim.SGD(expected, lr=0.1, momentum=0.8)
    for step in grads:
        for p, grad in zip(expected, step, strict=True):
            p.grad = grad
        optimizer.step()
    got = student.helper(steps, student.mlp.sgd_momentum, parameters, grads, 0.1, 0.8)
    same(got, [p.detach() for p in expected], tolerance=SUMS, what="the parameters")


def still_a_leaf(sgd_momentum, p):
    import torch

    p = p.clone().requires_grad_()
    before = p.data_ptr()
    p.square().sum().backward()
    sgd_momentum([p], [torch.zeros_like(p)], 0.1)
    return [p.requires_grad, p.is_leaf, p.data_ptr() == before]


@pytest.mark.task("sgd", points=1)
def test_sgd_works_in_place(student, rng):
    """The parameter stays a leaf with the same memory"""
    got = student.helper(still_a_leaf, student.mlp.sgd_momentum, normal(rng, 3))
    assert got == [True, True, True], "the parameter is no leaf any more, or another tensor"


# ------------------------------------------------------------------------------------------------------ train


def trained(module_net, train, X, y, steps, lr):
    import torch

    torch.manual_seed(0)
    net = module_net(X.shape[1], 32, int(y.max()) + 1)
    losses = train(net, X, y, steps=steps, lr=lr)
    with torch.no_grad():
        return losses, net(X)


def clusters(rng, N, C, D):
    y = torch.arange(N) % C
    return normal(rng, C, D)[y] * 3 + normal(rng, N, D) * 0.3, y


@pytest.mark.task("train", points=1)
def test_train_learns(student, rng):
    """Well separated classes are learnt"""
    X, y = clusters(rng, 60, 3, 8)
    losses, logits = student.helper(trained, student.mlp.TwoLayerNet, student.mlp.train, X, y, 60, 0.05)
    assert losses[-1] < 0.1 * losses[0], "the loss falls by less than a factor of ten"
    same(float((logits.argmax(dim=1) == y).float().mean()), 1.0, what="the accuracy")


def loss_before(TwoLayerNet, train, X, y):
    import torch

    net = TwoLayerNet(X.shape[1], 8, 3)
    with torch.no_grad():
        expected = torch.nn.functional.cross_entropy(net(X), y).item()
    return train(net, X, y, steps=1, lr=0.1)[0], expected


@pytest.mark.task("train", points=1)
def test_train_starts_with_the_loss_before_the_first_step(student, rng):
    """The first loss is that of the untrained network"""
    X, y = clusters(rng, 9, 3, 4)
    got, expected = student.helper(loss_before, student.mlp.TwoLayerNet, student.mlp.train, X, y)
    same(got, expected, tolerance=SUMS, what="the first loss")


def losses_against_torch(TwoLayerNet, train, X, y, steps, lr):
    import copy

    import torch

    net = TwoLayerNet(X.shape[1], 8, 3)
    twin = copy.deepcopy(net)
    optimizer = torch.optim.SGD(twin.parameters(), lr=lr, momentum=0.9)
    expected = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(twin(X), y)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    return train(net, X, y, steps=steps, lr=lr), expected


@pytest.mark.task("train", points=1)
def test_train_takes_the_steps_of_torch(student, rng):
    """Every loss is that of torch.optim.SGD with momentum 0.9"""
    X, y = clusters(rng, 12, 3, 4)
    got, expected = student.helper(
        losses_against_torch, student.mlp.TwoLayerNet, student.mlp.train, X, y, 10, 0.05
    )
    same(got, expected, tolerance=Tolerance(1e-4, 1e-3, "ten steps of float32"), what="the losses")
