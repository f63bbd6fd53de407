r"""Tables in LaTeX, with booktabs.

The document needs \usepackage{booktabs}; the marks of the verdicts need amssymb.
"""

from __future__ import annotations

from .table import Table

# What LaTeX reads as commands, and signs that its fonts lack.
_SIGNS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"$<$",
        ">": r"$>$",
        "|": r"$|$",
        "±": r"$\pm$",
        "\u2212": r"$-$",
        "≈": r"$\approx$",
        "→": r"$\to$",
        "\u00d7": r"$\times$",
        "▲": r"$\blacktriangle$",
        "▼": r"$\blacktriangledown$",
        "△": r"$\vartriangle$",
        "▽": r"$\triangledown$",
        "Δ": r"$\Delta$",
        "µ": r"$\mu$",
        "†": r"\dag{}",
        "…": r"\dots{}",
        "\u00a0": "~",
        "\u200b": "",
        "\n": " ",
    }
)


def escape(text: str) -> str:
    r"""Text as LaTeX sets it.

    >>> escape("a_b & 5 %")
    'a\\_b \\& 5 \\%'
    """
    return text.translate(_SIGNS)


def table(table: Table, caption: str, label: str) -> str:
    r"""A table environment: the first column left, the others right, in small letters.

    Args:
        table: what to set; a second line of an entry stands behind the first.
        caption: what it shows, one sentence.
        label: for \ref.
    """
    columns = "l" + "r" * (len(table.columns) - 1)
    lines = [
        "% needs \\usepackage{booktabs,amssymb}",
        r"\begin{table}[htbp]",
        r"\centering\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{escape(caption)}}}",
        rf"\label{{{label}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _line(table.columns),
        r"\midrule",
        *(_line([f"{entry.text} {entry.detail}".strip() for entry in row]) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _line(texts: list[str]) -> str:
    # A row that begins with "[" would be read as an option of the row before it.
    return " & ".join("{" + escape(text) + "}" for text in texts) + r" \\"
