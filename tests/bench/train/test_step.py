"""What each group of variables follows, against gradients taken by hand."""

import numpy as np
import pytest
import small

from lossbench import strategies

LITERAL = "subtraction"  # a strategy that puts the signs itself


GROUPS = [
    # strategy, nuisance, heads, coefficients by layer
    ("sum", False, "own", {"trunk": (1, 1), "a": (1, 1), "b": (1, 1)}),
    ("mean", False, "own", {"trunk": (0.5, 0.5), "a": (1, 1), "b": (1, 1)}),
    ("mean", False, "weighted", (0.5, 0.5)),
    ("separate_gradients(weights=(2.0, 3.0))", False, "own",
     {"trunk": (2, 3), "a": (1, 1), "b": (1, 1)}),
    ("separate_gradients(weights=(2.0, 3.0))", False, "weighted", (2, 3)),
    ("sum", True, "own", {"trunk": (1, -0.2), "a": (1, 1), "b": (1, 1)}),
    ("clipped_per_loss(max_norm=1e6)", True, "own", {"trunk": (1, -0.2), "a": (1, 1), "b": (1, 1)}),
    (LITERAL, True, "own", (1, -1)),
    (LITERAL, False, "own", (1, -1)),
    ("split", False, "own", {"trunk": (1, 0), "a": (1, 1), "b": (1, 1)}),
    ("split(shared=1)", False, "own", {"trunk": (0, 1), "a": (1, 1), "b": (1, 1)}),
]  # fmt: skip


@pytest.mark.parametrize(("call", "nuisance", "heads", "coefficients"), GROUPS)
def test_each_group_follows_its_losses(call, nuisance, heads, coefficients):
    net = small.network("sgd", nuisance)
    weights, found, record = small.one_step(strategies.get(call), net, heads)
    values, expected = small.by_hand(net, weights, coefficients)
    small.assert_gradients(found, expected)
    np.testing.assert_allclose(record.losses, values, rtol=1e-5)
    norm = np.sqrt(sum(np.sum(np.square(g)) for g in expected))
    np.testing.assert_allclose(record.norm, norm, rtol=1e-4)


def test_a_regulariser_is_added_with_its_weight_after_the_combination():
    net = small.network("sgd", False, 0.3)
    for call in ("sum", "clipped_per_loss(max_norm=1e6)"):
        weights, found, record = small.one_step(strategies.get(call), net)
        assert record.losses.shape == (2,), "the strategy does not see it"
        small.assert_gradients(found, small.by_hand(net, weights, (1, 1))[1])


def test_clipping_acts_on_the_whole_update():
    net = small.network("sgd")
    weights, found, _ = small.one_step(strategies.get("clipped", of="sum", max_norm=0.1), net)
    _, expected = small.by_hand(net, weights, (1, 1))
    norm = np.sqrt(sum(np.sum(np.square(g)) for g in expected))
    assert norm > 0.1
    small.assert_gradients(found, [0.1 / norm * g for g in expected])


def test_reach_and_groups_come_from_the_graph():
    net = small.network("sgd")
    assert net.groups == {"shared": (0, 1), "a": (0,), "b": (1,)}
    assert [len(losses) for losses in net.reach] == [2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("name", ["sum", "pcgrad", "graddrop", "mgda", "uw"])
def test_with_one_loss_every_variable_follows_it(name):
    net = small.lonely()
    weights, found, record = small.one_step(strategies.get(name), net)
    _, expected = small.by_hand(net, weights, (1,))
    assert record.weights.shape == (1,)
    cosine = sum(np.sum(a * b) for a, b in zip(found, expected, strict=True))
    lengths = [np.sqrt(sum(np.sum(np.square(g)) for g in side)) for side in (found, expected)]
    assert cosine / np.prod(lengths) == pytest.approx(1.0, abs=1e-5)
