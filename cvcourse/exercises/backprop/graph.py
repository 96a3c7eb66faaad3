# Write your answers here, then run: cvcourse check backprop    (released from solutions/backprop/graph.py)
"""A scalar that remembers how it was computed, and so can tell its gradient: reverse-mode autograd.

Every operation makes a new `Value` that points to the values it was made from and to its *local gradients*,
the derivatives of the result by each of them.  `backward` walks the graph from the result to the inputs and
applies the chain rule at every node.

Lectures: ITE4052 Deep Learning Review, "Backpropagation" and "Computational Graph"; Computer Vision, class 4,
"Training the network with backpropagation".
"""

import math

__all__ = ["Value"]


class Value:
    """A number in a computational graph.

    Attributes:
        data: the number, a float.
        parents: the values that it was computed from, a tuple; empty for an input.
        local: d self / d parent for each of the parents, a tuple of floats.
        op: how it was computed, for drawings, e.g. ``"+"``.
        label: its name, for drawings.
        grad: d f / d self, after ``f.backward()``.

    >>> x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    >>> f = (x + y) * z
    >>> f.backward()
    >>> x.grad, y.grad, z.grad
    (-4.0, -4.0, 3.0)
    """

    def __init__(self, data, parents=(), local=(), op="", label=""):
        self.data = float(data)
        self.parents = tuple(parents)
        self.local = tuple(local)
        self.op = op
        self.label = label
        self.grad = 0.0

    # -------------------------------------------------------------------------------- the operations: task 1

    def __add__(self, other):
        """f = a + b, with local gradients df/da = 1 and df/db = 1.

        Every operation returns ``Value(data, parents=(…), local=(…), op="…")``.
        """
        other = _value(other)
        raise NotImplementedError("backprop.value_ops: write Value.__add__ in graph.py")

    def __mul__(self, other):
        """f = a b: each factor's local gradient is the other factor."""
        other = _value(other)
        raise NotImplementedError("backprop.value_ops: write Value.__mul__ in graph.py")

    def __pow__(self, exponent):
        """f = a^n for a constant number n, which is no node of the graph: one parent, one local gradient."""
        raise NotImplementedError("backprop.value_ops: write Value.__pow__ in graph.py")

    def exp(self):
        """f = e^a."""
        raise NotImplementedError("backprop.value_ops: write Value.exp in graph.py")

    def log(self):
        """f = ln a, the natural logarithm, for a > 0."""
        raise NotImplementedError("backprop.value_ops: write Value.log in graph.py")

    def maximum(self, other):
        """f = max(a, b): the larger input passes, and the gradient goes only to it (to a, if they are equal).

        ReLU is ``x.maximum(0)``.
        """
        other = _value(other)
        raise NotImplementedError("backprop.value_ops: write Value.maximum in graph.py")

    # ------------------------------------------------------------------------------ the chain rule: task 2

    def topological_order(self):
        """All values that this one depends on, and itself last: each comes after all of its parents, once.

        Returns:
            A list of `Value`.
        """
        raise NotImplementedError("backprop.value_backward: write Value.topological_order in graph.py")

    def backward(self):
        """Set `grad` of every value in the graph to d self / d value, by the chain rule:

            df/da = sum over the nodes q made from a of  df/dq · dq/da

        Upstream gradient times local gradient; and where a value is used several times, the sum over its
        uses.  Gradients of an earlier call are forgotten: calling it twice gives the same.

        Source: ITE4052 Deep Learning Review, "Backpropagation".
        """
        raise NotImplementedError("backprop.value_backward: write Value.backward in graph.py")

    # ------------------------------------------------------------ given: what follows from the operations

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -_value(other)

    def __truediv__(self, other):
        return self * _value(other) ** -1

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return _value(other) - self

    def __rtruediv__(self, other):
        return _value(other) / self

    def sigmoid(self):
        return 1 / (1 + (-self).exp())

    def __repr__(self):
        name = f"{self.label} = " if self.label else ""
        return f"Value({name}{self.data:g}, grad={self.grad:g})"


def _value(x):
    """A number as a `Value`, so that ``x + 1`` works."""
    return x if isinstance(x, Value) else Value(x)
