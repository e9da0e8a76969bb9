"""Layers for images, skips and badges on the canvas: where they stand, what they say, and that nothing fails."""

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from bplab.data import Digits
from bplab.engine import (
    BatchNorm,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HeNormal,
    Layer,
    LayerNorm,
    MaxPool,
    MeanPool,
    ReLU,
    Softmax,
    Tanh,
)
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.arrangement import Hit, Kind
from bplab.gui.canvas.blueprint import Blueprint, Style
from bplab.gui.canvas.figures import Figures
from bplab.gui.canvas.headers import fitting_badges
from bplab.gui.canvas.look import Look
from bplab.gui.canvas.map_grid import GAP, LEAST_TILE, MapGrid
from bplab.gui.canvas.skips import arcs_of
from bplab.gui.canvas.tips import input_tip, layer_tip, neuron_tip
from bplab.gui.canvas.windows import Window, window_of
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan, load_experiment
from bplab.lab.live import LiveView
from tests.gui.canvas.driving import arrangement, button, picture, point_at, train

Show = Callable[[Experiment], NetworkCanvas]
Make = Callable[..., Experiment]
LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


def images(*hidden: Layer) -> Experiment:
    """Digits through ``hidden`` to ten softmax units."""
    return Experiment(Digits(), NetworkDesign((*hidden, Dense(10, Softmax()))), TrainingPlan(CrossEntropy()))


FILTERS = images(Conv2D(6, ReLU(), padding=1, weights=HeNormal()), MaxPool(), Flatten(), Dense(16, ReLU(), HeNormal()))


def figures_of(experiment: Experiment) -> Figures:
    live = LiveView(experiment)
    return Figures(live, Blueprint.of(experiment, live.problem))


def pixel_at(canvas: NetworkCanvas, layer: int, neuron: int) -> QPoint:
    return arrangement(canvas).column(layer).node(neuron).center().toPoint()


# -- places ---------------------------------------------------------------------------------------------


def test_tiles_share_the_room_in_as_many_columns_as_make_them_largest() -> None:
    grid = MapGrid.fitting((16, 8, 8), 90.0, 400.0).at(QPointF(100, 50))
    assert grid.across == 2
    assert grid.shown == 16
    assert grid.wide <= 90.0
    assert grid.high <= 400.0
    first, second, third = grid.tile(0), grid.tile(1), grid.tile(2)
    assert second.left() - first.right() == pytest.approx(GAP)
    assert (third.left(), third.top() - first.bottom()) == (first.left(), pytest.approx(GAP))


def test_more_maps_than_have_room_show_the_first_ones_large_enough_to_see() -> None:
    grid = MapGrid.fitting((512, 8, 8), 60.0, 300.0)
    assert 4 < grid.shown < 512
    assert 8 * grid.scale == pytest.approx(LEAST_TILE)
    assert grid.pixel(511 * 64) is None
    assert grid.wide <= 60.0
    assert grid.high <= 300.0


def test_every_pixel_of_a_map_can_be_found() -> None:
    grid = MapGrid.fitting((3, 5, 4), 100.0, 300.0).at(QPointF(7, 9))
    for neuron in range(60):
        place = grid.pixel(neuron)
        assert place is not None
        assert grid.neuron_at(place.center()) == neuron
    assert grid.neuron_at(QPointF(0, 0)) == -1


def test_convolution_pooling_and_flattening_have_forms_of_their_own(show: Show) -> None:
    canvas = show(FILTERS)
    columns = arrangement(canvas).columns[1:]
    styles = [layer.style for layer in arrangement(canvas).blueprint.layers]
    assert styles == [Style.MAPS, Style.MAPS, Style.BAR, Style.NEURONS, Style.NEURONS]
    assert [column.maps is not None for column in columns] == [True, True, False, False, False]
    assert columns[2].body.width() < columns[3].body.width() / 1.5
    assert canvas._painter is not None
    bundles = canvas._painter._edges.bundles
    assert [bundle is not None for bundle in bundles] == [False, False, False, True, True]
    assert len(canvas._painter._edges.bands) == 3


# -- drawing --------------------------------------------------------------------------------------------


def test_a_network_with_filters_is_drawn_before_and_while_it_learns(show: Show) -> None:
    canvas = show(FILTERS)
    before = picture(canvas)
    train(canvas, 20)
    assert picture(canvas) != before
    canvas._session.reset()
    assert picture(canvas) == before


@pytest.mark.parametrize(
    "experiment",
    [
        images(Flatten(), Dense(4, ReLU())),
        images(MaxPool(), MeanPool(), Dense(4, ReLU())),
        images(Conv2D(3, ReLU(), kernel=8)),
        images(Conv2D(70, Tanh(), kernel=5, stride=2)),
        images(Dense(8, Tanh(), normalization=LayerNorm(), skip=0), Dense(30, Tanh(), skip=1, frozen=True)),
    ],
    ids=["flatten first", "pooling first", "one pixel a map", "many maps", "skips over pixels"],
)
def test_whatever_stands_where_it_is_drawn_selected_and_trained(
    show: Show, qtbot: QtBot, experiment: Experiment
) -> None:
    canvas = show(experiment)
    for layer in range(len(experiment.network.layers)):
        canvas.select_neuron(layer, 0)
        assert picture(canvas) is not None
        assert layer_tip(canvas._figures, layer)  # type: ignore[arg-type]
        assert neuron_tip(canvas._figures, layer, 0)  # type: ignore[arg-type]
    train(canvas, 3)
    assert canvas._shown_updates == 3


