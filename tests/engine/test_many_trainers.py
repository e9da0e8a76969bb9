"""Many networks at once: rates, states, the generator, divergence of some, and what cannot train together."""

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    Adam,
    Dense,
    DivergenceError,
    Flatten,
    HalfSquaredError,
    Huber,
    Identity,
    InputError,
    ManyTrainer,
    Momentum,
    Network,
    ReLU,
    Tanh,
    Trainer,
    train_many,
)
from tests.engine.many_nets import BATCH, COUNT, ONE, SAMPLES, X, each, networks, run

# -- rates and states ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [SGD(0.01), Adam(0.01)])
@pytest.mark.parametrize("rates", [0.02, [0.001, 0.02, 0.0, 0.1, 0.05]])
@pytest.mark.parametrize("options", [{}, {"frozen": True}], ids=["together", "one by one"])
def test_rates_change_from_the_next_update_on(optimizer, rates, options):
    alone, together = networks(**options), networks(**options)
    trainer = ManyTrainer(together, X, ONE, optimizer, BATCH)
    trainers = [Trainer(network, X, ONE, optimizer, BATCH) for network in alone]
    for update in range(90):
        if update == 30:
            trainer.set_learning_rates(rates)
            for one, rate in zip(trainers, each(rates), strict=True):
                one.set_learning_rate(rate)
        np.testing.assert_allclose(trainer.step(), [one.step() for one in trainers], rtol=1e-12)


@pytest.mark.parametrize("seeds", [0, [5, 4, 3, 2, 1]])
def test_a_single_trainer_goes_on_from_the_state_of_any_network(seeds):
    optimizers = [Adam(0.002 * (k + 1)) for k in range(COUNT)]
    trainer = ManyTrainer(networks(), X, ONE, optimizers, BATCH, True, seeds)
    run(trainer, 73)
    assert (trainer.updates, trainer.epoch, trainer.steps_per_epoch) == (73, 15, 5)
    state = trainer.states()[3]
    single = Trainer(networks()[3], X, ONE, optimizers[3], BATCH, True, each(seeds)[3])
    single.restore(state)
    assert (state.updates, state.rate) == (73, 0.008)
    for _ in range(20):
        assert trainer.step()[3] == pytest.approx(single.step(), rel=1e-12)


# -- the generator ------------------------------------------------------------------------------------------


def test_every_update_gives_its_number_its_epoch_and_the_losses():
    steps = list(train_many(networks(), X, ONE, SGD(0.1), BATCH, epochs=2))
    assert [step.number for step in steps] == list(range(1, 11))
    assert [step.epoch for step in steps] == [1] * 5 + [2] * 5
    assert all(step.losses.shape == (COUNT,) and not step.divergences for step in steps)
    assert len({step.losses[0] for step in steps}) == 10  # each has an array of its own


def test_networks_hold_what_they_learned_when_the_training_ends_or_is_left():
    ended, left, expected = networks(), networks(), networks()
    for _ in train_many(ended, X, ONE, SGD(0.1), BATCH):
        pass
    training = train_many(left, X, ONE, SGD(0.1), BATCH, epochs=100)
    for step in training:
        if step.number == 5:
            break
    training.close()
    for network in expected:
        trainer = Trainer(network, X, ONE, SGD(0.1), BATCH)
        run(trainer, 5)
    for one, two, three in zip(ended, left, expected, strict=True):
        np.testing.assert_array_equal(one.parameters, two.parameters)
        np.testing.assert_allclose(one.parameters, three.parameters, rtol=1e-12)


def test_no_epochs_leave_the_networks_as_they_are():
    chosen = networks()
    before = [network.parameters.copy() for network in chosen]
    assert list(train_many(chosen, X, ONE, epochs=0)) == []
    for network, parameters in zip(chosen, before, strict=True):
        np.testing.assert_array_equal(network.parameters, parameters)


# -- divergence ---------------------------------------------------------------------------------------------

RATES = [0.01, 5.0, 0.02, 3.0, 0.03]


