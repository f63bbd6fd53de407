"""A study in which one strategy is restless and fails, with one, two and three losses."""

from __future__ import annotations

from pathlib import Path

from invented import ERROR, THREE_HEADS, TWO_HEADS, write_study

TASKS = {"two_digits": TWO_HEADS, "autoencode": ERROR, "three": THREE_HEADS}


def write_restless(directory: Path) -> Path:
    """Subtraction spikes, and 4 of its 10 seeds fail on two_digits, where mgda always crashes."""
    return write_study(
        directory,
        tasks=TASKS,
        diverged={("subtraction", "two_digits"): 4},
        crashed=(("mgda", "two_digits"),),
        stability={"subtraction": 6.0},
    )
