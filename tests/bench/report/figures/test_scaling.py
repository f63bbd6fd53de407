"""How the cost of a step grows with the number of losses."""

import numpy as np
from timed_rows import frame, row

from lossbench.bench.report.figures import scaling


def test_scaling_draws_a_panel_per_size_with_the_passes_one_expects(tmp_path):
    rows = frame(
        *(
            row(label, xla, 1 + k / 2, losses=k, wanted=size)
            for label in ("sum", "mgda")
            for xla in ("off", "on")
            for k in (1, 2, 4)
            for size in (10_000, 100_000)
        ),
        row("mgda", status="skipped", losses=32, wanted=100_000),
    )
    figure = scaling.figure(rows)
    assert [axes.get_title() for axes in figure.axes] == [
        "10\u2009000 parameters",
        "100\u2009000 parameters",
    ]
    for axes in figure.axes:
        expected = axes.lines[0].get_ydata()
        np.testing.assert_allclose(expected, [1, 5 / 3, 3])
        assert len(axes.lines) == 3
        np.testing.assert_allclose(axes.lines[1].get_ydata(), [1.5, 2, 3])
    paths = scaling.write(rows, tmp_path / "figures")
    assert [path.name for path in paths] == ["scaling.svg", "scaling.png"]
    assert all(path.stat().st_size > 1000 for path in paths)
    assert scaling.write(rows[rows["label"] == "sum"], tmp_path) == []
