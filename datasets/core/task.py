"""What a task is: data, a model, the losses of its heads, metrics and defaults.

Nothing here imports TensorFlow; task files import it lazily or at the top, as they like.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

    Arrays = Mapping[str, np.ndarray]  # one split: "x" and whatever losses and metrics read
    Splits = Mapping[str, Arrays]  # "train", "validation", "test"
    Batch = Mapping[str, tf.Tensor]
    Outputs = Mapping[str, tf.Tensor]

SPLITS = ("train", "validation", "test")


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
        overall: whether it judges all heads of the task together, whichever head it stands with.
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
    overall: bool = False

    def __post_init__(self) -> None:
        """Refuse ends that contradict the direction."""
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
        if self.fitted_on is None:
            return float(self.function(outputs[split], data[split]))
        if split == self.fitted_on:
            raise ValueError(f"{self.name} is fitted on {split}: score it on another split")
        fit = self.fitted_on
        return float(self.function(outputs[split], data[split], outputs[fit], data[fit]))


@dataclasses.dataclass(frozen=True)
class Head:
    """One loss of a task and the metrics that judge it.

    Attributes:
        name: also the key of the output that it reads, by convention.
        loss: (outputs, batch) -> elements (B, O) whose mean is the loss. Cross-entropy over O
            classes returns O times its terms, so that a mask of outputs can act on it.
        kind: "task": combined by the strategy. "regulariser": added with `weight` after the
            combination. "nuisance": its head minimises it, the trunk sees it with sign -1 times
            `weight`.
        weight: the hand-set weight of the source document; what `weighted` uses on this task.
        observed: key of the (B, O) mask in the batch that is 0 where a label is missing.
        relevant: indices of the outputs that matter, for strategies that mask; None is all.
        metrics: at least one for a task head.
    """

    name: str
    loss: Callable[[Outputs, Batch], tf.Tensor]
    kind: Literal["task", "regulariser", "nuisance"] = "task"
    weight: float = 1.0
    observed: str | None = None
    relevant: tuple[int, ...] | None = None
    metrics: tuple[Metric, ...] = ()


@dataclasses.dataclass(frozen=True)
class Task:
    """A task: everything that a run needs but the strategy.

    Attributes:
        summary: the question that it answers, in one line.
        source: the document or paper that it comes from.
        dataset: name of the TFDS data set; "" when the arrays come from elsewhere.
        data: folder of prepared data -> arrays of the three splits. The same for every run:
            derived data (overlays, marks, noise) come from constant seeds.
        model: a new keras.Model with a dict of outputs, called on `x`. Its initial weights depend
            on `keras.utils.set_random_seed` alone.
        heads: the losses, in the order that strategies see.
        primary: the column of the main metric, "<head>/<metric>".
        steps, batch_size, optimizer, learning_rate: measured defaults; the learning rate decays
            to 0 along a half cosine.
        sgd_learning_rate: measured default of the variation `[sgd]`, with momentum 0.9; None where
            SGD does not work, or nobody measured it.
        variations: those that belong to the whole benchmark beside the task itself, as written in
            brackets behind its name: "sgd", "right*0.01".
        learning_rates: the range that tuning searches; None is `searched_rates`' default.
        networked: whether the data set must be fetched over the network once, by `lossbench
            prepare`. Until it is, "all tasks" leaves this one out.
        referenced: whether each loss is also trained alone, for delta-m and the retained share: a
            cell per head of kind "task". False where there are dozens of heads.
    """

    summary: str
    source: str
    dataset: str
    data: Callable[[Path], Splits]
    model: Callable[[], keras.Model]
    heads: tuple[Head, ...]
    primary: str
    steps: int
    batch_size: int = 64
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = 5e-3
    name: str = ""
    networked: bool = False
    learning_rates: tuple[float, float] | None = None
    sgd_learning_rate: float | None = None
    variations: tuple[str, ...] = ()
    referenced: bool = True

    @property
    def searched_rates(self) -> tuple[float, float]:
        """Smallest and largest learning rate of tuning: by default a tenth and ten times its own.

        Around the rate that was measured with `sum`: a strategy whose directions are shorter or
        longer than a sum finds a rate of its own within a factor of 10.
        """
        return self.learning_rates or (self.learning_rate / 10, self.learning_rate * 10)

    @property
    def judged(self) -> tuple[str, ...]:
        """Columns "<head>/<metric>" by which tuning selects, on the validation split.

        The primary metric alone when it judges all heads together. Otherwise the first metric of
        each head of kind "task", or the primary one in its place where it belongs to that head.
        Never one that is fitted on the validation split. Empty when no metric is left.
        """
        columns = {}
        for head in self.heads:
            for metric in head.metrics:
                column = f"{head.name}/{metric.name}"
                if metric.fitted_on == "validation":
                    continue
                if column == self.primary and metric.overall:
                    return (column,)
                if head.kind == "task" and (column == self.primary or head.name not in columns):
                    columns[head.name] = column
        return tuple(columns.values())

    @property
    def combined(self) -> tuple[Head, ...]:
        """The heads whose losses a strategy combines: all but the regularisers."""
        return tuple(head for head in self.heads if head.kind != "regulariser")

    def metric(self, column: str) -> Metric:
        """The metric of a column "<head>/<metric>"."""
        for head in self.heads:
            for metric in head.metrics:
                if f"{head.name}/{metric.name}" == column:
                    return metric
        raise ValueError(f"{self.name or 'task'} has no metric {column!r}")
