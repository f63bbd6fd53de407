"""The table of stability says what the summary holds."""

from __future__ import annotations

import pytest
from invented import STRATEGIES, write_study
from restless_study import write_restless

from lossbench.bench.report.analysis import stability
from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.figures import stability as stability_figure
from lossbench.bench.report.figures.conflict import conflict as conflict_figure
from lossbench.bench.report.read import read
from lossbench.bench.report.tables.stability import stability_table


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return read(write_restless(tmp_path_factory.mktemp("restless")))


def test_the_table_says_what_the_summary_holds(study):
    table = stability_table(compare(study), "two_digits")
    by_label = {row[0].text: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert list(by_label) == list(STRATEGIES)
    restless = by_label["subtraction"]
    assert restless["Failed"].text == "4 of 10"
    assert restless["Failed"].detail == "17 % to 69 %"
    assert restless["Failed"].tone == "failed"
    assert (restless["First bad step"].text, restless["First bad step"].detail) == (
        "37",
        "median 38",
    )
    assert restless["Spikes"].sort > by_label["sum"]["Spikes"].sort == 0
    assert by_label["sum"]["Worst spike, times the median"].text == "-"
    assert by_label["mgda"]["Regret"].text == "-"


def test_one_loss_has_no_columns_of_conflict(study):
    columns = stability_table(compare(study), "autoencode").columns
    assert "Spikes" in columns
    assert not {"Conflict", "Mean cosine", "Largest / smallest loss gradient"} & {*columns}
    assert "autoencode" not in compare(study).cosines
    assert conflict_figure(compare(study), "autoencode") is None


def test_an_older_folder_has_none_of_it(tmp_path):
    comparison = compare(read(write_study(tmp_path, seeds=3)))
    for function in (stability_table, stability_figure.stability, conflict_figure):
        assert function(comparison, "two_digits") is None
    assert stability.summary(comparison.study, "two_digits") is None
