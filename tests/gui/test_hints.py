"""When to use an activation and how it stalls: in the inspector, in its combo box and in the menu of the canvas."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from bplab.engine import Activation, Tanh
from bplab.gui.main_window import MainWindow


@pytest.mark.parametrize("activation", Activation.members().values())
def test_beneath_the_curve_stands_when_to_use_the_activation_and_how_it_stalls(
    window: MainWindow, qtbot: QtBot, activation: type[Activation]
) -> None:
    window.canvas.select_layer(0)
    window.session.edit_layer(0, "activation", activation=activation())
    hint = window.inspector.page.hint
    assert hint.text() == activation.hint()
    qtbot.waitUntil(lambda: hint.height() >= hint.heightForWidth(hint.width()) > 0)  # wrapped, and nothing cut off
    assert hint.y() >= window.inspector.page.curve.geometry().bottom()


def test_the_activations_to_choose_from_explain_themselves(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    box = window.inspector.page.response.editor("activation").controls()[0]
    assert isinstance(box, QComboBox)
    kinds = Activation.members().values()
    tips = [box.itemData(index, Qt.ItemDataRole.ToolTipRole) for index in range(box.count())]
    assert tips == [f"{kind.summary()}\n{kind.hint()}" for kind in kinds]
    assert box.toolTip() == f"{Tanh.summary()}\n{Tanh.hint()}"
