"""Wrong answers to the benchmark's assignment."""

import torch
from torch import nn

from autograder.catalogue import misconception


@misconception(
    replaces="linear",
    loses=["linear", "net", "train"],
    name="no bias",
    why="the bias is one short term at the end of the formula",
    hint="With x = 0 the output is b. What is yours?",
)
def without_bias(original):
    def linear(x, W, b):
        return x @ W

    return linear


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy"],
    name="softmax not shifted",
    why="the formula on the slide has no shift in it",
    hint="exp(1000) is infinite in float32. What can be taken off all logits without changing softmax?",
)
def unshifted(original):
    def cross_entropy(logits, y):
        exponentials = logits.exp()
        probabilities = exponentials / exponentials.sum(dim=1, keepdim=True)
        return -probabilities[torch.arange(len(y)), y].log().mean()

    return cross_entropy


@misconception(
    replaces="cross_entropy",
    loses=["cross_entropy", "train"],
    name="sum instead of mean",
    why="the loss is introduced as a sum over the images",
    hint="Does the loss double if every image is there twice?",
)
def summed(original):
    def cross_entropy(logits, y):
        return original(logits, y) * len(y)

    return cross_entropy


@misconception(
    replaces="TwoLayerNet.forward",
    loses=["net"],
    name="no ReLU",
    why="the layers are called one after the other and the nonlinearity falls between them",
    hint="Without a nonlinearity two layers are one. Where is yours?",
)
def without_relu(original):
    def forward(self, x):
        return (x @ self.W1 + self.b1) @ self.W2 + self.b2

    return forward


@misconception(
    replaces="TwoLayerNet.__init__",
    loses=["net", "train"],
    name="parameters that are plain tensors",
    why="a tensor with requires_grad looks like a parameter",
    hint="Which parameters does net.parameters() list?",
)
def unregistered(original):
    def __init__(self, D, H, C):
        nn.Module.__init__(self)
        self.W1 = (torch.randn(D, H) * (2 / D) ** 0.5).requires_grad_()
        self.b1 = torch.zeros(H).requires_grad_()
        self.W2 = (torch.randn(H, C) * (2 / H) ** 0.5).requires_grad_()
        self.b2 = torch.zeros(C).requires_grad_()

    return __init__


@misconception(
    replaces="accuracy",
    loses=["accuracy"],
    name="a count instead of a share",
    why="counting the right ones is the first half of the job",
    hint="An accuracy is between 0 and 1.",
)
def counted(original):
    def accuracy(logits, y):
        return float((logits.argmax(dim=1) == y).sum())

    return accuracy


@misconception(
    replaces="sgd_momentum",
    loses=["sgd", "train"],
    name="velocity forgotten",
    why="v = momentum * v + grad makes a new tensor and leaves the list's as it was",
    hint="After the call, what does velocities[0] hold?",
)
def forgotten(original):
    def sgd_momentum(parameters, velocities, lr, momentum=0.9):
        with torch.no_grad():
            for p, v in zip(parameters, velocities, strict=True):
                new = momentum * v + p.grad
                p.sub_(lr * new)

    return sgd_momentum


@misconception(
    replaces="train",
    loses=["train"],
    name="gradients not reset",
    why="backward adds to .grad, and nothing says so",
    hint="What is p.grad after two calls of backward?",
)
def accumulating(original):
    def train(net, X, y, steps=50, lr=0.05):
        parameters = list(net.parameters())
        velocities = [torch.zeros_like(p) for p in parameters]
        losses = []
        for _ in range(steps):
            loss = cross_entropy(net(X), y)  # noqa: F821
            loss.backward()
            sgd_momentum(parameters, velocities, lr)  # noqa: F821
            losses.append(loss.item())
        return losses

    return train
