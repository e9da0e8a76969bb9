"""Zooming and panning: the point under the mouse stays, the drawing never leaves the window, text never shrinks."""

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from bplab.gui.canvas.camera import LARGEST, Camera


@pytest.fixture
def camera() -> Camera:
    made = Camera()
    made.set_sizes(QSizeF(400, 300), QSizeF(400, 300))
    return made


def test_zooming_keeps_what_is_under_the_mouse_where_it_is(camera: Camera) -> None:
    mouse = QPointF(120, 200)
    before = camera.to_content(mouse)
    assert camera.zoom(2.5, mouse)
    after = camera.to_content(mouse)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()))


def test_the_drawing_is_never_smaller_than_arranged_nor_larger_than_sixteen_times(camera: Camera) -> None:
    assert not camera.zoom(0.5, QPointF())
    camera.zoom(100.0, QPointF())
    assert camera.scale == LARGEST


def test_panning_stops_at_the_edges_of_the_drawing(camera: Camera) -> None:
    camera.zoom(2.0, QPointF(0, 0))
    assert not camera.pan(QPointF(50, 50))
    camera.pan(QPointF(-10_000, -10_000))
    assert camera.offset == QPointF(400, 300)


def test_a_drawing_that_fits_cannot_be_panned(camera: Camera) -> None:
    assert not camera.can_pan
    assert not camera.pan(QPointF(-30, 0))


def test_fit_shows_the_first_view_again(camera: Camera) -> None:
    camera.zoom(3.0, QPointF(200, 100))
    camera.fit()
    assert (camera.scale, camera.offset) == (1.0, QPointF())


def test_a_column_beyond_the_window_is_brought_into_view(camera: Camera) -> None:
    camera.set_sizes(QSizeF(400, 300), QSizeF(1000, 300))
    assert camera.hidden == (False, True)
    assert camera.bring_into_view(QRectF(800, 0, 60, 300))
    assert camera.offset.x() == 460
    assert not camera.bring_into_view(QRectF(800, 0, 60, 300))
    assert camera.bring_into_view(QRectF(10, 0, 60, 300))
    assert camera.offset.x() == 10
