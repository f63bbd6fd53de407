"""The arithmetic of a step, counted; and the plain products that stand beside it."""

from collections import Counter
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from lossbench.bench.timing.flops import Product, Roof, flops, products
from lossbench.bench.timing.precision import Problem
from lossbench.bench.timing.problems import BATCH
from lossbench.bench.timing.program import Program


def of(strategy):
    problem = Problem("reference_2", Path(), "float32")
    return flops(Program(problem, strategy, xla=False).products)


def test_the_arithmetic_of_a_step_is_what_one_counts_by_hand():
    forward = 64 * 128 + 128 * 64 + 64 * 10 + 64 * 64
    # Each layer's gradient by its kernel, and by its input except in the first layer.
    backward = forward + (128 * 64 + 64 * 10 + 64 * 64)
    assert of("sum") == 2 * BATCH * (forward + backward)
    trunk = 64 * 128 + 2 * 128 * 64  # once for each loss
    two = forward + 2 * (64 * 10) + 2 * (64 * 64) + 2 * trunk
    assert of("graddrop") == 2 * BATCH * two


def test_a_convolution_and_its_gradients_are_three_products_of_one_size():
    @tf.function(autograph=False)
    def step(x, kernel):
        with tf.GradientTape() as tape:
            tape.watch((x, kernel))
            y = tf.nn.conv2d(x, kernel, 1, "SAME")
        return tape.gradient(y, (x, kernel)), tf.reduce_sum(y)

    concrete = step.get_concrete_function(tf.TensorSpec((2, 8, 8, 3)), tf.TensorSpec((5, 5, 3, 7)))
    assert flops(products(concrete)) == 3 * 2 * (2 * 8 * 8) * (5 * 5 * 3) * 7


def test_a_loop_counts_once_and_what_nobody_uses_not_at_all():
    @tf.function(autograph=False)
    def loop(a, steps):
        def body(i, b):
            tf.matmul(a, a)
            return i + 1, tf.cond(b[0, 0] > 0, lambda: tf.matmul(a, b), lambda: b)

        return tf.while_loop(lambda i, _: i < steps, body, (tf.constant(0), a))[1]

    concrete = loop.get_concrete_function(tf.TensorSpec((6, 6)), tf.TensorSpec((), tf.int32))
    assert products(concrete) == Counter([Product(1, 6, 6, 6)])


def test_a_shape_that_is_not_static_is_refused():
    square = tf.function(lambda a: tf.matmul(a, a), autograph=False)
    with pytest.raises(ValueError, match="not static"):
        products(square.get_concrete_function(tf.TensorSpec((None, 4))))


def test_plain_products_are_executed_not_optimised_away():
    wanted = Counter({Product(1, 128, 128, 128): 3, Product(2, 64, 64, 64): 1})
    context.enable_run_metadata()
    context.enable_graph_collection()
    try:
        Roof(wanted, 5).sample()
        graphs = context.export_run_metadata().partition_graphs
    finally:
        context.disable_graph_collection()
        context.disable_run_metadata()
    (loop,) = (graph for graph in graphs if any(node.op == "NextIteration" for node in graph.node))
    assert sum("MatMul" in node.op for node in loop.node) == wanted.total()


def test_a_sample_is_a_call_of_one_step_and_one_of_more():
    roof = Roof(Counter([Product(1, 8, 8, 8)]), 5, clock=iter(range(100)).__next__)
    assert roof.sample() == (1, 1), "two looks at the clock for each call"
    assert roof.flops == 2 * 8**3
