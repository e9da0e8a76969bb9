"""Divergence is an event with a name: the step, the layer, the quantity, and the last finite weights kept."""

from contextlib import suppress

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    BatchNorm,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    DivergenceError,
    HalfSquaredError,
    Identity,
    Momentum,
    Network,
    Normalization,
    Optimizer,
    ReLU,
    RMSProp,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
    pages,
    train,
)


def exploding(rate=3.0, samples=12, batch=3, dtype="float64"):
    """Linear regression with too long steps: nearly every one multiplies the distance from the goal."""
    x = np.random.default_rng(0).normal(size=(samples, 2))
    network = Network(2, [Dense(1, Identity())], HalfSquaredError(), dtype, seed=1)
    return Trainer(network, x, x.sum(axis=1), SGD(rate), batch)


def run(trainer, steps):
    for _ in range(steps):
        trainer.step()


def diverge(trainer, steps=20_000):
    with pytest.raises(DivergenceError) as caught:
        run(trainer, steps)
    return caught.value


def by_hand(trainer, order, rate, batch):
    """The same regression in plain NumPy: the step whose numbers overflow first, and the weights before it."""
    x = np.random.default_rng(0).normal(size=(trainer.samples, 2)).astype(trainer.network.dtype)
    y = x.sum(axis=1)
    extended, w = np.c_[x, np.ones_like(y)], trainer.network.parameters.copy()
    step = 0
    with np.errstate(all="ignore"):
        while True:
            for rows in order:
                errors = extended[rows] @ w - y[rows]
                loss = 0.5 * np.dot(errors, errors) / len(errors)
                moved = w - rate * (extended[rows].T @ errors / len(errors))
                step += 1
                if not (np.isfinite(loss) and np.isfinite(moved).all()):
                    return step, w
                w = moved.astype(w.dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("samples", "batch"), [(12, 3), (12, 12), (11, 2), (700, 1)])
def test_the_step_is_named_and_the_last_finite_weights_are_kept(dtype, samples, batch):
    order = [range(start, min(start + batch, samples)) for start in range(0, samples, batch)]
    x = np.random.default_rng(0).normal(size=(samples, 2))
    network = Network(2, [Dense(1, Identity())], HalfSquaredError(), dtype, seed=1)
    trainer = Trainer(network, x, x.sum(axis=1), SGD(3.0), batch, shuffle=False)
    step, weights = by_hand(trainer, order, 3.0, batch)
    error = diverge(trainer)
    assert error.step == step
    assert trainer.updates == step - 1
    np.testing.assert_allclose(network.parameters, weights, rtol=1e-4 if dtype == "float32" else 1e-9)
    assert (error.layer, error.quantity) == (0, "loss")  # a square is the first to overflow


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("samples", "batch"), [(12, 3), (11, 2), (700, 1)])
def test_the_kept_weights_are_those_of_a_run_that_stopped_in_time(dtype, samples, batch):
    diverged, stopped = (exploding(3.0, samples, batch, dtype) for _ in range(2))
    run(stopped, diverge(diverged).step - 1)
    assert stopped.network.parameters.tobytes() == diverged.network.parameters.tobytes()
    assert stopped.slots.tobytes() == diverged.slots.tobytes()


def one_step(network, x, y, rate=1.0):
    return diverge(Trainer(network, x, y, SGD(rate), batch_size=len(x)), 2)


def test_a_weighted_input_that_overflows_is_named_with_its_layer():
    network = Network(1, [Dense(2, Identity()), Dense(1, Identity()), Dense(1, Identity())])
    network.parameters[:] = 1.0
    network.weights[1][...] = 1e200
    error = one_step(network, [[1e200]], [[0.0]])
    assert (error.step, error.layer, error.quantity) == (1, 2, "weighted inputs")
    assert str(error) == "step 1: the weighted inputs of layer 2 left the finite numbers"


