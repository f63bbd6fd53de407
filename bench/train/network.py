"""A task's model as pure functions: outputs and losses of given weights."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import tensorflow as tf

from ...datasets.core.built import built, mode
from ...strategies import Strategy
from .over_runs import over_runs

if TYPE_CHECKING:
    from ...datasets.core.task import Head, Task

HIDDEN = -1e9  # a hidden output: a probability of 0 that stays finite


class Losses(NamedTuple):
    """What a forward pass in training gives.

    Attributes:
        values: the K combined losses.
        penalties: what is added to the objective whatever the strategy: weighted regularisers, and
            the losses of the model itself (of its regularisers, and what its layers add).
        other: the model's other variables after the call.
    """

    values: list[tf.Tensor]
    penalties: list[tf.Tensor]
    other: list[tf.Tensor]


class Part(NamedTuple):
    """A part of a model that is one itself, and where its variables stand among the model's."""

    model: keras.Model
    trainable: tuple[int, ...]
    other: tuple[int, ...]

    def __call__(
        self, trainable: list[tf.Tensor], other: list[tf.Tensor], x: tf.Tensor, training: bool
    ) -> tuple[Any, list[tf.Tensor], list[tf.Tensor]]:
        """Outputs from the variables of the whole model, all its other variables after, losses."""
        mine = [trainable[i] for i in self.trainable], [other[i] for i in self.other]
        outputs, after, own = _call(self.model, *mine, x, training)
        other = list(other)
        for i, value in zip(self.other, after, strict=True):
            other[i] = value
        return outputs, other, own


