"""How K losses make one update: strategies that know nothing of data, models or benchmarks.

Every file in this folder is one strategy and its name is the file's; what they share is in
`core/`. See README.md for how to write one and how to choose one.
"""

from .core.combination import Combination, combine
from .core.contracts import (
    Factors,
    GradientStrategy,
    GramStrategy,
    LossStrategy,
    Noise,
    Range,
    Strategy,
)
from .core.registry import get, names

__all__ = [
    "Combination",
    "Factors",
    "GradientStrategy",
    "GramStrategy",
    "LossStrategy",
    "Noise",
    "Range",
    "Strategy",
    "combine",
    "get",
    "names",
]
