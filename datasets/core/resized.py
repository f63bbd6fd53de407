"""A model made wider or deeper: its hidden layers, and nothing that a loss reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclasses.dataclass(frozen=True)
class Resized:
    """Makes a task's model with other hidden layers. Equal ones compare equal.

    Attributes:
        model: makes the model as it is.
        width: factor of the units and filters of every hidden layer, at least 1 of each.
        more: so many further dense layers behind each hidden dense one, of the same size.

    Raises:
        ValueError: when called: the model is not made of layers that can be looked at, has no
            hidden ones, or does not fit together in another size.
    """

    model: Callable[[], keras.Model]
    width: float = 1.0
    more: int = 0

    def __call__(self) -> keras.Model:
        import keras

        model = self.model()
        if not hasattr(model, "operations"):
            raise ValueError("its model is no functional one, and can't be made wider or deeper")
        read = {id(output) for output in keras.tree.flatten(model.outputs)}
        hidden = {
            layer.name
            for layer in model.layers
            if any(hasattr(layer, name) for name in ("units", "filters"))
            and id(getattr(layer, "output", None)) not in read
        }
        dense = {x.name for x in model.layers if isinstance(x, keras.layers.Dense)} & hidden
        if not hidden or (self.more and not dense):
            kind = "dense " if self.more else ""
            raise ValueError(f"its model has no hidden {kind}layer")

        added: dict[str, Any] = {}

        def wider(layer: Any) -> Any:
            config = layer.get_config()
            if layer.name in hidden:
                for size in ("units", "filters"):
                    if size in config:
                        config[size] = max(1, round(self.width * config[size]))
            return layer.__class__.from_config(config)

        def deeper(layer: Any, *arguments: Any, **options: Any) -> Any:
            output = layer(*arguments, **options)
            for number in range(self.more if layer.name in dense else 0):
                name = f"{layer.name}_more_{number + 1}"
                if name not in added:  # a layer that is called twice has one behind it, not two
                    added[name] = keras.layers.Dense(layer.units, layer.activation, name=name)
                output = added[name](output)
            return output

        try:
            return keras.models.clone_model(model, clone_function=wider, call_function=deeper)
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f"its model does not fit together in another size ({reason})"
            ) from error
