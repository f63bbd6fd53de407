"""Every example in a docstring runs and gives what it says."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import lossbench.strategies

ROOT = Path(lossbench.strategies.__file__).parents[1]
PACKAGES = ("strategies", "datasets", "bench")
# What an example need not import, beside the names that its own module defines.
SHARED = {"np": np, "pd": pd}


class Example(NamedTuple):
    """A docstring with a session in it."""

    module: str
    owner: str  # "function", "Class", "Class.method", "" for the module's own
    text: str
    path: Path
    line: int


def examples(path: Path, module: str) -> Iterator[Example]:
    """The docstrings of a file that hold examples; reads it without importing it."""

    def visit(node: ast.AST, owner: str) -> Iterator[Example]:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False) or ""
            if ">>>" in text:
                yield Example(module, owner, text, path, node.body[0].lineno - 1)
            for child in node.body:
                yield from visit(child, f"{owner}.{getattr(child, 'name', '')}".strip("."))

    yield from visit(ast.parse(path.read_text()), "")


def sources() -> Iterator[tuple[Path, str]]:
    """Every file of the packages, and its module."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    for path in [*ROOT.glob("__init__.py"), *files]:
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield path, ".".join(("lossbench", *parts)).removesuffix(".__init__")


def faults(example: Example) -> str:
    """What running it says, '' where all is as written."""
    module = importlib.import_module(example.module)
    own = {
        name: value
        for name, value in vars(module).items()
        if getattr(value, "__module__", module.__name__) == module.__name__
        and not isinstance(value, type(module))
    }
    test = doctest.DocTestParser().get_doctest(
        example.text, SHARED | own, example.owner, str(example.path), example.line
    )
    if any(doctest.SKIP in line.options for line in test.examples):
        return "an example that is skipped is none: write it without >>>, or into examples/"
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    return "".join(said)


FOUND = [example for source in sources() for example in examples(*source)]


@pytest.mark.parametrize(
    "example", FOUND, ids=lambda example: f"{example.module}:{example.owner}".partition(".")[2]
)
def test_the_example_is_right(example, monkeypatch, tmp_path_factory):
    # One folder of data for all of them: not the user's own.
    monkeypatch.setenv("LOSSBENCH_DATA", str(tmp_path_factory.getbasetemp() / "examples"))
    assert not (said := faults(example)), said


def test_every_strategy_has_an_example():
    told = {example.module for example in FOUND}
    assert not [
        name
        for name in lossbench.strategies.names()
        if (ROOT / "strategies" / f"{name}.py").is_file()
        and f"lossbench.strategies.{name}" not in told
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (">>> known(1)\n    2", ""),
        (">>> known(1)\n    3", "Got"),
        (">>> unknown(1)\n    2", "NameError"),
        (">>> json.dumps(1)", "NameError"),
        (">>> known(1)  # doctest: +SKIP\n    2", "skipped"),
    ],
)
def test_a_wrong_example_is_found(text, said, tmp_path, monkeypatch):
    """In a module with a method that has one; what the module imports must be imported again."""
    monkeypatch.syspath_prepend(tmp_path)
    name = re.sub(r"\W", "_", tmp_path.name)
    path = tmp_path / f"{name}.py"
    path.write_text(
        f"import json\n\n\ndef known(x):\n    return x + 1\n\n\n"
        f'class Thing:\n    def method(self):\n        """Example:\n\n    {text}\n    """\n'
    )
    (example,) = examples(path, name)
    assert example.owner == "Thing.method"
    assert (said in faults(example)) if said else not faults(example)
