"""Hidden tests of `Value`.  Its objects stay in the student's process: helpers build graphs there.

Operations are looked at without `backward`, and `backward` on graphs that are built without operations.
"""

import math

import numpy as np
import pytest

from cvcourse.checks import backprop as public
from cvcourse.checks import tolerances
from cvcourse.checks.compare import same


@pytest.mark.task("value_ops", points=0.5, hint="Signs and zeros: does the rule hold for them as well?")
def test_sum_and_product(student, rng):
    """Sums and products of any two numbers"""
    a, b = rng.uniform(-3, 3, 2).tolist()
    public.check_operation(student, "a + b", [a, b], a + b, [1.0, 1.0])
    public.check_operation(student, "a * b", [a, b], a * b, [b, a])
    public.check_operation(student, "a * b", [0.0, b], 0.0, [b, 0.0])


@pytest.mark.task("value_ops", points=0.5, hint="Square roots and reciprocals are powers, too.")
@pytest.mark.parametrize("exponent", [2, 0.5, -1])
def test_power(student, rng, exponent):
    """Squares, roots and reciprocals"""
    a = float(rng.uniform(0.5, 3))
    local = exponent * math.exp((exponent - 1) * math.log(a))
    public.check_operation(student, f"a ** {exponent}", [a], math.exp(exponent * math.log(a)), [local])


@pytest.mark.task("value_ops", points=0.5, hint="One of these two functions is its own derivative.")
def test_exp_and_log(student, rng):
    """Exponential and logarithm, also of small numbers"""
    for a in (-2.0, 0.0, float(rng.uniform(1, 3))):
        public.check_operation(student, "a.exp()", [a], math.exp(a), [math.exp(a)])
    for a in (0.01, float(rng.uniform(1, 3))):
        public.check_operation(student, "a.log()", [a], math.log(a), [1 / a])


@pytest.mark.task("value_ops", points=0.5, hint="Which of the two inputs decides, and who decides a tie?")
def test_maximum(student, rng):
    """The maximum, either way round, of negative numbers and of equal ones"""
    low, high = sorted(rng.uniform(-3, -1, 2).tolist())
    public.check_operation(student, "a.maximum(b)", [low, high], high, [0.0, 1.0])
    public.check_operation(student, "a.maximum(b)", [high, low], high, [1.0, 0.0])
    public.check_operation(student, "a.maximum(b)", [low, low], low, [1.0, 0.0])


def random_graph(rng, inputs, operations):
    """Nodes as `gradients_of` wants them; recent ones are used often, some several times, some never."""
    nodes = [[float(v), [], []] for v in rng.normal(size=inputs)]
    for _ in range(operations):
        parents = [int(i) for i in rng.integers(max(0, len(nodes) - 6), len(nodes), size=rng.integers(1, 4))]
        nodes.append([float(rng.normal()), parents, rng.uniform(-1.5, 1.5, len(parents)).tolist()])
    return nodes


def gradients(nodes):
    """By the chain rule along every edge, from the last node to the first, and the sum of their sizes."""
    out, sizes = np.zeros(len(nodes)), np.zeros(len(nodes))
    out[-1] = sizes[-1] = 1.0
    for i in reversed(range(len(nodes))):
        for parent, local in zip(nodes[i][1], nodes[i][2], strict=True):
            out[parent] += out[i] * local
            sizes[parent] += sizes[i] * abs(local)
    return out.tolist(), sizes


def reachable(nodes):
    found, waiting = set(), [len(nodes) - 1]
    while waiting:
        node = waiting.pop()
        found.add(node)
        waiting += [p for p in nodes[node][1] if p not in found]
    return found


def check_gradients(student, nodes, calls=1):
    got = student.helper(public.gradients_of, student.graph, nodes, calls)
    expected, sizes = gradients(nodes)
    tolerance = tolerances.elementwise(np.max(sizes), operations=4 * len(nodes))
    same(got, expected, tolerance=tolerance, what="the gradients of all nodes")


@pytest.mark.task("value_backward", points=1, hint="A node passes its gradient on when all of it is there.")
@pytest.mark.parametrize("operations", [3, 14])
def test_random_graphs(student, rng, operations):
    """Graphs in which values are used again and again"""
    check_gradients(student, random_graph(rng, 3, operations))


@pytest.mark.task("value_backward", points=0.5, hint="Twice the same call, twice the same gradient.")
def test_twice(student, rng):
    """A second call of backward does not add to the first"""
    check_gradients(student, random_graph(rng, 2, 5), calls=3)


@pytest.mark.task("value_backward", points=0.5, hint="f may be an input itself, or use a number twice.")
def test_small_graphs(student, rng):
    """A graph of one node, and x · x, whose two parents are one"""
    check_gradients(student, [[2.0, [], []]])
    check_gradients(student, [[3.0, [], []], [9.0, [0, 0], [3.0, 3.0]]])


def order_of(graph, nodes):
    """Runs beside the student's code: where in `nodes` the values of the topological order stand."""
    values = []
    for number, parents, local in nodes:
        values.append(graph.Value(number, [values[i] for i in parents], local))
    places = {id(value): i for i, value in enumerate(values)}
    return [places.get(id(value), -1) for value in values[-1].topological_order()]


@pytest.mark.task("value_backward", points=0.5, hint="Parents first, each value once, the result last.")
def test_order(student, rng):
    """The topological order: every value after its parents, each once"""
    nodes = random_graph(rng, 3, 12)
    order = student.helper(order_of, student.graph, nodes)
    wanted = sorted(reachable(nodes))
    same(sorted(order) if type(order) is list else order, wanted, what="the values in the order")
    place = {node: i for i, node in enumerate(order)}
    late = [(p, n) for n in wanted for p in nodes[n][1] if place[p] >= place[n]]
    assert not late, "a value stands before one of its parents"
