"""The Gram matrix of unit gradients: the form in which every inner problem here is solved.

Row lengths that span decades ruin a solver that works on the Gram matrix itself; the cosines have
a unit diagonal whatever the lengths. All inner problems are solved in float64, which costs nothing
measurable at these sizes, and the answer is cast back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from .contracts import Gram, Weights


class Unit(NamedTuple):
    """A Gram matrix taken apart: G = D C D.

    Attributes:
        cosines: (K, K) float64, C; a zero row has cosine 0 with every other row and 1 with itself,
            so it decouples from the rest.
        norms: (K,) float64, the diagonal of D.
        zero: (K,) bool, rows of norm 0.
        tolerance: up to this, a pivot of C is rounding of the input's precision.
        epsilon: of the input's precision.
    """

    cosines: tf.Tensor
    norms: tf.Tensor
    zero: tf.Tensor
    tolerance: float
    epsilon: float

    def per_norm(self, values: tf.Tensor) -> tf.Tensor:
        """values / norms, and 0 for zero rows: coefficients of unit rows to weights."""
        return tf.where(self.zero, tf.zeros_like(values), values / self.safe_norms)

    @property
    def safe_norms(self) -> tf.Tensor:
        """The norms, 1 for zero rows."""
        return tf.where(self.zero, tf.ones_like(self.norms), self.norms)


def unit(gram: Gram) -> Unit:
    """Take a Gram matrix apart into norms and cosines, in float64."""
    wide = tf.cast(gram, tf.float64)
    norms = tf.sqrt(tf.maximum(tf.linalg.diag_part(wide), 0))
    zero = norms <= 0
    safe = tf.where(zero, tf.ones_like(norms), norms)
    # Two divisions: the product of two norms of 1e-162 would underflow.
    cosines = wide / safe[:, None] / safe[None, :]
    cosines = tf.linalg.set_diag(cosines, tf.ones_like(norms))
    # Float32 gradients that were multiplied in float64 are colinear to within 1e-14 at best.
    epsilon = float(np.finfo(gram.dtype.as_numpy_dtype).eps)
    tolerance = max(4 * gram.shape[0] * epsilon, 1e-13)
    return Unit(cosines, norms, zero, tolerance, epsilon)


def finish(weights: tf.Tensor, gram: Gram, *others: tf.Tensor) -> Weights:
    """Weights in the precision of `gram`; all NaN where `gram` or `others` are not finite.

    A NaN or an infinity in one gradient reaches every weight, so that a step can't use half an
    answer: the engine sees it and stops the run with a reason.
    """
    sound = tf.reduce_all(tf.math.is_finite(gram))
    for other in others:
        sound &= tf.reduce_all(tf.math.is_finite(other))
    return tf.where(sound, tf.cast(weights, gram.dtype), tf.constant(float("nan"), gram.dtype))
