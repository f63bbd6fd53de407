"""Tables as files: whole, and nothing stale beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from invented import write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read
from lossbench.bench.report.tables import write


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


def test_tables_are_written_whole_and_without_stale_ones(tmp_path):
    result = comparison(tmp_path, strategies=("sum", "a|<b>"))
    folder = tmp_path / "tables"
    write.write(write.make(result), folder)
    (folder / "mine.csv").write_text("kept")
    (folder / ".written").write_text("old_task.csv\n../plan.json\n")
    (folder / "old_task.csv").write_text("stale")
    write.write(write.make(result), folder)
    assert (folder / "mine.csv").read_text() == "kept"
    assert not (folder / "old_task.csv").exists()
    assert (tmp_path / "plan.json").exists()
    back = pd.read_csv(folder / "two_digits.csv", index_col="label")
    np.testing.assert_allclose(back["difference"], result.tasks["two_digits"]["difference"])
    assert "| a\\|&lt;b> |" in (folder / "overall.md").read_text(encoding="utf-8")