def test_a_flattened_row_of_features_needs_no_weights_to_be_drawn(show: Show, make: Make) -> None:
    experiment = make(3)
    layers = (Flatten(), *experiment.network.layers)
    canvas = show(replace(experiment, network=NetworkDesign(layers)))
    train(canvas, 3)
    assert canvas._figures is not None
    assert canvas._figures.input_strength().tolist() != []
    assert neuron_tip(canvas._figures, 0, 1).splitlines()[0] == "h1, value 2 of 2"


# -- what the mouse and the keys find -------------------------------------------------------------------


def test_a_neuron_of_a_layer_for_images_is_a_pixel_that_says_map_row_and_column(show: Show, qtbot: QtBot) -> None:
    canvas = show(FILTERS)
    neuron = 2 * 64 + 3 * 8 + 5
    point_at(canvas, qtbot, pixel_at(canvas, 0, neuron))
    assert canvas.view.under_mouse == Hit(Kind.NEURON, 0, neuron)
    lines = canvas._tip_of(canvas.view.under_mouse).splitlines()
    assert lines[0] == "h1, map 3 of 6, row 4, column 6"
    assert lines[1].startswith("bias ")
    assert any(line.startswith("9 incoming weights shared by its whole map, the largest ") for line in lines)
    qtbot.mouseClick(canvas.view, LEFT, pos=pixel_at(canvas, 0, neuron))
    assert (canvas._layer, canvas._neuron) == (0, neuron)


def test_arrow_keys_walk_over_maps_as_over_neurons(show: Show, qtbot: QtBot) -> None:
    canvas = show(FILTERS)
    for key in (KEY.Key_Right, KEY.Key_Right, KEY.Key_Down, KEY.Key_Down):
        qtbot.keyClick(canvas.view, key)
    assert (canvas._layer, canvas._neuron) == (1, 1)
    assert canvas.view.accessibleDescription().endswith("Selected: h2, neuron 2.")


def test_what_a_pixel_sees_is_outlined_and_the_outline_goes_with_it(show: Show) -> None:
    canvas = show(FILTERS)
    before = picture(canvas)
    canvas.select_neuron(0, 27)
    outlined = picture(canvas)
    canvas.select_neuron(0, 28)
    assert picture(canvas) != outlined
    canvas.select_layer(-1)
    assert picture(canvas) == before


def test_a_window_is_that_of_the_layers_own_arithmetic() -> None:
    places = FILTERS.places()
    assert window_of(places[0], 0) == Window(None, 0, 0, 2, 2)
    assert window_of(places[0], 5 * 64 + 3 * 8 + 4) == Window(None, 2, 3, 3, 3)
    assert window_of(places[1], 2 * 16 + 1 * 4 + 3) == Window(2, 2, 6, 2, 2)
    assert window_of(places[2], 17) == Window(1, 0, 1, 1, 1)
    assert window_of(places[3], 0) is None


def test_a_pixel_depends_on_its_window_and_on_nothing_else() -> None:
    experiment = images(Conv2D(2, Tanh(), kernel=3, stride=2, padding=1), Dense(4, Tanh()))
    live = LiveView(experiment)
    neuron = 16 + 1 * 4 + 2
    window = window_of(experiment.places()[0], neuron)
    assert window is not None
    x = live.problem.probe_inputs[:1]

    def answer(pixels: np.ndarray) -> float:
        return float(live.network.backprop(pixels, live.problem.probe_targets[:1]).outputs[0][0, neuron])

    moving = np.zeros((8, 8), bool)
    for pixel in range(64):
        changed = x.copy()
        changed[0, pixel] += 1.0
        moving.ravel()[pixel] = answer(changed) != answer(x)
    seen = np.zeros((8, 8), bool)
    seen[window.row : window.row + window.down, window.column : window.column + window.along] = True
    assert np.array_equal(moving, seen)


def test_filters_are_added_by_plus_and_pooling_says_why_it_has_no_plus(show: Show, qtbot: QtBot) -> None:
    canvas = show(FILTERS)
    canvas.select_layer(0)
    assert button(canvas, "add_neuron").toolTip().find("Add filter to h1") > 0
    qtbot.mouseClick(button(canvas, "add_neuron"), LEFT)
    assert canvas._session.experiment.network.layers[0].filters == 7  # type: ignore[attr-defined]
    assert canvas._session.history.undo_label == "Add filter to h1"
    canvas.select_layer(1)
    assert not button(canvas, "add_neuron").isEnabled()
    assert "what comes in decides how many values leave it" in button(canvas, "add_neuron").toolTip()


