"""Plots of the network as it is now: how its activations are spread, and which classes it confuses."""

import csv
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from bplab.data import Circle, Digits, Sine
from bplab.engine import SGD, CrossEntropy, Dense, ReLU, Softmax
from bplab.gui.plots import ActivationPlot, ConfusionPlot, SurfacePlot
from bplab.gui.plots.matrix_item import ink_on
from bplab.gui.plots.moment_plot import MomentPlot
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan

from .conftest import MakePlot, dead_experiment, train


def digits_experiment() -> Experiment:
    layers = (Dense(12, ReLU()), Dense(10, Softmax()))
    return Experiment(Digits(), NetworkDesign(layers), TrainingPlan(CrossEntropy(), SGD(0.3)))


@pytest.fixture(params=[ActivationPlot, ConfusionPlot, SurfacePlot], ids=lambda kind: kind.title)
def plot(request: pytest.FixtureRequest, make_plot: MakePlot) -> MomentPlot:
    return make_plot(request.param)


def point_into(plot: MomentPlot, x: float, y: float) -> None:
    plot.grab()
    plot.view.hovered.emit(plot.pane.mapViewToScene(QPointF(x, y)))


def test_the_network_is_shown_before_it_is_trained_and_follows_the_run(plot: MomentPlot, session: Session) -> None:
    assert plot.drawn
    before = [column.copy() for _, column in plot.table()]
    train(session, 100)
    assert any((old != new[1]).any() for old, new in zip(before[1:], plot.table()[1:], strict=True))


