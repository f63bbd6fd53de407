"""The leaderboard as a picture: the score of each strategy over all tasks, and its interval."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..analysis.comparison import Comparison
from ..analysis.verdicts import BETTER, EQUIVALENT, MIXED, UNDECIDED, WORSE
from .exhibit import FigureExhibit
from .rows import Dot, name_rows, rows
from .style import PALETTE, QUIET, Mark, handle, legend_below, plain, short

_WIDTH = 8.4
_LOOKS = {
    BETTER: ("better", Mark(PALETTE[0], "^", "", True)),
    EQUIVALENT: ("equivalent", Mark(QUIET, "d", "", False)),
    MIXED: ("mixed", Mark(PALETTE[4], "D", "", True)),
    UNDECIDED: ("undecided", Mark(QUIET, "o", "", True)),
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
    table = comparison.leaderboard.table.dropna(subset=["mean"]).sort_values(
        "mean", ascending=False
    )
    differences = comparison.leaderboard.differences
    figure = Figure(figsize=(_WIDTH, 1.2 + 0.2 * len(table)), layout="constrained")
    left, right = figure.subplots(1, 2)
    baseline, before = comparison.baseline, comparison.untuned
    earlier = (
        before.leaderboard.table["mean"] if before is not None and before.leaderboard else None
    )
    lowest = table["mean"].median() - _FAR
    scores, changes, seen = [], [], set()
    for y, (label, row) in enumerate(table.iterrows()):
        main = label == baseline
        verdict = "" if main else str(differences.at[label, "verdict"])
        mark = Mark(PALETTE[2], "s", "", True) if main else _LOOKS[verdict][1]
        seen |= set() if main else {verdict}
        score, low, high = (100 * row[key] for key in ("mean", "low", "high"))
        scores.append(Dot(y, score, low, high, mark))
        if not main:
            change = differences.loc[label]
            value, low, high = (100 * change[key] for key in ("difference", "low", "high"))
            changes.append(Dot(y, value, low, high, mark))
    _draw(left, scores, 100 * lowest)
    _draw(right, changes, -100 * _FAR)
    if earlier is not None:
        found = 100 * earlier.reindex(table.index)
        found = found.where(found > 100 * lowest)
        left.plot(found, range(len(table)), "|", color=QUIET, ms=9, mew=1.5, zorder=1)
    name_rows((left, right), [short(str(label)) for label in table.index])
    rope = 100 * comparison.leaderboard.rope
    right.axvspan(-rope, rope, color=QUIET, alpha=0.25, lw=0)
    right.axvline(0, color=QUIET, lw=1)
    left.set_xlabel("Normalised score, mean over tasks, %")
    right.set_xlabel(f"Difference to {plain(baseline)}, points")
    left.set_title("All tasks: score and 95 % interval")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    handles = [handle(baseline, Mark(PALETTE[2], "s", "", True))]
    handles += [handle(words, mark) for key, (words, mark) in _LOOKS.items() if key in seen]
    if earlier is not None:
        handles.append(handle("before tuning", Mark(QUIET, "|", "", True)))
    legend_below(figure, handles, columns=5)
    return figure


def _draw(axes: Axes, dots: Sequence[Dot], lowest: float) -> None:
    """The dots in their rows, those below the lowest as arrows."""
    rows(axes, [dot for dot in dots if dot.value >= lowest])
    for dot in dots:
        if dot.value < lowest:
            words = f"← {dot.value:+.0f}" if lowest < 0 else f"← {dot.value:.0f}"
            at = {"xycoords": ("axes fraction", "data"), "va": "center", "size": 8}
            axes.annotate(words, (0.01, dot.y), **at)


LEADERBOARD = FigureExhibit(
    name="leaderboard",
    draw=leaderboard,
    place="leaderboard",
    caption="Normalised score over all tasks, with 95 % intervals; right, the difference to "
    "{baseline}. Inside the grey band a difference does not matter. Arrows: too far off to show.",
)