def linear(**options):
    return [Network(2, [Dense(1, Identity(), **options)], HalfSquaredError(), seed=k) for k in range(COUNT)]


@pytest.mark.parametrize("seeds", [0, [5, 4, 3, 2, 1]])
@pytest.mark.parametrize("optimizer", [SGD, Momentum])
@pytest.mark.parametrize("options", [{}, {"bias": False}], ids=["together", "one by one"])
def test_a_network_that_diverges_is_named_and_the_others_go_on(seeds, optimizer, options):
    alone, together = linear(**options), linear(**options)
    optimizers = [optimizer(rate) for rate in RATES]
    steps = list(train_many(together, X, ONE, optimizers, BATCH, epochs=300, seeds=seeds))
    assert len(steps) == 1500
    assert sorted(steps[-1].divergences) == [1, 3]
    for number, (network, own, seed) in enumerate(zip(alone, optimizers, each(seeds), strict=True)):
        trainer = Trainer(network, X, ONE, own, BATCH, True, seed)
        losses = np.array([step.losses[number] for step in steps])
        if number in (1, 3):
            with pytest.raises(DivergenceError) as caught:
                run(trainer, 1500)
            found = steps[-1].divergences[number]
            assert str(found) == str(caught.value)
            assert np.isfinite(losses[: found.step - 1]).all()
            assert np.isnan(losses[found.step :]).all()
            np.testing.assert_allclose(together[number].parameters, network.parameters, rtol=1e-9)
        else:
            np.testing.assert_allclose(losses, run(trainer, 1500), rtol=1e-12)
            np.testing.assert_allclose(together[number].parameters, network.parameters, rtol=1e-12)


def test_training_ends_when_all_have_diverged():
    chosen = linear()
    steps = list(train_many(chosen, X, ONE, SGD(5.0), BATCH, epochs=100_000))
    assert sorted(steps[-1].divergences) == list(range(COUNT))
    assert np.isnan(steps[-1].losses).all()
    assert not np.isnan(steps[-2].losses).all()
    assert all(np.isfinite(network.parameters).all() for network in chosen)


def test_a_trainer_whose_networks_have_all_diverged_can_still_be_asked():
    trainer = ManyTrainer(linear(), X, ONE, SGD(5.0), BATCH)
    while len(trainer.divergences) < COUNT:
        trainer.step()
    assert np.isnan(trainer.step()).all()
    trainer.set_learning_rates(0.1)
    trainer.check_finite()
    assert all(np.isfinite(state.parameters).all() for state in trainer.states())


@pytest.mark.parametrize("options", [{}, {"bias": False}], ids=["together", "one by one"])
def test_weights_that_leave_the_numbers_in_the_last_update_are_found_at_the_end(options):
    chosen = linear(**options)
    # Outputs, and so the loss, are ordinary; only the gradients, of inputs so large, are not.
    for network in chosen:
        network.parameters[...] = 1e-303
    rates = [0.01, 1e6, 0.01, 0.01, 0.01]
    (step,) = train_many(chosen, X * 1e304, ONE, [SGD(rate) for rate in rates], SAMPLES)
    assert np.isfinite(step.losses).all()
    assert list(step.divergences) == [1]
    np.testing.assert_array_equal(chosen[1].parameters, 1e-303)
    alone = Trainer(chosen[1], X * 1e304, ONE, SGD(1e6), SAMPLES)
    assert np.isfinite(alone.step())
    with pytest.raises(DivergenceError) as caught:
        alone.check_finite()
    assert str(step.divergences[1]) == str(caught.value)


@pytest.mark.parametrize("options", [{}, {"bias": False}], ids=["together", "one by one"])
def test_a_loss_out_of_all_bounds_shows_at_once_whether_the_update_lost_the_numbers(options):
    chosen = linear(**options)
    chosen[1].parameters[...] = 1e3
    rates = [0.01, 1e6, 0.01, 0.01, 0.01]
    steps = train_many(chosen, X * 1e150, ONE, [SGD(rate) for rate in rates], SAMPLES, epochs=10)
    step = next(steps)
    assert np.isnan(step.losses[1])
    assert list(step.divergences) == [1]
    with pytest.raises(DivergenceError) as caught:
        Trainer(chosen[1], X * 1e150, ONE, SGD(1e6), SAMPLES).step()
    assert str(step.divergences[1]) == str(caught.value)