class Network:
    """The model of a task, its weights handed in and out.

    Attributes:
        task: what the model is for.
        model: built once; only its structure is used.
        combined: the heads whose losses a strategy combines, in order.
        reach: for each trainable variable, the indices of the combined losses that reach it.
        groups: name to losses of each group of variables that the same losses reach.
        vectorises: whether several weights can be trained at once, as far as is known.
    """

    def __init__(self, task: Task, batch: Mapping[str, tf.Tensor]) -> None:
        self.task = task
        self.model = built(task, batch["x"])
        self.combined = task.combined
        self.regularisers = tuple(head for head in task.heads if head.kind == "regulariser")
        self.reach = self._reach(batch)
        self.vectorises = True
        self._of_all: dict[tuple[bool, bool], Callable[..., dict[str, tf.Tensor]]] = {}

    def outputs(
        self, strategy: Strategy, trainable: list[tf.Tensor], other: list[tf.Tensor], x: Any
    ) -> dict[str, tf.Tensor]:
        """The model's outputs without training."""
        outputs, _ = self.model.stateless_call(trainable, other, x, **mode(self.model, False))
        return self._shown(strategy, outputs)

    def of_all(
        self, strategy: Strategy, *, vectorised: bool
    ) -> Callable[..., dict[str, tf.Tensor]]:
        """Outputs without training of many weights: (S, N, ...).

        A function of ((trainable, other), x), traced once for all strategies that mask alike.

        Args:
            strategy: says what is hidden.
            vectorised: False takes one after the other.
        """
        key = (strategy.masks_outputs, vectorised)
        if key not in self._of_all:
            self._of_all[key] = over_runs(
                lambda weights, x: self.outputs(strategy, *weights, x), vectorised=vectorised
            )
        return self._of_all[key]

    def losses(
        self,
        strategy: Strategy,
        trainable: list[tf.Tensor],
        other: list[tf.Tensor],
        batch: Mapping[str, Any],
    ) -> Losses:
        """The losses of a batch, in training."""
        outputs, other, own = _call(self.model, trainable, other, batch["x"], True)
        return self._losses(strategy, outputs, batch, other, own)

    def losses_from_features(
        self,
        strategy: Strategy,
        trainable: list[tf.Tensor],
        other: list[tf.Tensor],
        batch: Mapping[str, Any],
        tape: tf.GradientTape,
    ) -> tuple[tf.Tensor, Losses]:
        """The same by way of the features, which the tape watches; they come first."""
        trunk, heads = self.parts
        features, other, of_trunk = trunk(trainable, other, batch["x"], training=True)
        tape.watch(features)
        outputs, other, of_heads = heads(trainable, other, features, training=True)
        return features, self._losses(strategy, outputs, batch, other, of_trunk + of_heads)

    def present(self, batch: Mapping[str, Any]) -> tf.Tensor:
        """(K,) bool, the combined losses that have a label in the batch."""
        return tf.stack(
            [
                tf.constant(True)
                if head.observed is None
                else tf.reduce_any(tf.cast(batch[head.observed], tf.float32) > 0)
                for head in self.combined
            ]
        )

    def constrain(self, trainable: list[tf.Tensor]) -> list[tf.Tensor]:
        """The weights after a step, as the constraints of the model's layers have them."""
        return [
            value if variable.constraint is None else variable.constraint(value)
            for value, variable in zip(trainable, self.model.trainable_variables, strict=True)
        ]

    def _shown(self, strategy: Strategy, outputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Outputs without those that a strategy hides."""
        if not strategy.masks_outputs:
            return outputs
        outputs = dict(outputs)
        for head in self.combined:
            if head.relevant is not None:
                shown = relevance(head, outputs[head.name].shape[-1])
                outputs[head.name] = tf.where(shown > 0, outputs[head.name], HIDDEN)
        return outputs

    def _losses(
        self,
        strategy: Strategy,
        outputs: dict[str, tf.Tensor],
        batch: Mapping[str, Any],
        other: list[tf.Tensor],
        own: list[tf.Tensor],
    ) -> Losses:
        outputs = self._shown(strategy, outputs)
        values = []
        for head in self.combined:
            elements = head.loss(outputs, batch)
            observed = tf.ones((1, 1)) if head.observed is None else batch[head.observed]
            shown = relevance(head, elements.shape[-1])
            values.append(strategy.reduce(elements, observed, shown))
        penalties = [
            head.weight * tf.reduce_mean(head.loss(outputs, batch)) for head in self.regularisers
        ]
        return Losses(values, penalties + [tf.cast(loss, values[0].dtype) for loss in own], other)

    @functools.cached_property
    def parts(self) -> tuple[Part, Part]:
        """The model cut at its features, the last tensor that all outputs depend on alone.

        Raises:
            ValueError: there is none behind the inputs.
        """
        for layer in reversed(self.model.layers):
            if isinstance(layer, keras.layers.InputLayer):
                continue
            try:
                heads = keras.Model(layer.output, self.model.output)
            except (ValueError, AttributeError):  # an output that does not come from here alone
                continue
            return self._part(keras.Model(self.model.input, layer.output)), self._part(heads)
        raise ValueError(
            f"{self.task.name} has no features: no hidden tensor leads to all of its outputs; "
            "strategies work there with level='parameters'"
        )

    def _part(self, model: keras.Model) -> Part:
        trainable = {id(v): i for i, v in enumerate(self.model.trainable_variables)}
        other = {id(v): i for i, v in enumerate(self.model.non_trainable_variables)}
        return Part(
            model,
            tuple(trainable[id(variable)] for variable in model.trainable_variables),
            tuple(other[id(variable)] for variable in model.non_trainable_variables),
        )

    @functools.cached_property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """Variables by the losses that reach them: "shared" when all do, else the heads' names."""
        names = [head.name for head in self.combined]
        found = dict.fromkeys(self.reach)
        return {
            "shared" if len(losses) == len(names) else "+".join(names[k] for k in losses): losses
            for losses in found
            if losses
        }

    def _reach(self, batch: Mapping[str, tf.Tensor]) -> tuple[tuple[int, ...], ...]:
        trainable = [variable.value for variable in self.model.trainable_variables]
        other = [variable.value for variable in self.model.non_trainable_variables]
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(trainable)
            values = self.losses(Strategy(), trainable, other, batch).values
        rows = [tape.gradient(value, trainable) for value in values]
        return tuple(
            tuple(k for k, row in enumerate(rows) if row[i] is not None)
            for i in range(len(trainable))
        )


def _call(
    model: keras.Model, trainable: list[tf.Tensor], other: list[tf.Tensor], x: Any, training: bool
) -> tuple[Any, list[tf.Tensor], list[tf.Tensor]]:
    """Outputs, other variables after the call, and the losses of the model itself, if any."""
    asked = mode(model, training)
    return model.stateless_call(trainable, other, x, **asked, return_losses=True)


def relevance(head: Head, outputs: int) -> tf.Tensor:
    """(O,): 1 for the outputs of a head that matter."""
    if head.relevant is None:
        return tf.ones((outputs,))
    return tf.constant([1.0 if index in head.relevant else 0.0 for index in range(outputs)])
