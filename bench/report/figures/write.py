"""The figures of a study: which there are, and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib as mpl
import seaborn as sns
from matplotlib.figure import Figure

from ..analysis.comparison import Comparison
from ..page import timed
from ..written import clear, file_name, remember
from .conflict import conflict
from .differences import differences
from .leaderboard import leaderboard
from .learning_curves import curves
from .overview import overview
from .profile import profile
from .quality_by_time import quality_by_time
from .stability import stability
from .style import STYLE
from .trade_off import trade_off
from .tuning import best_of, trials

ALL = ""  # in place of a task: all of them
ALL_TASKS = {
    "leaderboard": leaderboard,
    "profile": profile,
    "overview": overview,
    "cost": timed.figure,
    "growth": timed.growth_figure,
}


def draw(comparison: Comparison, directory: Path) -> dict[str, dict[str, Path]]:
    """Draws every figure that the study has data for, as PNG and SVG.

    Returns:
        Task to kind of figure ("differences", "curves", "trade-off", "stability", "conflict",
        "trials", "best-of-k", "time") to its SVG file, and ALL to those of all tasks
        ("leaderboard", "profile", "overview", "cost", "growth").
    """
    clear(directory)
    kinds: Mapping[str, Callable[[Comparison, str], Figure | None]] = {
        "differences": differences,
        "curves": curves,
        "trade-off": trade_off,
        "stability": stability,
        "conflict": conflict,
        "trials": trials,
        "best-of-k": best_of,
        "time": quality_by_time,
    }
    with mpl.rc_context({**sns.axes_style("whitegrid"), **STYLE}):
        drawn = {
            task: {
                kind: _save(figure, directory / f"{file_name(task)}-{kind}")
                for kind, function in kinds.items()
                if (figure := function(comparison, task)) is not None
            }
            for task in comparison.study.tasks
        }
        drawn[ALL] = {
            kind: _save(figure, directory / kind)
            for kind, function in ALL_TASKS.items()
            if (figure := function(comparison)) is not None
        }
    svgs = [path for of_task in drawn.values() for path in of_task.values()]
    remember(directory, [*svgs, *(path.with_suffix(".png") for path in svgs)])
    return drawn


def _save(figure: Figure, stem: Path) -> Path:
    """Writes a figure as SVG and PNG; returns the path of the SVG."""
    svg = stem.with_name(stem.name + ".svg")
    figure.savefig(svg, metadata={"Date": None})
    figure.set_layout_engine("none")  # it stands; the second file need not find it anew
    figure.savefig(svg.with_suffix(".png"), dpi=150)
    return svg