def test_a_loss_that_overflows_is_named_as_the_loss():
    network = Network(1, [Dense(1, Identity())])
    error = one_step(network, [[1.0]], [[1e200]], rate=0.0)
    assert (error.step, error.layer, error.quantity) == (1, 0, "loss")
    assert str(error) == "step 1: the loss left the finite numbers"


def test_a_gradient_that_overflows_is_named_with_the_layer_nearest_the_loss():
    network = Network(1, [Dense(1, Identity()), Dense(1, Identity())])
    network.parameters[:] = 1e-200, 0.0, 1e100, 0.0
    error = one_step(network, [[1e250]], [[0.0]])
    assert (error.step, error.layer, error.quantity) == (1, 1, "gradient")


def test_weights_that_overflow_by_the_step_alone_are_named():
    network = Network(1, [Dense(1, Identity())])
    network.parameters[:] = 0.5, 0.0
    trainer = Trainer(network, [[1.0]], [[1e10]], Momentum(), batch_size=1)
    trainer.set_learning_rate(1e300)
    trainer.step()
    with pytest.raises(DivergenceError) as caught:
        trainer.check_finite()
    assert (caught.value.step, caught.value.layer, caught.value.quantity) == (1, 1, "weights")
    assert network.parameters.tolist() == [0.5, 0.0]


def test_running_averages_that_overflow_are_not_called_weights():
    layers = [Dense(1, Identity()), Dense(1, Identity(), normalization=BatchNorm(momentum=1.0))]
    network = Network(1, layers, dtype="float32")
    network.parameters[:4] = 1.0, 0.0, 1.0, 0.0
    # A variance of 2.25e38 is a float32; twice as much, its unbiased estimate from two samples, is none.
    trainer = Trainer(network, [[1.5e19], [-1.5e19]], [[0.0], [0.0]], SGD(0.0), batch_size=2)
    trainer.step()
    with pytest.raises(DivergenceError) as caught:
        trainer.check_finite()
    assert str(caught.value) == "step 1: the running averages of layer 2 left the finite numbers"
    assert network.numbers[1]["running_variance"].tolist() == [1.0]


def test_nothing_is_raised_while_all_is_finite():
    trainer = exploding(rate=0.01)
    run(trainer, 500)
    trainer.check_finite()


@pytest.mark.parametrize("steps_before", range(60, 70))
def test_weights_lost_in_the_last_step_of_a_page_are_not_kept(steps_before):
    # With one batch to a page, a copy of the state is taken at every 64th update.
    network = Network(1, [Dense(1, Identity())])
    network.parameters[:] = 0.5, 0.0
    trainer = Trainer(network, [[1.0]], [[0.25]], SGD(1e-6), batch_size=1)
    run(trainer, steps_before)
    network.weights[0][...] = 1e150
    trainer.set_learning_rate(1e200)
    error = diverge(trainer, 3)
    assert error.step == steps_before + 1
    assert np.isfinite(network.parameters).all()


@pytest.mark.parametrize("calm", [1, 3, 64, 100, 300])
def test_a_rate_changed_just_before_the_end_does_not_mislead_the_search(calm):
    trainer = exploding(rate=1e-3)
    run(trainer, calm)
    trainer.set_learning_rate(1e300)
    error = diverge(trainer, 4)
    assert calm < error.step <= calm + 3
    assert np.isfinite(trainer.network.parameters).all()
    assert trainer.updates == error.step - 1


def test_training_can_go_on_after_a_divergence_with_a_smaller_rate():
    trainer = exploding()
    diverge(trainer)
    trainer.network.initialize(3)
    trainer.set_learning_rate(0.05)
    first = trainer.step()
    run(trainer, 400)
    assert trainer.step() < 1e-3 * first


def test_train_yields_every_step_before_the_error():
    network = Network(2, [Dense(1, Identity())], HalfSquaredError(), seed=1)
    x = np.random.default_rng(0).normal(size=(12, 2))
    seen = []
    with pytest.raises(DivergenceError) as caught:
        seen.extend(train(network, x, x.sum(axis=1), SGD(3.0), batch_size=3, epochs=10_000))
    assert [step.number for step in seen] == list(range(1, len(seen) + 1))
    assert caught.value.step == len(seen) + 1


