"""The loss plot draws the record: means, spread, test loss, accuracy."""

import re

import numpy as np
import pytest

from bplab.data import Plane
from bplab.engine import Dense, Identity, Tanh
from bplab.gui.plots import LossPlot
from bplab.gui.session import Session
from bplab.lab.experiment import Experiment, NetworkDesign

from .conftest import MakePlot, runaway_experiment, train


@pytest.fixture
def plot(make_plot: MakePlot) -> LossPlot:
    made = make_plot(LossPlot)
    assert isinstance(made, LossPlot)
    return made


def test_a_short_run_is_drawn_row_by_row(plot: LossPlot, session: Session) -> None:
    train(session, 100)
    steps, loss, test = session.record.columns("step", "loss", "test_loss")
    for curve, values in ((plot.curves.train, loss), (plot.curves.test, test)):
        x, y = curve.getData()
        np.testing.assert_array_equal(x, steps)
        np.testing.assert_array_equal(y, values)


def test_a_long_run_is_drawn_with_few_points_and_all_extremes(plot: LossPlot, session: Session) -> None:
    train(session, 3000)
    loss = session.record.column("loss")
    assert len(loss) > 500
    x, y = plot.curves.train.getData()
    assert len(x) <= 500
    assert (y.min(), y.max(), y[0], y[-1]) == (loss.min(), loss.max(), loss[0], loss[-1])


def test_the_band_reaches_from_the_smallest_to_the_largest_batch_loss(plot: LossPlot, session: Session) -> None:
    train(session, 100)
    lows, highs = session.record.columns("loss_min", "loss_max")
    columns = plot.band.columns
    np.testing.assert_array_equal(columns[:, 1], highs)
    np.testing.assert_allclose(columns[:, 1] + columns[:, 3], lows, atol=1e-15)


def test_the_test_loss_is_dashed_and_the_train_loss_is_not(plot: LossPlot) -> None:
    assert plot.curves.test.opts["pen"].dashPattern()
    assert not plot.curves.train.opts["pen"].dashPattern()


def test_the_readout_names_both_losses_and_both_accuracies(plot: LossPlot, session: Session) -> None:
    train(session, 100)
    assert plot.readout.text.startswith("train 0.")
    assert "   test 0." in plot.readout.text
    assert re.search(r" {3}accuracy [\d.]+ % / [\d.]+ %$", plot.readout.text)


def test_regression_has_no_accuracy_and_no_test_loss_without_test_samples(plot: LossPlot, session: Session) -> None:
    layers = (Dense(3, Tanh()), Dense(1, Identity()))
    session.open(Experiment(Plane(samples=40, test_fraction=0.0), NetworkDesign(layers)))
    train(session, 20)
    assert "accuracy" not in plot.readout.text
    assert "test" not in plot.readout.text


def test_the_logarithmic_axis_is_labelled_in_numbers(plot: LossPlot, session: Session) -> None:
    train(session, 3000)
    plot.set_log(True)
    loss = session.record.column("loss")
    _, y = plot.curves.train.getData()
    assert y[-1] == pytest.approx(np.log10(loss[-1]))
    assert {"0.1", "0.01"} & set(plot.left.texts())
    assert not any(text.startswith("-") for text in plot.left.texts())


def test_menu_and_buttons_agree_on_the_axis(plot: LossPlot) -> None:
    plot.log_action.setChecked(True)
    assert plot.log
    plot.set_log(False)
    assert not plot.log_action.isChecked()


def test_a_diverged_run_says_where_and_leaves_the_axis_to_the_other_values(plot: LossPlot, session: Session) -> None:
    session.open(runaway_experiment())
    train(session, 500)
    record = session.record
    assert plot.readout.text.startswith(f"diverged at update {record.divergence.step:,}")
    assert plot.scale.high <= 4 * record.column("loss")[0]


def test_a_rate_changed_by_hand_is_marked_and_told_where_the_mouse_points(plot: LossPlot, session: Session) -> None:
    train(session, 50)
    session.run.set_learning_rate(0.5)
    train(session, 50)
    assert [mark.value() for mark in plot._marks] == [event.updates for event in session.record.events]
    plot.hovered = 90.0
    plot.say()
    assert plot.readout.text.endswith("   rate 0.5")
