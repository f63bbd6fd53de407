"""The figures of a study, per task: differences, learning curves, trade-off, quality by time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .compare import BETTER, BETTER_BUT_FAILS, NOT_RUN, WORSE, Comparison
from .formats import decimals, number
from .tables import clear, file_name, remember

# The report swaps these four for its own colours, so that figures follow light and dark.
INK, GRID, QUIET, PAPER = "#1b1f24", "#dfe3e8", "#9aa2ab", "#fefefe"
# Okabe and Ito's palette, told apart by colour-blind readers, on light and dark paper.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#a6761d")
BETTER_COLOUR, WORSE_COLOUR = PALETTE[0], PALETTE[1]
MARKERS = "osD^vPX*"
MANY = len(PALETTE)  # more strategies than this: few in colour, the rest grey
WIDTH = 5.6  # inches: letters stay readable on a telephone

_STYLE = {
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "legend.fontsize": 8.5,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": GRID,
    "axes.facecolor": "none",
    "figure.facecolor": PAPER,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: small, selectable, in the reader's font
    "svg.hashsalt": "lossbench",
    "font.family": "sans-serif",
}


def draw(comparison: Comparison, directory: Path) -> dict[str, dict[str, Path]]:
    """Draws every figure that the study has data for, as PNG and SVG.

    Returns:
        Task to kind of figure ("differences", "curves", "trade-off", "time") to its SVG file.
    """
    clear(directory)
    kinds: Mapping[str, Callable[[Comparison, str], Figure | None]] = {
        "differences": differences,
        "curves": curves,
        "trade-off": trade_off,
        "time": quality_by_time,
    }
    drawn: dict[str, dict[str, Path]] = {}
    with mpl.rc_context({**sns.axes_style("whitegrid"), **_STYLE}):
        for task in comparison.study.tasks:
            drawn[task] = {}
            for kind, function in kinds.items():
                figure = function(comparison, task)
                if figure is None:
                    continue
                stem = directory / f"{file_name(task)}-{kind}"
                drawn[task][kind] = stem.with_name(stem.name + ".svg")
                figure.savefig(drawn[task][kind], metadata={"Date": None})
                figure.set_layout_engine("none")  # it stands; the second file need not find it anew
                figure.savefig(stem.with_name(stem.name + ".png"), dpi=150)
    svgs = [path for of_task in drawn.values() for path in of_task.values()]
    remember(directory, [*svgs, *(path.with_suffix(".png") for path in svgs)])
    return drawn


def differences(comparison: Comparison, task: str) -> Figure | None:
    """Forest plot: the paired difference of each strategy to the baseline and its interval."""
    table = comparison.tasks[task].drop(index=comparison.baseline)
    table = table[table["verdict"] != NOT_RUN]
    if not (table["pairs"] > 0).any():
        return None
    table = table.sort_values("difference", ascending=False, na_position="last")
    figure, axes = _canvas(height=1.1 + 0.235 * len(table))
    places = decimals(comparison.study.outcomes(task)["primary_metric"])
    low, high = _window(table)
    axes.axvline(0, color=QUIET, lw=1)
    for y, (_, row) in enumerate(table.iterrows()):
        verdict = row["verdict"]
        better = verdict in (BETTER, BETTER_BUT_FAILS)
        colour = BETTER_COLOUR if better else WORSE_COLOUR if verdict == WORSE else QUIET
        marker = "^" if better else "v" if verdict == WORSE else "o"
        mean = row["difference"]
        if not math.isfinite(mean):
            axes.annotate(f"{verdict}", (0, y), (4, 0), va="center", size=8, **_OFFSET)
        elif not low <= mean <= high:
            right = mean > high
            arrow = "→" if right else "←"
            text = number(mean, places, signed=True)
            axes.annotate(
                f"{text} {arrow}" if right else f"{arrow} {text}",
                (high if right else low, y),
                (0, 0),
                ha="right" if right else "left",
                va="center",
                size=8,
                color=colour,
                **_OFFSET,
            )
        else:
            axes.plot([row["low"], row["high"]], [y, y], color=colour, lw=2, solid_capstyle="butt")
            axes.plot(mean, y, marker, color=colour, ms=6, mec=PAPER, mew=0.6)
    names = [f"{short(str(label))}{_failed(row)}" for label, row in table.iterrows()]
    axes.set_yticks(range(len(table)), names)
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.grid(visible=False, axis="y")
    primary = comparison.study.primary(task)
    axes.set_xlabel(
        f"Difference to {short(comparison.baseline)} in {plain(primary)} (right is better)"
    )
    axes.set_title(_title(task, "paired difference, mean and 95 % interval"))
    handles = [
        _handle("better after Holm", BETTER_COLOUR, "^"),
        _handle("no difference shown", QUIET, "o"),
        _handle("worse after Holm", WORSE_COLOUR, "v"),
    ]
    _legend_below(figure, handles, columns=3)
    return figure


def curves(comparison: Comparison, task: str) -> Figure | None:
    """Validation metric against the step: the mean over seeds and a band of one SD."""
    study, primary = comparison.study, comparison.study.primary(task)
    column = f"metric/{primary}/validation"
    shown = study.outcomes(task).drop_duplicates("label").set_index("label")["cell"]
    tables = []
    for label in study.labels:
        series = study.series(shown[label], [column]) if label in shown else None
        if series is not None:
            tables.append(series.dropna(subset=[column]).assign(label=label))
    tables = [table for table in tables if len(table)]
    if not tables:
        return None
    data = pd.concat(tables, ignore_index=True)
    ok = study.outcomes(task).set_index(["label", "seed"])["status"] == "ok"
    good = ok.reindex(pd.MultiIndex.from_frame(data[["label", "seed"]]), fill_value=False)
    data["ok"] = good.to_numpy()
    figure, axes = _canvas(height=3.6)
    colours = highlights(comparison)
    finished = data[data["ok"]]
    means = finished.groupby(["label", "step"], sort=False)[column].agg(["mean", "std"])
    for label in means.index.unique("label"):
        of_label = means.loc[label]
        colour = colours.get(label, QUIET)
        main = label in colours
        axes.plot(
            of_label.index,
            of_label["mean"],
            color=colour,
            lw=1.6 if main else 0.8,
            alpha=1 if main else 0.5,
            zorder=3 if main else 1,
            marker=_marker(colours, label) if main else None,
            markevery=(list(colours).index(label) if main else 0, 5) if main else None,
            ms=4,
        )
        if main and of_label["std"].notna().any():
            low, high = of_label["mean"] - of_label["std"], of_label["mean"] + of_label["std"]
            axes.fill_between(of_label.index, low, high, color=colour, alpha=0.13, lw=0)
    failed = data[~data["ok"] & data["label"].isin(colours)]
    for (label, _), group in failed.groupby(["label", "seed"], sort=False):
        axes.plot(group["step"], group[column], ":", color=colours[label], lw=0.9)
        last = group.iloc[-1]
        axes.plot(last["step"], last[column], "x", color=colours[label], ms=5)
    _fit(axes, means)
    axes.set_xlabel("Step")
    axes.set_ylabel(_axis(comparison, task, primary))
    axes.set_title(_title(task, "validation during training, mean and SD over seeds"))
    counts = ok.groupby("label").agg(["sum", "size"])
    handles = []
    for label, colour in colours.items():
        if label in shown:
            n, of = counts.loc[label]
            note = "" if n == of else f" ({n} of {of} finished)"
            handles.append(_handle(short(label) + note, colour, _marker(colours, label), "-"))
    if len(means.index.unique("label")) > len(colours):
        handles.append(Line2D([], [], color=QUIET, lw=1, label="the others"))
    if len(failed):
        handles.append(Line2D([], [], color=INK, ls=":", marker="x", ms=5, lw=1, label="failed"))
    _legend_below(figure, handles)
    return figure


def trade_off(comparison: Comparison, task: str) -> Figure | None:
    """The two heads of a task against each other: mean and SD per strategy."""
    study = comparison.study
    names: dict[str, str] = {}
    for name in study.metrics(task):  # the primary one first, then the first of the other head
        if f"{name} mean" in comparison.tasks[task]:
            names.setdefault(name.partition("/")[0], name)
    if len(names) != 2:
        return None
    x, y = names.values()
    return _scatter(
        comparison,
        task,
        (f"{x} mean", f"{x} sd", _axis(comparison, task, x)),
        (f"{y} mean", f"{y} sd", _axis(comparison, task, y)),
        _title(task, "the heads against each other, mean and SD over seeds"),
    )


def quality_by_time(comparison: Comparison, task: str) -> Figure | None:
    """The primary metric against the time of a training step."""
    primary = comparison.study.primary(task)
    figure = _scatter(
        comparison,
        task,
        ("time_us", None, "Training time per step and seed, µs"),
        (f"{primary} mean", f"{primary} sd", _axis(comparison, task, primary)),
        _title(task, "quality against training time"),
    )
    if figure is not None:
        axes = figure.axes[0]
        times = comparison.tasks[task]["time_us"].dropna()
        if times.max() > 8 * times.min():
            axes.set_xscale("log")
        else:
            axes.set_xlim(0, 1.08 * times.max())
    return figure


def _scatter(
    comparison: Comparison,
    task: str,
    x: tuple[str, str | None, str],
    y: tuple[str, str | None, str],
    title: str,
) -> Figure | None:
    table = comparison.tasks[task].dropna(subset=[x[0], y[0]])
    if len(table) < 2:
        return None
    colours = highlights(comparison)
    figure, axes = _canvas(height=3.8)
    for label, row in table.iterrows():
        main = label in colours
        colour = colours.get(str(label), QUIET)
        spread = [
            None if end[1] is None or np.isnan(row[end[1]]) else row[end[1]] for end in (x, y)
        ]
        axes.errorbar(
            row[x[0]],
            row[y[0]],
            xerr=spread[0],
            yerr=spread[1],
            fmt=_marker(colours, str(label)) if main else ".",
            color=colour,
            ms=7 if main else 5,
            mec=PAPER if main else colour,
            mew=0.6,
            elinewidth=0.8,
            alpha=1 if main else 0.6,
            zorder=3 if main else 2,
        )
    axes.set_xlabel(x[2])
    axes.set_ylabel(y[2])
    axes.set_title(title)
    handles = [
        _handle(short(label), colour, _marker(colours, label))
        for label, colour in colours.items()
        if label in table.index
    ]
    if len(handles) < len(table):
        handles.append(_handle("the others", QUIET, "."))
    _legend_below(figure, handles)
    return figure


def highlights(comparison: Comparison) -> dict[str, str]:
    """Label to colour, the same in all figures: all strategies, or the baseline and the best few.

    The best are those with the smallest mean rank of the difference over the tasks.
    """
    labels = comparison.study.labels
    if len(labels) > MANY:
        table = comparison.overall.filter(like=" difference")
        ranks = table.rank(ascending=False).mean(axis=1).dropna().sort_values(kind="stable")
        labels = [comparison.baseline, *ranks.index[: MANY - 3]]
    return dict(zip(labels, PALETTE, strict=False))


def short(label: str, most: int = 30) -> str:
    """A label that fits an axis: the middle of a long one is left out."""
    if len(label) > most:
        head = (most - 1) * 2 // 3
        label = f"{label[:head]}…{label[len(label) - (most - 1 - head) :]}"
    return plain(label)


def plain(text: str) -> str:
    """Text that matplotlib takes as it is: `$` starts no formula, `_` hides nothing."""
    text = text.replace("$", r"\$")
    return "\u200b" + text if text.startswith("_") else text


_OFFSET = {"xycoords": "data", "textcoords": "offset points"}


def _canvas(height: float) -> tuple[Figure, Axes]:
    # A Figure without pyplot: no global state, no window, nothing to close.
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    sns.despine(ax=axes)
    return figure, axes


def _marker(colours: Mapping[str, str], label: str) -> str:
    return MARKERS[list(colours).index(label)]


def _handle(label: str, colour: str, marker: str, line: str = "") -> Line2D:
    return Line2D([], [], color=colour, marker=marker, ls=line, ms=6, label=label)


def _legend_below(figure: Figure, handles: list[Line2D], columns: int = 2) -> None:
    figure.legend(handles=handles, loc="outside lower left", ncols=columns)


def _failed(row: pd.Series) -> str:
    return f" ({row['failures']} failed)" if row["failures"] and row["ok"] else ""


def _title(task: str, words: str) -> str:
    return f"{short(task)}: {words}"


def _axis(comparison: Comparison, task: str, metric: str) -> str:
    higher = comparison.study.metrics(task)[metric]["higher_is_better"]
    return f"{plain(metric)} ({'higher' if higher else 'lower'} is better)"


def _window(table: pd.DataFrame) -> tuple[float, float]:
    """Limits of the axis: all intervals, unless a few far ones would hide the rest."""
    ends = table[["low", "high", "difference"]].stack().dropna()
    low, high = min(ends.min(), 0.0), max(ends.max(), 0.0)
    typical = table["difference"].abs().median() + (table["high"] - table["low"]).median()
    if np.isfinite(typical) and typical > 0:
        low, high = max(low, -8 * typical), min(high, 8 * typical)
    margin = 0.04 * ((high - low) or 1.0)
    return low - margin, high + margin


def _fit(axes: Axes, means: pd.DataFrame) -> None:
    """The vertical range of what follows the start, without the few curves that are far off.

    All begin near chance: a picture that reached down to there would hide how they differ.
    """
    steps = means.index.get_level_values("step")
    late = means[steps >= 0.15 * steps.max()]
    spread = late["std"].median() if late["std"].notna().any() else 0.0
    low, high = late["mean"].quantile(0.03) - 2 * spread, late["mean"].quantile(0.97) + 2 * spread
    reach = 0.25 * (high - low)
    if reach > 0:
        bottom, top = axes.get_ylim()
        axes.set_ylim(max(bottom, low - reach), min(top, high + reach))
