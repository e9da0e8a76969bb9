"""Every activation and initialization has a little picture in lists, in the colours of the theme."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QIcon, QImage

from bplab.engine import Activation, GlorotUniform, Loss, ReLU, Tanh
from bplab.engine.initializers import Initializer
from bplab.gui.forms import ChoiceEditor
from bplab.gui.little_curves import CURVE, little_curve
from bplab.gui.main_window import MainWindow
from bplab.gui.theme import Theme

INK, QUIET = QColor("#102030"), QColor("#808080")


def pixels(icon: QIcon | None) -> np.ndarray:
    assert icon is not None
    image = icon.pixmap(CURVE).toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()


@pytest.mark.parametrize("kind", [*Activation.members().values(), *Initializer.members().values()])
def test_every_activation_and_initialization_has_a_picture(kind: type, theme: Theme) -> None:
    assert (pixels(little_curve(kind, INK, QUIET))[..., 3] > 128).sum() > 30


def test_what_is_neither_has_none(theme: Theme) -> None:
    assert all(little_curve(kind, INK, QUIET) is None for kind in Loss.members().values())


def test_different_shapes_look_different(theme: Theme) -> None:
    drawn = [pixels(little_curve(kind, INK, QUIET)) for kind in (ReLU, Tanh, GlorotUniform)]
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[1], drawn[2])


def test_the_open_list_shows_them_in_the_colours_of_the_theme(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    (box,) = [
        each.box for each in window.inspector.findChildren(ChoiceEditor)
        if each.isVisible() and each.box.accessibleName() == "Activation"
    ]  # fmt: skip
    box.showPopup()
    light = pixels(box.itemIcon(0))
    assert not any(box.itemIcon(index).isNull() for index in range(box.count()))
    assert box.view().minimumWidth() >= box.view().sizeHintForColumn(0)
    box.hidePopup()
    window.appearance.actions[2].trigger()
    box.showPopup()
    assert not np.array_equal(pixels(box.itemIcon(0)), light)
    box.hidePopup()
