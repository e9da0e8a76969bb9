"""The engine follows recorded runs of TensorFlow Playground's engine, digit by digit."""

import json
from pathlib import Path

import numpy as np
import pytest

from bplab.engine import SGD, Dense, HalfSquaredError, Identity, Network, Sigmoid, Tanh, Trainer

FOLDER = Path(__file__).parents[1] / "golden" / "playground"
ACTIVATIONS = {"tanh": Tanh(), "sigmoid": Sigmoid(), "linear": Identity()}
RUNS = ["default_circle", "gauss_linear_nohidden", "sigmoid_deep6x8_vanish", "xor_sigmoid"]


class Replay:
    """One recorded run, repeated an epoch at a time."""

    def __init__(self, name):
        self.recorded = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        config = self.recorded["config"]
        hidden = [Dense(units, ACTIVATIONS[config["activation"]]) for units in config["networkShape"]]
        self.network = Network(2, [*hidden, Dense(1, Tanh())], HalfSquaredError())
        for weights, biases, layer in zip(
            self.network.weights, self.network.biases, self.recorded["init"], strict=True
        ):
            weights[...] = np.transpose(layer["W"])
            biases[...] = layer["b"]
        self.parts = [
            (rows[:, :2], rows[:, 2:]) for rows in map(np.array, (self.recorded[k] for k in ("train", "test")))
        ]
        x, y = self.parts[0]
        self.trainer = Trainer(self.network, x, y, SGD(config["learningRate"]), config["batchSize"], shuffle=False)

    def epochs(self):
        yield 0
        for epoch in range(1, self.recorded["config"]["epochs"] + 1):
            for _ in range(self.trainer.steps_per_epoch):
                self.trainer.step()
            yield epoch

    def losses(self):
        return [self.network.evaluate(x, y) for x, y in self.parts]

    def values(self):
        return np.concatenate(
            [np.r_[w.T.ravel(), b] for w, b in zip(self.network.weights, self.network.biases, strict=True)]
        )

    def recorded_values(self, epoch):
        layers = self.recorded["snaps"][str(epoch)]
        return np.concatenate([np.r_[np.ravel(layer["W"]), layer["b"]] for layer in layers])


def tolerance(epoch):
    return 1e-12 if epoch <= 10 else 1e-9


@pytest.mark.parametrize("name", RUNS)
def test_losses_and_weights_of_a_playground_run_are_followed_to_the_end(name):
    replay, seen = Replay(name), []
    for epoch in replay.epochs():
        np.testing.assert_allclose(replay.losses(), replay.recorded["loss"][epoch], rtol=tolerance(epoch), atol=0)
        if str(epoch) in replay.recorded["snaps"]:
            seen.append(epoch)
            np.testing.assert_allclose(
                replay.values(), replay.recorded_values(epoch), rtol=tolerance(epoch), atol=0, err_msg=f"epoch {epoch}"
            )
    assert seen == [1, 2, 5, 10, 50, 100]


def test_the_deep_sigmoid_net_stalls_at_the_recorded_plateau():
    replay = Replay("sigmoid_deep6x8_vanish")
    train_losses = [replay.losses()[0] for epoch in replay.epochs() if epoch >= 10]
    assert {f"{loss:.5f}" for loss in train_losses} == {"0.49796"}
