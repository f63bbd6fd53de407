"""The largest loss alone."""

from __future__ import annotations

import tensorflow as tf

from .core import LossStrategy


class Max(LossStrategy):
    """Minimise max_i l_i: weight 1 on the largest loss, 0 on the others.

    Edge cases: losses that tie for the largest share the weight evenly. A NaN among the losses
    gives NaN weights. Depends on the scale of the losses; `stch` is its smooth form.

    Reference: minimax scalarisation (Tchebycheff); see Lin, X. et al. 2024 (arXiv 2402.19078).

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("max", [[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]).weights.numpy().tolist()
        [0.0, 1.0]
    """

    reference = "Tchebycheff; see Lin, X. et al. 2024, arXiv 2402.19078"
    promises = ("permutation_equivariant", "linear_under_scaling")
    needs_losses = True

    def objective(self, losses, state):
        return tf.reduce_max(losses), state
