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
        ### BEGIN SOLUTION value_ops
        return Value(self.data + other.data, (self, other), (1.0, 1.0), "+")
        ### END SOLUTION

    def __mul__(self, other):
        """f = a b: each factor's local gradient is the other factor."""
        other = _value(other)
        ### BEGIN SOLUTION value_ops
        return Value(self.data * other.data, (self, other), (other.data, self.data), "×")
        ### END SOLUTION

    def __pow__(self, exponent):
        """f = a^n for a constant number n, which is no node of the graph: one parent, one local gradient."""
        ### BEGIN SOLUTION value_ops
        local = exponent * self.data ** (exponent - 1)
        return Value(self.data**exponent, (self,), (local,), f"^{exponent:g}")
        ### END SOLUTION

    def exp(self):
        """f = e^a."""
        ### BEGIN SOLUTION value_ops
        out = math.exp(self.data)
        return Value(out, (self,), (out,), "exp")
        ### END SOLUTION

    def log(self):
        """f = ln a, the natural logarithm, for a > 0."""
        ### BEGIN SOLUTION value_ops
        return Value(math.log(self.data), (self,), (1 / self.data,), "log")
        ### END SOLUTION

    def maximum(self, other):
        """f = max(a, b): the larger input passes, and the gradient goes only to it (to a, if they are equal).

        ReLU is ``x.maximum(0)``.
        """
        other = _value(other)
        ### BEGIN SOLUTION value_ops
        first = self.data >= other.data
        return Value(max(self.data, other.data), (self, other), (float(first), float(not first)), "max")
        ### END SOLUTION

    # ------------------------------------------------------------------------------ the chain rule: task 2

    def topological_order(self):
        """All values that this one depends on, and itself last: each comes after all of its parents, once.

        Returns:
            A list of `Value`.
        """
        ### BEGIN SOLUTION value_backward
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        return order
        ### END SOLUTION

    def backward(self):
        """Set `grad` of every value in the graph to d self / d value, by the chain rule:

            df/da = sum over the nodes q made from a of  df/dq · dq/da

        Upstream gradient times local gradient; and where a value is used several times, the sum over its
        uses.  Gradients of an earlier call are forgotten: calling it twice gives the same.

        Source: ITE4052 Deep Learning Review, "Backpropagation".
        """
        ### BEGIN SOLUTION value_backward
        order = self.topological_order()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):  # all uses of a node come before the node itself
            for parent, local in zip(node.parents, node.local, strict=True):
                parent.grad += node.grad * local
        ### END SOLUTION

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
