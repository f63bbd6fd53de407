"""What a task is: data, a model, the losses of its heads, metrics and defaults.

Nothing here imports TensorFlow; task files import it lazily or at the top, as they like.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .metric import Metric
from .names import check_name, check_unique
from .situations import check_situation

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    # One split: "x", an array or a nest of arrays, and arrays that losses and metrics read.
    Arrays = Mapping[str, Any]
    Splits = Mapping[str, Arrays]  # "train", "validation", "test"
    Batch = Mapping[str, tf.Tensor]
    Outputs = Mapping[str, tf.Tensor]

SPLITS = ("train", "validation", "test")


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
        observed: key of the mask (B, O) or (B, 1) in the batch: 0 where a label is missing, 1 where
            it is there, or any number >= 0 as the weight of a label. The loss is the weighted mean
            sum(w e) / sum(w), and metrics count labels alike. A step without any label of the head
            goes without its loss.
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

    def __post_init__(self) -> None:
        """Refuse a name that is none, and two metrics of one name."""
        check_name("head", self.name)
        check_unique(f"metrics of head {self.name!r}", [metric.name for metric in self.metrics])


@dataclasses.dataclass(frozen=True)
class Task:
    """A task: everything that a run needs but the strategy.

    Attributes:
        summary: the question that it answers, in one line.
        source: the document or paper that it comes from.
        dataset: name of the TFDS data set; "" when the arrays come from elsewhere.
        data: folder of prepared data -> arrays of the three splits. The same for every run:
            derived data (overlays, marks, noise) come from constant seeds.
        model: a new keras.Model with a dict of outputs, called on `x`, an array or a nest of arrays
            (a dict, a tuple) for several inputs. Its initial weights depend
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
        situation: what kind of question it asks, one of `situations.SITUATIONS`: the report answers
            by situation. A task that does not say stands for itself.
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
    situation: str = ""

    def __post_init__(self) -> None:
        """Refuse names that are none or not unique; metrics learn which labels count."""
        check_name("task", self.name.partition("[")[0], optional=True)
        check_situation(self.situation)
        check_unique("heads of the task", [head.name for head in self.heads])
        masks = {head.name: head.observed for head in self.heads}
        heads = tuple(
            dataclasses.replace(
                head,
                metrics=tuple(metric.counting(masks, head.observed) for metric in head.metrics),
            )
            for head in self.heads
        )
        object.__setattr__(self, "heads", heads)

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
