"""One figure of one head: how it is computed, and what it means."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .names import check_name

Splits = Mapping[str, Mapping[str, Any]]  # of a task


@dataclasses.dataclass(frozen=True)
class Metric:
    """One figure of one head.

    Attributes:
        name: column `metric/<head>/<name>/<split>`.
        function: (outputs, arrays) of a whole split as numpy arrays -> float. With `fitted_on`,
            (outputs, arrays, outputs of that split, arrays of that split) -> float.
        higher_is_better: its direction.
        chance: what a constant predictor reaches on the test split, or None when unknown.
        perfect: what a predictor without any error reaches, or None when there is no such thing.
            Needs no data: 1 for an accuracy, 0 for an error.
        oracle: what the same model reaches that is trained on data without the nuisance; None where
            there is none. The single-task run, which the nuisance leads astray, is then the level
            0 of the retained share, and this is 1.
        overall: whether it judges all heads of the task together, whichever head it stands with.
        reads: the output that a built-in metric reads. Such a function takes `observed` too, the
            mask of the labels that count; "" for functions of one's own, which find it in the
            arrays.
        observed: key of that mask; None is that of the head it stands with.
        parts: metrics whose mean it is, each over the labels that count for its own output.
        fitted_on: the split that a probe is fitted on, for metrics that train a model of their
            own on the frozen outputs; they cost much more than others and say nothing on that
            split itself. None for ordinary metrics.
    """

    name: str
    function: Callable[..., float]
    higher_is_better: bool
    chance: float | None = None
    fitted_on: str | None = None
    perfect: float | None = None
    oracle: float | None = None
    overall: bool = False
    reads: str = ""
    observed: str | None = None
    parts: tuple[Metric, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a name that is none, and ends that contradict the direction."""
        check_name("metric", self.name)
        if self.chance is None or self.perfect is None:
            return
        if self.chance == self.perfect or (self.perfect > self.chance) != self.higher_is_better:
            raise ValueError(
                f"metric {self.name}: {'higher' if self.higher_is_better else 'lower'} is better, "
                f"and perfect is {self.perfect:g} where chance is {self.chance:g}"
            )

    def share(self, value: float) -> float:
        """How far from chance to perfect: (value - chance) / (perfect - chance).

        1 is perfect, 0 is chance, below 0 is worse than a constant. NaN stays NaN. Defined without
        any reference run, so that metrics in different units can be averaged while tuning.

        Raises:
            ValueError: chance or perfect is not known.

        Example:
            >>> from lossbench.datasets.core.metrics import mean_absolute_error
            >>> mean_absolute_error("y", "y", chance=2.0).share(0.5)
            0.75
        """
        if self.chance is None or self.perfect is None:
            missing = "chance" if self.chance is None else "perfect"
            raise ValueError(
                f"metric {self.name} has no {missing} level: "
                "give both to its Metric, then it can judge while tuning"
            )
        return (value - self.chance) / (self.perfect - self.chance)

    def score(self, outputs: Mapping[str, Mapping[str, Any]], data: Splits, split: str) -> float:
        """The figure of one split.

        Args:
            outputs: per split the model's outputs; `split` and `fitted_on` are read.
            data: the task's arrays.
            split: which one is scored.

        Raises:
            ValueError: a probe is scored on the split that it is fitted on.
        """
        with np.errstate(all="ignore"):
            return self._score(outputs, data, split)

    def _score(self, outputs: Mapping[str, Mapping[str, Any]], data: Splits, split: str) -> float:
        if self.parts:
            return float(np.mean([part._score(outputs, data, split) for part in self.parts]))
        key = self.observed if self.reads else None
        mask = {} if key is None else {"observed": data[split][key]}
        if self.fitted_on is None:
            return float(self.function(outputs[split], data[split], **mask))
        if split == self.fitted_on:
            raise ValueError(f"{self.name} is fitted on {split}: score it on another split")
        fit = self.fitted_on
        mask |= {} if key is None else {"fit_observed": data[fit][key]}
        return float(self.function(outputs[split], data[split], outputs[fit], data[fit], **mask))

    def counting(self, masks: Mapping[str, str | None], of_head: str | None) -> Metric:
        """The metric over the labels that count, unless it says itself which those are.

        Args:
            masks: head to the key of its mask.
            of_head: the key of the head that it stands with.
        """
        parts = tuple(part.counting(masks, masks.get(part.reads, of_head)) for part in self.parts)
        return dataclasses.replace(self, observed=self.observed or of_head, parts=parts)
