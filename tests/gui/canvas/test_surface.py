"""The decision surface: colours that say what the network answers, samples on it, and no work while it is hidden."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from pytestqt.qtbot import QtBot

from bplab.data import Arms, Circle, Iris, MultiGauss, Plane
from bplab.engine import CrossEntropy, Dense, Sigmoid, Softmax, Tanh
from bplab.gui.canvas import DecisionSurface
from bplab.gui.canvas.markers import place_of
from bplab.gui.canvas.plane_grid import PlaneGrid
from bplab.gui.canvas.surface_values import SHADES, Scale, ValueColours, class_shades, scale_of
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, TrainingPlan
from bplab.lab.palette import class_colour
from bplab.lab.problem import make_problem

Make = Callable[..., Experiment]
Show = Callable[[Experiment], DecisionSurface]


@pytest.fixture
def show(qtbot: QtBot, theme: Theme) -> Iterator[Show]:
    sessions: list[Session] = []

    def build(experiment: Experiment) -> DecisionSurface:
        sessions.append(Session(experiment))
        surface = DecisionSurface(sessions[-1], theme)
        qtbot.addWidget(surface)
        surface.resize(320, 420)
        surface.show()
        qtbot.waitExposed(surface)
        return surface

    yield build
    for session in sessions:
        session.close()


def step(surface: DecisionSurface, updates: int) -> None:
    session = surface._session
    session.step(updates)
    assert session.run is not None
    assert session.run.wait_idle(10)
    session.tick()


def test_one_output_runs_from_class_to_class(make: Make) -> None:
    assert scale_of(make_problem(make(4))) == Scale(-1.0, 1.0)
    assert scale_of(make_problem(make(4, output=Dense(1, Sigmoid())))) == Scale(0.0, 1.0)


def test_a_regression_runs_as_far_as_its_targets(make: Make) -> None:
    scale = scale_of(make_problem(make(4, data=MultiGauss(samples=200))))
    assert scale.low == -scale.high
    assert scale.high == 1.0


def test_the_middle_of_the_scale_is_the_middle_of_the_colours() -> None:
    assert Scale(0.0, 1.0).codes(np.array([0.0, 0.5, 1.0, 7.0])).tolist() == [0, 128, 255, 255]


def test_the_class_that_wins_gives_the_colour_and_its_lead_the_strength(make: Make, theme: Theme) -> None:
    problem = make_problem(make(4, data=Arms(classes=3, samples=60), output=Dense(3, Softmax())))
    colours = ValueColours(problem, theme)
    shades = class_shades(3, theme.colours.ground)
    outputs = np.array([[1.0, 0.4, 0.1], [0.0, 0.3, 0.1], [0.0, 0.3, 0.8]])
    found = colours.pixels(outputs)
    assert found[0] == shades[0, SHADES - 1]
    assert found[1] == shades[0, int(0.1 * (SHADES - 1))]
    assert found[2] in shades[2]


def test_shades_go_from_near_the_ground_towards_the_class_colour(theme: Theme) -> None:
    red = (class_shades(1, "#ffffff")[0] >> 16) & 255
    assert np.all(np.diff(red.astype(int)) <= 0)
    assert red[0] > 200
    assert class_colour(0) == "#0072B2"


def test_points_lie_where_their_coordinates_say() -> None:
    found = place_of(np.array([[-6.0, -6.0], [0.0, 0.0], [6.0, 6.0]]), QRectF(10, 20, 100, 100))
    assert found.tolist() == [[10.0, 120.0], [60.0, 70.0], [110.0, 20.0]]


@pytest.mark.parametrize(
    ("data", "output", "training"),
    [
        (Circle(samples=60), Dense(1, Tanh()), TrainingPlan()),
        (Circle(samples=60), Dense(2, Softmax()), TrainingPlan(CrossEntropy())),
        (Arms(samples=60, classes=5), Dense(5, Softmax()), TrainingPlan(CrossEntropy())),
        (Plane(samples=60, test_fraction=0.0), Dense(1, Tanh()), TrainingPlan()),
    ],
)
def test_every_kind_of_answer_is_drawn_within_the_widget(
    make: Make, show: Show, data: object, output: Dense, training: TrainingPlan
) -> None:
    surface = show(make(4, data=data, output=output, training=training))
    frame = surface.frame()
    assert QRectF(surface.rect()).contains(frame)
    assert frame.width() > 200
    image = surface.grab().toImage()
    corner = frame.topLeft().toPoint() + QPoint(3, 3)
    assert image.pixelColor(corner) != image.pixelColor(1, 1)


def test_training_changes_the_surface(make: Make, show: Show) -> None:
    surface = show(make(4, 2))
    before = surface.grab().toImage()
    step(surface, 40)
    assert surface.grab().toImage() != before


def test_no_grid_is_measured_while_the_surface_is_hidden(
    make: Make, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    surface = show(make(4, 2))
    surface.hide()
    measured: list[object] = []
    monkeypatch.setattr(PlaneGrid, "measure", measured.append)
    step(surface, 40)
    assert measured == []
    monkeypatch.undo()
    surface.show()
    assert surface._shown_updates == 40


def test_data_outside_the_plane_has_no_surface(make: Make, show: Show) -> None:
    surface = show(make(4, data=Iris(), output=Dense(3, Softmax())))
    assert surface.answer_at(surface.frame().center()) == ""
    surface._session.open(make(4))
    assert surface.answer_at(surface.frame().center()) != ""


def test_the_answer_under_the_mouse_is_the_networks(make: Make, show: Show) -> None:
    surface = show(make(4, 2))
    frame = surface.frame()
    place = frame.center() + QPointF(0.25 * frame.width(), 0)
    lines = surface.answer_at(place).splitlines()
    value = float(surface._session.live.surface(np.array([[3.0, 0.0]]))[0, 0])
    assert lines[0] == "x 3.00, y 0.00"
    assert float(lines[1].removeprefix("answer ").replace("−", "-")) == pytest.approx(value, rel=1e-2)
    assert lines[2] == ("→ inside" if value > 0 else "→ outside")
    assert surface.answer_at(QPointF(1, 1)) == ""


def test_the_middle_of_the_plane_can_be_kept_at_a_height(make: Make, show: Show) -> None:
    surface = show(make(4))
    surface.resize(260, 600)
    surface.set_axis(250.0)
    assert surface.frame().center().y() == pytest.approx(250.0, abs=1.0)
    surface.set_axis(590.0)
    assert surface.frame().bottom() < 600


def test_the_surface_says_in_words_what_it_shows(make: Make, show: Show) -> None:
    surface = show(make(4))
    assert surface.accessibleDescription() == (
        "The network's answer (outside, inside) over x and y from −6 to 6, with 30 training and 30 test samples."
    )
