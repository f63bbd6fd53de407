"""Models made wider and deeper."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lossbench.bench.plan import tasks
from lossbench.datasets.core.resized import Resized


def sizes(model):
    return {layer.name: layer.units for layer in model.layers if hasattr(layer, "units")}


def test_hidden_layers_grow_and_outputs_stay():
    task = tasks.get("units")
    as_it_is, wide = sizes(task.model()), sizes(tasks.get("units[width=2.5]").model())
    assert wide == as_it_is | {"trunk_1": 10}
    deep = tasks.get("units[depth=2]").model()
    more = {"trunk_1_more_1": 4, "trunk_1_more_2": 4}
    assert sizes(deep) == as_it_is | more
    activations = {layer.name: layer.activation.__name__ for layer in deep.layers[1:]}
    assert activations["trunk_1_more_2"] == "tanh"
    assert sizes(tasks.get("units[width=0.01]").model())["trunk_1"] == 1


def test_one_that_is_not_resized_is_the_model_itself():
    weights = []
    for model in (tasks.get("units").model, Resized(tasks.get("units").model)):
        keras.utils.set_random_seed(0)
        weights.append([w.shape for w in model().get_weights()])
    assert weights[0] == weights[1]
    assert tasks.get("units[width=2]").model == tasks.get("units[width=2]").model


def test_the_same_seed_gives_the_same_weights():
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        found.append(tasks.get("units[width=2,depth=1]").model().get_weights())
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_layer_that_is_called_twice_has_one_behind_it():
    layers = [layer.name for layer in tasks.get("smooth[depth=1]").model().layers]
    assert layers.count("trunk_1_more_1") == 1


def test_fewer_losses():
    task = tasks.get("measures[losses=4]")
    assert [head.name for head in task.combined] == ["radius", "texture", "perimeter", "area"]
    with pytest.raises(ValueError, match="which is not among"):
        tasks.get("measures[losses=2]")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("units[width=0]", "width is a number above 0, got '0'"),
        ("units[width=nan]", "width is a number above 0"),
        ("units[depth=-1]", "depth is a whole number of at least 0"),
        ("units[depth=1.5]", "depth is a whole number"),
        ("units[losses=0]", "losses is a whole number of at least 1"),
        ("units[losses=4]", "units has 3 losses, and no 4"),
        ("units[widht=2]", "did you mean width"),
        ("units[width=2,width=3]", "width is given twice"),
    ],
)
def test_what_is_no_size_is_refused(name, message):
    with pytest.raises(ValueError, match=message.replace("'", "'")):
        tasks.get(name)


def test_models_that_can_not_be_resized_are_refused():
    class Own(keras.Model):  # pyright: ignore[reportUntypedBaseClass]
        pass

    with pytest.raises(ValueError, match="no functional one"):
        Resized(Own, 2.0)()
    with pytest.raises(ValueError, match="has no hidden layer"):
        Resized(tasks.get("quadratics").model, 2.0)()
    with pytest.raises(ValueError, match="does not fit together in another size"):
        Resized(tasks.get("autoencode_mnist").model, 2.0)()
