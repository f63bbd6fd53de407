"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from .table import Table


def markdown(table: Table) -> str:
    """A table in Markdown; a second line of an entry stands behind the first."""
    lines = [_line(table.columns), _line("---" for _ in table.columns)]
    lines += [_line(f"{entry.text} {entry.detail}".strip() for entry in row) for row in table.rows]
    return "\n".join(lines) + "\n"


def _line(texts: Iterable[str]) -> str:
    escaped = (
        text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")
        for text in texts
    )
    return f"| {' | '.join(escaped)} |"