def test_weights_lost_in_the_very_last_step_are_noticed_by_train():
    network = Network(1, [Dense(1, Identity())])
    network.parameters[:] = 1.0, 0.0
    with pytest.raises(DivergenceError) as caught:
        list(train(network, [[1e152]], [[0.0]], SGD(1e6), batch_size=1, epochs=1))
    assert caught.value.step == 1
    assert network.parameters.tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        (Sigmoid(), BinaryCrossEntropy()),
        (Softmax(), CrossEntropy()),
        (Softmax(), HalfSquaredError()),
        (Tanh(), BinaryCrossEntropy()),
    ],
    ids=["sigmoid", "softmax", "softmax, squared", "tanh, entropy"],
)
@pytest.mark.parametrize("optimizer", [kind() for kind in Optimizer.members().values()], ids=list(Optimizer.members()))
def test_absurd_rates_keep_the_weights_finite_without_a_warning(output, loss, optimizer):
    random = np.random.default_rng(0)
    network = Network(3, [Dense(8, ReLU()), Dense(8, ReLU()), Dense(2, output)], loss, "float32", seed=0)
    trainer = Trainer(network, random.normal(size=(30, 3)), np.eye(2)[random.integers(0, 2, 30)], optimizer, 7)
    trainer.set_learning_rate(1e30)
    with np.errstate(all="warn"), suppress(DivergenceError):
        run(trainer, 50)
        trainer.check_finite()
    assert np.isfinite(network.parameters).all()


def test_overflow_in_prediction_and_backprop_gives_no_warning():
    network = Network(1, [Dense(2, Sigmoid()), Dense(1, Identity())])
    network.parameters[:] = 1e200
    with np.errstate(all="warn"):
        assert np.isinf(network.evaluate([[1e200]], [[0.0]]))
        network.backprop([[1e200]], [[0.0]])
        network.predict([[-1e200]])


def test_a_page_with_few_batches_is_searched_across_its_end(monkeypatch):
    monkeypatch.setattr(pages, "PAGE_BATCHES", 2)
    paged = exploding(samples=23)
    monkeypatch.undo()
    assert str(diverge(paged)) == str(diverge(exploding(samples=23)))


def test_squares_that_overflow_are_found_while_the_loss_is_still_finite():
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(20, 16)), generator.normal(size=(20, 1))
    network = Network(16, [Dense(4, ReLU()), Dense(1, Identity())], dtype="float32")
    losses = []
    with pytest.raises(DivergenceError) as found:  # noqa: PT012  # the steps before are looked at
        for step in train(network, x, y, RMSProp(1e6), 7, 300):
            losses.append(step.loss)
    assert found.value.quantity == "optimizer's memory"
    assert len(losses) < found.value.step <= 3
    assert np.isfinite(losses).all()


@pytest.mark.parametrize(("dtype", "size"), [("float64", 1e155), ("float32", 1e20)])
@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("kind", Normalization.members().values(), ids=list(Normalization.members()))
def test_a_spread_whose_square_overflows_is_no_silent_0_behind_a_normalization(kind, place, dtype, size):
    layers = [Dense(2, Identity()), Dense(3, Identity(), normalization=kind(place=place)), Dense(1, Identity())]
    network = Network(2, layers, dtype=dtype, seed=0)
    network.weights[0][...] = np.eye(2)
    x = np.random.default_rng(0).normal(size=(5, 2))
    trainer = Trainer(network, size * x, x[:, :1], batch_size=5)
    with np.errstate(all="raise"):
        error = diverge(trainer, 1)
    assert (error.step, error.layer, error.quantity) == (1, 2, "weighted inputs")
    assert np.isfinite(network.parameters).all()
    network.weights[0][...] *= 1e-3 / size
    with np.errstate(all="raise"):
        assert np.isfinite(trainer.step())
