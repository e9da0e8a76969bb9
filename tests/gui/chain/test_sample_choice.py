"""A training sample chosen by a click, wherever the samples are drawn."""

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.gui.canvas.markers import place_of
from bplab.gui.canvas.sample_choice import sample_at
from bplab.gui.focus import Focus
from bplab.gui.main_window import MainWindow
from bplab.gui.plots import SurfacePlot
from bplab.gui.session import Session
from bplab.lab.experiment import load_experiment
from bplab.lab.explaining import Target

LEFT = Qt.MouseButton.LeftButton


def lone(session: Session) -> int:
    """The training sample of the plane that is farthest from all others."""
    points = session.problem.split.train_points
    assert points is not None
    away = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    return int(away.min(axis=0).argmax())


def place_in(session: Session, frame: QRectF) -> QPoint:
    """Where that one is drawn."""
    points, sample = session.problem.split.train_points, lone(session)
    assert points is not None
    return QPointF(*place_of(points[sample : sample + 1], frame)[0].tolist()).toPoint()


def test_a_click_on_a_sample_of_the_surface_chooses_it_and_another_one_the_batch(
    window: MainWindow, qtbot: QtBot
) -> None:
    surface, focus = window.canvas.surface, Focus.of(window.session)
    place = place_in(window.session, surface.frame())
    at_rest = surface.grab().toImage()
    qtbot.mouseClick(surface, LEFT, pos=place)
    assert focus.sample == lone(window.session)
    assert surface.grab().toImage() != at_rest
    qtbot.mouseClick(surface, LEFT, pos=QPoint(2, 2))
    assert focus.sample == lone(window.session)
    qtbot.mouseClick(surface, LEFT, pos=place)
    assert focus.sample is None
    assert surface.grab().toImage() == at_rest


def test_so_does_a_click_in_the_picture_of_the_data(window: MainWindow, qtbot: QtBot) -> None:
    picture = window.data.view.picture
    qtbot.mouseClick(picture, LEFT, pos=place_in(window.session, picture._square()))
    assert Focus.of(window.session).sample == lone(window.session)


def test_so_does_a_click_in_the_surface_panel(window: MainWindow, qtbot: QtBot) -> None:
    dock = window.docks["Surface"]
    dock.raise_()
    plot = dock.content
    assert isinstance(plot, SurfacePlot)
    qtbot.waitUntil(lambda: plot.drawn)
    QApplication.processEvents()
    square = plot.plane.square(plot.plane.mapRectToScene(plot.plane.boundingRect()))
    place = plot.view.mapFromScene(QPointF(place_in(window.session, square)))
    qtbot.mouseClick(plot.view.viewport(), LEFT, pos=place)
    assert Focus.of(window.session).sample == lone(window.session)


def test_so_does_a_click_on_an_image_but_not_on_one_to_test_on(window: MainWindow, qtbot: QtBot) -> None:
    window.session.open(load_experiment("digits"))
    images, focus = window.data.view.images, Focus.of(window.session)
    QApplication.processEvents()

    def click(row: int) -> None:
        index = images.model.index(images.model.rows.index(row))
        images.grid.scrollTo(index)
        qtbot.mouseClick(images.grid.viewport(), LEFT, pos=images.grid.visualRect(index).center())

    click(3)
    assert focus.sample == 3
    answers = images.model.answers
    assert answers is not None
    click(int(answers.tested.argmax()))
    assert focus.sample == 3
    images.grid.setCurrentIndex(images.model.index(5))
    qtbot.keyClick(images.grid, Qt.Key.Key_Return)
    assert focus.sample == 5


def test_only_what_is_near_the_mouse_is_chosen(session: Session) -> None:
    split, frame = session.problem.split, QRectF(0, 0, 300, 300)
    assert sample_at(split, frame, QPointF(place_in(session, frame))) == lone(session)
    assert sample_at(split, frame, QPointF(1, 1)) is None
    assert sample_at(load_experiment("iris").data.split(), frame, QPointF(150, 150)) is None


def test_a_weight_that_is_clicked_is_explained_in_front_where_the_panel_is_open(window: MainWindow) -> None:
    dock, focus = window.docks["Chain rule"], window.chain.focus

    def in_front() -> bool:
        QApplication.processEvents()
        return not dock.visibleRegion().isEmpty()

    focus.look_at(Target("neuron", 0, 1))
    assert not in_front()
    focus.look_at(Target("weight", 0, 1, 0))
    assert in_front()
    dock.close()
    focus.look_at(Target("bias", 0, 1))
    assert not in_front()