# -- words ----------------------------------------------------------------------------------------------


def test_tooltips_tell_what_each_kind_is_and_what_it_learns() -> None:
    found = figures_of(FILTERS)
    assert layer_tip(found, 0).splitlines()[:2] == [
        "h1: 6 maps of 8 × 8, 3×3 conv · ReLU",
        "9 × 6 = 54 weights, shared by all places, and 6 biases",
    ]
    assert layer_tip(found, 1).splitlines() == [
        "h2: 6 maps of 4 × 4, max pooling 2×2",
        "no weights: nothing here is learned",
    ]
    assert neuron_tip(found, 1, 17).splitlines()[0] == "h2, map 2 of 6, row 1, column 2"
    assert len(neuron_tip(found, 1, 17).splitlines()) == 2
    assert neuron_tip(found, 2, 70).splitlines()[0] == "h3, value 71 of 96: map 5, row 2, column 3"
    assert input_tip(found, 3).startswith("8 × 8 pixels")


def test_the_summary_tells_kinds_and_what_is_unusual_in_sentences(make: Make) -> None:
    experiment = FILTERS
    said = Blueprint.of(experiment, LiveView(experiment).problem).summary()
    assert "h1: 6 maps of 8 × 8, 3×3 conv · ReLU; h2: 6 maps of 4 × 4, max pooling 2×2; h3: 96 values, flatten;" in said
    assert said.endswith("1,750 weights.")
    unusual = Dense(4, Tanh(), normalization=BatchNorm(), dropout=0.2, skip=0, frozen=True)
    plane = make(4)
    experiment = replace(plane, network=NetworkDesign((unusual, *plane.network.layers)))
    said = Blueprint.of(experiment, LiveView(experiment).problem).summary()
    assert (
        "h1: 4 tanh neurons (batch norm before the activation, dropout 20 %, skip from inputs, through a learned "
        "2 × 4 projection, frozen)" in said
    )


# -- skips and badges -----------------------------------------------------------------------------------


def skipping(make: Make) -> Experiment:
    plane = make(4)
    layers = (Dense(4, Tanh()), Dense(4, Tanh(), skip=1), Dense(3, Tanh(), skip=0, dropout=0.2))
    return replace(plane, network=NetworkDesign((*layers, plane.network.layers[-1])))


def test_a_skip_is_an_arc_above_the_headers_from_its_source_to_its_target(show: Show, make: Make) -> None:
    canvas = show(skipping(make))
    found = arrangement(canvas)
    arcs = arcs_of(found)
    assert [(arc.source, arc.target, arc.projected) for arc in arcs] == [(-1, 2, True), (0, 1, False)]
    for arc in arcs:
        around = arc.path.boundingRect()
        assert around.top() >= 0
        assert around.bottom() <= found.above + 1
        assert arc.head.boundingRect().center().x() == pytest.approx(found.column(arc.target).x, abs=8)
    wide, narrow = (arc.path.boundingRect().height() for arc in arcs)
    assert wide > narrow


def test_a_skip_stands_out_with_the_layer_that_it_touches(show: Show, make: Make, theme: Theme) -> None:
    canvas = show(skipping(make))

    def accents() -> int:
        image = canvas.view.grab().toImage()
        above = int(arrangement(canvas).above) - 2
        pixels = (image.pixelColor(x, y).name() for y in range(above) for x in range(0, image.width(), 2))
        return sum(1 for name in pixels if name == theme.colours.accent)

    assert accents() == 0
    canvas.select_layer(2)
    assert accents() > 10


def test_a_network_without_skips_and_badges_keeps_its_room(show: Show, make: Make) -> None:
    plain, rich = arrangement(show(make(4, 4))), arrangement(show(skipping(make)))
    assert plain.skip_room == 0
    assert (plain.lines, rich.lines) == (2, 3)
    assert rich.skip_room > 20


def test_badges_say_normalization_and_dropout_as_far_as_there_is_room(make: Make, theme: Theme) -> None:
    experiment = make(4)
    layers = (Dense(4, Tanh(), normalization=BatchNorm(), dropout=0.125), experiment.network.layers[-1])
    live = LiveView(replace(experiment, network=NetworkDesign(layers)))
    badges = Blueprint.of(live.experiment, live.problem).layers[0].badges
    assert badges == ("BN", "drop 12.5 %")
    look = Look(theme, QFont(), 2)
    assert fitting_badges(look, badges, 200.0) == badges
    assert fitting_badges(look, badges, 70.0) == ("BN", "…")
    assert fitting_badges(look, badges, 5.0) == ("BN",)


@pytest.mark.parametrize("dark", [False, True])
def test_the_deep_example_is_drawn_with_all_its_arcs_in_both_themes(show: Show, theme: Theme, dark: bool) -> None:
    theme.set_dark(dark)
    canvas = show(load_experiment("deep-skips"))
    assert len(arcs_of(arrangement(canvas))) == 9
    train(canvas, 3)
    theme.set_dark(False)
