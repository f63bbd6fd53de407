"""What strategies are compared with."""

from __future__ import annotations

BASELINE = "sum"
STATIC_WEIGHTS = "weighted"  # tuned, it is the best set of static weights: the second baseline
