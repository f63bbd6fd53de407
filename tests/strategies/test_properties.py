"""Each property finds a strategy that does not have it, and each is promised by some strategy."""

from __future__ import annotations

import numpy as np
import pytest
from properties import PROPERTIES
from trials import trials

from lossbench.strategies import get, names

CONFLICT = np.array([[1.0, 0, 0, 0, 0, 0, 0], [-0.1, 0.1, 0, 0, 0, 0, 0], [-3.0, 1, 1, 0, 0, 0, 0]])


@pytest.mark.parametrize("promise", PROPERTIES)
def test_a_strategy_without_it_is_found(promise):
    strategy = {
        "permutation_equivariant": get("subtraction"),
        "linear_under_scaling": get("clipped_per_loss", max_norm=0.1),
    }.get(promise, get("sum"))
    rows = CONFLICT[[0, 2, 1]] if promise == "non_conflicting_for_two" else CONFLICT
    given = [trial._replace(gradients=rows) for trial in trials(strategy)]
    with pytest.raises(AssertionError):
        PROPERTIES[promise](strategy, given)


@pytest.mark.parametrize("promise", PROPERTIES)
def test_it_is_promised(promise):
    assert any(promise in get(name).promises for name in names())
