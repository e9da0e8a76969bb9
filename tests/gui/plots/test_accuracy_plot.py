"""The accuracy plot: shares right on both parts, the share wrong on a log axis, and nothing where nothing is right."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QLabel

from bplab.data import Plane
from bplab.gui.plots import AccuracyPlot
from bplab.gui.plots.accuracy import NO_CLASSES
from bplab.gui.session import Session
from bplab.lab.experiment import fitted_to_data

from .conftest import MakePlot, train


def test_both_shares_are_drawn_from_0_to_100_per_cent(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(AccuracyPlot)
    train(session, 150)
    for curve, name in ((plot.curves.train, "train_accuracy"), (plot.curves.test, "test_accuracy")):
        x, y = curve.getData()
        np.testing.assert_array_equal(y, session.record.column(name)[np.searchsorted(plot.steps, x)])
    assert plot.left.texts()[0] == "0 %"
    assert plot.left.texts()[-1] == "100 %"


def test_the_log_axis_shows_the_share_that_is_wrong_and_says_so(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(AccuracyPlot)
    train(session, 150)
    plot.log_action.trigger()
    _, y = plot.curves.train.getData()
    wrong = 1 - session.record.column("train_accuracy")
    np.testing.assert_allclose(y[-1], np.log10(wrong[-1]) if wrong[-1] else plot.scale.zero)
    assert "wrong, log" in plot.describe(session.experiment)


def test_the_readout_tells_shares_right_on_either_axis(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(AccuracyPlot)
    train(session, 150)
    told = plot.readout.text
    assert told.startswith("train ")
    assert "test " in told
    plot.log_action.trigger()
    assert plot.readout.text == told


def test_without_test_samples_there_is_one_curve(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(AccuracyPlot)
    session.open(replace(session.experiment, data=replace(session.experiment.data, test_fraction=0.0)))
    train(session, 50)
    assert "test" not in plot.readout.text
    assert not np.isfinite(plot.curves.test.getData()[1]).any()


def test_a_regression_says_that_it_has_no_accuracy(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(AccuracyPlot)
    session.open(fitted_to_data(replace(session.experiment, data=Plane())))
    train(session, 20)
    assert NO_CLASSES in [label.text() for label in plot.findChildren(QLabel) if label.isVisible()]
    assert plot.table() == []
    session.reset()
    assert plot.empty_text in [label.text() for label in plot.findChildren(QLabel) if label.isVisible()]


@pytest.mark.parametrize("log", [False, True])
def test_one_wrong_answer_more_never_leaves_the_axis(log: bool, make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(AccuracyPlot)
    plot.set_log(log)
    train(session, 150)
    low, high = plot.pane.viewRange()[1]
    for curve in plot.lines():
        _, y = curve.getData()
        assert low <= np.nanmin(y)
        assert np.nanmax(y) <= high
