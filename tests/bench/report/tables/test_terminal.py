"""Tables in a terminal: they fit, and say the same in plain letters."""

from __future__ import annotations

import pytest
from invented import ERROR, TWO_HEADS, write_study
from rich.console import Console

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.read import read
from lossbench.bench.report.tables import terminal, write


def comparison(tmp_path, **options):
    return compare(read(write_study(tmp_path, series=False, **options)))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_terminal_table_fits_and_can_be_printed(tmp_path, encoding):
    many = {f"task_{i}": ERROR for i in range(6)}
    result = comparison(tmp_path, tasks=many, diverged={("mgda", "task_0"): 3})
    with open(tmp_path / "out.txt", "w+", encoding=encoding) as file:
        terminal.show(write.make(result), Console(file=file, width=100))
        file.seek(0)
        text = file.read()
    assert max(map(len, text.splitlines())) <= 100
    for name in (*result.study.labels, *many, "3 of 60"):
        assert name in text


@pytest.mark.parametrize("number", [2, 6])
def test_the_terminal_shows_delta_m_where_it_fits(tmp_path, number):
    many = {f"a_task_of_{i}": TWO_HEADS for i in range(number)}
    names = ("sum", "pcgrad")
    result = comparison(tmp_path, strategies=names, tasks=many, single_task=True)
    with open(tmp_path / "out.txt", "w+", encoding="utf-8") as file:
        terminal.show(write.make(result), Console(file=file, width=100))
        file.seek(0)
        lines = file.read().splitlines()
    assert max(map(len, lines)) <= 100
    heads = [line for line in lines if line.startswith("Strategy")]
    assert [line.count("Δm") for line in heads] == ([2] if number == 2 else [0] * len(heads))
