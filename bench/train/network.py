"""A task's model as pure functions: outputs and losses of given weights."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import tensorflow as tf

from ...strategies import Strategy

if TYPE_CHECKING:
    from ...datasets.core.task import Head, Task

HIDDEN = -1e9  # a hidden output: a probability of 0 that stays finite


class Part(NamedTuple):
    """A part of a model that is one itself, and where its variables stand among the model's."""

    model: keras.Model
    trainable: tuple[int, ...]
    other: tuple[int, ...]

    def __call__(
        self, trainable: list[tf.Tensor], other: list[tf.Tensor], x: tf.Tensor, training: bool
    ) -> tuple[Any, list[tf.Tensor]]:
        """Outputs from the variables of the whole model, and all its other variables after."""
        mine = [trainable[i] for i in self.trainable], [other[i] for i in self.other]
        outputs, after = self.model.stateless_call(*mine, x, training=training)
        other = list(other)
        for i, value in zip(self.other, after, strict=True):
            other[i] = value
        return outputs, other


class Network:
    """The model of a task, its weights handed in and out.

    Attributes:
        task: what the model is for.
        model: built once; only its structure is used.
        combined: the heads whose losses a strategy combines, in order.
        reach: for each trainable variable, the indices of the combined losses that reach it.
        groups: name to losses of each group of variables that the same losses reach.
    """

    def __init__(self, task: Task, batch: Mapping[str, tf.Tensor]) -> None:
        self.task = task
        self.model = task.model()
        self.combined = task.combined
        self.regularisers = tuple(head for head in task.heads if head.kind == "regulariser")
        self.reach = self._reach(batch)
        self._of_all: dict[bool, Callable[..., dict[str, tf.Tensor]]] = {}

    def outputs(
        self,
        strategy: Strategy,
        trainable: list[tf.Tensor],
        other: list[tf.Tensor],
        x: tf.Tensor,
        *,
        training: bool,
    ) -> tuple[dict[str, tf.Tensor], list[tf.Tensor]]:
        """The model's outputs and its other variables after the call."""
        outputs, other = self.model.stateless_call(trainable, other, x, training=training)
        return self._shown(strategy, outputs), other

    def of_all(self, strategy: Strategy) -> Callable[..., dict[str, tf.Tensor]]:
        """Outputs without training of many weights at once: (S, N, ...) from stacked weights.

        A function of (trainable, other, x), traced once for all strategies that mask alike.
        """
        if strategy.masks_outputs not in self._of_all:

            def outputs(trainable, other, x):
                return tf.vectorized_map(
                    lambda weights: self.outputs(strategy, *weights, x, training=False)[0],
                    (trainable, other),
                )

            self._of_all[strategy.masks_outputs] = tf.function(outputs, autograph=False)
        return self._of_all[strategy.masks_outputs]

    def losses(
        self,
        strategy: Strategy,
        trainable: list[tf.Tensor],
        other: list[tf.Tensor],
        batch: Mapping[str, tf.Tensor],
        *,
        training: bool,
    ) -> tuple[list[tf.Tensor], list[tf.Tensor], list[tf.Tensor]]:
        """The K combined losses, weighted regularisers, and other variables after the call."""
        outputs, other = self.outputs(strategy, trainable, other, batch["x"], training=training)
        return *self._values(strategy, outputs, batch), other

    def losses_from_features(
        self,
        strategy: Strategy,
        trainable: list[tf.Tensor],
        other: list[tf.Tensor],
        batch: Mapping[str, tf.Tensor],
        tape: tf.GradientTape,
    ) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor], list[tf.Tensor]]:
        """The same in training, by way of the features, which the tape watches; they come first."""
        trunk, heads = self.parts
        features, other = trunk(trainable, other, batch["x"], training=True)
        tape.watch(features)
        outputs, other = heads(trainable, other, features, training=True)
        return features, *self._values(strategy, self._shown(strategy, outputs), batch), other

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

    def _values(
        self, strategy: Strategy, outputs: dict[str, tf.Tensor], batch: Mapping[str, tf.Tensor]
    ) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """The K combined losses and the weighted regularisers."""
        values = []
        for head in self.combined:
            elements = head.loss(outputs, batch)
            observed = tf.ones((1, 1)) if head.observed is None else batch[head.observed]
            shown = relevance(head, elements.shape[-1])
            values.append(strategy.reduce(elements, observed, shown))
        penalties = [
            head.weight * tf.reduce_mean(head.loss(outputs, batch)) for head in self.regularisers
        ]
        return values, penalties

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
            values, _, _ = self.losses(Strategy(), trainable, other, batch, training=True)
        rows = [tape.gradient(value, trainable) for value in values]
        return tuple(
            tuple(k for k, row in enumerate(rows) if row[i] is not None)
            for i in range(len(trainable))
        )


def relevance(head: Head, outputs: int) -> tf.Tensor:
    """(O,): 1 for the outputs of a head that matter."""
    if head.relevant is None:
        return tf.ones((outputs,))
    return tf.constant([1.0 if index in head.relevant else 0.0 for index in range(outputs)])
