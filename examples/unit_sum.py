"""The sum of unit gradients.

A file of one's own is a strategy like the others:

    lossbench run --strategies "sum examples/unit_sum.py" --tasks "two_digits units"
"""

import tensorflow as tf

from lossbench.strategies.core import GramStrategy, Range, at_least


class UnitSum(GramStrategy):
    """Bring every gradient to length 1, or part of the way, and add: sum_i g_i / |g_i|^power.

    Edge cases: a zero row gets weight 0. Raises ValueError unless 0 <= power <= 1.
    """

    reference = "normalised gradients, folklore"
    promises = ("permutation_equivariant",)
    degree = None  # 1 - power
    search_space = {"power": Range(0.0, 1.0)}

    power: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        at_least(self, "power", 0, 1)

    def weights(self, gram, losses, state):
        norms = tf.sqrt(tf.linalg.diag_part(gram))
        return tf.math.divide_no_nan(tf.ones_like(norms), norms**self.power), state