# -- what does not fit --------------------------------------------------------------------------------------


def with_fourth(network):
    return [*networks(count=3), network, *networks(count=1)]


def net(*layers, inputs=2, **options):
    return Network(inputs, layers or [Dense(6, Tanh()), Dense(6, Tanh()), Dense(1, Tanh())], **options)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (list, "there are no networks to train"),
        (lambda: with_fourth("net"), "networks[3] is no Network but 'net'"),
        (lambda: networks(count=2) * 2, "networks[2] is the same object as networks[0]; each must be one of its own"),
        (
            lambda: with_fourth(net(Dense(5, Tanh()), Dense(1, Tanh()))),
            "networks[3] is 2-5-1, but networks[0] is 2-6-6-1; they must have one shape",
        ),
        (lambda: with_fourth(net(dtype="float32")), "networks[3] is float32, but networks[0] is float64"),
        (
            lambda: with_fourth(net(loss=Huber(2.0))),
            "networks[3] has the loss Huber(delta=2.0), but networks[0] has HalfSquaredError()",
        ),
        (
            lambda: with_fourth(net(Dense(6, Tanh()), Dense(6, ReLU()), Dense(1, Tanh()))),
            "networks[3].layers[1] has the activation relu, but that of networks[0] has tanh",
        ),
        (
            lambda: with_fourth(net(Dense(6, Tanh()), Dense(6, Tanh(), dropout=0.1), Dense(1, Tanh()))),
            "networks[3].layers[1] differs from that of networks[0] in dropout",
        ),
        (
            lambda: [net(Dense(2, Identity())), net(Flatten())],
            "networks[1].layers[0] differs from that of networks[0] in type",
        ),
    ],
)
def test_the_first_network_that_does_not_fit_is_named(make, sentence):
    with pytest.raises(InputError) as caught:
        train_many(make(), X, ONE)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"optimizers": [SGD()] * 4}, "there are 4 optimizers for 5 networks"),
        ({"seeds": [1, 2]}, "there are 2 seeds for 5 networks"),
        (
            {"optimizers": [SGD(), SGD(), Adam(), SGD(), SGD()]},
            "optimizers[2] is adam, but optimizers[0] is sgd; only numbers may differ",
        ),
        (
            {"optimizers": [Momentum(), Momentum(nesterov=True), *[Momentum()] * 3]},
            "optimizers[1] differs from optimizers[0] in nesterov; only numbers may differ",
        ),
        (
            {"optimizers": [SGD(), SGD(), SGD(), SGD(-1.0), SGD()]},
            "optimizers[3].learning_rate: expected float ≥ 0.0",
        ),
        ({"seeds": [0, 1, 2, 3, -4]}, "seeds[4]: expected int ≥ 0"),
        ({"batch_size": 0}, "batch_size: expected int ≥ 1"),
        ({"epochs": -1}, "epochs: expected int ≥ 0"),
    ],
)
def test_what_is_given_for_each_network_is_checked_by_number(arguments, sentence):
    with pytest.raises(InputError) as caught:
        train_many(networks(), X, ONE, **arguments)
    assert str(caught.value) == sentence


def test_samples_are_checked_as_for_one_network():
    with pytest.raises(InputError, match="there are 47 inputs but 46 targets"):
        train_many(networks(), X, ONE[:-1])
    with pytest.raises(InputError, match=r"inputs\[1, 0\] is nan; expected a finite number"):
        train_many(networks(), np.where(np.arange(SAMPLES)[:, None] == 1, np.nan, X), ONE)


def test_as_many_rates_as_networks():
    trainer = ManyTrainer(networks(), X, ONE)
    with pytest.raises(InputError, match="there are 2 rates for 5 networks"):
        trainer.set_learning_rates([0.1, 0.2])
