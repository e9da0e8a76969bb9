"""The chain-rule panel: what it shows of what is looked at, and what can be done in it by mouse and keys."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bplab.engine import BatchNorm
from bplab.gui.chain import ChainPanel
from bplab.gui.focus import Focus, Lit
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import load_experiment
from bplab.lab.explaining import Target, explain, target_spread

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key
Shown = Callable[[QWidget], QWidget]


@pytest.fixture
def panel(session: Session, theme: Theme, shown: Shown, qtbot: QtBot) -> Iterator[ChainPanel]:
    made = ChainPanel(session, theme)
    made.resize(440, 800)
    shown(made)
    qtbot.waitUntil(lambda: made.equations.is_ready)
    yield made
    made.hide()


def plain(panel: ChainPanel, qtbot: QtBot) -> list[str]:
    qtbot.waitUntil(lambda: panel.equations.is_ready)
    return [line.plain for line in panel.equations.lines]


def told(session: Session, target: Target, sample: int | None = None) -> tuple[str, float]:
    """Sentence and gradient as the lab has them."""
    live = session.live
    passed = live.network.backprop(live.problem.probe_inputs, live.problem.probe_targets)
    found = explain(live.network, passed, target, sample, spread=target_spread(live.problem.train_targets))
    return found.sentence, found.gradient


def test_a_newcomer_sees_the_first_layers_equation_and_what_to_do(panel: ChainPanel, qtbot: QtBot) -> None:
    assert panel.title.text() == "Layer h1"
    assert panel.hint.isVisible()
    assert plain(panel, qtbot)[0].startswith("RMS ∂C/∂w = ")
    assert len([row for row in panel.rows if row.isVisible()]) == 5
    panel.focus.look_at(Target("layer", 1))
    assert not panel.hint.isVisible()


def test_it_shows_what_the_lab_finds(panel: ChainPanel, session: Session) -> None:
    for target, title in (
        (Target("weight", 0, 1, 0), "Weight from x to h1, 2"),
        (Target("weight", 1, 0, 2), "Weight from h1, 3 to h2, 1"),
        (Target("bias", 1, 1), "Bias of h2, 2"),
        (Target("neuron", 0, 3), "Neuron 4 of h1"),
        (Target("layer", 2), "Layer out"),
    ):
        panel.focus.look_at(target)
        assert panel.title.text() == title
        assert panel.sentence.text() == told(session, target)[0]
        shown = [row.factor for row in panel.rows if row.isVisible() and row.factor is not None]
        product = np.prod([factor.size for factor in shown]) * 128
        assert product == pytest.approx(told(session, target)[1], rel=1e-12)
        assert sum(row.marked for row in panel.rows if row.isVisible()) == 1


@pytest.mark.parametrize("example", ["digits-conv", "deep-skips"])
def test_every_layer_of_any_network_is_explained_or_says_why_not(
    panel: ChainPanel, session: Session, qtbot: QtBot, example: str
) -> None:
    session.open(load_experiment(example))
    for number, place in enumerate(session.experiment.places()):
        panel.focus.look_at(Target("layer", number))
        if not place.parts:
            assert "has no weights" in panel.message.text()
            assert not panel.equations.isVisible()
            continue
        panel.focus.look_at(Target("weight", number, place.channels - 1, place.matrix[0] - 2))
        assert panel.equations.isVisible()
        assert len(plain(panel, qtbot)) == 4


def test_a_normalization_is_one_of_the_factors(panel: ChainPanel, session: Session) -> None:
    session.edit_layer(0, "Normalize", normalization=BatchNorm())
    panel.focus.look_at(Target("neuron", 0, 1))
    names = [row.factor.name for row in panel.rows if row.isVisible() and row.factor is not None]
    assert names == ["input", "agreement", "derivative", "normalization", "weights", "delta_next"]


def test_unrolled_the_error_is_followed_to_the_loss(panel: ChainPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.unroll, LEFT)
    lines = plain(panel, qtbot)
    assert [line.split(" = ")[0] for line in lines[4::2]] == ["δ h2", "δ out"]
    assert "∂C/∂a" in lines[-2]
    qtbot.mouseClick(panel.unroll, LEFT)
    assert len(plain(panel, qtbot)) == 4


def test_one_sample_is_chosen_with_the_box_and_told_of(panel: ChainPanel, session: Session, qtbot: QtBot) -> None:
    panel.focus.look_at(Target("weight", 0, 1, 0))
    qtbot.mouseClick(panel.sample.one, LEFT)
    assert panel.focus.sample == 0
    panel.sample.box.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel.sample.box, KEY.Key_Up)
    assert panel.focus.sample == 3
    assert panel.sentence.text() == told(session, Target("weight", 0, 1, 0), 3)[0]
    assert "training sample 4" in panel.note.text()
    qtbot.mouseClick(panel.sample.batch, LEFT)
    assert panel.focus.sample is None


def test_a_sample_beyond_the_probe_samples_is_its_own_inputs(panel: ChainPanel, session: Session) -> None:
    panel.focus.look_at(Target("weight", 0, 1, 0))
    panel.focus.choose_sample(200)
    (entering,) = (row.factor for row in panel.rows if row.factor is not None and row.factor.name == "input")
    assert entering.size == session.problem.train_inputs[200, 0]


def test_fields_look_at_a_neuron_a_weight_and_a_bias(panel: ChainPanel, qtbot: QtBot) -> None:
    picker = panel.target
    picker.unit.setFocus()
    qtbot.keyClick(picker.unit, KEY.Key_Up)
    assert panel.focus.target == Target("neuron", 0, 0)
    picker.what.setFocus()
    qtbot.keyClick(picker.what, KEY.Key_Down)
    assert panel.focus.target == Target("weight", 0, 0, 0)
    picker.source.setFocus()
    qtbot.keyClick(picker.source, KEY.Key_Up)
    assert panel.focus.target == Target("weight", 0, 0, 1)
    picker.what.setFocus()
    qtbot.keyClick(picker.what, KEY.Key_Down)
    assert panel.focus.target == Target("bias", 0, 0)
    picker.layer.setFocus()
    qtbot.keyClick(picker.layer, KEY.Key_Down)
    assert panel.focus.target == Target("layer", 1)


def test_a_factor_lights_up_where_it_comes_from_and_puts_it_out_again(panel: ChainPanel, qtbot: QtBot) -> None:
    panel.focus.look_at(Target("weight", 1, 0, 2))
    entering, agreement, derivative, weights, behind = panel.rows[:5]
    for row, lit in (
        (entering, Lit(0, (2,))),
        (derivative, Lit(1, (0,))),
        (weights, Lit(2, edges=True, start=1, sources=(0,))),
        (behind, Lit(2)),
    ):
        qtbot.mouseClick(row, LEFT)
        assert panel.focus.lit == (lit,)
        assert [one.isChecked() for one in panel.rows].count(True) == 1
    agreement.setFocus()
    qtbot.keyClick(agreement, KEY.Key_Return)
    assert panel.focus.lit == (Lit(1, (0,)),)
    qtbot.keyClick(agreement, KEY.Key_Return)
    assert panel.focus.lit == ()
    assert not any(row.isChecked() for row in panel.rows)


def test_what_a_dense_layer_reads_of_maps_lights_up_the_map(panel: ChainPanel, session: Session, qtbot: QtBot) -> None:
    session.open(load_experiment("digits-conv"))
    panel.focus.look_at(Target("weight", 3, 0, 20))
    qtbot.mouseClick(panel.rows[0], LEFT)
    assert panel.focus.lit == (Lit(2, (20,)),)
    panel.focus.look_at(Target("weight", 0, 5, 3))
    qtbot.mouseClick(panel.rows[0], LEFT)
    assert panel.focus.lit == (Lit(-1, (0,)),)


def test_the_tab_key_walks_from_the_choices_over_the_equations_to_the_factors(panel: ChainPanel, qtbot: QtBot) -> None:
    panel.focus.look_at(Target("weight", 1, 0, 2))
    walked: list[QWidget] = [panel.target.layer]
    while walked[-1] is not panel.rows[4] and len(walked) < 40:
        walked.append(walked[-1].nextInFocusChain())
    stops = [panel.target.layer, panel.sample.batch, panel.equations, panel.unroll, panel.copy, *panel.rows[:5]]
    assert [widget for widget in walked if widget in stops] == stops


def test_equations_are_copied_as_text_latex_and_picture(panel: ChainPanel, qtbot: QtBot) -> None:
    text, clipboard = "\n".join(plain(panel, qtbot)), QGuiApplication.clipboard()
    panel.equations.setFocus()
    qtbot.keyClick(panel.equations, KEY.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == text
    _, latex, picture = panel.copy_actions()
    latex.trigger()
    assert r"\frac{\partial C}" in clipboard.text()
    picture.trigger()
    assert clipboard.image().width() > 300
    clipboard.clear()


def test_it_follows_training_and_costs_nothing_while_it_is_hidden(
    panel: ChainPanel, session: Session, qtbot: QtBot
) -> None:
    session.step(5)
    qtbot.waitUntil(lambda: not session.is_training)
    session.tick()
    assert panel.note.text().endswith("step 5")
    panel.hide()
    passes: list[object] = []
    backprop = session.live.network.backprop
    session.live.network.backprop = lambda *batch: passes.append(batch) or backprop(*batch)  # type: ignore[method-assign]
    session.step(5)
    qtbot.waitUntil(lambda: not session.is_training)
    session.tick()
    panel.focus.look_at(Target("layer", 1))
    assert not passes
    panel.show()
    assert len(passes) == 1
    assert panel.title.text() == "Layer h2"


def test_equations_and_factors_stand_beside_each_other_where_there_is_room(panel: ChainPanel, qtbot: QtBot) -> None:
    assert panel.axis.mapTo(panel, panel.axis.rect().topLeft()).y() > panel.equations.geometry().bottom()
    panel.resize(900, 420)
    qtbot.waitUntil(lambda: panel.rows[0].mapTo(panel, panel.rows[0].rect().topLeft()).x() > 440)


def test_a_focus_is_shared_with_the_session(panel: ChainPanel, session: Session) -> None:
    assert panel.focus is Focus.of(session)
