"""How each run of a training ended: fine, or diverged, at which step and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .constant import constant_losses
from .divergence import Divergence, explain
from .growth import judge

if TYPE_CHECKING:
    from .step import Carry, Record
    from .trainer import Trainer


class Ended(NamedTuple):
    """The ends of all runs.

    Attributes:
        bad_step: (S,), the first bad step of a run that diverged, else -1.
        stopped: (S,), the step from which on a run stood still, else -1.
        reason: (S,), in words; "" where a run ended well.
        spiked: (S,) bool, a loss was out of proportion for a while, whether or not it came back.
    """

    bad_step: np.ndarray
    stopped: np.ndarray
    reason: list[str]
    spiked: np.ndarray

    @property
    def diverged(self) -> np.ndarray:
        """(S,) bool."""
        return self.bad_step >= 0


def ended(trainer: Trainer, carry: Carry, record: Record) -> Ended:
    """How all runs of a training ended.

    Args:
        trainer: of the cell.
        carry: after the last step.
        record: of all steps.
    """
    network = trainer.network
    heads = [head.name for head in network.combined]
    state = Divergence(*(leaf.numpy() for leaf in carry.divergence))
    grown = judge(
        record.losses,
        record.weights,
        heads,
        free=[head.kind == "nuisance" for head in network.combined],
        constant=lambda: constant_losses(network, trainer.splits["train"]),
    )
    stopped = ~state.alive
    reason = [
        explain(int(state.reason[run]), int(state.culprit[run]), heads) or grown.reason[run]
        for run in range(len(stopped))
    ]
    bad_step = np.where(grown.diverged, grown.bad_step, -1)
    return Ended(np.where(stopped, state.bad_step, bad_step), state.bad_step, reason, grown.spiked)
