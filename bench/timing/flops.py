"""Arithmetic of a training step: its matrix products, and how fast the machine does plain ones."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

SQUARE = {"cpu": 1024, "gpu": 8192}  # large enough for the machine's peak
LOOPS = ("While", "StatelessWhile")
CALLS = ("PartitionedCall", "StatefulPartitionedCall")
BRANCHES = ("If", "StatelessIf", "Case", "StatelessCase")


class Product(NamedTuple):
    """`batch` products of (rows, inner) by (inner, columns)."""

    batch: int
    rows: int
    inner: int
    columns: int

    @property
    def flops(self) -> int:
        """A multiplication and an addition for each of rows * inner * columns."""
        return 2 * math.prod(self)


def flops(found: Counter[Product]) -> float:
    """Floating-point operations of all products."""
    return float(sum(count * product.flops for product, count in found.items()))


def products(function: Any) -> Counter[Product]:
    """The matrix products and convolutions that a traced function executes once per step.

    Read off the graph, from its outputs back, so that what nobody uses does not count. The body of
    a loop counts once: the engine's loop is one step (and the loops of solvers inside a step, on K
    by K matrices, are not worth counting). A convolution is the product that it amounts to.
    Products with a vector are left out like all that is bound by memory, not arithmetic.

    Args:
        function: a concrete function with static shapes.

    Raises:
        ValueError: a shape is not static.
    """
    return Counter(
        product
        for product in _walk(function.graph, [tensor.op for tensor in function.graph.outputs])
        if min(product.rows, product.columns) > 1
    )


def _walk(graph: Any, outputs: list[Any]) -> Iterator[Product]:
    seen, queue = set(), list(outputs)
    while queue:
        op = queue.pop()
        if op.name in seen:
            continue
        seen.add(op.name)
        queue += [tensor.op for tensor in op.inputs] + list(op.control_inputs)
        if op.type in READERS:
            yield READERS[op.type](op)
        elif op.type in LOOPS:
            yield from _called(graph, op, "body")
        elif op.type in CALLS:
            yield from _called(graph, op, "f")
        elif op.type in BRANCHES:
            single = op.type.endswith("If")
            names = (
                ("then_branch", "else_branch") if single else range(len(op.get_attr("branches")))
            )
            ways = [list(_called(graph, op, name)) for name in names]
            yield from max(ways, key=lambda way: sum(product.flops for product in way))


def _called(graph: Any, op: Any, attribute: str | int) -> Iterator[Product]:
    """The products of a function that an operation calls."""
    branches = isinstance(attribute, int)
    called = op.get_attr("branches")[attribute] if branches else op.get_attr(attribute)
    inner = graph._get_function(called.name).graph  # TensorFlow has no public way from one to it
    yield from _walk(inner, [tensor.op for tensor in inner.outputs])


def _shape(op: Any, tensor: Any) -> list[int]:
    if not tensor.shape.is_fully_defined():
        raise ValueError(f"the shape of {tensor.name} ({op.type}) is not static: {tensor.shape}")
    return tensor.shape.as_list()


def _matmul(op: Any) -> Product:
    left, right = (_shape(op, tensor) for tensor in op.inputs)
    plain = op.type == "MatMul"
    turned = [
        op.get_attr(a) for a in (("transpose_a", "transpose_b") if plain else ("adj_x", "adj_y"))
    ]
    rows, inner = left[-1:-3:-1] if turned[0] else left[-2:]
    columns = right[-2] if turned[1] else right[-1]
    batch = math.prod(np.broadcast_shapes(left[:-2], right[:-2]))
    return Product(batch, rows, inner, columns)


def _convolution(op: Any) -> Product:
    *window, channels, kernels = _shape(op, op.inputs[1])
    return Product(
        1, math.prod(_shape(op, op.outputs[0])[:-1]), math.prod(window) * channels, kernels
    )


def _by_input(op: Any) -> Product:
    """The gradient of a convolution by its input: inputs are sizes, kernel, gradient."""
    *window, channels, kernels = _shape(op, op.inputs[1])
    return Product(
        1, math.prod(_shape(op, op.inputs[2])[:-1]), kernels, math.prod(window) * channels
    )


def _by_kernel(op: Any) -> Product:
    """The gradient of a convolution by its kernel: inputs are input, sizes, gradient."""
    *window, channels, kernels = _shape(op, op.outputs[0])
    return Product(
        1, math.prod(window) * channels, math.prod(_shape(op, op.inputs[2])[:-1]), kernels
    )


READERS: dict[str, Callable[[Any], Product]] = {
    "MatMul": _matmul,
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), _matmul),
    "Conv2D": _convolution,
    "Conv2DBackpropInput": _by_input,
    "Conv2DBackpropFilter": _by_kernel,
}


class Roof:
    """A loop of plain products in the graph: the rate that a step of theirs could have.

    Without XLA, which would move them out of the loop. Every product has operands of its own, and
    every result is read in the end: TensorFlow leaves out what is equal or not used.
    """

    seeds = 1

    def __init__(
        self,
        wanted: Counter[Product],
        steps: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.flops, self.steps, self._clock = flops(wanted), steps, clock
        self._operands = [
            (
                tf.random.stateless_normal(_batched(p, p.rows, p.inner), (i, 0)),
                tf.random.stateless_normal(_batched(p, p.inner, p.columns), (i, 1)),
            )
            for i, p in enumerate(wanted.elements())
        ]
        self._run = tf.function(self._loop, autograph=False)
        self._run(self._operands, tf.constant(1))

    def sample(self) -> tuple[float, float]:
        """Seconds of a call of one step, and of one of `steps` more."""
        self._time(0)
        return self._time(1), self._time(1 + self.steps)

    def _time(self, steps: int) -> float:
        count = tf.constant(steps)
        began = self._clock()
        self._run(self._operands, count).numpy()
        return self._clock() - began

    @staticmethod
    def _loop(operands, steps):
        def body(i, _):
            return i + 1, [tf.matmul(left, right) for left, right in operands]

        start = [
            tf.zeros((*left.shape[:-1], right.shape[-1]), left.dtype) for left, right in operands
        ]
        _, last = tf.while_loop(lambda i, _: i < steps, body, (tf.constant(0), start))
        return tf.add_n([tf.reduce_sum(result) for result in last])


def _batched(product: Product, *matrix: int) -> tuple[int, ...]:
    return matrix if product.batch == 1 else (product.batch, *matrix)
