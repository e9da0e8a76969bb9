"""The gradient check of an experiment's own net, in words and in numbers."""

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from threadpoolctl import threadpool_info

from bplab.lab import checking
from bplab.lab.blas import limited_blas
from bplab.lab.checking import (
    Checked,
    LayerCheck,
    NetworkCheck,
    about_line,
    check_rows,
    check_text,
    check_weights,
    notes,
    verdict_line,
)
from bplab.lab.experiment import Experiment, example_names, load_experiment
from bplab.lab.runner import Runner, train_to_end


def in_float32(experiment: Experiment) -> Experiment:
    return replace(experiment, training=replace(experiment.training, dtype="float32"))


def checked(experiment: Experiment, updates: int = 0) -> Checked:
    runner = train_to_end(experiment, updates) if updates else Runner(experiment)
    return check_weights(experiment, runner.problem, runner.network.parameters, runner.updates)


def blas_now() -> set[int]:
    """Threads that BLAS uses at the moment."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def made_up(*errors: float | None, dtype: str = "float64") -> NetworkCheck:
    """A check of layers with these relative errors; None where nothing could be compared."""
    layers = [
        LayerCheck(number, f"h{number}", error, _verdict(error), 0 if error is None else 12, 0 if error else 12)
        for number, error in enumerate(errors, start=1)
    ]
    worst = max(layers, key=lambda layer: layer.relative_error or 0.0)
    return NetworkCheck(dtype, worst.relative_error, worst.verdict, worst.name if worst.compared else "", layers)


def _verdict(error: float | None) -> checking.Verdict:
    if error is None:
        return "undecided"
    return "wrong" if error > 1e-2 else "uneasy" if error > 1e-4 else "acceptable" if error >= 1e-7 else "good"


@pytest.mark.parametrize("updates", [0, 40])
@pytest.mark.parametrize("name", example_names())
def test_every_example_is_good_at_first_and_after_some_updates(name: str, updates: int) -> None:
    experiment = load_experiment(name)
    found = checked(experiment, updates)
    assert found.passed
    check = found.checks[-1]  # in float64, of float32 weights too
    assert check.verdict == "good"
    weighty = [layer for layer, place in zip(check.layers, experiment.places(), strict=True) if place.learned]
    assert all(layer.compared for layer in weighty)
    assert (found.steps, found.samples) == (updates, 32)


def test_float32_is_checked_in_float64_with_the_same_weights_as_well() -> None:
    experiment = in_float32(load_experiment("circle"))
    found = checked(experiment)
    own, exact = found.checks
    assert (own.dtype, own.verdict) == ("float32", "acceptable")
    assert (exact.dtype, exact.verdict) == ("float64", "good")
    assert found.passed
    assert about_line(found) == "32 training samples, weights as first drawn, in float32 and float64"
    assert "float32 carries 7 digits" in check_text(found)
    assert verdict_line(found).endswith(f"in {exact.worst} (float64)")


def test_the_weights_that_are_given_are_checked_and_left_alone() -> None:
    runner = train_to_end(load_experiment("circle"), 30)
    parameters = runner.network.parameters.copy()
    first = check_weights(runner.experiment, runner.problem, parameters, 30)
    assert np.array_equal(runner.network.parameters, parameters)
    other = check_weights(runner.experiment, runner.problem, 0.5 * parameters, 30)
    assert first.checks[0].relative_error != other.checks[0].relative_error


def test_whoever_watches_hears_how_much_is_done_and_can_end_it() -> None:
    runner = Runner(in_float32(load_experiment("circle")))
    shares: list[float] = []
    check_weights(runner.experiment, runner.problem, runner.network.parameters, watch=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(share: float) -> None:
        raise InterruptedError(f"at {share}")

    with pytest.raises(InterruptedError):
        check_weights(runner.experiment, runner.problem, runner.network.parameters, watch=stop)


@pytest.mark.parametrize(("threads", "expected"), [(None, 1), (2, 2)])
def test_a_check_multiplies_with_the_threads_of_the_run_and_gives_them_back(threads: int | None, expected: int) -> None:
    runner = Runner(load_experiment("circle"))
    before, seen = blas_now(), []
    if not before:
        pytest.skip("this BLAS does not tell how many threads it uses")

    def look(share: float) -> None:
        seen.append(blas_now())

    with limited_blas(3):
        check_weights(runner.experiment, runner.problem, runner.network.parameters, watch=look, threads=threads)
        assert blas_now() == {3}
    assert {count for counts in seen for count in counts} == {expected}
    assert blas_now() == before


@pytest.mark.parametrize(
    ("checks", "passed", "line"),
    [
        ([made_up(1e-9, 3e-11)], True, "good: back-propagation gives the gradient of the loss; largest relative error "
         "1.00e-9, in h1"),
        ([made_up(1e-9, 2e-6)], True, "acceptable: nothing is wrong that would show; largest relative error 2.00e-6, "
         "in h2"),
        ([made_up(3e-3)], False, "uneasy: back-propagation may be wrong in h1: relative error 0.00300, above 1e-4"),
        ([made_up(0.0, 0.5)], False, "wrong: back-propagation does not give the gradient of the loss in h2: relative "
         "error 0.500, above 1e-2"),
        ([made_up(None, None)], False, "undecided: nothing could be compared; every direction meets a kink, or is too "
         "flat for the loss's own rounding"),
        ([made_up(3e-3, dtype="float32"), made_up(1e-9)], True, "good: back-propagation gives the gradient of the "
         "loss; largest relative error 1.00e-9, in h1 (float64)"),
        ([made_up(0.2, dtype="float32"), made_up(1e-9)], False, "wrong: back-propagation does not give the gradient "
         "of the loss in h1: relative error 0.200, above 1e-2 (float32)"),
    ],
)  # fmt: skip
def test_the_verdict_is_a_sentence_on_the_scale_of_cs231n(checks: list[NetworkCheck], passed: bool, line: str) -> None:
    assert checking.has_passed(checks) is passed
    assert verdict_line(Checked("Mine", 0, 32, passed, checks)) == line


def test_a_gradient_that_is_no_number_is_wrong_and_stands_as_infinite() -> None:
    runner = Runner(load_experiment("circle"))
    found = check_weights(runner.experiment, runner.problem, np.full_like(runner.network.parameters, np.nan))
    assert not found.passed
    assert (found.checks[0].verdict, found.checks[0].relative_error) == ("wrong", None)
    assert "relative error ∞, above 1e-2" in verdict_line(found)
    assert msgspec.json.decode(msgspec.json.encode(found))["checks"][0]["relative_error"] is None


def test_the_table_has_a_row_for_each_layer_and_says_where_there_is_nothing_to_learn() -> None:
    pooled = LayerCheck(2, "h2", None, "undecided", 0, 0)
    check = made_up(1e-9)
    check = replace(check, layers=[*check.layers, pooled])
    assert check_rows(Checked("Mine", 0, 32, True, [check])) == [
        ("layer", "relative error", "verdict", "compared", "skipped"),
        ("h1", "1.00e-9", "good", "12", "0"),
        ("h2", "–", "nothing to learn", "0", "0"),
    ]


def test_the_text_says_what_was_checked_and_what_the_numbers_mean() -> None:
    text = check_text(checked(load_experiment("iris"), 5))
    assert text.startswith("Iris flowers: 32 training samples, weights after 5 updates, in float64\n")
    assert "above 1e-2 it is wrong, above 1e-4 uneasy, below 1e-7 good" in " ".join(text.split())
    assert all(len(line) <= 120 for line in text.splitlines())
    assert len(notes(checked(load_experiment("iris")))) == 1
