"""K gradients in several ways: `python tests/benchmarks/backward_ways.py [K ...]`.

A training loop in the graph on a 64-width-width trunk (64, 512, 2048 wide), batch 64, K heads of 10
classes, plain gradient descent, with weights that depend on the Gram matrix. Ratios to one backward
pass of the sum, medians over interleaved rounds; one thread; XLA off and on; seconds of the first
call beside it.

pairs     K calls of `tape.gradient`, the Gram matrix pair by pair (up to K = 8)
products  K calls of `tape.gradient`, the Gram matrix by a product for each variable or piece of it
whole     the same without pieces, where variables are large
jacobian  one vectorised backward pass for all losses
features  gradients by the last shared tensor, then one pass: level="features", another method
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import functools
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from lossbench.bench.machine.scheduling import a_core, settle
from lossbench.strategies.core.products import by_pairs, by_products, gram_matrix
from lossbench.strategies.core.reductions import by_halves

BATCH, INPUTS, CLASSES, ROUNDS = 64, 64, 10, 9
MOST = 8  # losses pair by pair, and in the largest network
STEPS = {64: 100, 512: 10, 2048: 2}  # in a call, by width
RATE = 0.01


def main() -> None:
    settle(a_core())
    chosen = [int(argument) for argument in sys.argv[1:]] or [2, 3, 8, 16, 32]
    for width in STEPS:
        for num_losses in chosen:
            if width < max(STEPS) or num_losses <= MOST:
                for xla in (False, True):
                    _compare(num_losses, width, xla)


def _compare(num_losses: int, width: int, xla: bool) -> None:
    steps = STEPS[width]
    runs, first = {}, {}
    for name, way in WAYS.items():
        if (name == "pairs" and num_losses > MOST) or (name == "whole" and width < max(STEPS)):
            continue
        began = time.perf_counter()
        runs[name] = _loop(way, num_losses, width, steps, xla)
        runs[name]()
        first[name] = time.perf_counter() - began
    times = {name: np.zeros(ROUNDS) for name in runs}
    order = np.random.default_rng(0)
    for round_ in range(ROUNDS):
        for name in order.permutation(list(runs)):
            began = time.perf_counter()
            runs[name]()
            times[name][round_] = 1e6 * (time.perf_counter() - began) / steps
    base = times["sum"]
    ratios = "".join(
        f"  {name} {np.median(of_way / base):5.2f} ({first[name]:.1f} s)"
        for name, of_way in times.items()
        if name != "sum"
    )
    where = f"K = {num_losses:2}, width {width:4}, {'XLA  ' if xla else 'graph'}"
    print(f"{where}: sum {np.median(base):7.1f} µs{ratios}", flush=True)


def _loop(
    way: Callable[..., Any], num_losses: int, width: int, steps: int, xla: bool
) -> Callable[[], None]:
    random = np.random.default_rng(0)
    sizes = [(INPUTS, width), (width,), (width, width), (width,)] + [(width, CLASSES)] * num_losses
    start = [tf.constant(random.normal(0, 0.1, size), tf.float32) for size in sizes]
    x = tf.constant(random.normal(0, 1, (BATCH, INPUTS)), tf.float32)
    labels = [tf.constant(random.integers(0, CLASSES, BATCH)) for _ in range(num_losses)]

    def step(variables):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(variables)
            hidden = tf.nn.relu(x @ variables[0] + variables[1])
            features = tf.nn.relu(hidden @ variables[2] + variables[3])
            losses = [
                tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(label, features @ head)
                )
                for label, head in zip(labels, variables[4:], strict=True)
            ]
            stacked = tf.stack(losses)
        gradients = way(tape, variables, features, losses, stacked)
        return [v - RATE * g for v, g in zip(variables, gradients, strict=True)]

    @tf.function(jit_compile=xla, autograph=False)
    def run(variables):
        with by_halves(xla):
            _, last = tf.while_loop(
                lambda i, _: i < steps, lambda i, v: (i + 1, step(v)), (0, variables)
            )
        return last

    return lambda: run(start)[0].numpy()


def _weights(gram: tf.Tensor) -> tf.Tensor:
    return 1 / (1 + tf.linalg.diag_part(gram))


def _sum(tape, variables, features, losses, stacked):
    return tape.gradient(losses, variables)


def _tape(tape, variables, features, losses, stacked, gram):
    rows = [tape.gradient(loss, variables, unconnected_gradients="zero") for loss in losses]
    weights = tf.unstack(_weights(gram([row[:4] for row in rows])))
    shared = [
        tf.add_n([w * row[i] for w, row in zip(weights, rows, strict=True)]) for i in range(4)
    ]
    return shared + [row[4 + k] for k, row in enumerate(rows)]


def _jacobian(tape, variables, features, losses, stacked):
    rows = tape.jacobian(stacked, variables[:4])
    flat = [tf.reshape(part, (len(losses), -1)) for part in rows]
    weights = _weights(tf.add_n([tf.matmul(part, part, transpose_b=True) for part in flat]))
    return [tf.tensordot(weights, part, 1) for part in rows] + tape.gradient(losses, variables[4:])


def _features(tape, variables, features, losses, stacked):
    rows = [tape.gradient(loss, [features, variables[4 + k]]) for k, loss in enumerate(losses)]
    weights = tf.unstack(_weights(gram_matrix([row[:1] for row in rows])))
    pull = tf.add_n([w * row[0] for w, row in zip(weights, rows, strict=True)])
    shared = tape.gradient(features, variables[:4], output_gradients=pull)
    return shared + [row[1] for row in rows]


WAYS = {
    "sum": _sum,
    "pairs": functools.partial(_tape, gram=by_pairs),
    "products": functools.partial(_tape, gram=by_products),
    "whole": functools.partial(_tape, gram=functools.partial(by_products, piece=1 << 40)),
    "jacobian": _jacobian,
    "features": _features,
}

if __name__ == "__main__":
    main()
