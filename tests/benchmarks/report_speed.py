"""Where the processor time of a report goes, in seconds; takes half a minute.

    python tests/benchmarks/report_speed.py [results folder]

Without a folder: of an invented study of 42 strategies on four tasks with 11 seeds, tuned, with
series and gradients. With one, its report is made anew.
"""

import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from invented import ERROR, THREE_HEADS, TUNED, TWO_HEADS, write_study

LATER = ("stability", "validation", "cosines", "conflict", "tuning_effect", "step_times", "scaling")


def invented(directory: Path) -> Path:
    """The study of the docstring, without TensorFlow."""
    tasks = {"two_digits": TWO_HEADS, "two": TWO_HEADS, "three": THREE_HEADS, "autoencode": ERROR}
    names = ("sum", "weighted", "pcgrad", "mgda", *(f"strategy_{i}" for i in range(38)))
    options = {"strategies": names, "tasks": tasks, "seeds": 11, "single_task": True}
    return write_study(directory, tuned=TUNED, stability={"mgda": 3.0}, **options)


def measured(name: str, function: Callable[[], Any]) -> Any:
    """What a function returns; prints what it took."""
    began = time.process_time()
    result = function()
    print(f"{name:24}{time.process_time() - began:8.2f}")
    return result


def main(directory: Path) -> None:
    began = time.process_time()
    measured("imports", _imports)
    from lossbench.bench.report.analysis.comparison import compare
    from lossbench.bench.report.figures.write import draw
    from lossbench.bench.report.page import page
    from lossbench.bench.report.read import read
    from lossbench.bench.report.tables.write import make, write

    study = measured("read", lambda: read(directory))
    comparison = measured("compare", lambda: compare(study))
    measured("compare, on demand", lambda: [getattr(comparison, name) for name in LATER])
    tables = measured("tables", lambda: make(comparison))
    measured("tables, files", lambda: write(tables, directory / "tables"))
    figures = measured("figures", lambda: draw(comparison, directory / "figures"))
    path = directory / "report.html"
    measured("page", lambda: page.write(comparison, tables, figures, path))
    print(f"{'all':24}{time.process_time() - began:8.2f}")


def _imports() -> None:
    for name in ("tables.write", "figures.write", "page.page"):
        importlib.import_module(f"lossbench.bench.report.{name}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(invented(Path(folder)))
