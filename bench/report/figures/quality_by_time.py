"""Quality against the time of the training runs."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from ..analysis.comparison import Comparison
from .exhibit import FigureExhibit
from .scatter import scatter
from .style import metric_axis, title


def quality_by_time(comparison: Comparison, task: str) -> Figure | None:
    """The primary metric against the time of a training step."""
    primary = comparison.study.primary(task)
    figure = scatter(
        comparison,
        task,
        ("time_us", None, "Training time per step and seed, µs"),
        (f"{primary} mean", f"{primary} sd", metric_axis(comparison, task, primary)),
        title(task, "quality against training time"),
    )
    if figure is not None:
        axes = figure.axes[0]
        times = comparison.tasks[task]["time_us"].dropna()
        if times.max() > 8 * times.min():
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter("{x:g}")
        else:
            axes.set_xlim(0, 1.08 * times.max())
    return figure


QUALITY_BY_TIME = FigureExhibit(
    name="{task}-quality_by_time",
    draw=quality_by_time,
    place="cost",
    weight=2,
    caption="Time is that of the training run: good for orders of magnitude.",
)
