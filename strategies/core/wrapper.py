"""A strategy around another one, whatever its contract."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from .contracts import Strategy
from .registry import get


def _of_inner(name: str) -> Any:
    return property(lambda self: getattr(self.inner, name), doc=f"`{name}` of the inner strategy.")


class Wrapper(Strategy):
    """Does what the strategy `of` does; a subclass overrides what it changes.

    Hyperparameters:
        of: a name, a call such as "weighted(weights=(1, 0.5))", or a strategy.
        rescale: taken from the inner strategy when it sets one.

    Raises:
        ValueError: `of` is no strategy, or both strategies rescale, and differently.
    """

    of: Any = "sum"

    contract = _of_inner("contract")
    needs_losses = _of_inner("needs_losses")
    literal = _of_inner("literal")
    roles = _of_inner("roles")
    idle = _of_inner("idle")
    masks_outputs = _of_inner("masks_outputs")
    level = _of_inner("level")
    linear = _of_inner("linear")
    observes_update = _of_inner("observes_update")
    # Properties instead of methods, so that a signature (`init` may ask for `num_parameters`)
    # is the inner one's.
    init = _of_inner("init")
    noise = _of_inner("noise")
    objective = _of_inner("objective")
    weights = _of_inner("weights")
    weigh = _of_inner("weigh")
    combine = _of_inner("combine")
    scale = _of_inner("scale")
    after_update = _of_inner("after_update")
    reduce = _of_inner("reduce")
    routes = _of_inner("routes")

    def __post_init__(self) -> None:
        super().__post_init__()
        inner = self.inner
        if inner.rescale not in ("none", self.rescale):
            if self.rescale != "none":
                raise ValueError(
                    f"{self.name}: rescale is set twice, here to {self.rescale!r} and in "
                    f"{inner.name} to {inner.rescale!r}; set it once"
                )
            object.__setattr__(self, "rescale", inner.rescale)

    def among(self, pick, num_losses):
        return dataclasses.replace(self, of=self.inner.among(pick, num_losses))

    @functools.cached_property
    def inner(self) -> Strategy:
        """The strategy inside."""
        if isinstance(self.of, Strategy):
            return self.of
        if isinstance(self.of, str):
            return get(self.of)
        raise ValueError(
            f"{self.name}: of is a strategy, its name or its call, as in 'cagrad(c=0.4)'; "
            f"got {self.of!r}"
        )
