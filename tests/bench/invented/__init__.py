"""Results folders from seeded random numbers: test data, no results of anything."""

from .planted import write_planted
from .stability import MOMENTS
from .study import STRATEGIES, write_study
from .tasks import ABOUT, ERROR, THREE_HEADS, TWO_HEADS, heads_of
from .tuned import TUNED, WEIGHTS, Tuned, static_weights_labels

__all__ = [
    "ABOUT",
    "ERROR",
    "MOMENTS",
    "STRATEGIES",
    "THREE_HEADS",
    "TUNED",
    "TWO_HEADS",
    "WEIGHTS",
    "Tuned",
    "heads_of",
    "static_weights_labels",
    "write_planted",
    "write_study",
]
