"""Updates against weights, with a guide, and dead neurons: a curve per layer each."""

import numpy as np

from bplab.gui.plots import DeadPlot, UpdatePlot
from bplab.gui.session import Session
from bplab.lab.palette import layer_colours

from .conftest import MakePlot, dead_experiment, train


def test_each_layers_updates_are_a_curve_in_its_colour(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(UpdatePlot)
    train(session, 100)
    ratios = session.record.column("update_ratio")
    for layer, curve in enumerate(plot.lines()):
        np.testing.assert_allclose(curve.getData()[1][1:], np.log10(ratios[1:, layer]))
        assert curve.opts["pen"].color().name() == layer_colours(3, False)[layer].lower()


def test_the_guide_stands_at_a_thousandth_on_either_axis(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(UpdatePlot)
    train(session, 100)
    assert plot.guide.value() == -3
    low, high = plot.pane.viewRange()[1]
    assert low <= -3 <= high
    plot.set_log(False)
    assert plot.guide.value() == 1e-3
    assert plot.readout.text.endswith("healthy: near 1e-3")


def test_before_the_first_update_there_is_no_ratio(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(UpdatePlot)
    train(session, 10)
    assert np.isnan(plot.lines()[0].getData()[1][0])
    plot.time.point_at(0)
    assert plot.readout.text == "update 0"
    assert np.isnan(plot.table()[1][1][0])


def test_dead_neurons_are_counted_by_layer(make_plot: MakePlot, session: Session) -> None:
    session.open(dead_experiment())
    plot = make_plot(DeadPlot)
    train(session, 20)
    assert plot.readout.text == "8 of 9 dead   h1 4   h2 4   out 0"
    np.testing.assert_array_equal(plot.lines()[1].getData()[1], session.record.column("dead")[:, 1])


def test_a_network_in_which_nothing_is_dead_says_so(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(DeadPlot)
    train(session, 20)
    assert plot.readout.text.startswith("0 of 9 dead")
