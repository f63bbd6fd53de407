"""A comparison from Python or a notebook: strategies by name and by file, tables, verdicts, report.

Run it once, then change it: what has been trained is not trained again.

    python examples/call_from_python.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lossbench

HERE = Path(__file__).parent


def compare(out: str | Path = "results/waves", **options: Any) -> lossbench.Results:
    """Train three strategies on the task of this folder, unless the results are there."""
    return lossbench.run(
        strategies=["sum", "uw", HERE / "unit_sum.py"],
        tasks=[HERE / "waves.py"],
        out=out,
        **{"seeds": 10, "tune": 0, "timing": False} | options,
    )


if __name__ == "__main__":
    results = compare()
    print(results.verdicts)  # strategies by tasks, against the sum
    print(results.tables["waves"].filter(like="shape/accuracy"))  # every figure of the report
    print(results.runs.groupby("strategy")["primary_metric"].describe())  # a row per seed
    print(f"The page: {results.report()}")
