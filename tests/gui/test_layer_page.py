"""The page of a layer: its kind, what stands around its activation, and what only layers for images have."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QToolButton
from pytestqt.qtbot import QtBot

from bplab.data import Circle
from bplab.engine import BatchNorm, Conv2D, Dense, Flatten, LayerNorm, MaxPool, MeanPool, Tanh
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.layer_editors import PercentEditor, SkipEditor
from bplab.gui.panels.layer_page import LayerPage
from bplab.lab.editing import skip_choices
from bplab.lab.experiment import Experiment, NetworkDesign
from tests.gui.test_accessibility import silent

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


def layer(window: MainWindow, at: int) -> Any:
    return window.session.experiment.network.layers[at]


def opened(window: MainWindow, at: int, qtbot: QtBot) -> LayerPage:
    """The page of a layer with what stands around its activation shown."""
    window.canvas.select_layer(at)
    page = window.inspector.page
    if not page.settings.section.is_open:
        qtbot.mouseClick(page.settings.section.head, LEFT)
    return page


def choose(box: QComboBox, text: str, qtbot: QtBot) -> None:
    """Go to an item with the keyboard, as one who does not use the mouse."""
    box.setFocus()
    index = box.findText(text)
    assert index >= 0
    key = KEY.Key_Down if index > box.currentIndex() else KEY.Key_Up
    for _ in range(box.count()):
        if box.currentText() == text:
            return
        qtbot.keyClick(box, key)
    raise AssertionError(f"{text} was not reached")


def tip_of(box: QComboBox, text: str) -> str:
    return str(box.itemData(box.findText(text), Qt.ItemDataRole.ToolTipRole))


def can_choose(box: QComboBox, text: str) -> bool:
    model = box.model()
    assert isinstance(model, QStandardItemModel)
    return model.item(box.findText(text)).isEnabled()


@pytest.fixture
def filters(window: MainWindow) -> MainWindow:
    """The window on the example with filters."""
    window.documents.open_example("digits-conv")
    return window


# -- around the activation ------------------------------------------------------------------------------


def test_a_newcomer_sees_no_more_than_kind_units_activation_and_first_values(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    page = window.inspector.page
    assert not page.around.isVisible()
    assert page.settings.section.brief.text() == "as usual"
    assert page.kind.currentText() == "dense"
    assert page.response.isVisible()
    assert page.start.isVisible()


def test_normalization_is_chosen_with_its_parameters_and_taken_back(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, 0, qtbot)
    box = page.around.editor("normalization").controls()[0]
    assert isinstance(box, QComboBox)
    choose(box, "batch norm", qtbot)
    assert layer(window, 0).normalization == BatchNorm()
    assert window.edits.undo.text() == "Undo Change normalization"
    place = page.around.editor("normalization").controls()[1]
    assert isinstance(place, QComboBox)
    choose(place, "after", qtbot)
    assert layer(window, 0).normalization == BatchNorm(place="after")
    choose(box, "layer norm", qtbot)
    assert layer(window, 0).normalization == LayerNorm()
    choose(box, "none", qtbot)
    assert layer(window, 0).normalization is None
    assert len(page.around.editor("normalization").controls()) == 1
    for _ in range(5):
        window.session.undo()
    assert layer(window, 0).normalization is None
    assert window.session.history.undo_label is None


def test_dropout_is_set_in_per_cent_by_slider_and_box_each_drag_one_undo_step(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, 0, qtbot)
    editor = page.around.editor("dropout")
    assert isinstance(editor, PercentEditor)
    for _ in range(4):
        qtbot.keyClick(editor.slider, KEY.Key_Right)
    assert layer(window, 0).dropout == 0.2
    assert editor.box.text() == "20 %"
    editor.box.selectAll()
    qtbot.keyClicks(editor.box, "12.5")
    qtbot.keyClick(editor.box, KEY.Key_Return)
    assert layer(window, 0).dropout == 0.125
    window.session.undo()
    assert layer(window, 0).dropout in (0.0, 0.2)
    assert window.edits.redo.text() == "Redo Change dropout"


def test_a_skip_says_whether_widths_agree_or_a_projection_is_learned(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, 1, qtbot)
    editor = page.around.editor("skip")
    assert isinstance(editor, SkipEditor)
    assert [editor.box.itemText(index) for index in range(editor.box.count())] == ["none", "h1", "inputs"]
    assert tip_of(editor.box, "h1") == "From h1, through a learned 4 × 2 projection"
    choose(editor.box, "inputs", qtbot)
    assert layer(window, 1).skip == 0
    assert editor.way.text() == "added as it is"
    assert editor.way.isVisible()
    assert window.edits.undo.text() == "Undo Change skip"
    window.session.undo()
    assert layer(window, 1).skip in (None, 1)


def test_a_skip_that_would_be_too_large_is_greyed_out_and_says_why(qtbot: QtBot) -> None:
    wide = NetworkDesign((Dense(60_000, Tanh()), Dense(1, Tanh()), Dense(50_000, Tanh()), Dense(1, Tanh())))
    editor = SkipEditor()
    qtbot.addWidget(editor)
    editor.offer(skip_choices(Experiment(Circle(), wide), 2))
    assert not can_choose(editor.box, "h1")
    assert "more than fits" in tip_of(editor.box, "h1")
    assert can_choose(editor.box, "h2")


def test_bias_and_frozen_are_check_boxes_and_the_closed_section_says_them(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, 0, qtbot)
    qtbot.keyClick(page.around.editor("bias").controls()[0], KEY.Key_Space)
    qtbot.keyClick(page.around.editor("frozen").controls()[0], KEY.Key_Space)
    assert (layer(window, 0).bias, layer(window, 0).frozen) == (False, True)
    assert page.facts.text("Parameters") == "8 + 0"
    qtbot.mouseClick(page.settings.section.head, LEFT)
    assert page.settings.section.brief.text() == "no bias, frozen"


def test_scales_and_projections_count_among_the_parameters(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, 1, qtbot)
    window.session.edit_layer(1, "Change", normalization=BatchNorm(), skip=1)
    assert page.facts.text("Parameters") == "8 + 2 + 12"


# -- kinds ----------------------------------------------------------------------------------------------


def test_kinds_that_cannot_stand_there_are_greyed_out_and_say_why(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    box = window.inspector.page.kind
    assert [box.itemText(index) for index in range(box.count())] == [
        "dense", "convolution", "max pooling", "mean pooling", "flatten",
    ]  # fmt: skip
    assert can_choose(box, "dense")
    assert not can_choose(box, "convolution")
    assert tip_of(box, "convolution") == "h1: a convolution needs images, but here come 2 values in a row"
    window.canvas.select_layer(2)
    assert not can_choose(box, "max pooling")
    assert tip_of(box, "max pooling").startswith("The output layer is dense")


def test_another_kind_is_one_named_undo_step_and_shows_its_own_fields(filters: MainWindow, qtbot: QtBot) -> None:
    filters.canvas.select_layer(1)
    page = filters.inspector.page
    assert [name for name in ("size", "stride") if page.response.editor(name).isVisible()] == ["size", "stride"]
    assert not page.start.isVisible()
    assert not page.curve.isVisible()
    choose(page.kind, "mean pooling", qtbot)
    assert layer(filters, 1) == MeanPool()
    assert filters.edits.undo.text() == "Undo Change h2 to mean pooling"
    filters.session.undo()
    assert layer(filters, 1) == MaxPool()
    choose(page.kind, "convolution", qtbot)
    assert isinstance(layer(filters, 1), Conv2D)
    assert page.response.editor("kernel").isVisible()
    assert page.curve.isVisible()
    assert filters.inspector.layer == 1


def test_flatten_has_nothing_but_its_explanation(filters: MainWindow) -> None:
    filters.canvas.select_layer(2)
    page = filters.inspector.page
    assert page.response.is_empty
    assert page.settings.what.text().startswith("Maps as one row of values")
    assert page.settings.what.isVisible()
    assert not page.settings.section.isVisible()
    assert page.facts.text("Parameters") == "none"
    assert page.facts.text("Gradient ∂C/∂W") == "–"
    assert not page.bars.isVisible()


def test_a_convolution_that_cannot_be_is_refused_with_the_sentence_and_nothing_changes(
    filters: MainWindow, qtbot: QtBot
) -> None:
    filters.canvas.select_layer(0)
    page, before = filters.inspector.page, filters.session.experiment
    box = page.response.editor("padding").controls()[0]
    with qtbot.waitSignal(filters.session.refused) as told:
        for _ in range(3):
            qtbot.keyClick(box, KEY.Key_Up)
    assert "3 zeros leave windows of 3 pixels empty" in told.args[0]
    assert layer(filters, 0).padding == 2
    filters.session.undo()
    assert filters.session.experiment == before
    with qtbot.waitSignal(filters.session.refused) as told:
        filters.session.edit_layer(0, "Change kernel", kernel=20)
    assert told.args[0] == "h1: kernel: a window of 20 × 20 does not fit into 8 × 8 pixels"
    assert filters.session.experiment == before


def test_softmax_is_no_choice_for_a_convolution(filters: MainWindow) -> None:
    filters.canvas.select_layer(0)
    box = filters.inspector.page.response.editor("activation").controls()[0]
    assert isinstance(box, QComboBox)
    assert not can_choose(box, "softmax")
    assert "need an f of one value" in tip_of(box, "softmax")


def test_the_stride_of_pooling_follows_the_size_until_it_is_set(filters: MainWindow, qtbot: QtBot) -> None:
    filters.canvas.select_layer(1)
    box = filters.inspector.page.response.editor("stride").controls()[0]
    assert box.text() == "as the size"  # type: ignore[attr-defined]
    qtbot.keyClick(box, KEY.Key_Up)
    assert layer(filters, 1) == MaxPool(2, 1)
    qtbot.keyClick(box, KEY.Key_Down)
    assert layer(filters, 1) == MaxPool()


def test_the_arrow_beside_the_plus_offers_the_kinds(filters: MainWindow, qtbot: QtBot) -> None:
    filters.canvas.select_layer(0)
    menu = filters.inspector.kinds
    assert filters.inspector.add.popupMode() == QToolButton.ToolButtonPopupMode.MenuButtonPopup
    menu.aboutToShow.emit()
    by_text = {action.text(): action for action in menu.actions()}
    assert list(by_text) == ["Dense", "Convolution", "Max pooling", "Mean pooling", "Flatten"]
    assert not by_text["Dense"].isEnabled()
    assert "pooling needs images" in by_text["Dense"].toolTip()
    by_text["Mean pooling"].trigger()
    assert layer(filters, 1) == MeanPool()
    assert filters.edits.undo.text() == "Undo Add mean pooling layer after h1"
    assert (filters.inspector.layer, filters.canvas.selected_layer) == (1, 1)


def test_the_network_menu_adds_and_changes_kinds(filters: MainWindow) -> None:
    filters.canvas.select_layer(1)
    menus = {action.text(): action.menu() for action in filters.menus.network.actions() if action.menu()}
    assert list(menus) == ["Add layer after h2 as", "Change h2 to"]
    change: Any = menus["Change h2 to"]
    change.aboutToShow.emit()
    chosen = [action.text() for action in change.actions() if action.isChecked()]
    assert chosen == ["Max pooling"]
    next(action for action in change.actions() if action.text() == "Flatten").trigger()
    assert layer(filters, 1) == Flatten()
    assert filters.edits.undo.text() == "Undo Change h2 to flatten"
    filters.canvas.select_layer(-1)
    assert not change.menuAction().isEnabled()


@pytest.mark.parametrize("at", range(5))
def test_every_control_of_every_kinds_page_has_a_name_and_a_tooltip(filters: MainWindow, qtbot: QtBot, at: int) -> None:
    filters.canvas.select_layer(at)
    filters.inspector.page.settings.section.open()
    assert silent(filters.inspector) == []


def test_data_without_images_takes_the_layers_for_images_away(filters: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(filters.data.picker.thumbnail("circle"), LEFT)
    assert [type(one) for one in filters.session.experiment.network.layers] == [Dense, Dense]
    filters.session.undo()
    assert isinstance(layer(filters, 0), Conv2D)
