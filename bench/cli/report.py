"""The command `lossbench report DIR`, and what `run` prints of its results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..plan.presets import DEFAULT_OUT
from .lazy import release

if TYPE_CHECKING:
    from rich.console import Console


def options(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    command.add_argument("directory", nargs="?", default=DEFAULT_OUT, help="results folder")


def execute(options: argparse.Namespace) -> int:
    """Writes tables, figures and report.html of a folder.

    Raises:
        ValueError: the folder cannot be read.
    """
    release()
    from rich.console import Console

    show(Path(options.directory), Console())
    return 0


def show(directory: Path, console: Console) -> None:
    """Prints the table, writes the report, says what is in it and where it is."""
    from ..report import report

    report(directory, console)
