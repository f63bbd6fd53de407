"""From stored runs to tables, figures and a page, without TensorFlow.

Everything is a function of the stored folder, so that a report can be made again at any time.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from .analysis.comparison import Comparison


def report(directory: Path, console: Console | None = None) -> Path:
    """Writes tables/, figures/ and report.html of a results folder.

    Args:
        directory: where `lossbench run` put its results.
        console: prints the overall table there, and what was written.

    Returns:
        The path of report.html.

    Raises:
        StudyError: the folder cannot be read; the message says what to do.
    """
    from .analysis.comparison import compare
    from .read import read

    return write(compare(read(Path(directory))), Path(directory), console)


def write(comparison: Comparison, directory: Path, console: Console | None = None) -> Path:
    """The same from a comparison that was made already."""
    from .figures.write import draw
    from .page import page
    from .tables import terminal
    from .tables.write import make
    from .tables.write import write as write_tables

    path, tables = directory / "report.html", make(comparison)
    if console is not None:
        terminal.show(tables, console)
    write_tables(tables, directory / "tables")
    figures = draw(comparison, directory / "figures")
    page.write(comparison, tables, figures, path)
    if console is not None:
        terminal.show_files(console, tables, figures)
        console.print(f"report: {path}", soft_wrap=True)
    return path
