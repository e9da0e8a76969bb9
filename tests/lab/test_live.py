"""The network on view: a copy that shows one moment of a run."""

import numpy as np
import pytest

from bplab.lab.experiment import Experiment
from bplab.lab.live import LiveView
from bplab.lab.problem import make_problem
from bplab.lab.run import Run, Snapshot
from bplab.lab.runner import Runner, train_to_end


def shown(runner: Runner) -> LiveView:
    view = LiveView(runner.experiment)
    view.show(Snapshot(runner.updates, runner.epochs, runner.network.parameters.copy()))
    return view


def test_before_a_run_it_shows_the_first_weights(circle: Experiment) -> None:
    view = LiveView(circle)
    assert np.array_equal(view.network.parameters, Runner(circle).network.parameters)
    assert (view.updates, view.epoch) == (0, 0.0)


def test_it_reads_what_the_record_reads_at_the_same_update(iris: Experiment) -> None:
    runner = Runner(iris)
    runner.advance(10 * runner.record.stride)
    view, record = shown(runner), runner.record
    assert view.updates == record.last("step")
    assert view.reading.delta_rms.tolist() == record.last("delta_rms").tolist()
    assert view.reading.weight_gradient_rms.tolist() == record.last("weight_gradient_rms").tolist()
    for layer in range(2):
        share = record.last("saturated")[record.neurons_of(layer)] / record.probe_samples
        assert view.saturation(layer).tolist() == share.tolist()


def test_its_factors_are_those_of_back_propagation(circle: Experiment) -> None:
    runner = train_to_end(circle)
    view, problem = shown(runner), make_problem(circle)
    expected = runner.network.backprop(problem.probe_inputs, problem.probe_targets)
    scale = view.deltas(0) / expected.deltas[0].T
    for layer in range(2):
        assert np.allclose(view.activations(layer), expected.outputs[layer].T, rtol=1e-12, atol=0)
        assert np.allclose(view.weight_gradients(layer), expected.weight_gradients[layer], rtol=1e-9, atol=1e-18)
        assert np.allclose(view.deltas(layer), scale.flat[0] * expected.deltas[layer].T, rtol=1e-9, atol=1e-18)


def test_showing_a_later_moment_measures_anew(circle: Experiment) -> None:
    runner = Runner(circle)
    view = shown(runner)
    before = view.reading.loss
    runner.advance(200)
    view.show(Snapshot(runner.updates, runner.epochs, runner.network.parameters.copy()))
    assert view.reading.loss < before


def test_a_moment_that_is_shown_already_is_not_measured_again(circle: Experiment) -> None:
    runner = Runner(circle)
    runner.advance(7)
    view = shown(runner)
    reading = view.reading
    view.show(Snapshot(runner.updates, runner.epochs, runner.network.parameters.copy()))
    assert view.reading is reading
    runner.advance(1)
    view.show(Snapshot(runner.updates, runner.epochs, runner.network.parameters.copy()))
    assert view.reading is not reading


def test_what_it_shows_stays_while_the_run_goes_on(circle: Experiment) -> None:
    with Run(circle) as run:
        run.step(5)
        assert run.wait_idle(30)
        view = LiveView(circle)
        view.show(run.latest())
        before = view.network.parameters.copy()
        run.step(50)
        assert run.wait_idle(30)
    assert np.array_equal(view.network.parameters, before)


def test_the_surface_gives_the_outputs_at_any_points(circle: Experiment) -> None:
    view = shown(train_to_end(circle))
    points = np.array([[0.0, 0.0], [5.0, 5.0], [-1.0, 2.0]])
    assert np.array_equal(view.surface(points), view.network.predict(points))
    assert view.surface(points)[0, 0] * view.surface(points)[1, 0] < 0  # the middle is of another class than the rim


def test_there_is_no_surface_over_data_that_is_not_in_the_plane(iris: Experiment) -> None:
    with pytest.raises(TypeError):
        LiveView(iris).surface(np.zeros((1, 2)))
