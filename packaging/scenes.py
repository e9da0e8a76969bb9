"""What the pictures of the window show: how each is brought about, as a person would."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QApplication, QWidget

    from bplab.gui.main_window import MainWindow

Wait = Callable[[Callable[[], bool]], None]
"""Lets the window live until something is true."""
TRAINED = 0.45
"""Share of the planned updates after which a picture of training is taken."""


def trainer(app: QApplication, example: str, layer: int) -> Callable[[MainWindow], None]:
    """Opens an example, selects a layer (−1 for none) and trains until enough of it is to be seen."""

    def train(window: MainWindow) -> None:
        from PySide6.QtCore import QEventLoop

        window.documents.open_example(example)
        window.canvas.select_layer(layer)
        session = window.session
        session.play()
        run = session.run
        assert run is not None
        while run.updates < TRAINED * run.runner.planned_updates and session.is_training:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    return train


def drawer(app: QApplication) -> Callable[[MainWindow], None]:
    """Draws a third class around the points of two, while the network learns the two."""

    def draw(window: MainWindow) -> None:
        trainer(app, "circle", -1)(window)
        desk = window.data.view.desk
        window.data.draw.click()
        desk.add_class.click()
        x_and_y = ((round(0.6 * step - 5.4, 2), 5.6) for step in range(19))
        desk.board.drawn.emit((*desk.board.points, *((x, y, 2) for x, y in x_and_y)), "Draw points")

    return draw


def table_opener(app: QApplication) -> Callable[[MainWindow], QWidget]:
    """Looks at a table before it is used; the dialog is the picture."""

    def look(window: MainWindow) -> QWidget:
        from bplab.resources import resource

        window.data.offer_file(resource("datasets", "penguins.csv"))
        dialog = window.data.importing
        assert dialog is not None
        return dialog

    return look


def layout_chooser(app: QApplication, layout: str) -> Callable[[MainWindow], None]:
    """A layout of the View menu, in training."""

    def choose(window: MainWindow) -> None:
        next(action for action in window.layouts.actions if action.text().lower() == layout).trigger()
        trainer(app, "spiral", 0)(window)

    return choose


def large_type(app: QApplication) -> Callable[[MainWindow], None]:
    """All panels in the type for a projector."""

    def enlarge(window: MainWindow) -> None:
        window.appearance.teach.trigger()
        trainer(app, "circle", 0)(window)

    return enlarge


def dock_opener(app: QApplication, name: str) -> Callable[[MainWindow], QWidget]:
    """One panel, in training."""

    def open_dock(window: MainWindow) -> QWidget:
        dock = window.docks[name]
        dock.show()
        dock.raise_()
        trainer(app, "spiral", 0)(window)
        return dock

    return open_dock


def traveller(
    app: QApplication, travel: Callable[[MainWindow, Wait], QWidget | None]
) -> Callable[[MainWindow], QWidget | None]:
    """Trains the first example, then goes back in its time."""

    def wait(until: Callable[[], bool]) -> None:
        from PySide6.QtCore import QEventLoop

        while not until():
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def prepare(window: MainWindow) -> QWidget | None:
        window.session.set_tempo("full")
        window.session.step(6_000)
        wait(lambda: not window.session.is_training)
        return travel(window, wait)

    return prepare


def look_back(window: MainWindow, wait: Wait) -> None:
    """At an early update, with a layer inspected."""
    machine = window.travel.machine
    window.canvas.select_layer(0)
    machine.go_to(1_234)
    wait(lambda: not machine.on_the_way)


def look_back_in_training(window: MainWindow, wait: Wait) -> None:
    """The same while the run trains on."""
    look_back(window, wait)
    run = window.session.run
    assert run is not None
    window.session.play()
    wait(lambda: run.updates > 6_500)


def prepare_fork(window: MainWindow, wait: Wait) -> None:
    """A fork there, with another learning rate."""
    from bplab.lab.by_hand import with_rate

    look_back(window, wait)
    window.travel.actions.fork.trigger()
    wait(lambda: window.session.draft is not None)
    window.session.edit(with_rate(window.session.experiment, 0.2), "Change learning rate")


def play_fork(window: MainWindow, wait: Wait) -> None:
    """It trains, beside its parent."""
    prepare_fork(window, wait)
    window.session.step(4_000)
    wait(lambda: window.session.live.updates == 5_234 and window.documents.shown_run() == 2)


def branches(window: MainWindow, wait: Wait) -> QWidget:
    """The menu of branches, open."""
    play_fork(window, wait)
    menu = window.travel.branch_menu.both
    menu.popup(window.mapToGlobal(window.rect().center()))
    return menu


TRAVELS: dict[str, Callable[[MainWindow, Wait], QWidget | None]] = {
    "time-travel-past": look_back,
    "time-travel-training": look_back_in_training,
    "branch-prepared": prepare_fork,
    "branch-trained": play_fork,
    "branch-menu": branches,
}


CHAINS = {
    "layer": ("circle", None, None, False),
    "weight": ("vanishing", ("weight", 0, 1, 0), None, False),
    "dead": ("dead-relu", ("neuron", 1, 0), None, False),
    "sample": ("circle", ("weight", 0, 1, 0), 20, True),
    "filter": ("digits-conv", ("weight", 0, 1, 3), None, False),
    "skip": ("deep-skips", ("bias", 3, 2), None, True),
    "pooling": ("digits-conv", ("layer", 1), None, False),
}
"""What the chain-rule panel is drawn looking at: example, target, sample, and whether it goes down to the loss."""


def chain_opener(
    app: QApplication, example: str, target: tuple[Any, ...] | None, sample: int | None, unrolls: bool
) -> Callable[[MainWindow], QWidget]:
    """The panel in its own layout, in training."""

    def open_panel(window: MainWindow) -> QWidget:
        from bplab.lab.explaining import Target

        next(action for action in window.layouts.actions if action.text() == "Chain rule").trigger()
        trainer(app, example, -1)(window)
        panel = window.chain
        panel.focus.look_at(None if target is None else Target(*target))
        panel.focus.choose_sample(sample)
        panel.unroll.setChecked(unrolls)
        while not panel.equations.is_ready:
            app.processEvents()
        return window.docks["Chain rule"]

    return open_panel


def opened(window: MainWindow, action: QAction) -> QWidget:
    """The dialog that an action opens."""
    from PySide6.QtWidgets import QDialog

    window.canvas.select_layer(0)
    action.trigger()
    return next(dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())


def palette(window: MainWindow) -> QWidget:
    """The command palette with a few letters typed."""
    from bplab.gui.command_palette import CommandPalette

    palette = opened(window, window.menus.palette)
    assert isinstance(palette, CommandPalette)
    palette.line.setText("act")
    return palette


def shortcuts(window: MainWindow) -> QWidget:
    return opened(window, window.menus.help.actions()[1])


def about(window: MainWindow) -> QWidget:
    return opened(window, window.menus.help.actions()[2])


def preferences(window: MainWindow) -> QWidget:
    return opened(window, window.menus.settings)


DIALOGS = {"palette": palette, "shortcuts": shortcuts, "about": about, "preferences": preferences}


FILMS = {
    "film-forward": ("circle", "h2: z"),
    "film-loss": ("circle", "loss C"),
    "film-backward": ("circle", "h2: ∂C/∂W"),
    "film-update": ("circle", "update"),
    "film-digits": ("digits", "out: δ"),
    "film-skips": ("deep-skips", "h5: skip"),
}
"""Pictures of step mode: the example, and the phase at which the film stands."""


def film_shower(app: QApplication, example: str, phase: str, teach: bool = False) -> Callable[[MainWindow], None]:
    """Steps through one update of an example that has made a few, up to a phase."""

    def show(window: MainWindow) -> None:
        if teach:
            next(action for action in window.layouts.actions if action.text() == "Teach").trigger()
        window.documents.open_example(example)
        window.session.step(60)
        while window.session.is_training:
            app.processEvents()
        window.train.film.trigger()
        mode = window.film.mode
        while mode.film is None:
            app.processEvents()
        mode.go_to([one.short for one in mode.film.phases].index(phase))
        while window.film.stage.is_moving:
            app.processEvents()

    return show


def checker(app: QApplication, example: str) -> Callable[[MainWindow], QWidget]:
    """Opens an example in float32 and checks its gradients; the dialog is the picture."""

    def check(window: MainWindow) -> QWidget:
        window.documents.open_example(example)
        window.session.edit_training("Number type", dtype="float32")
        window.train.check.trigger()
        dialog = window.checks.dialog
        assert dialog is not None
        while dialog.checked is None and dialog.isVisible():
            app.processEvents()
        return dialog

    return check
