"""Quality against the cost of a step."""

import pytest
from invented import write_study
from timed_rows import BOTH, frame, row

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures.cost import cost as cost_figure
from lossbench.bench.report.read.study import read


@pytest.mark.parametrize("single_task", [False, True])
def test_cost_stands_against_quality(tmp_path, single_task):
    def figure_of(*rows):
        frame(*rows).to_parquet(tmp_path / "times.parquet")
        return cost_figure(compare(read(tmp_path)))

    write_study(tmp_path, single_task=single_task)
    figure = figure_of(*BOTH)
    (axes,) = figure.axes
    assert "XLA off" in axes.get_xlabel()
    assert ("Score" in axes.get_ylabel()) == single_task
    points = {line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1}
    assert {1.0, 1.5} <= points
    assert figure_of(BOTH[0]) is None
    assert figure_of(row("sum", status="failed")) is None
