"""Parity: every pattern of the bits once, and the class that no bit tells alone."""

import numpy as np
import pytest

from bplab.data import Parity


@pytest.mark.parametrize("bits", [2, 3, 4, 12])
def test_every_pattern_stands_once_with_the_parity_of_its_ones(bits):
    samples = Parity(bits=bits).load()
    assert len(np.unique(samples.inputs, axis=0)) == len(samples.inputs) == 2**bits
    assert set(samples.inputs.ravel()) == {-1.0, 1.0}
    np.testing.assert_array_equal(samples.targets, (samples.inputs == 1).sum(axis=1) % 2)
    assert np.bincount(samples.targets).tolist() == [2 ** (bits - 1)] * 2


def test_two_bits_are_the_exclusive_or():
    samples = Parity(bits=2).load()
    assert samples.inputs.tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert [samples.class_names[index] for index in samples.targets] == ["even", "odd", "odd", "even"]


def test_no_bit_alone_tells_anything_about_the_class():
    samples = Parity(bits=5).load()
    signs = 1 - 2 * samples.targets
    assert not (samples.inputs.T @ signs).any()


def test_all_patterns_are_trained_on_unless_one_asks_otherwise():
    assert len(Parity().split().train_inputs) == 16
    assert len(Parity().split().test_inputs) == 0
    assert len(Parity(test_fraction=0.25).split().test_inputs) == 4
