"""Aligned-MTL: make the gradients orthogonal and equally long, then average."""

from __future__ import annotations

import tensorflow as tf

from .core import GramStrategy
from .core.gram import finish, unit
from .core.spectral import eigen

SCALES = ("min", "median", "rmse")


class AlignedMTL(GramStrategy):
    """Alignment of principal components: w = B p with B = s G^(-1/2), p = 1/K.

    B J is the orthogonal matrix nearest to J (up to s): all its singular values are equal. G^(-1/2)
    is taken over the range of G, and s^2 is the smallest ("min"), lower median or mean ("rmse")
    of its eigenvalues other than 0.

    Edge cases: a zero row gets weight 0; all rows zero: weights 1/K. Dependent rows reduce the
    rank, and the result jumps where the rank does. As in all sources, an eigenvalue of at most
    K epsilon times the largest counts as 0, so that rows shorter than the longest by 1e8 (float64)
    or 3000 (float32) drop out; so does one that is rounding next to the rows it is made of.

    Differences: TorchJD uses p = 1/K as here, the authors' code and LibMTL p = 1.

    Reference: Senushkin et al. 2023, arXiv 2305.19000.

    Example:
        >>> from lossbench.strategies import combine
        >>> combine("aligned_mtl", [[2.0, 0.0], [0.0, 1.0]]).direction.numpy().round(3).tolist()
        [0.5, 0.5]
    """

    reference = "Senushkin et al. 2023, arXiv 2305.19000"
    promises = ("permutation_equivariant",)

    scale_mode: str = "min"

    def __post_init__(self):
        super().__post_init__()
        if self.scale_mode not in SCALES:
            raise ValueError(
                f"{self.name}: scale_mode is one of {', '.join(SCALES)}; got {self.scale_mode!r}"
            )

    def weights(self, gram, losses, state):
        size = gram.shape[0]
        rows = unit(gram)
        longest = tf.reduce_max(rows.safe_norms)
        lengths = rows.norms / longest
        values, vectors = eigen(rows.cosines * lengths[:, None] * lengths[None, :])
        own = tf.linalg.matvec(vectors**2, lengths**2, transpose_a=True)
        nonzero = values > tf.maximum(
            rows.tolerance * own, size * rows.epsilon * tf.reduce_max(values)
        )
        rank = tf.reduce_sum(tf.cast(nonzero, tf.float64))
        ordered = tf.sort(tf.where(nonzero, values, float("inf")))
        if self.scale_mode == "rmse":
            square = tf.reduce_sum(tf.where(nonzero, values, 0)) / tf.maximum(rank, 1)
        else:
            middle = tf.cast(tf.maximum(rank - 1, 0), tf.int32) // 2
            square = ordered[0] if self.scale_mode == "min" else tf.gather(ordered, middle)
        factors = tf.where(nonzero, 1 / tf.sqrt(tf.where(nonzero, values, 1)), 0)
        projected = factors * tf.reduce_sum(vectors, axis=0) / size
        weights = tf.sqrt(square) * tf.linalg.matvec(vectors, projected)
        weights = tf.where(rank > 0, weights, tf.ones_like(weights) / size)
        return finish(weights, gram), state
