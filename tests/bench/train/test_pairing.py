"""Randomness is paired: it depends on (task, repetition), never on the strategy."""

import dataclasses

import numpy as np
import small

from lossbench.bench.train import pairing
from lossbench.strategies import Noise


def test_a_repetition_is_the_same_every_time_and_no_two_are_alike():
    task = small.task()
    first = pairing.start(task, 0, steps=5, batch_size=4, x=np.zeros(24))
    pairing._known.clear()
    again = pairing.start(task, 0, steps=5, batch_size=4, x=np.zeros(24))
    other = pairing.start(task, 1, steps=5, batch_size=4, x=np.zeros(24))
    assert first.digest == again.digest != other.digest
    for a, b, c in zip(first.trainable, again.trainable, other.trainable, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.ndim == 1 or not np.array_equal(a, c), "biases start at 0, kernels do not"


def test_the_digest_sees_weights_and_batches():
    task = small.task()
    base = pairing.start(task, 0, steps=5, batch_size=4, x=np.zeros(24)).digest
    assert pairing.start(task, 0, steps=6, batch_size=4, x=np.zeros(24)).digest != base
    assert pairing.start(dataclasses.replace(task, name="x"), 0, 5, 4, np.zeros(24)).digest != base


def test_batches_are_shuffled_epochs():
    found = pairing.batches("t", 0, steps=7, batch_size=8, examples=26)
    assert found.shape == (7, 8)
    for epoch in (found[:3], found[3:6]):
        assert len(set(epoch.ravel().tolist())) == 24, "no example twice in an epoch"
    assert found.max() < 26
    assert not np.array_equal(found[:3], found[3:6])


def test_a_batch_larger_than_the_data_is_the_data():
    assert pairing.batches("t", 0, steps=2, batch_size=50, examples=9).shape == (2, 9)


def test_noise_does_not_depend_on_how_many_steps_are_drawn_at_once():
    for distribution in ("uniform", "normal"):
        noise = Noise(distribution, (3,))
        whole = pairing.NoiseStream("t", (0, 4), noise).draw(7)
        stream = pairing.NoiseStream("t", (0, 4), noise)
        parts = np.concatenate([stream.draw(2), stream.draw(1), stream.draw(4)])
        np.testing.assert_array_equal(whole, parts)
        assert whole.shape == (7, 2, 3)
        assert not np.array_equal(whole[:, 0], whole[:, 1])


def test_the_noise_of_a_seed_does_not_depend_on_its_neighbours():
    noise = Noise("uniform", (2,))
    together = pairing.NoiseStream("t", (3, 5), noise).draw(4)
    alone = pairing.NoiseStream("t", (5,), noise).draw(4)
    np.testing.assert_array_equal(together[:, 1], alone[:, 0])
