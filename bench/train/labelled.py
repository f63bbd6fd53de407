"""How many losses have a label in a batch: known before training, since the batches are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ...datasets.core.task import Head


def counts(
    heads: Sequence[Head], train: Mapping[str, Any], batches: Iterable[np.ndarray]
) -> tuple[int, ...] | None:
    """The numbers of losses that are there in some batch, ascending; None where it is always all.

    Args:
        heads: whose losses are combined.
        train: arrays of the training split.
        batches: each (steps, B), indices into it; not looked at where every row has all labels.
    """
    masks = [train[head.observed] > 0 for head in heads if head.observed is not None]
    rows = [mask.reshape(len(mask), -1).any(axis=1) for mask in masks]
    if all(labelled.all() for labelled in rows):
        return None
    always = len(heads) - len(rows)
    found: set[int] = set()
    for indices in batches:
        there = np.sum([labelled[indices].any(axis=1) for labelled in rows], axis=0)
        found |= {always + int(count) for count in np.unique(there)}
    return None if found == {len(heads)} else tuple(sorted(found))
