"""Public checks of the benchmark's assignment: six of its twenty tests."""

import numpy as np
import pytest
import torch

from cvcourse.checks.compare import same


@pytest.mark.task("linear", points=1)
def test_linear_by_hand(student):
    """A matrix product small enough for the blackboard"""
    x = torch.tensor([[1.0, 2.0], [0.0, -1.0]])
    W, b = torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]]), torch.tensor([10.0, 20.0, 30.0])
    same(student.mlp.linear(x, W, b), torch.tensor([[11.0, 22.0, 34.0], [10.0, 19.0, 29.0]]))


@pytest.mark.task("cross_entropy", points=1)
def test_cross_entropy_of_equal_logits(student):
    """Equal logits of four classes cost log 4"""
    loss = student.mlp.cross_entropy(torch.zeros(3, 4), torch.tensor([0, 1, 3]))
    same(loss, torch.tensor(np.log(4), dtype=torch.float32))


@pytest.mark.task("net", points=1)
def test_net_gives_logits(student):
    """One row of logits for each image"""
    logits = student.mlp.TwoLayerNet(5, 7, 3)(torch.ones(4, 5))
    assert tuple(logits.shape) == (4, 3), f"the logits have shape {tuple(logits.shape)}, expected (4, 3)"


@pytest.mark.task("accuracy", points=1)
def test_accuracy_of_three_in_four(student):
    """Three right answers of four are 0.75"""
    logits = torch.tensor([[2.0, 1.0], [0.0, 1.0], [5.0, 3.0], [1.0, 0.0]])
    same(student.mlp.accuracy(logits, torch.tensor([0, 1, 0, 1])), 0.75)


def step_once(sgd_momentum, p, grad, lr):
    import torch

    p = p.clone().requires_grad_()
    p.grad = grad
    velocity = torch.zeros_like(p)
    sgd_momentum([p], [velocity], lr)
    return p.detach(), velocity


@pytest.mark.task("sgd", points=1)
def test_sgd_first_step(student):
    """The first step is plain gradient descent"""
    p, grad = torch.tensor([1.0, 2.0]), torch.tensor([10.0, -10.0])
    moved, velocity = student.helper(step_once, student.mlp.sgd_momentum, p, grad, 0.1)
    same(moved, torch.tensor([0.0, 3.0]), what="the parameter")
    same(velocity, grad, what="the velocity")


def losses_of(TwoLayerNet, train, X, y, steps, lr):
    return train(TwoLayerNet(X.shape[1], 16, int(y.max()) + 1), X, y, steps=steps, lr=lr)


@pytest.mark.task("train", points=1)
def test_train_returns_a_loss_for_each_step(student, rng):
    """As many losses as steps"""
    X, y = torch.from_numpy(rng.normal(size=(12, 5)).astype(np.float32)), torch.arange(12) % 3
    losses = student.helper(losses_of, student.mlp.TwoLayerNet, student.mlp.train, X, y, 7, 0.05)
    assert isinstance(losses, list), "the losses are no list"
    assert len(losses) == 7, f"there are {len(losses)} losses, expected 7"
