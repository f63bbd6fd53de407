"""Memory that something needed at its peak."""

import sys

import numpy as np
import pytest

from lossbench.bench.timing.memory import rise


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's mark can't be reset")
def test_memory_is_the_rise_at_the_peak():
    with rise() as large:
        np.ones(8 << 20).sum()
    assert 60 < large.mb < 80
    with rise() as nothing:
        pass
    assert nothing.mb < 5
