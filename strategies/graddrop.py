"""GradDrop: keep one sign per coordinate, at random."""

from __future__ import annotations

import tensorflow as tf

from .core import GradientStrategy, Noise, at_least


class GradDrop(GradientStrategy):
    """Per coordinate, keep the positive entries if P > U, the negative ones if P < U, and add.

    P = (1 + sum_i g_i / sum_i |g_i|) / 2 is the purity of the coordinate's sign, U is uniform.
    On average the kept sum is P * (sum of the positives) + (1 - P) * (sum of the negatives).

    Noise: uniform (P,), one U per coordinate.

    Hyperparameters:
        leak: share of each gradient that passes undropped, from 0 to 1 (1 is `sum`).

    Edge cases: a coordinate that is 0 in all rows stays 0; a NaN entry stays NaN. Differences: the
    paper drops in activations, with gradients times sign(Z) summed over the batch; this is the
    form on parameters, as in torchjd. lingvo renormalises the result.

    Raises:
        ValueError: leak is outside [0, 1].

    Reference: Chen, Z. et al. 2020, "Just Pick a Sign" (arXiv 2010.06808).

    Example:
        >>> from lossbench.strategies import combine
        >>> rows = [[1.0, 1.0], [-3.0, 1.0]]
        >>> combine("graddrop", rows, noise=[0.5, 0.5]).direction.numpy().tolist()
        [-3.0, 2.0]
    """

    reference = "Chen, Z. et al. 2020, arXiv 2010.06808"
    promises = ("permutation_equivariant",)

    leak: float = 0.0

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "leak", 0, 1)

    def noise(self, num_losses, num_parameters):
        return Noise("uniform", (num_parameters,))

    def combine(self, gradients, losses, state, noise):
        total = tf.reduce_sum(gradients, axis=0)
        purity = (1 + tf.math.divide_no_nan(total, tf.reduce_sum(tf.abs(gradients), axis=0))) / 2
        # Comparisons with NaN are false, and 0 * NaN is NaN: what is broken stays broken.
        positive, negative = gradients > 0, gradients < 0
        kept = (positive & (purity > noise)) | (negative & (purity < noise))
        share = self.leak + (1 - self.leak) * tf.cast(kept, gradients.dtype)
        return tf.reduce_sum(share * gradients, axis=0), state
