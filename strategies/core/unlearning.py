"""What strategies that subtract losses share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .contracts import Situation


def nothing_to_unlearn(situation: Situation) -> str:
    """Why a subtraction makes no sense: what it subtracts is a loss that the task wants small."""
    return "" if situation.nuisances else "nothing to unlearn"
