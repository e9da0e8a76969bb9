"""The data panel and the inspector, by their controls."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from bplab.data import Arms, Circle, Csv, Dataset, Digits, FileDataset, Iris, MultiGauss, Plane, Sine, Spiral, Xor
from bplab.engine import CrossEntropy, Dense, HalfSquaredError, LeakyReLU, Orthogonal, Sigmoid, Softmax, Tanh
from bplab.gui.editors import IntegerEditor, SliderEditor
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.activation_curve import curves
from bplab.gui.panels.data_editors import ColumnEditor, FeaturesEditor
from bplab.gui.panels.data_view import facts_about
from bplab.gui.panels.dataset_picker import carried_over, telling_columns
from bplab.lab.editing import set_units

KEY = Qt.Key
MADE_OR_SHIPPED = [name for name, kind in Dataset.members().items() if not issubclass(kind, FileDataset)]


def pick(window: MainWindow, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(window.data.picker.thumbnail(name), Qt.MouseButton.LeftButton)


def colours_in(image: QImage) -> int:
    step = range(0, min(image.width(), image.height()), 3)
    return len({image.pixel(x, y) for x in step for y in step})


# -- data ---------------------------------------------------------------------------------------------------


def test_choosing_digits_is_one_undo_step_that_fits_output_and_loss(window: MainWindow, qtbot: QtBot) -> None:
    before = window.session.experiment
    pick(window, qtbot, "digits")
    after = window.session.experiment
    assert after.data == Digits()
    assert after.network.layers[-1].units == 10
    assert (after.network.layers[-1].activation, after.training.loss) == (Softmax(), CrossEntropy())
    assert after.network.layers[:-1] == before.network.layers[:-1]
    assert window.edits.undo.text() == "Undo Change data to Handwritten digits"
    window.edits.undo.trigger()
    assert window.session.experiment == before
    assert window.data.picker.thumbnail("circle").isChecked()


@pytest.mark.parametrize("name", MADE_OR_SHIPPED)
def test_every_dataset_can_be_chosen_pictured_and_trained(window: MainWindow, qtbot: QtBot, name: str) -> None:
    if name == "circle":
        pick(window, qtbot, "xor")
    pick(window, qtbot, name)
    assert type(window.session.experiment.data) is Dataset.members()[name]
    assert colours_in(window.data.view.picture.grab().toImage()) > 3
    window.session.step(2)
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.updates == 2)


def test_a_thumbnail_shows_the_two_columns_in_which_the_classes_stand_furthest_apart() -> None:
    random = np.random.default_rng(0)
    targets = np.arange(90) % 3
    inputs = random.normal(size=(90, 4))
    inputs[:, 1] += 10 * targets
    inputs[:, 3] -= 20 * targets
    np.testing.assert_array_equal(telling_columns(inputs, targets), inputs[:, [1, 3]])


def test_every_kind_of_data_has_a_thumbnail_with_something_on_it(window: MainWindow) -> None:
    kinds = [thumbnail.kind for thumbnail in window.data.picker.thumbnails]
    assert kinds == list(Dataset.members().values())
    pictures = [thumbnail._draw().toImage() for thumbnail in window.data.picker.thumbnails]
    assert min(map(colours_in, pictures)) > 2
    assert len({bytes(picture.constBits()) for picture in pictures}) == len(kinds)


def test_settings_of_the_plane_are_carried_from_one_dataset_to_the_next() -> None:
    old = Circle(samples=200, noise=0.25, test_fraction=0.1, seed=7, features=("x", "xy"))
    assert carried_over(old, Xor) == Xor(samples=200, noise=0.25, test_fraction=0.1, seed=7, features=("x", "xy"))
    assert carried_over(old, Iris) == Iris()


def test_a_dataset_that_was_left_comes_back_with_its_settings(window: MainWindow, qtbot: QtBot) -> None:
    pick(window, qtbot, "iris")
    qtbot.keyClick(window.data.form.editor("seed").controls()[0], KEY.Key_Up)  # type: ignore[union-attr]
    pick(window, qtbot, "digits")
    pick(window, qtbot, "iris")
    assert window.session.experiment.data == Iris(seed=1)


def test_dragging_the_noise_is_one_undo_step_for_each_drag(window: MainWindow, qtbot: QtBot) -> None:
    assert window.data.form is not None
    editor = window.data.form.editor("noise")
    assert isinstance(editor, SliderEditor)
    for places in ((10, 20, 30), (40, 50)):
        for place in places:
            editor.slider.setValue(place)
        editor.slider.sliderReleased.emit()
    assert window.session.experiment.data == Circle(noise=0.25)
    window.edits.undo.trigger()
    assert window.session.experiment.data == Circle(noise=0.15)
    assert editor.field.text() == "0.15"
    window.edits.undo.trigger()
    assert window.session.experiment.data == Circle()


def test_features_are_ticked_and_the_last_one_stays(window: MainWindow, qtbot: QtBot) -> None:
    assert window.data.form is not None
    editor = window.data.form.editor("features")
    assert isinstance(editor, FeaturesEditor)
    editor.boxes["x2"].click()
    assert window.session.experiment.data == Circle(features=("x", "y", "x2"))
    for name in ("x", "y"):
        editor.boxes[name].click()
    assert window.session.experiment.data == Circle(features=("x2",))
    assert not editor.boxes["x2"].isEnabled()
    assert "at least one" in editor.boxes["x2"].toolTip()


def test_more_classes_bring_more_output_units(window: MainWindow, qtbot: QtBot) -> None:
    pick(window, qtbot, "arms")
    assert window.session.experiment.network.layers[-1].units == 3
    assert window.data.form is not None
    qtbot.keyClick(window.data.form.editor("classes").controls()[0], KEY.Key_Up)
    assert window.session.experiment.data == Arms(classes=4)
    assert window.session.experiment.network.layers[-1].units == 4


def test_a_bad_csv_file_is_one_sentence_and_the_data_stays(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("a,b,kind\n1,2,x\n3,oops,y\n5,6,x\n7,8,y\n", encoding="utf-8")
    window.data.use_file(file)
    assert window.session.experiment.data == Circle()
    said = window.notices.text.text()
    assert "bad.csv" in said
    assert "line 3" in said
    assert "column 2" in said


def test_arrow_keys_walk_among_the_datasets_and_space_picks(window: MainWindow, qtbot: QtBot) -> None:
    picker = window.data.picker
    picker.thumbnail("circle").setFocus()
    qtbot.keyClick(picker.thumbnail("circle"), KEY.Key_Right)
    assert picker.thumbnail("xor").hasFocus()
    assert window.session.experiment.data == Circle()
    qtbot.keyClick(picker.thumbnail("xor"), KEY.Key_Space)
    assert window.session.experiment.data == Xor()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Circle(), "250 samples to train on (filled), 250 to test on (hollow)"),
        (Plane(test_fraction=0.0), "500 samples to train on (filled), none to test on"),
        (Sine(), "100 samples to train on (filled), 100 to test on (hollow)\n1 input, a number to learn"),
        (Digits(), "1,438 samples to train on, 359 to test on\n64 inputs, 10 classes"),
    ],
)
def test_the_line_below_the_picture_says_how_many(data: Dataset, words: str) -> None:
    assert facts_about(data.split()) == words


# -- inspector ----------------------------------------------------------------------------------------------


def test_selecting_a_layer_is_shared_with_the_canvas_both_ways(window: MainWindow) -> None:
    window.canvas.select_layer(1)
    assert window.inspector.layer == 1
    assert window.inspector.list.currentText() == "h2 · 2 tanh"
    window.inspector.list.setCurrentIndex(1)
    window.inspector.list.activated.emit(1)
    assert window.canvas.selected_layer == 0
    window.canvas.select_layer(-1)
    assert window.inspector.list.currentText() == "Training settings"
    assert window.inspector.training.isVisible()


def test_units_and_activation_of_the_selected_layer_are_edits(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.select_layer(0)
    page = window.inspector.page
    qtbot.keyClick(page.response.editor("units").controls()[0], KEY.Key_Up)
    assert window.session.experiment.network.layers[0].units == 5
    box = page.response.editor("activation").controls()[0]
    index = box.findText("leaky ReLU")  # type: ignore[attr-defined]
    box.setCurrentIndex(index)  # type: ignore[attr-defined]
    box.activated.emit(index)  # type: ignore[attr-defined]
    assert window.session.experiment.network.layers[0].activation == LeakyReLU()
    assert window.inspector.list.currentText() == "h1 · 5 leaky ReLU"
    slope = page.response.editor("activation").controls()[1]
    qtbot.keyClick(slope, KEY.Key_Up)
    assert window.session.experiment.network.layers[0].activation == LeakyReLU(slope=0.011)
    assert window.edits.undo.text() == "Undo Change activation slope"


def test_the_output_layer_says_why_its_units_follow_the_data(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.select_layer(2)
    page = window.inspector.page
    editor = page.response.editor("units")
    assert isinstance(editor, IntegerEditor)
    assert page.note.isVisible()
    assert "two classes" in page.note.text()
    assert (editor.box.minimum(), editor.box.maximum()) == (1, 2)
    pick(window, qtbot, "digits")
    assert not editor.box.isEnabled()
    assert "10 classes need one unit each" in editor.box.toolTip()
    window.canvas.select_layer(0)
    assert not page.note.isVisible()
    assert editor.box.isEnabled()
    assert editor.box.maximum() == 65_536


def test_layers_are_added_and_removed_beside_the_list(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.select_layer(0)
    qtbot.mouseClick(window.inspector.add, Qt.MouseButton.LeftButton)
    assert [layer.units for layer in window.session.experiment.network.layers] == [4, 4, 2, 1]
    assert (window.inspector.layer, window.canvas.selected_layer) == (1, 1)
    qtbot.mouseClick(window.inspector.remove, Qt.MouseButton.LeftButton)
    assert [layer.units for layer in window.session.experiment.network.layers] == [4, 2, 1]
    window.canvas.select_layer(2)
    assert not window.inspector.remove.isEnabled()
    assert "output layer stays" in window.inspector.remove.toolTip()


def test_a_selected_layer_that_is_undone_leaves_a_selection_that_exists(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.inspector.add, Qt.MouseButton.LeftButton)
    window.canvas.select_layer(3)
    window.edits.undo.trigger()
    assert window.inspector.layer == window.canvas.selected_layer < 3
    assert window.inspector.list.currentIndex() == window.inspector.layer + 1


def test_biases_can_be_drawn_every_way_but_as_a_matrix(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    box = window.inspector.page.start.editor("biases").controls()[0]
    index = box.findText(Orthogonal.title())  # type: ignore[attr-defined]
    assert not box.model().index(index, 0).flags() & Qt.ItemFlag.ItemIsEnabled  # type: ignore[attr-defined]


def test_the_facts_of_a_layer_are_those_of_the_network_on_view(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.select_layer(0)
    facts = window.inspector.page.facts
    assert facts.text("Update / weight") == "–"
    assert facts.text("Parameters") == "8 + 4"
    before = facts.text("Gradient ∂C/∂W")
    window.session.step(200)
    qtbot.waitUntil(lambda: window.session.live.updates == 200)
    assert facts.text("Gradient ∂C/∂W") != before
    assert float(facts.text("Update / weight")) > 0
    assert facts.text("Dead neurons") == "0 of 4"


def test_the_name_of_the_experiment_is_in_the_title(window: MainWindow, qtbot: QtBot) -> None:
    field = window.inspector.training.name.field
    field.selectAll()
    qtbot.keyClicks(field, "Rings")
    qtbot.keyClick(field, KEY.Key_Return)
    assert window.session.experiment.name == "Rings"
    assert window.windowTitle() == "Rings[*] – bplab"
    assert window.edits.undo.text() == "Undo Change name"


def test_every_setting_of_the_training_plan_can_be_edited(window: MainWindow, qtbot: QtBot) -> None:
    page = window.inspector.training
    form, fields = page.form, window.session.experiment.training.__struct_fields__
    shown = [name for part in (form, page.schedule, page.rules) for name in part._editors]
    assert sorted([*shown, "early_stopping"]) == sorted(fields)
    assert set(page.stopping._editors) == set(window.session.experiment.training.early_stopping.__struct_fields__)
    form.editor("shuffle").controls()[0].click()  # type: ignore[attr-defined]
    assert window.session.experiment.training.shuffle is False
    qtbot.keyClick(form.editor("seed").controls()[0], KEY.Key_Up)
    assert window.session.experiment.training.seed == 1


def test_an_edit_that_cannot_be_is_refused_and_the_form_shows_what_is(window: MainWindow) -> None:
    window.canvas.select_layer(2)
    page = window.inspector.page
    page.response.changed.emit(Dense(7, Tanh()), "Change units", None)
    assert window.session.experiment.network.layers[2].units == 1
    assert page.response.editor("units").box.value() == 1  # type: ignore[attr-defined]
    assert "2 classes" in window.notices.text.text()


def test_the_curve_is_the_activations_own() -> None:
    z, f, slope = curves(Sigmoid())
    assert np.array_equal(f, Sigmoid().f(z[None])[0])
    assert slope.max() == 0.25
    z, f, slope = curves(Softmax())
    assert np.allclose(f, 1 / (1 + np.exp(-z)))


def test_regression_keeps_the_loss_and_gets_one_unit(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit(set_units(window.session.experiment, 0, 6), "units")
    pick(window, qtbot, "multi_gauss")
    experiment = window.session.experiment
    assert isinstance(experiment.data, MultiGauss)
    assert experiment.training.loss == HalfSquaredError()
    assert replace(experiment, data=Spiral()).network.layers[-1].units == 1


def test_the_target_column_of_a_csv_file_is_chosen_from_its_columns(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "flowers.csv"
    file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,z\n7,8,y\n9,1,x\n2,2,z\n", encoding="utf-8")
    window.data.use_file(file)
    assert window.data.form is not None
    editor = window.data.form.editor("target")
    assert isinstance(editor, ColumnEditor)
    assert [editor.box.itemText(index) for index in range(editor.box.count())] == ["last column", "a", "b", "kind"]
    editor.box.activated.emit(3)
    assert window.session.experiment.data == Csv(path=str(file), target="kind")
    editor.box.activated.emit(1)
    assert "column 3" in window.notices.text.text()
    assert window.session.experiment.data == Csv(path=str(file), target="kind")
    assert editor.box.currentText() == "kind"


@pytest.mark.parametrize(
    ("names", "value", "shown"),
    [
        (["a", "b", "c"], -1, "last column"),
        (["a", "b", "c"], 2, "b"),
        (["a", "b", "c"], -3, "a"),
        (["a", "b", "c"], "c", "c"),
    ],
)
def test_a_target_column_is_shown_by_its_name_however_it_is_given(
    qtbot: QtBot, names: list[str], value: int | str, shown: str
) -> None:
    editor = ColumnEditor()
    qtbot.addWidget(editor)
    editor.show_value(value)
    editor.show_columns(names)
    assert editor.box.currentText() == shown


@pytest.mark.parametrize(
    ("names", "index", "kept"), [(["column 1", "b"], 1, 1), (["a", "a"], 2, 2), (["a", "b"], 0, -1)]
)
def test_a_column_without_a_name_of_its_own_is_kept_by_its_number(
    qtbot: QtBot, names: list[str], index: int, kept: int
) -> None:
    editor = ColumnEditor()
    qtbot.addWidget(editor)
    editor.show_columns(names)
    with qtbot.waitSignal(editor.edited) as told:
        editor.box.activated.emit(index)
    assert told.args == [kept]
