"""A seeded monkey at the window: random actions leave no error, no warning and no thread, and all can be undone.

What an action raises or Qt complains about fails the test by itself, and so does a thread that is left. Five
thousand are taken where every check is run (``BPLAB_MONKEY=5000``, a minute), a thousand elsewhere;
``BPLAB_MONKEY_SEED`` makes them others.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow

from bplab.data import Dataset
from bplab.engine import Activation, Layer, Loss, Optimizer
from bplab.gui.commands import menu_commands
from bplab.gui.file_actions import Answer
from bplab.gui.main_window import MainWindow
from bplab.gui.type_size import set_type_scale
from bplab.lab.experiment import Experiment

ACTIONS = int(os.environ.get("BPLAB_MONKEY", "1000"))
SEED = int(os.environ.get("BPLAB_MONKEY_SEED", "20"))
EXAMPLES = ("circle", "spiral", "iris", "vanishing", "deep-skips", "dead-relu")
MOST_LAYERS, MOST_UNITS = 6, 24
AREAS = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea,
         Qt.DockWidgetArea.BottomDockWidgetArea, Qt.DockWidgetArea.TopDockWidgetArea)  # fmt: skip
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_Minus,
        Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_F)  # fmt: skip
NOT_FOR_MONKEYS = ("Quit", "Check gradients…", "Export report…", "Find a command…", "Keyboard shortcuts",
                   "Preferences…", "About bplab")  # fmt: skip
"""Commands that end the window, or open a dialog that has tests of its own."""


@pytest.fixture(autouse=True)
def usual_type() -> Iterator[None]:
    yield
    set_type_scale(1.0)


class Monkey:
    """Does something at random, and knows from which experiment the present history began."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self.window, self.session = window, window.session
        self.chance = random.Random(SEED)
        self.folder = folder
        self.done: list[str] = []
        """Every action by its name, for whoever wants to know what led to a failure."""
        self._history: Any = None
        self.first: Experiment
        self._note_first()

    def act(self) -> None:
        """One action, or a few that belong together: select and edit, several steps through the history."""
        acts: list[tuple[Callable[[], None], int]] = [
            (self.edit_layers, 8), (self.edit_plan, 6), (self.edit_data, 2), (self.travel, 6), (self.train, 6),
            (self.look, 8), (self.move_docks, 4), (self.switch_theme, 1), (self.open_or_save, 1), (self.command, 4),
            (self.touch_canvas, 4), (self.travel_in_time, 5),
        ]  # fmt: skip
        (chosen,) = self.chance.choices([act for act, _ in acts], [weight for _, weight in acts])
        self.done.append(chosen.__name__)
        chosen()
        self._note_first()
        if self.chance.random() < 0.3:
            QApplication.processEvents()
        self.keep_small()

    def _note_first(self) -> None:
        if self.session.history is not self._history:
            self._history, self.first = self.session.history, self.session.experiment

    def keep_small(self) -> None:
        """A monkey that only ever adds layers would do nothing else than wait for them."""
        layers = self.session.experiment.network.layers
        if len(layers) > MOST_LAYERS + 12 or sum(getattr(layer, "units", 0) for layer in layers[:-1]) > 8 * MOST_UNITS:
            self.session.undo()

    def edit_layers(self) -> None:
        canvas, chance = self.window.canvas, self.chance
        layer = chance.randrange(len(self.session.experiment.network.layers))
        canvas.select_layer(layer)
        self.done.append("select_layer")
        kind = chance.randrange(5)
        if kind == 0 and canvas.edits.has_activation(layer):
            canvas.edits.set_activation(layer, chance.choice(list(Activation.members().values()))())
        elif kind == 1 and len(self.session.experiment.network.layers) < MOST_LAYERS:
            canvas.edits.add(canvas.edits.gap_after(layer), chance.choice(list(Layer.members().values())))
        elif kind == 2:
            canvas.edits.set_kind(layer, chance.choice(list(Layer.members().values())))
        else:
            actions = [action for action in canvas.layer_actions.actions() if action.isEnabled()]
            if actions and (len(self.session.experiment.network.layers) < MOST_LAYERS or kind == 3):
                chance.choice(actions).trigger()

    def edit_plan(self) -> None:
        chance, plan = self.chance, self.session.experiment.training
        name, value = chance.choice([
            ("batch_size", chance.choice((1, 5, 10, 64))),
            ("epochs", chance.choice((1, 3, 50))),
            ("seed", chance.randrange(100)),
            ("optimizer", chance.choice(list(Optimizer.members().values()))()),
            ("loss", chance.choice(list(Loss.members().values()))()),
            ("dtype", chance.choice(("float32", "float64"))),
            ("optimizer", replace(plan.optimizer, learning_rate=chance.choice((0.001, 0.03, 0.3)))),
        ])  # fmt: skip
        self.session.edit_training(f"Change {name}", chance.choice((None, name)), **{name: value})

    def edit_data(self) -> None:
        kinds = [kind for kind in Dataset.members().values() if kind.plane]
        self.window.data.picker.picked.emit(self.chance.choice(kinds))

    def travel(self) -> None:
        steps = self.chance.choice((1, 1, 2, 8))
        self.done += ["travel"] * (steps - 1)
        for _ in range(steps):
            self.chance.choice((self.window.edits.undo, self.window.edits.undo, self.window.edits.redo)).trigger()

    def train(self) -> None:
        train = self.window.train
        actions = (train.play, train.play, train.step, train.step_epoch, train.reset, train.reset_seed)
        self.chance.choice(actions).trigger()

    def look(self) -> None:
        canvas, layers = self.window.canvas, self.session.experiment.network.layers
        layer = self.chance.randrange(-1, len(layers))
        canvas.select_layer(layer)
        if layer >= 0:
            canvas.select_neuron(layer, 0)
            self.done.append("select_neuron")

    def move_docks(self) -> None:
        window, chance = self.window, self.chance
        docks = list(window.docks.values())
        dock, other = chance.sample(docks, 2)
        match chance.randrange(6):
            case 0:
                dock.setFloating(not dock.isFloating())
            case 1:
                dock.toggleViewAction().trigger()
            case 2:
                QMainWindow.addDockWidget(window, chance.choice(AREAS), dock)
            case 3 if not dock.isFloating() and not other.isFloating():
                window.tabifyDockWidget(dock, other)
            case 4:
                dock.raise_()
            case _:
                window.reset_layout()

    def switch_theme(self) -> None:
        appearance = self.window.appearance
        self.chance.choice((*appearance.actions, appearance.teach)).trigger()

    def open_or_save(self) -> None:
        files, name = self.window.files, self.chance.choice(EXAMPLES)
        match self.chance.randrange(5):
            case 0:
                files.open_example(name)
            case 1:
                files.new.trigger()
            case 2:
                files.save.trigger()
            case 3:
                files.save_as.trigger()
            case _:
                saved = sorted(self.folder.glob("*.bplab"))
                if saved:
                    files.open_path(self.chance.choice(saved))

    def command(self) -> None:
        menus = (self.window.menus.edit, self.window.menus.view, self.window.menus.network, self.window.menus.train)
        commands = [each for each in menu_commands(menus, self.window) if not each.why_not]
        chosen = self.chance.choice([each for each in commands if each.title not in NOT_FOR_MONKEYS])
        self.done[-1] = f"{chosen.place} ▸ {chosen.title}"
        chosen.do()

    def touch_canvas(self) -> None:
        view, chance = self.window.canvas.view, self.chance
        place = QPoint(chance.randrange(max(1, view.width())), chance.randrange(max(1, view.height())))
        if chance.random() < 0.5:
            QTest.mouseMove(view, place)
            QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        else:
            QTest.keyClick(view, chance.choice(KEYS))

    def travel_in_time(self) -> None:
        machine, actions, chance = self.window.travel.machine, self.window.travel.actions, self.chance
        match chance.randrange(5):
            case 0:
                actions.fork.trigger()
            case 1:
                chance.choice(actions.ways()).trigger()
            case 2:
                runs = self.window.documents.runs()
                if runs and runs[-1].loss is not None:
                    self.window.travel.branches.compare(runs[-1].id, chance.random() < 0.5)
            case _:
                machine.go_to(chance.randrange(machine.newest + 1))

    def names(self) -> str:
        """Where the next document is saved."""
        return str(self.folder / f"{self.chance.choice('abc')}.bplab")


@pytest.mark.timeout(120 + ACTIONS // 5)
def test_a_monkey_breaks_nothing_and_all_it_did_can_be_undone(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.resize(1100, 700)
    monkey = Monkey(window, tmp_path)
    monkeypatch.setattr(window.files, "ask", lambda: Answer.DISCARD)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (monkey.names(), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    while len(monkey.done) < ACTIONS:
        monkey.act()
    window.session.pause()
    while window.session.history.undo_label is not None:
        window.session.undo()
    assert window.session.experiment == monkey.first
    QApplication.processEvents()
    window.leave()
    assert window.session.run is None
