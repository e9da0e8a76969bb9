"""Images are looked through in a grid with their labels and the network's answers; mistakes can be seen alone."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from bplab.data import Digits, Npz
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.data_answers import AT_ONCE, MOST, PRODUCTS, UNKNOWN, Answers
from bplab.gui.panels.data_images import CROSS, ImageGrid
from bplab.gui.theme import Theme
from bplab.lab.experiment import fitted_to_data, load_experiment
from bplab.lab.live import LiveView
from bplab.lab.problem import make_problem


@pytest.fixture
def digits(window: MainWindow) -> MainWindow:
    window.session.open(load_experiment("digits"))
    return window


def train(window: MainWindow, qtbot: QtBot, updates: int = 40) -> None:
    window.session.step(updates)
    qtbot.waitUntil(lambda: not window.session.is_training)
    window.session.tick()


def grid_of(window: MainWindow) -> ImageGrid:
    return window.data.view.images


def expected(window: MainWindow) -> np.ndarray:
    """Where the network on view is wrong: training samples first, then test samples."""
    live, problem = window.session.live, window.session.problem
    inputs = np.concatenate([problem.split.train_inputs, problem.split.test_inputs])
    targets = np.concatenate([problem.split.train_targets, problem.split.test_targets])
    assert problem.code is not None
    return np.flatnonzero(problem.code.decode(live.network.predict(inputs)) != targets)


def test_a_network_that_has_learned_nothing_is_not_asked(digits: MainWindow) -> None:
    images = grid_of(digits)
    assert images.isVisible()
    assert not digits.data.view.picture.isVisible()
    assert images.model.rowCount() == 1797
    assert not images.mistakes.isEnabled()
    assert "Train the network" in images.said.text()
    assert images.model.words(0) == f"training sample, {digits.session.problem.split.train_targets[0]}"


def test_every_answer_is_said_and_wrong_ones_are_counted(digits: MainWindow, qtbot: QtBot) -> None:
    train(digits, qtbot)
    images, wrong = grid_of(digits), expected(digits)
    assert 0 < len(wrong) < 1797
    assert f"{1797 - len(wrong):,} of 1,797 right, {len(wrong):,} wrong ({CROSS})" in images.said.text()
    words = [images.model.index(row).data() for row in range(1797)]
    assert [row for row, text in enumerate(words) if text.endswith(": wrong")] == wrong.tolist()
    assert sum(text.endswith(": right") for text in words) == 1797 - len(wrong)


def test_only_mistakes_and_only_one_part_can_be_seen(digits: MainWindow, qtbot: QtBot) -> None:
    train(digits, qtbot)
    images, wrong = grid_of(digits), expected(digits)
    images.mistakes.click()
    assert images.model.rows == wrong.tolist()
    images.part.setCurrentIndex(2)
    images.part.activated.emit(2)
    first_test = len(digits.session.problem.split.train_inputs)
    assert images.model.rows == [row for row in wrong.tolist() if row >= first_test]
    assert all(images.model.words(row).startswith("test sample") for row in images.model.rows)
    train(digits, qtbot, 100)
    assert images.model.rows == [row for row in expected(digits).tolist() if row >= first_test]


def test_a_wrong_answer_is_crossed_and_framed(digits: MainWindow, qtbot: QtBot, theme: Theme) -> None:
    train(digits, qtbot)
    images = grid_of(digits)
    warned = [colour_count(images, theme.colours.warning)]
    images.mistakes.click()
    warned.append(colour_count(images, theme.colours.warning))
    assert warned[1] > warned[0]


def colour_count(images: ImageGrid, colour: str) -> int:
    picture = images.grid.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), -1)
    return int(np.count_nonzero((pixels & 0xFFFFFF) == int(colour[1:], 16)))


def test_another_network_takes_the_answers_back(digits: MainWindow, qtbot: QtBot) -> None:
    train(digits, qtbot)
    digits.session.reset()
    assert not grid_of(digits).mistakes.isEnabled()
    assert "Train the network" in grid_of(digits).said.text()


def test_the_space_bar_stays_with_play_where_images_have_the_focus(digits: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(grid_of(digits).grid, Qt.Key.Key_Space)
    assert digits.session.run is not None


def test_images_with_numbers_to_learn_have_no_mistakes(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "shades.npz"
    np.savez(path, x=np.random.default_rng(0).random((20, 4, 4)), y=np.linspace(0, 1, 20))
    window.session.open(fitted_to_data(replace(window.session.experiment, data=Npz(path=str(path)))))
    images = grid_of(window)
    assert images.model.rowCount() == 20
    assert not images.mistakes.isVisible()
    assert "wrong" not in images.said.text()
    assert not images.grab().isNull()


# -- asking, without a window ---------------------------------------------------------------------------------


def test_while_it_trains_a_few_samples_are_asked_about_at_once() -> None:
    experiment = load_experiment("digits")
    problem = make_problem(experiment)
    live, answers = LiveView(experiment, problem), Answers(problem)
    assert not answers.ask(live, trains=True), "a network with its first weights is not asked"
    live.updates = 1
    assert answers.ask(live, trains=False)
    before = answers.given.copy()
    live.network.parameters[...] = -live.network.parameters
    live.updates = 2
    assert not answers.ask(live, trains=True)
    assert np.array_equal(answers.given[AT_ONCE:], before[AT_ONCE:])
    assert not np.array_equal(answers.given[:AT_ONCE], before[:AT_ONCE])
    asked = 1
    while not answers.ask(live, trains=True):
        asked += 1
    assert asked + 1 == -(-len(answers.inputs) // AT_ONCE)
    assert not answers.ask(live, trains=True), "all has been asked"
    assert answers.known


def test_a_large_network_is_first_asked_in_portions_too_while_it_trains() -> None:
    experiment = load_experiment("digits")
    layers = replace(experiment.network.layers[0], units=800), experiment.network.layers[-1]
    experiment = replace(experiment, network=replace(experiment.network, layers=layers))
    problem = make_problem(experiment)
    live, answers = LiveView(experiment, problem), Answers(problem)
    live.updates = 1
    portion = PRODUCTS // live.network.parameters.size
    assert not answers.ask(live, trains=True)
    assert np.count_nonzero(answers.given != UNKNOWN) == portion < len(answers.inputs)
    assert not answers.known
    assert answers.ask(live, trains=False), "at rest all are asked"
    assert answers.known


def test_images_out_of_sight_are_not_asked_about_before_training_rests(digits: MainWindow, qtbot: QtBot) -> None:
    digits.docks["Data"].widget().setFixedHeight(1)
    digits.session.play()
    qtbot.waitUntil(lambda: digits.session.live.updates > 0)
    answers = grid_of(digits).model.answers
    assert answers is not None
    assert (answers.given == UNKNOWN).all()
    digits.session.pause()
    qtbot.waitUntil(lambda: answers.known)


def test_of_many_samples_a_fair_share_is_shown() -> None:
    experiment = load_experiment("digits")
    answers = Answers(make_problem(experiment))
    assert len(answers.inputs) == 1797 <= 2 * MOST
    few = Answers(make_problem(replace(experiment, data=Digits(test_fraction=0.05))))
    assert (len(few.inputs), int(few.tested.sum())) == (MOST + 90, 90)
