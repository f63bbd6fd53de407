"""One head against the other, and the static-weights curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...text.words import enumerate_
from ..analysis import static_weights
from ..analysis.comparison import Comparison
from .exhibit import FigureExhibit
from .scatter import scatter
from .style import INK, PALETTE, metric_axis, short, title


def trade_off(comparison: Comparison, task: str) -> Figure | None:
    """The two heads of a task: mean and SD per strategy, and the static-weights curve."""
    names = static_weights.heads(comparison.study, task)
    if names is None or any(f"{name} mean" not in comparison.tasks[task] for name in names):
        return None
    x, y = names
    curve = comparison.static_weights_points.get(task)
    figure = scatter(
        comparison,
        task,
        (f"{x} mean", f"{x} sd", metric_axis(comparison, task, x)),
        (f"{y} mean", f"{y} sd", metric_axis(comparison, task, y)),
        title(task, "the heads against each other, mean and SD over seeds"),
        [] if curve is None else [Line2D([], [], color=INK, lw=1.2, label="static weights")],
        beside=curve is not None,
    )
    if figure is not None and curve is not None:
        means = curve.groupby(level="label", sort=False).mean()
        axes = figure.axes[0]
        window = [_window(comparison.tasks[task][f"{name} mean"], means[name]) for name in names]
        axes.set(xlim=window[0], ylim=window[1])
        _name_outside(axes, comparison.tasks[task], names, window)
        _draw_curve(axes, means, window)
        _whole(figure.axes[1], means, window)
    return figure


def _window(values: pd.Series, curve: pd.Series) -> tuple[float, float]:
    """Limits of an axis: the typical strategies and the curve beside them.

    The ends of the curve follow one loss alone and may lie so far off that they hide the rest.
    """
    q1, q3 = values.quantile([0.25, 0.75])
    reach = 3 * (q3 - q1)
    typical = values[(values >= q1 - reach) & (values <= q3 + reach)]
    low, high = typical.min(), typical.max()
    near = curve.iloc[(curve - values.median()).abs().argsort()[:3]]
    low, high = min(low, near.min()), max(high, near.max())
    margin = 0.15 * ((high - low) or 1.0)
    return low - margin, high + margin


def _name_outside(
    axes: Axes,
    table: pd.DataFrame,
    names: tuple[str, str],
    window: Sequence[tuple[float, float]],
) -> None:
    """Says which strategies are too far off to be seen."""
    inside = pd.Series(True, table.index)
    for name, (low, high) in zip(names, window, strict=True):
        inside &= table[f"{name} mean"].between(low, high) | table[f"{name} mean"].isna()
    if not inside.all():
        labels = enumerate_([short(str(label), 20) for label in table.index[~inside]], most=2)
        place = {"transform": axes.transAxes, "size": 7.5, "color": INK}
        axes.text(0.02, 0.02, f"outside: {labels}", **place)


def _draw_curve(axes: Axes, means: pd.DataFrame, window: Sequence[tuple[float, float]]) -> None:
    """Line through the points of the curve; the weights stand beside those in sight."""
    x, y = means.to_numpy().T
    axes.plot(x, y, "-", color=INK, lw=1.2, marker="|", ms=6, zorder=2.5)
    (left, right), (low, high) = window
    seen = np.flatnonzero((x >= left) & (x <= right) & (y >= low) & (y <= high))
    for i in seen if len(seen) < 4 else (seen[0], seen[len(seen) // 2], seen[-1]):
        _name(axes, means, int(i))


def _name(axes: Axes, means: pd.DataFrame, i: int) -> None:
    axes.annotate(
        static_weights.weights(str(means.index[i])),
        means.iloc[i].to_list(),
        (4, 4),
        textcoords="offset points",
        size=7.5,
        color=INK,
        zorder=4,
        annotation_clip=True,
    )


def _whole(axes: Axes, means: pd.DataFrame, window: Sequence[tuple[float, float]]) -> None:
    """The whole curve, small; the frame is what the large picture shows."""
    axes.plot(*means.to_numpy().T, "-", color=INK, lw=1, marker=".", ms=3)
    (left, right), (low, high) = window
    axes.plot([left, right, right, left, left], [low, low, high, high, low], color=PALETTE[0], lw=1)
    for i in (0, len(means) - 1):
        text = static_weights.weights(str(means.index[i]))
        axes.annotate(text, means.iloc[i].to_list(), (2, 3), textcoords="offset points", size=7)
    axes.margins(0.25)
    axes.set(xticks=[], yticks=[], box_aspect=1, anchor="N")
    axes.set_xlabel("the whole curve", fontsize=8)


def caption(comparison: Comparison, task: str) -> str:
    """What the figure shows, and the curve where there is one."""
    words = "The two heads against each other, on the test split."
    if task in comparison.static_weights_points:
        words += (
            " The line joins the means of static weights (the first head's weight stands first): "
            "what lies beyond it no static weights reached."
        )
    return words


TRADE_OFF = FigureExhibit(
    name="{task}-trade_off", draw=trade_off, place="task", weight=5, caption=caption
)
