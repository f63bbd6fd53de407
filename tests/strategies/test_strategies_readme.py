"""The README's examples run, and it leaves no strategy out."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
from properties import PROPERTIES
from trials import trials

import lossbench.strategies
from lossbench.strategies import combine, get, names
from lossbench.strategies.core.conformance import check

README = (Path(lossbench.strategies.__file__).parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_session_is_right():
    test = doctest.DocTestParser().get_doctest("\n".join(blocks("pycon")), {}, "README", None, None)
    assert doctest.DocTestRunner().run(test).failed == 0


def test_every_strategy_has_its_place():
    table = README.partition("## How to choose one")[2].partition("## Scale")[0]
    missing = [name for name in names() if f"`{name}`" not in table]
    assert not missing


def test_the_example_is_a_strategy(tmp_path):
    file = tmp_path / "unit_sum.py"
    file.write_text(blocks("python")[0])
    strategy = get(str(file))
    assert strategy.name == "unit_sum"
    for num_losses in (2, 5):
        check(strategy, num_losses)
    for promise in strategy.promises:
        PROPERTIES[promise](strategy, trials(strategy))
    rows = np.array([[3.0, 4.0], [0.0, 0.5], [0.0, 0.0]])
    np.testing.assert_allclose(combine(strategy, rows).weights, [0.2, 2.0, 0.0])
    half = get(f"{file}:UnitSum", power=0.0)
    np.testing.assert_allclose(combine(half, rows).weights, [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match=r"unit_sum: power is a finite number from 0 to 1; got 2"):
        get(str(file), power=2)
