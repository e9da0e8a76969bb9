"""Plots and table of a network with layers that have no weights or no activation: a gap there, never a 0."""

import numpy as np
import pytest

from bplab.data import Digits
from bplab.engine import Conv2D, CrossEntropy, Dense, Flatten, MaxPool, ReLU, Softmax
from bplab.gui.plots import GradientPlot, LayerNumbers, SaturationPlot
from bplab.gui.session import Session
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from tests.gui.plots.conftest import MakePlot, train


@pytest.fixture
def filters(session: Session) -> Session:
    """A session of digits through a convolution, pooling and a flattened row."""
    layers = (Conv2D(3, ReLU(), padding=1), MaxPool(), Flatten(), Dense(10, Softmax()))
    session.open(Experiment(Digits(), NetworkDesign(layers), TrainingPlan(CrossEntropy(), epochs=1)))
    return session


def test_layers_without_weights_leave_a_gap_in_the_gradient_of_the_weights(
    make_plot: MakePlot, filters: Session
) -> None:
    plot = make_plot(GradientPlot)
    assert isinstance(plot, GradientPlot)
    train(filters, 20)
    plot.show_quantity("weight_gradient_rms")
    drawn = [np.isfinite(curve.getData()[1]).any() for curve in plot.curves]
    assert drawn == [True, False, False, True]
    assert plot.scale.zero is None
    _, squares = plot.markers.series
    assert np.isfinite(squares).tolist() == [True, False, False, True]
    plot.show_quantity("delta_rms")
    assert all(np.isfinite(curve.getData()[1]).all() for curve in plot.curves)


def test_layers_without_an_activation_are_no_part_of_the_saturation_map(make_plot: MakePlot, filters: Session) -> None:
    plot = make_plot(SaturationPlot)
    assert isinstance(plot, SaturationPlot)
    train(filters, 20)
    record = filters.record
    assert record is not None
    assert [entry.name for entry in plot.entries(record, 0)] == ["h1", "out"]
    names = [name for name, _ in plot.columns(record)]
    assert "dead h1" in names
    assert "dead h2" not in names
    assert len([name for name in names if name.startswith("saturated ")]) == 3 * 64 + 10
    columns = dict(plot.columns(record))
    everything = record.column("saturated")
    assert np.array_equal(columns["saturated out 1"], everything[:, record.neurons_of(3)][:, 0])
    whole = next(entry for entry in plot.entries(record, None) if entry.name == "all neurons")
    assert whole.value != "–"


def test_the_table_has_a_dash_where_a_layer_has_no_such_number(make_plot: MakePlot, filters: Session) -> None:
    numbers = make_plot(LayerNumbers)
    assert isinstance(numbers, LayerNumbers)
    train(filters, 20)
    numbers.refresh()
    rows = {row[0]: row for row in numbers.model.table()[1:]}
    assert rows["h2"][1:3] == ["max pooling 2×2", "3 × 4 × 4"]
    assert rows["h2"][3] != "–"
    assert rows["h2"][4:] == ["–", "–", "–", "–"]
    assert "–" not in rows["h1"]
