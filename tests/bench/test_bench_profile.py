"""The profile of a step: every call is known for what it is, and the parts are the whole."""

import argparse
import json
from itertools import groupby

import pytest

from bplab.bench import engine, profile
from bplab.bench.profile import ACTIVATION, CALLS, LOSS, OPTIMIZER, PARTS, PRODUCTS, Steps, noted
from bplab.engine import SGD, AdamW, CrossEntropy, HalfSquaredError, ReLU, Softmax, Tanh
from bplab.lab.runner import Runner

SMALL, LARGE = ((2, 3, 2, 1), 4), ((120, 8, 3), 16)


def arguments(*words):
    parser = argparse.ArgumentParser()
    engine.add_arguments(parser)
    return parser.parse_args(words)


def steps(net, dtype="float64"):
    return Steps(engine.experiment_of(*net, dtype))


@pytest.mark.parametrize("net", [SMALL, LARGE])
@pytest.mark.parametrize("dtype", engine.DTYPES)
def test_the_shares_of_all_parts_sum_to_1(net, dtype):
    found = profile.profile(*net, dtype, repeats=3, seconds=0.002)
    assert list(found.shares) == list(PARTS)
    assert sum(found.shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert min(found.shares.values()) >= 0.0
    assert found.shares[PRODUCTS] > 0.0
    assert found.step_us > 0.0
    assert (found.shape, found.batch, found.dtype) == (engine.name_of(net[0]), net[1], dtype)


@pytest.mark.parametrize(
    ("net", "order"),
    [
        (
            SMALL,
            "products activation products activation products activation loss activation "
            "products activation products activation products optimizer",
        ),
        # Softmax and cross-entropy are a pair: no f' stands between the loss and the products.
        (LARGE, "products activation products activation loss products activation products optimizer"),
    ],
)
def test_every_call_of_a_step_is_of_its_kind(net, order):
    kinds = steps(net).kinds
    assert [kind for kind, _ in groupby(kinds)] == order.split()
    assert kinds.count(PRODUCTS) == len(engine.floor(*net, "float64"))  # a softmax sums by a dot, too: not counted
    assert kinds.count(OPTIMIZER) == 1


@pytest.mark.parametrize("net", [SMALL, LARGE])
def test_whole_steps_are_those_of_a_trainer_to_the_bit(net):
    taken = steps(net)
    runner = Runner(engine.experiment_of(*net, "float64"))
    taken.with_batches(2 * engine.BATCHES + 5)
    while runner.trainer.updates < taken.updates:
        runner.trainer.step()
    assert taken.updates == 3 * engine.BATCHES + 5  # one epoch was made before
    assert taken.network.parameters.tobytes() == runner.network.parameters.tobytes()


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_parameters_move_only_once_the_optimizer_has_joined(place):
    taken = steps(LARGE)
    before = taken.network.parameters.tobytes()
    taken.with_calls_of(CALLS[:place])(3)
    assert taken.network.parameters.tobytes() == before
    taken.with_calls_of(CALLS)(3)
    assert taken.network.parameters.tobytes() != before


def test_classes_are_as_they_were_after_their_calls_have_been_noted():
    kinds = [Tanh, ReLU, Softmax, CrossEntropy, HalfSquaredError, SGD, AdamW]
    before = [dict(vars(kind)) for kind in kinds]
    members = {ACTIVATION: [Tanh(), ReLU(), Softmax()], LOSS: [CrossEntropy(), HalfSquaredError()]}
    with noted(members | {OPTIMIZER: [SGD(), AdamW()]}):
        assert [dict(vars(kind)) for kind in kinds] != before
    assert [dict(vars(kind)) for kind in kinds] == before


def test_classes_are_as_they_were_even_after_an_error():
    before = dict(vars(Tanh))
    with pytest.raises(ZeroDivisionError), noted({ACTIVATION: [Tanh()]}):
        raise ZeroDivisionError
    assert dict(vars(Tanh)) == before


@pytest.fixture
def quick_profile(monkeypatch):
    monkeypatch.setattr(profile, "PROFILED", (SMALL, LARGE))
    monkeypatch.setattr(profile, "TURN_SECONDS", 0.002)


@pytest.mark.usefixtures("quick_profile")
def test_the_option_prints_a_line_for_each_net_and_precision(capsys):
    assert engine.main(arguments("--profile", "--repeats", "1")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["2-3-2-1", "2-3-2-1", "120-8-3", "120-8-3"]
    assert all(part in lines[0] for part in PARTS)
    assert all(line.count("%") == len(PARTS) for line in lines[1:5])


@pytest.mark.usefixtures("quick_profile")
def test_json_is_one_object_with_the_shares(capsys):
    assert engine.main(arguments("--profile", "--json", "--dtype", "float32", "--repeats", "1")) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [one["shape"] for one in printed["profiles"]] == ["2-3-2-1", "120-8-3"]
    assert all(list(one["shares"]) == list(PARTS) for one in printed["profiles"])
