"""The words below figures and above tables."""

from __future__ import annotations

from ...text.numbers import probability
from ..analysis.comparison import Comparison
from ..tables.entries import PARTIAL

_FIGURES = {
    "differences": "Right of the line is better than {baseline}. Filled and coloured: it passed "
    "the correction for many comparisons. Hollow: the interval alone says so. Inside the grey band "
    "a difference does not matter.",
    "curves": "Learning curves. The start, where all are near chance, may lie outside. Dotted "
    "lines that end in a cross are seeds that failed.",
    "trade-off": "The two heads against each other, on the test split.",
    "stability": "How often runs failed, how far seeds differ, how restless a run is.",
    "conflict": "Cosine of the gradients of two losses by the shared parameters, over training.",
    "trials": "Every tuning trial of some strategies; the band holds the learning rates within 1 % "
    "of the best score.",
    "best-of-k": "How the best validation score (the way from chance to perfect) grew with the "
    "trials. A failed trial counts.",
    "time": "Time is that of the training run: good for orders of magnitude.",
    "leaderboard": "Normalised score over all tasks, with 95 % intervals; right, the difference to "
    "{baseline}. Inside the grey band a difference does not matter. Arrows: too far off to show.",
    "cost": "Quality over all tasks against the time of a step, timed in processes of its own.",
    "growth": "How the time of a step grows with the number of losses.",
    "profile": "Share of all runs whose score lies above t: where a strategy is good, and how "
    "often it fails (left).",
    "overview": "Colour: paired difference to {baseline} in standard deviations of {baseline} over "
    "seeds. Marked: it passed the correction for many comparisons.",
}
FRONT = (
    "Excess over the curve of constant weights on the same seed, mean and 95 % t interval, in "
    "percent of the range of the curve; the intervals are not corrected for many comparisons. The "
    "curve of a seed is the best of several noisy points, so a strategy on it scores just below 0"
)
STABILITY = (
    "Failures with Wilson interval; SD of the primary metric over seeds with its interval, "
    "interquartile range, mean of the worst quarter of the seeds; within a run: spikes of the "
    "loss, late fluctuation, best minus final validation; its gradients: variation, tail, ratio "
    "and conflict of the losses"
)
TUNING = (
    "Scores are on validation: the way from chance to perfect, mean over the judged heads. Good "
    "band: learning rates of the trials within 1 % of the best (the other settings vary too)"
)


def figure(kind: str, comparison: Comparison, task: str = "") -> str:
    """What a figure shows."""
    words = _FIGURES[kind].format(baseline=comparison.baseline)
    if kind == "trade-off" and task in comparison.static_weights:
        words += (
            " The line joins the means of constant weights (the first head's weight stands first): "
            "what lies beyond it no constant weights reached."
        )
    return words


def leaderboard(comparison: Comparison) -> str:
    """What the leaderboard shows."""
    words = (
        "Interquartile mean (IQM) of the normalised score over all tasks and seeds, failed runs "
        f"as 0, with 95 % intervals; the difference to {comparison.baseline} on the same seeds, of "
        "the IQM and of the mean, which counts the easiest and hardest runs too; "
        f"share of seeds on which a strategy beats {comparison.baseline}; probability of being "
        "practically better, equal or worse on a further task (see Method); failures with Wilson "
        "interval."
    )
    if comparison.leaderboard is None:
        return words
    ranks, notes = comparison.leaderboard.ranks, comparison.leaderboard.table["note"]
    if ranks.note:
        words += f" No mean ranks: {ranks.note}."
    else:
        words += (
            f" Mean ranks less than {ranks.critical_difference:.1f} apart are no difference "
            f"(Nemenyi, all pairs; Friedman's test p {probability(ranks.p)})."
        )
    if notes.nunique() == 1 and notes.iloc[0]:
        words += f" {notes.iloc[0][0].upper()}{notes.iloc[0][1:]}."
    return words


def overall(comparison: Comparison) -> str:
    """What the table of all tasks shows."""
    baseline = comparison.baseline
    words = (
        "Mean of the primary metric on the test split over the runs that finished, and the paired "
        f"difference to {baseline} (positive is better). ▲ better, ▼ worse: exact sign-flip test, "
        "p < 0.05 after Holm; ≈ equivalent; △ ▽: better or worse by the 95 % interval alone, which "
        f"is not corrected for many comparisons. {PARTIAL} some runs failed and are not in the "
        "mean."
    )
    if comparison.untuned is not None:
        words += " Untuned: the mean with default settings."
    if comparison.study.single_task_labels:
        words += " Δm: mean difference of the heads to single-task runs, in percent (see Method)."
    return words


def task(comparison: Comparison, task: str) -> str:
    """What the table of a task shows."""
    baseline, table = comparison.baseline, comparison.tasks[task]
    words = (
        "Mean ± SD on the test split over the runs that finished (max: higher is better, min: "
        f"lower is better); paired difference to {baseline} with its 95 % interval (positive is "
        f"better); training time per step and seed, and its ratio to {baseline} in the same variant"
    )
    if comparison.second is not None and f"{comparison.second} p_holm" in table:
        words += f"; difference to tuned constant weights ({comparison.second}), p after Holm"
    if "delta_m mean" in table:
        words += "; Δm and the retained share: against single-task runs, see Method"
    return words
