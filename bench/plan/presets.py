"""How much to run: one name for tasks, strategies, seeds and lengths."""

from __future__ import annotations

import dataclasses

SEEDS = 1_000_000  # of a study at most: tuning's trials begin there
DEFAULT_OUT = "results/latest"  # of every preset


@dataclasses.dataclass(frozen=True)
class Preset:
    """Defaults of a run; an option on the command line overrides each of them.

    Attributes:
        summary: what it is for.
        tasks: names; "all" stands for all tasks whose data are there.
        strategies: names, or None for all.
        seeds: repetitions per cell.
        steps: training steps, or None for the task's own number.
        xla: the variants that are trained; (): the one that takes less time here.
        budget: configurations that tuning tries per strategy and task; 0 is no tuning.
        timing: whether the compiled steps of the strategies are timed afterwards.
        tunings: how often each cell is tuned, its seeds shared out among the tunings.
        untuned: whether what is tuned runs untuned too, for what tuning changed.
    """

    summary: str
    tasks: tuple[str, ...]
    strategies: tuple[str, ...] | None
    seeds: int
    steps: int | None
    xla: tuple[bool, ...]
    budget: int
    timing: bool
    untuned: bool = True
    tunings: int = 1


DOCUMENTS = (
    "sum",
    "mean",
    "weighted",
    "subtraction",
    "normalized_subtraction",
    "clipped_subtraction",
    "margin_subtraction",
    "separate_gradients",
    "masked",
    "subset",
    "split",
    "clipped",
    "clipped_per_loss",
)
# One or two of each kind: fixed weights, clipping, random, learned, by loss values, by gradients.
KINDS = (
    "sum",
    "weighted",
    "clipped",
    "rlw",
    "uw",
    "gls",
    "pcgrad",
    "cagrad",
    "mgda",
    "mgda(normalization='l2')",
    "imtl_g",
)
# Two of each situation, on different data where there are packaged ones.
SITUATIONS = (
    *("two_digits", "autoencode"),
    *("units", "diabetes"),
    *("shortcut", "fair"),
    *("few_labels", "subset"),
    *("robust", "moments"),
    *("measures", "photo"),
)
PRESETS = {
    "smoke": Preset(
        "does everything work: short runs whose figures mean nothing",
        tasks=("two_digits", "autoencode", "shortcut"),
        strategies=(*DOCUMENTS, "pcgrad", "mgda"),
        seeds=3,
        steps=60,
        xla=(False,),
        budget=0,
        timing=False,
    ),
    "quick": Preset(
        "a first answer: four tasks, all strategies, twenty seeds, six trials",
        tasks=("two_digits", "autoencode", "shortcut", "units"),
        strategies=None,
        seeds=20,  # an effect of one standard deviation of the differences is mostly found
        steps=None,
        xla=(),
        budget=6,
        timing=True,
        untuned=False,
    ),
    "reference": Preset(
        "the published study: tasks of every situation, all strategies, five tunings of six trials",
        tasks=SITUATIONS,
        strategies=None,
        seeds=20,
        steps=None,
        xla=(),
        budget=6,
        timing=True,
        untuned=False,
        tunings=5,
    ),
    "tasks": Preset(
        "do the tasks separate strategies: all of them, eleven kinds of strategy, ten seeds",
        tasks=("all",),
        strategies=KINDS,
        seeds=10,
        steps=None,
        xla=(False,),
        budget=0,
        timing=False,
    ),
    "full": Preset(
        "the whole table: all tasks and strategies, twenty seeds, 32 trials, XLA off and on",
        tasks=("all",),
        strategies=None,
        seeds=20,
        steps=None,
        xla=(False, True),
        budget=32,
        timing=True,
    ),
}