def test_nothing_is_measured_while_nobody_sees_it_or_nothing_has_moved(
    plot: MomentPlot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(session, 20)
    monkeypatch.setattr(plot, "measure", lambda live: pytest.fail("measured again"))
    session.ticked.emit()
    session.run_changed.emit()
    plot.hide()
    train(session, 20)


def test_while_a_run_trains_it_is_measured_a_few_times_a_second_at_most(
    plot: MomentPlot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(session, 20)
    measured: list[int] = []
    monkeypatch.setattr(plot, "measure", lambda live: bool(measured.append(live.updates)) or True)
    monkeypatch.setattr(Session, "is_training", property(lambda _: True))
    plot._not_before = np.inf
    for updates in (21, 22, 23, 24):
        session.live.updates = updates
        session.ticked.emit()
    assert not measured
    plot._not_before = -np.inf
    for updates in (25, 26, 27, 28):
        session.live.updates = updates
        session.ticked.emit()
    assert len(measured) == 1
    assert plot._not_before > 0


def test_a_paused_plot_stands_and_then_shows_what_is_there(plot: MomentPlot, session: Session) -> None:
    plot.set_paused(True)
    held = plot.readout.text
    train(session, 100)
    assert plot.readout.text == held
    plot.set_paused(False)
    assert plot.live is session.live
    assert plot._updates == 100


def test_another_ground_takes_the_numbers_along(plot: MomentPlot, session: Session, theme: Theme) -> None:
    train(session, 50)
    said = plot.readout.text
    theme.set_dark(True)
    assert plot.readout.text == said
    assert plot.grab().toImage().pixelColor(2, 255) == QColor(theme.colours.ground)
    theme.set_dark(False)


def test_pictures_and_numbers_can_be_taken_away(plot: MomentPlot, session: Session, tmp_path: Path) -> None:
    train(session, 20)
    for ending in ("png", "svg", "csv"):
        plot.menu.save_to(tmp_path / f"plot.{ending}")
        assert (tmp_path / f"plot.{ending}").stat().st_size > 60
    with (tmp_path / "plot.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == [name for name, _ in plot.table()]
    assert [row[-1] for row in rows] == [str(value) for value in plot.table()[-1][1].tolist()]


@pytest.mark.parametrize("kind", [ActivationPlot, ConfusionPlot])
def test_the_axis_of_heights_or_colours_can_be_logarithmic(
    kind: type[MomentPlot], make_plot: MakePlot, session: Session
) -> None:
    plot = make_plot(kind)
    train(session, 20)
    plain = plot.grab().toImage()
    plot.log_action.trigger()
    assert plot.log_action.isChecked()
    assert plot.grab().toImage() != plain


def test_each_layer_with_an_activation_has_a_ridge_of_all_its_values(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(ActivationPlot)
    train(session, 100)
    probes = session.live.probe_samples
    assert [spread.total for spread in plot.spreads] == [units * probes for units in (5, 3, 1)]
    for layer, spread in enumerate(plot.spreads):
        assert spread.saturated.sum() == session.live.saturated_mask(layer).sum()
        np.testing.assert_allclose(plot.bars._shares[layer], session.live.saturation(layer).mean())
    assert (plot.low, plot.high) == (-1.0, 1.0)
    assert max(plot.ridges.ridges[0].heights) == 1.0


def test_ridges_of_z_show_what_f_takes(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(ActivationPlot)
    train(session, 100)
    plot.show_values("z")
    assert plot.bottom.labelText == "z"
    assert plot.high >= np.quantile(session.live.arguments(0), 0.99)
    assert "z" in plot.describe(session.experiment)


def test_dead_neurons_are_told_with_their_share(make_plot: MakePlot, session: Session) -> None:
    session.open(dead_experiment())
    plot = make_plot(ActivationPlot)
    assert "8 of 9 dead, 88.9 %" in plot.readout.text
    assert [right for _, right in plot.bars.texts] == ["4 dead", "4 dead", ""]


def test_the_mouse_reads_every_layers_share_of_values(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(ActivationPlot)
    train(session, 100)
    at_rest = plot.readout.text
    point_into(plot, 0.99, 0.5)
    assert plot.readout.text.startswith("a 0.99")
    assert f"h1 {100 * plot.spreads[0].shares()[-1]:.3g} %" in plot.readout.text
    plot.view.left.emit()
    assert plot.readout.text == at_rest


def test_the_counts_are_those_of_all_test_samples(make_plot: MakePlot, session: Session) -> None:
    session.open(digits_experiment())
    plot = make_plot(ConfusionPlot)
    train(session, 200)
    problem, network = session.problem, session.live.network
    expected = problem.confusion(network.predict(problem.test_inputs), problem.test_targets)
    np.testing.assert_array_equal(plot.counts, expected)
    np.testing.assert_allclose(plot.shares().sum(axis=1), 1.0)
    right = int(np.trace(expected))
    assert plot.readout.text.startswith(f"right {right:,} of {expected.sum():,}, ")
    assert f"{len(problem.test_inputs):,} test samples" in plot.describe(session.experiment)


def test_all_ten_classes_are_named_and_their_counts_written(make_plot: MakePlot, session: Session) -> None:
    session.open(digits_experiment())
    plot = make_plot(ConfusionPlot, 420, 260)
    plot.grab()
    assert plot.bottom.texts() == plot.left.texts() == [str(digit) for digit in range(10)]
    place = plot.matrix.sceneBoundingRect()
    assert plot.matrix._lines(place.adjusted(0, 0, -0.9 * place.width(), -0.9 * place.height())) >= 1


def test_a_cell_under_the_mouse_is_said_in_words(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(ConfusionPlot)
    train(session, 50)
    point_into(plot, 0.5, 1.5)
    (first, second), counts = session.problem.shape.class_names, plot.counts
    said = f"true {second}   predicted {first}   {counts[1, 0]} of {counts[1].sum()}, "
    assert plot.readout.text.startswith(said)
    plot.view.left.emit()
    assert plot.readout.text.startswith("right ")


def test_without_test_samples_the_training_samples_are_counted(make_plot: MakePlot, session: Session) -> None:
    session.open(replace(session.experiment, data=Circle(samples=80, test_fraction=0.0)))
    plot = make_plot(ConfusionPlot)
    assert plot.counts.sum() == 80
    assert "80 training samples" in plot.describe(session.experiment)


def test_a_regression_says_that_it_confuses_no_classes(make_plot: MakePlot, session: Session) -> None:
    session.open(replace(session.experiment, data=Sine(samples=80)))
    plot = make_plot(ConfusionPlot)
    assert not plot.drawn
    assert not plot.view.isVisible()
    assert plot.table() == []


@pytest.mark.parametrize(("ground", "ink"), [("#ffffff", "#000000"), ("#800040", "#ffffff"), ("#ff9080", "#000000")])
def test_counts_are_written_in_the_ink_that_is_read_best(ground: str, ink: str) -> None:
    assert ink_on(QColor(ground)).name() == ink
