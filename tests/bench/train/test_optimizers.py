"""Our optimizers beside Keras's, update by update."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lossbench.bench.train.optimizers import SGD, Adam


@pytest.mark.parametrize(
    ("ours", "keras_optimizer"),
    [
        (Adam(), lambda: keras.optimizers.Adam(learning_rate=0.03)),
        (SGD(), lambda: keras.optimizers.SGD(learning_rate=0.03, momentum=0.9)),
    ],
)
def test_optimizers_are_keras_optimizers(ours, keras_optimizer):
    random = np.random.default_rng(0)
    start = [random.standard_normal(shape).astype(np.float32) for shape in ((3, 4), (4,))]
    theirs, variables = keras_optimizer(), [keras.Variable(value) for value in start]
    values = [tf.constant(value) for value in start]
    slots = ours.initial(values)
    for _ in range(20):
        gradients = [tf.constant(random.standard_normal(v.shape), tf.float32) for v in start]
        theirs.apply_gradients(zip(gradients, variables, strict=True))
        values, slots = ours.apply(values, gradients, slots, tf.constant(0.03))
    for value, variable in zip(values, variables, strict=True):
        np.testing.assert_allclose(value, variable.numpy(), rtol=2e-6, atol=1e-7)
