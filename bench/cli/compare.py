"""The command `lossbench compare A B`: what has changed from one results folder to another."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from .lazy import release

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from ..report.analysis.folders import FolderComparison


VARIANT = ("device", "xla", "precision", "budget")
TONES = {"worse": "yellow", "better": "green"}


def options(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    command.add_argument("a", metavar="A", help="results folder to compare with")
    command.add_argument("b", metavar="B", help="results folder that is judged")
    command.add_argument(
        "--fail-if-worse",
        metavar="PERCENT",
        type=percent,
        help='exit with 1 when a cell is surely worse by more than this, such as "5%%", or has '
        "new failures",
    )


def percent(text: str) -> float:
    """A percentage as a number.

    Raises:
        argparse.ArgumentTypeError: it is none.

    >>> percent("5%"), percent("2.5 %")
    (5.0, 2.5)
    """
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*%", text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f'expected a percentage such as "5%", got {text!r}')
    return float(found[1])


def execute(options: argparse.Namespace) -> int:
    """Prints the comparison; writes nothing.

    Returns:
        0, or 1 when `--fail-if-worse` is given and something is.

    Raises:
        ValueError: a folder cannot be read, or the two have no cell in common.
    """
    release()
    from rich.console import Console

    from ..report.analysis.folders import compare_folders

    found = compare_folders(Path(options.a), Path(options.b))
    console = Console(highlight=False)
    show(found, console)
    if options.fail_if_worse is None:
        return 0
    worse = found.worse_than(options.fail_if_worse)
    for reason in worse:
        console.print(f"FAIL  {reason}", markup=False, soft_wrap=True)
    if not worse:
        limit = f"{options.fail_if_worse:g} %"
        console.print(f"ok    nothing is surely worse by more than {limit}, no new failures")
    return 1 if worse else 0


def show(found: FolderComparison, console: Console) -> None:
    """The cells that differ, the worst first, then what there is to know, then a summary."""
    from ..report.analysis.verdicts import IDENTICAL
    from ..text.words import count, enumerate_

    table = found.table
    quiet = (table["verdict"] == IDENTICAL) & (table["changed"] == "")
    if not quiet.all():
        console.print(_rich(table[~quiet]))
        console.print(
            "Means of the primary metric over seeds that finished in both; change: B - A, positive "
            "is better, 95 % t interval, in percent of A's mean (or of A's SD over seeds, where "
            "the mean is near 0). better, worse: p < 0.05 after Holm over the cells.\n",
            soft_wrap=True,
        )
    for side, cells in (("A", found.only_a), ("B", found.only_b)):
        if cells:
            text = f"only in {side}: {count(len(cells), 'cell')}: {enumerate_(cells)}"
            console.print(text, markup=False, soft_wrap=True)
    for title, lines in (("environment", found.environment), ("note", found.notes)):
        for line in lines:
            console.print(f"{title}: {line}", markup=False, soft_wrap=True)
    console.print(_random_numbers(table), soft_wrap=True)
    times = table["time_ratio"].dropna()
    if len(times):
        console.print(
            f"step time B/A: median {times.median():.2f}, {times.min():.2f} to {times.max():.2f} "
            "(of the training runs, not interleaved: good for orders of magnitude)",
            soft_wrap=True,
        )
    words = "; ".join(f"{word}: {n}" for word, n in table["verdict"].value_counts().items())
    failures = int(table["new_failures"].sum())
    console.print(
        f"{count(len(table), 'cell')} compared. {words}; new failures: {failures}",
        soft_wrap=True,
    )


def _random_numbers(table: pd.DataFrame) -> str:
    numbers = table["numbers"].value_counts()
    if set(numbers.index) == {"same"}:
        return "the same random numbers were used: seeds are true pairs"
    words = ", ".join(f"{word} in {n}" for word, n in numbers.items())
    return (
        f"random numbers (initial weights and batches) and data by cells: {words}; others are no "
        "pairs"
    )


def _rich(table: pd.DataFrame) -> Table:
    """Two lines per cell, so that 80 columns suffice."""
    import numpy as np
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    from ..report.analysis.folders import change
    from ..text.numbers import decimals, number

    # Only what tells cells apart is worth its place.
    levels = [level for level in VARIANT if table.index.unique(level).size > 1]
    rich = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    rich.add_column("cell", overflow="fold", ratio=1)
    for head in ("A\nB", "change\n[95 %]", "seeds"):
        rich.add_column(Text(head), justify="right", no_wrap=True)
    rich.add_column("verdict", min_width=11)
    rich.add_column("time\nB/A", justify="right", no_wrap=True)
    cells = table.index.to_frame().to_dict("records")
    for cell, row in zip(cells, table.itertuples(), strict=True):
        places = decimals([row.mean_a, row.mean_b])
        low, high = row.relative_low, row.relative_high
        where = ", ".join(f"{level} {cell[level]}" for level in levels)
        conditions = f"{row.conditions} differ" if row.conditions else ""
        about = "; ".join(filter(None, [where, row.changed, row.unpaired, conditions]))
        texts = (
            f"{cell['label']} on {cell['task']}" + (f"\n  {about}" if about else ""),
            f"{number(row.mean_a, places)}\n{number(row.mean_b, places)}",
            change(row.relative, row.scale)
            + (f"\n[{low:+.3g}, {high:+.3g}]" if np.isfinite([low, high]).all() else ""),
            str(row.pairs),
            row.verdict,
            number(row.time_ratio, 2),
        )
        style = "red" if row.new_failures else TONES.get(row.verdict, "")
        rich.add_row(*(Text(text, style=style) for text in texts))
    return rich
