"""The leaderboard as a picture: the score of each strategy over all tasks, and its interval."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis.comparison import Comparison
from ..analysis.verdicts import BETTER, EQUIVALENT, WORSE
from .style import PALETTE, PAPER, QUIET, Mark, handle, legend_below, plain, short

_WIDTH = 8.4
_LOOKS = {
    BETTER: ("better", Mark(PALETTE[0], "^", "", True)),
    EQUIVALENT: ("equivalent", Mark(QUIET, "d", "", False)),
    "undecided": ("undecided", Mark(QUIET, "o", "", True)),
    WORSE: ("worse", Mark(PALETTE[1], "v", "", True)),
    "": ("no interval", Mark(QUIET, "o", "", False)),
}
_FAR = 0.25  # of the normalised score below the median: drawn as an arrow


def leaderboard(comparison: Comparison) -> Figure | None:
    """Dots with 95 % intervals: the score, and the difference to the baseline.

    The best stand above. None without normalised scores or with one strategy alone.
    """
    if comparison.leaderboard is None or len(comparison.leaderboard.table) < 2:
        return None
    table = comparison.leaderboard.table.dropna(subset=["iqm"]).sort_values("iqm", ascending=False)
    differences, kind = comparison.leaderboard.differences, comparison.leaderboard.statistic
    figure = Figure(figsize=(_WIDTH, 1.2 + 0.2 * len(table)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    baseline, before = comparison.baseline, comparison.untuned
    earlier = before.leaderboard.table["iqm"] if before is not None and before.leaderboard else None
    lowest = table["iqm"].median() - _FAR
    seen = set()
    for y, (label, row) in enumerate(table.iterrows()):
        main = label == baseline
        verdict = "" if main else str(differences.at[label, "verdict"])
        mark = Mark(PALETTE[2], "s", "", True) if main else _LOOKS[verdict][1]
        seen |= set() if main else {verdict}
        _dot(left, y, (row["iqm"], row["low"], row["high"]), mark, lowest, 100)
        if earlier is not None and lowest < earlier.get(label, math.nan):
            left.plot(100 * earlier[label], y, "|", color=QUIET, ms=9, mew=1.5, zorder=1)
        if not main:
            keys = ["difference", "low", "high"]
            _dot(right, y, tuple(differences.loc[label, keys]), mark, -_FAR, 100)
    left.set_yticks(range(len(table)), [short(str(label)) for label in table.index])
    left.set_ylim(len(table) - 0.4, -0.6)
    rope = 100 * comparison.leaderboard.rope
    right.axvspan(-rope, rope, color=QUIET, alpha=0.25, lw=0)
    right.axvline(0, color=QUIET, lw=1)
    left.set_xlabel("Normalised score, IQM, %")
    right.set_xlabel(f"Difference to {plain(baseline)} ({kind}), points")
    left.set_title("All tasks: score and 95 % interval")
    for axes in (left, right):
        axes.grid(visible=False, axis="y")
        axes.spines[["top", "right"]].set_visible(False)
    handles = [handle(baseline, Mark(PALETTE[2], "s", "", True))]
    handles += [handle(words, mark) for key, (words, mark) in _LOOKS.items() if key in seen]
    if earlier is not None:
        handles.append(handle("before tuning", Mark(QUIET, "|", "", True)))
    legend_below(figure, handles, columns=5)
    return figure


def _dot(
    axes: Axes, y: int, values: tuple[float, ...], mark: Mark, lowest: float, unit: float
) -> None:
    mean, low, high = (unit * value for value in values)
    if not math.isfinite(mean):
        return
    if mean < unit * lowest:
        at = (0.01, y)
        words = f"← {mean:+.0f}" if lowest < 0 else f"← {mean:.0f}"
        axes.annotate(words, at, xycoords=("axes fraction", "data"), va="center", size=8)
        return
    if math.isfinite(low):
        axes.plot([low, high], [y, y], color=mark.colour, lw=2, solid_capstyle="butt")
    edge, width = (PAPER, 0.6) if mark.filled else (mark.colour, 1.4)
    axes.plot(mean, y, mark.marker, ms=6, mfc=mark.face, mec=edge, mew=width)
