"""Tables in LaTeX: one environment, and nothing that it would read as a command."""

from __future__ import annotations

import re

from lossbench.bench.report.tables import latex
from lossbench.bench.report.tables.table import Entry, Table


def test_escapes_what_it_would_read_as_commands():
    assert latex.escape(r"a_b & 5 % #1 {x} ^~\ $") == (
        r"a\_b \& 5 \% \#1 \{x\} \textasciicircum{}\textasciitilde{}\textbackslash{} \$"
    )
    assert latex.escape("▲ ±0.1 ≈ Δm\u00a0†") == (
        r"$\blacktriangle$ $\pm$0.1 $\approx$ $\Delta$m~\dag{}"
    )


def test_is_one_table_environment_with_booktabs_rules():
    rows = [[Entry("a_1"), Entry("[0, 1]", 0, "± 2")], [Entry("b & c"), Entry("3 %")]]
    text = latex.table(Table(["Strategy", "Score, %"], rows), "All of it_", "tab:x")
    body = [line for line in text.splitlines() if not line.startswith("%")]
    assert body[0] == r"\begin{table}[htbp]"
    assert body[-1] == r"\end{table}"
    order = [r"\toprule", r"\midrule", r"\bottomrule"]
    assert [line for line in body if line in order] == order
    assert r"\caption{All of it\_}" in body
    lines = [line for line in body if line.endswith(r"\\")]
    assert len(lines) == 3
    # As many columns in every row as the tabular has, and braces that close.
    assert all(len(re.findall(r"(?<!\\)&", line)) == 1 for line in lines)
    assert r"\begin{tabular}{lr}" in body
    plain = re.sub(r"\\[{}\\]", "", text)
    assert plain.count("{") == plain.count("}")
