"""How the timing of steps shows in a terminal, beside a run and in `lossbench time`."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import TimeElapsedColumn
from rich.text import Text

from .progress import LiveBar
from .text.words import clock

if TYPE_CHECKING:
    import pandas as pd


class TimingDisplay(LiveBar):
    """A bar in a terminal; elsewhere: one line for every tenth of the work."""

    def __init__(self, console: Console) -> None:
        self._lock, self._told = threading.Lock(), 0.0
        super().__init__(console, 1.0, TimeElapsedColumn())

    def __call__(self, text: str, share: float) -> None:
        """What happens, and the share of the work that is done; NaN: to be read by everyone."""
        with self._lock:
            if math.isnan(share):
                self._console.print(Text(text, style="red"), soft_wrap=True)
            elif self._bar:
                self._bar.update(self._task, completed=share, description=text)
            elif share >= self._told + 0.1 or share >= 1:
                self._told = share
                passed = clock(time.monotonic() - self._began)
                self._console.print(f"{100 * share:.0f} %, {passed}: {text}", soft_wrap=True)


def time_beside(
    directory: Path, strategies: Sequence[str], data_dir: Path, console: Console
) -> None:
    """Time the steps of the strategies that a results folder has not, for its report."""
    from .timing.untimed import measure_untimed, untimed

    missing = untimed(directory, strategies)
    if missing:
        console.print(f"timing the steps of {len(missing)} of the strategies ...")
        with TimingDisplay(console) as shown:
            rows = measure_untimed(directory, missing, data_dir, shown)
        tell(rows, console)


def tell(rows: pd.DataFrame, console: Console) -> None:
    """What a reader must know of the rows: failures, load, repeatability."""
    from .timing.remarks import summary

    for line in summary(rows):
        console.print(Text(line), soft_wrap=True)
