"""Quality against the time of the training runs."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..analysis.comparison import Comparison
from .scatter import _scatter
from .style import metric_axis, title


def quality_by_time(comparison: Comparison, task: str) -> Figure | None:
    """The primary metric against the time of a training step."""
    primary = comparison.study.primary(task)
    figure = _scatter(
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
        else:
            axes.set_xlim(0, 1.08 * times.max())
    return figure
