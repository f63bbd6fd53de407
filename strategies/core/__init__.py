"""What strategy files share: the contracts, the registry, the combination."""

from .checks import at_least, finite, positive, vector
from .contracts import (
    Factors,
    GradientStrategy,
    GramStrategy,
    LossStrategy,
    Noise,
    Range,
    Strategy,
)
from .reductions import masked_mean, total_of_rows

__all__ = [
    "Factors",
    "GradientStrategy",
    "GramStrategy",
    "LossStrategy",
    "Noise",
    "Range",
    "Strategy",
    "at_least",
    "finite",
    "masked_mean",
    "positive",
    "total_of_rows",
    "vector",
]
