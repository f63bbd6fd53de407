"""Retired words do not come back: the right column of CONTRIBUTING.md's table of words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def retired(text: str) -> set[str]:
    """Words in backticks in the last column of the table of words."""
    rows = re.findall(r"^\|.*\|(.*)\|$", text.partition("## Words")[2], re.M)
    return {word for last in rows for word in re.findall(r"`(\w+)`", last)}


def names(path: Path) -> Iterator[tuple[str, int]]:
    """What a file names, with the line: itself, functions, classes, arguments, variables."""
    yield path.stem, 1
    for node in ast.walk(ast.parse(path.read_text())):
        for field in ("name", "id", "attr", "arg"):
            if isinstance(name := getattr(node, field, None), str):
                yield name, getattr(node, "lineno", 0)


def parts(name: str) -> set[str]:
    """The words of "second_board" or "FrontPage"."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def found(folder: Path, words: set[str]) -> list[str]:
    """Where names of a folder's files have one of the words."""
    return sorted(
        {
            f"{path.relative_to(folder)}:{line} {name}"
            for path in folder.rglob("*.py")
            for name, line in names(path)
            if parts(name) & words
        }
    )


def test_no_retired_word_comes_back():
    words = retired((ROOT / "CONTRIBUTING.md").read_text())
    assert "knob" in words
    assert not (places := found(ROOT / "bench", words)), "\n".join(places)


def test_a_retired_word_is_found(tmp_path):
    (tmp_path / "board.py").write_text(
        "class FrontPage:\n    def f(self, k):\n        k.old_board = KNOBS\n"
    )
    (tmp_path / "leaderboard.py").write_text('"""The board."""\nkeyboard, frontal = "knob", 1\n')
    words = retired("## Words\n| a | b | not |\n| `x` | c | `board`, `front`, `knobs` |\n")
    assert found(tmp_path, words) == [
        "board.py:1 FrontPage",
        "board.py:1 board",
        "board.py:3 KNOBS",
        "board.py:3 old_board",
    ]
