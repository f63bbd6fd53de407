"""Quality against the cost of a step."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...plan.baselines import BASELINE
from ..analysis.comparison import Comparison
from ..analysis.cost import CONDITIONS, conditions
from .exhibit import FigureExhibit
from .scatter import points
from .style import OTHER, canvas, handle, highlights, legend_below, short


def cost(comparison: Comparison) -> Figure | None:
    """The leaderboard's score, or the primary difference, against the time of a step over `sum`.

    The time is that of the problem with the fewest losses, with XLA as in most runs of the study.
    None when fewer than two strategies have both.
    """
    times = comparison.step_times
    if times is None or not (first := conditions(times)[:1]):
        return None
    xla = "on" if comparison.study.variants[0].endswith("on") else "off"
    chosen = times[(times[CONDITIONS] == list(first[0])).all(axis=1)]
    chosen = chosen[(chosen["xla"] == xla) & (chosen["status"] == "ok")].set_index("label")
    quality, name = _quality(comparison)
    joined = chosen.join(quality, how="inner").dropna(subset=["ratio", "quality"])
    if len(joined) < 2:
        return None
    marks = highlights(comparison)
    figure, axes = canvas(height=3.8)
    axes.axvline(1, color=OTHER.colour, lw=0.8)
    x, y = joined["ratio"], joined["quality"]
    left, right = _arms(x, joined["ratio_low"], joined["ratio_high"])
    down, up = _arms(y, joined["low"], joined["high"])
    arms = {"left": left, "right": right, "down": down, "up": up}
    points(axes, pd.DataFrame({"x": x, "y": y, **arms}), marks)
    # An interval from few processes may be wider than everything else: the points set the window.
    low, high = x.min(), x.max()
    margin = 0.08 * max(high - low, 0.2)
    axes.set_xlim(low - margin, high + margin)
    task, device, precision = first[0]
    axes.set_xlabel(f"Time of a step over {BASELINE} ({task}, {device}, {precision}, XLA {xla})")
    axes.set_ylabel(name)
    axes.set_title("Quality against the cost of a step, 95 % intervals")
    handles = [handle(short(label), mark) for label, mark in marks.items() if label in joined.index]
    if len(handles) < len(joined):
        handles.append(handle("the others", OTHER))
    legend_below(figure, handles)
    return figure


def _quality(comparison: Comparison) -> tuple[pd.DataFrame, str]:
    """Per label: `quality`, `low`, `high`; and what it is called."""
    if comparison.leaderboard is not None:
        scores = 100 * comparison.leaderboard.table[["mean", "low", "high"]]
        return scores.rename(columns={"mean": "quality"}), "Score over all tasks, %"
    task = comparison.study.tasks[0]
    found = comparison.tasks[task][["difference", "low", "high"]].copy()
    found.loc[comparison.baseline] = 0.0  # to itself
    name = f"Difference to {comparison.baseline}, {comparison.study.criterion(task)} ({task})"
    return found.rename(columns={"difference": "quality"}), name


def _arms(middle: pd.Series, low: pd.Series, high: pd.Series) -> tuple[pd.Series, pd.Series]:
    """How far an interval reaches to either side; NaN where one end is not known."""
    known = np.isfinite(low) & np.isfinite(high)
    return (middle - low).clip(lower=0).where(known), (high - middle).clip(lower=0).where(known)


COST = FigureExhibit(
    name="cost",
    draw=cost,
    place="cost",
    caption="Quality over all tasks against the time of a step, timed in processes of its own.",
)
