"""The engine's bench: what it measures is what it says, and it prints one table or one JSON object."""

import argparse
import json
import sys
from functools import partial

import numpy as np
import pytest

from bplab.bench import engine as bench
from bplab.bench import extras
from bplab.bench.others import OTHERS, measured_apart
from bplab.bench.timing import medians
from bplab.data import Dataset
from bplab.engine import CrossEntropy, HalfSquaredError, ReLU, Softmax, Tanh
from bplab.lab.problem import make_problem

SMALL, LARGE = ((2, 3, 2, 1), 4), ((120, 8, 3), 16)
quick = partial(bench.measure, seconds=0.002, others=False)


def arguments(*words):
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture
def quick_nets(monkeypatch):
    monkeypatch.setattr(bench, "NETS", (SMALL, LARGE))
    monkeypatch.setattr(bench, "measure", quick)
    monkeypatch.setattr(bench, "MANY", 3)
    monkeypatch.setattr(bench, "MANY_BATCHES", (4,))
    monkeypatch.setattr(bench, "measure_many", partial(bench.measure_many, seconds=0.002))
    monkeypatch.setattr(extras, "EXTRAS_NET", ((12, 5, 4, 2), 6))
    monkeypatch.setattr(extras, "measure_extras", partial(extras.measure_extras, seconds=0.002))


@pytest.mark.parametrize(("shape", "batch"), [SMALL, LARGE])
@pytest.mark.parametrize("dtype", bench.DTYPES)
def test_a_row_holds_the_medians_and_what_follows_from_them(shape, batch, dtype):
    row = quick(shape, batch, dtype, 3)
    assert (row.shape, row.batch, row.dtype) == ("-".join(map(str, shape)), batch, dtype)
    assert min(row.step_us, row.recorded_us, row.floor_us) > 0
    assert row.ratio == row.step_us / row.floor_us
    assert row.recording_overhead == row.recorded_us / row.step_us - 1
    assert row.blas_threads == 1
    assert (row.torch_us, row.jax_us, row.sklearn_us) == (None, None, None)


def test_the_floor_is_the_products_of_a_step_and_no_error_of_the_inputs():
    calls = bench.floor((7, 5, 4, 3), 10, "float32")
    shapes = [arguments[1].shape for _, arguments in calls]
    assert shapes == [(10, 5), (10, 4), (10, 3), (4, 3), (10, 4), (5, 4), (10, 5), (7, 5)]
    for function, (factor, out) in calls:
        assert function.__name__ == "dot"
        assert out.flags.c_contiguous
        assert out.dtype == factor.dtype == np.float32
        np.testing.assert_allclose(function(factor, out), function.__self__ @ factor, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("net", "hidden", "output", "loss"),
    [(SMALL, Tanh(), Tanh(), HalfSquaredError()), (LARGE, ReLU(), Softmax(), CrossEntropy())],
)
def test_a_net_is_what_a_user_would_make_of_its_size(net, hidden, output, loss):
    experiment = bench.experiment_of(*net, "float32")
    assert [layer.units for layer in experiment.network.layers] == list(net[0][1:])
    assert [layer.activation for layer in experiment.network.layers] == [hidden] * (len(net[0]) - 2) + [output]
    assert experiment.training.loss == loss
    problem = make_problem(experiment)
    assert problem.train_inputs.shape == (bench.BATCHES * net[1], net[0][0])
    assert problem.train_targets.shape[1] == net[0][-1]
    assert problem.train_inputs.dtype == np.float32


def test_the_samples_of_the_bench_are_no_dataset_to_choose():
    assert bench.RandomSamples not in Dataset.members().values()


def test_turns_are_whole_units_and_every_contender_takes_as_many():
    taken = {"one": [], "seven": []}
    medians({"one": (taken["one"].append, 1), "seven": (taken["seven"].append, 7)}, repeats=4, seconds=1e-4)
    assert [len(turns) for turns in taken.values()] == [2 + 4, 2 + 4]
    assert all(count % 7 == 0 for count in taken["seven"][1:])


@pytest.mark.parametrize("name", OTHERS)
def test_a_package_that_is_missing_has_no_figure(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, f"{name}.neural_network", None)
    assert OTHERS[name]((2, 3, 1), 4, "float64", 1) is None


def test_a_package_is_measured_in_a_process_of_its_own():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    us = measured_apart("sklearn", (2, 3, 1), 4, "float64", 1, 1)
    assert us is not None
    assert us > 0.0
    assert measured_apart("no_such_package", (2, 3, 1), 4, "float64", 1, 1) is None


@pytest.mark.usefixtures("quick_nets")
def test_json_is_one_object_with_a_row_for_each_net_and_precision(capsys):
    assert bench.main(arguments("--json", "--repeats", "1")) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["rows", "together", "extras"]
    assert [(row["shape"], row["dtype"]) for row in printed["rows"]] == [
        (shape, dtype) for shape in ("2-3-2-1", "120-8-3") for dtype in ("float64", "float32")
    ]
    wanted = {"shape", "batch", "dtype", "step_us", "recorded_us", "floor_us", "ratio", "recording_overhead"}
    assert wanted | {"torch_us", "jax_us", "sklearn_us"} <= set(printed["rows"][0])
    assert [(row["networks"], row["shape"], row["batch"], row["dtype"]) for row in printed["together"]] == [
        (3, "2-8-8-8-1", 4, "float64"),
        (3, "2-8-8-8-1", 4, "float32"),
    ]
    assert [(row["extra"], row["dtype"]) for row in printed["extras"]] == [
        (extra, dtype) for dtype in ("float64", "float32") for extra in extras.EXTRAS
    ]
    assert {row["shape"] for row in printed["extras"]} == {"12-5-4-2"}


@pytest.mark.usefixtures("quick_nets")
def test_the_table_has_a_line_for_each_net(capsys):
    assert bench.main(arguments("--dtype", "float32", "--repeats", "1")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["2-3-2-1", "120-8-3"]
    assert "BLAS threads" in lines[0]
    assert any(line.split()[:3] == ["3", "×", "2-8-8-8-1"] for line in lines)
    (head,) = (number for number, line in enumerate(lines) if line.lstrip().startswith("extra "))
    assert [line.split("  ")[1] for line in lines[head + 1 : head + 6]] == [
        "batch norm", "layer norm", "RMS norm", "dropout", "skip with projection",
    ]  # fmt: skip


def test_nets_together_are_set_beside_one_of_them():
    row = bench.measure_many(3, (2, 4, 1), 5, "float64", 3, seconds=0.002)
    assert (row.networks, row.shape, row.batch, row.dtype) == (3, "2-4-1", 5, "float64")
    assert min(row.one_us, row.together_us) > 0
    assert row.ratio == row.together_us / row.one_us


@pytest.mark.parametrize(("us", "text"), [(None, "–"), (6.4444, "6.44"), (12.34, "12.3"), (4321.6, "4,322")])
def test_times_are_written_with_three_digits(us, text):
    assert bench.time(us) == text
