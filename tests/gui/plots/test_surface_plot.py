"""The panel of the decision surface: what the network answers, read under the mouse, held, and taken away."""

import csv
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bplab.data import Arms, Dataset, Iris, Plane
from bplab.gui.canvas.plane_grid import grid_points
from bplab.gui.plots import SurfacePlot
from bplab.gui.plots.surface_plot import SIDE, cell_of
from bplab.gui.session import Session
from bplab.lab.experiment import fitted_to_data

from .conftest import MakePlot, train


def use(session: Session, data: Dataset) -> None:
    session.open(fitted_to_data(replace(session.experiment, data=data)))


def pixel(plot: SurfacePlot, x: float, y: float) -> QPoint:
    plot.grab()
    return plot.view.mapFromScene(plot.plane.point_of((x, y)))


@pytest.mark.parametrize("data", [Arms(classes=3), Plane()], ids=["classes", "numbers"])
def test_every_point_of_the_grid_has_the_networks_answer(data: Dataset, make_plot: MakePlot, session: Session) -> None:
    use(session, data)
    plot = make_plot(SurfacePlot)
    train(session, 30)
    np.testing.assert_allclose(plot.answers.T, session.live.surface(grid_points(SIDE)), atol=1e-12)


def test_the_mouse_reads_the_answer_and_the_class_where_the_cross_hair_stands(
    make_plot: MakePlot, session: Session, qtbot: QtBot
) -> None:
    plot = make_plot(SurfacePlot)
    train(session, 100)
    legend = plot.readout.text
    assert "outside" in legend
    assert "inside" in legend
    before = plot.grab().toImage()
    qtbot.mouseMove(plot.view.viewport(), pixel(plot, 2.0, -3.0))
    place = grid_points(SIDE)[plot._cell]
    np.testing.assert_allclose(place, (2.0, -3.0), atol=0.15)
    answer = float(session.live.surface(place[None])[0, 0])
    assert f"answer {answer:.3g}".replace("-", "−") in plot.readout.text
    assert ("→ inside" if answer > 0 else "→ outside") in plot.readout.text
    assert plot.grab().toImage() != before
    plot.view.hovered.emit(QPointF(0, 0))
    assert plot.readout.text == legend


def test_a_place_of_the_plane_is_found_again_at_its_point(make_plot: MakePlot) -> None:
    plot = make_plot(SurfacePlot)
    plot.grab()
    for place in ((0.0, 0.0), (-5.5, 2.0), (4.0, -5.9)):
        assert plot.plane.place_at(plot.plane.point_of(place)) == pytest.approx(place)
    assert plot.plane.place_at(QPointF(-5, -5)) is None


def test_cells_are_counted_from_the_top_left() -> None:
    assert [cell_of(place, 4) for place in ((-6, 6), (5.9, 6), (-6, -6), (6, -6), (0.1, 0.1))] == [0, 3, 12, 15, 6]


def test_the_table_names_every_answer_and_the_class(make_plot: MakePlot, session: Session, tmp_path: Path) -> None:
    use(session, Arms(classes=3))
    plot = make_plot(SurfacePlot)
    train(session, 30)
    plot.menu.save_to(tmp_path / "surface.csv")
    with (tmp_path / "surface.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    names = session.problem.shape.class_names
    assert heading == ["x", "y", *names, "class"]
    assert len(rows) == SIDE**2
    answers = np.array([[float(cell) for cell in row[2:5]] for row in rows])
    assert [row[-1] for row in rows] == [names[at] for at in answers.argmax(axis=1)]


def test_a_drawing_has_every_sample_as_a_shape_and_the_answers_as_an_image(
    make_plot: MakePlot, session: Session, tmp_path: Path
) -> None:
    plot = make_plot(SurfacePlot)
    plot.menu.save_to(tmp_path / "surface.svg")
    drawing = (tmp_path / "surface.svg").read_text(encoding="utf-8")
    problem = session.problem
    assert drawing.count("<image") == 1
    assert drawing.count("<path") >= len(problem.train_inputs) + len(problem.test_inputs)


def test_samples_outside_the_plane_have_no_surface(make_plot: MakePlot, session: Session) -> None:
    plot = make_plot(SurfacePlot)
    use(session, Iris())
    session.ticked.emit()
    assert plot.empty_text in [label.text() for label in plot.findChildren(QLabel) if label.isVisible()]
    assert plot.table() == []
    use(session, Arms(classes=3))
    assert plot.table()


def test_what_makes_no_sense_here_is_greyed_out_with_the_reason(make_plot: MakePlot) -> None:
    menu = make_plot(SurfacePlot).menu
    refused = {action.text(): action for action in menu.actions() if action.toolTip() != action.text()}
    assert set(refused) == {"Logarithmic colours", "Smoothing"}
    assert not any(action.isEnabled() for action in refused.values())
    assert menu.toolTipsVisible()
