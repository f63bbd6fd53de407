"""What strategy files share: the contracts, the registry, the combination."""

from .checks import at_least, finite, positive, vector
from .contracts import (
    GradientStrategy,
    GramStrategy,
    LossStrategy,
    Noise,
    Range,
    Strategy,
    masked_mean,
)

__all__ = [
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
    "vector",
]
