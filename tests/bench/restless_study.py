"""A study in which one strategy is restless and fails, with one, two and three losses."""

from __future__ import annotations

import copy
from pathlib import Path

from stability_fixture import with_stability
from study_fixture import ERROR, TWO_HEADS, write_study

THREE = {
    **copy.deepcopy(TWO_HEADS),
    "heads": [{"name": name, "kind": "task", "weight": 1.0} for name in ("left", "right", "third")],
}
TASKS = {"two_digits": TWO_HEADS, "autoencode": ERROR, "three": THREE}


def write_restless(directory: Path) -> Path:
    """Subtraction spikes, and 4 of its 10 seeds fail on two_digits, where mgda always crashes."""
    diverged = {("subtraction", "two_digits"): 4}
    write_study(directory, tasks=TASKS, diverged=diverged, crashed=(("mgda", "two_digits"),))
    return with_stability(directory, restless={"subtraction": 6.0})
