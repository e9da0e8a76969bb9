"""Lu et al. 2019, "Dying ReLU and initialization": deep and thin networks that are dead before they are trained."""

import math

import numpy as np
import pytest

from bplab.engine import Dense, HeNormal, Identity, Network, ReLU

DRAWS = 4000
DEPTH = 10


def share_born_dead(width, depth=DEPTH):
    """Of ``DRAWS`` networks without biases on one input: those that answer 0 to all. Two inputs stand for all."""
    layers = [*(Dense(width, ReLU(), HeNormal()) for _ in range(depth - 1)), Dense(1, Identity(), HeNormal())]
    network, dead = Network(1, layers), 0
    for seed in range(DRAWS):
        network.initialize(seed)
        dead += not network.predict([[-1.0], [1.0]]).any()
    return dead / DRAWS


def standard_error(share, draws=DRAWS):
    return math.sqrt(share * (1 - share) / draws)


@pytest.mark.parametrize(("width", "share"), [(2, 0.878), (3, 0.573), (5, 0.130)])
def test_as_many_are_born_dead_as_were_simulated_and_fewer_than_the_bound(width, share):
    """Theorem 2: at most 1 − (1 − 2^−N)^(L−1)."""
    measured = share_born_dead(width)
    assert measured == pytest.approx(share, abs=3 * standard_error(share))
    assert measured < 1 - (1 - 2.0**-width) ** (DEPTH - 1) - 3 * standard_error(share)


@pytest.mark.parametrize("depth", [3, 5, 8])
def test_a_chain_of_single_neurons_is_dead_with_the_chance_of_one_wrong_sign(depth):
    """The first neuron is alive on one side of 0; each of the others then needs a positive weight."""
    share = 1 - 2.0 ** -(depth - 2)
    assert share_born_dead(1, depth) == pytest.approx(share, abs=3 * standard_error(share))


def test_two_inputs_tell_of_all_because_a_network_without_biases_is_homogeneous():
    layers = [*(Dense(3, ReLU(), HeNormal()) for _ in range(9)), Dense(1, Identity(), HeNormal())]
    x = np.array([[-8.0], [-1.0], [1.0], [8.0]])
    answers = np.array([Network(1, layers, seed=seed).predict(x).ravel() for seed in range(30)])
    assert answers.any()
    np.testing.assert_allclose(answers[:, [0, 3]], 8.0 * answers[:, [1, 2]], rtol=1e-12)
