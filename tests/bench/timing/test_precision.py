"""Mixed precision: layers in bfloat16, weights and losses in float32."""

from pathlib import Path

import keras
import numpy as np

from lossbench.bench.timing.precision import Problem
from lossbench.bench.timing.program import Program


def test_mixed_precision_computes_in_bfloat16_and_keeps_losses_in_float32():
    problem = Problem("reference_2", Path(), "mixed")
    assert keras.config.dtype_policy().name == "float32"
    assert {layer.compute_dtype for layer in problem.network.model.layers[1:]} == {"bfloat16"}
    norms = Program(problem, "pcgrad", xla=False).call()
    assert norms.dtype == np.float32
    assert np.isfinite(norms).all()
