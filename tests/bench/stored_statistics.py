"""Scores with stored results of other packages, and studies to count how often intervals cover."""

import json
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent / "statistics" / "golden" / "statistics.json"
STORED = json.loads(GOLDEN.read_text())
SCORES = np.array(STORED["scores"])  # (labels, tasks, seeds); label 0 is the baseline
POOLED = SCORES.reshape(len(SCORES), -1)
TASKS = np.repeat(np.arange(SCORES.shape[1]), SCORES.shape[2])
STUDIES = 2000


def covered(low, high, target):
    return np.mean((low <= target) & (target <= high))


def studies(rng, shape, tasks):
    """Paired scores of two strategies on tasks of unlike level and noise."""
    level = np.linspace(0.5, 1.0, tasks)[:, None]
    noise = np.linspace(0.05, 0.1, tasks)[:, None]
    a = level + noise * rng.normal(size=shape)
    b = level + 0.02 + 0.8 * (a - level) + 0.6 * noise * rng.normal(size=shape)
    return a, b
