"""Layouts: every preset shows what it promises, and the first layout always comes back."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QTabBar
from pytestqt.qtbot import QtBot

from bplab.gui.layouts import EVERYTHING, FIRST, PRESETS, Layout
from bplab.gui.main_window import MainWindow
from bplab.gui.plots.plot_frame import PlotFrame
from bplab.gui.preferences import LAYOUT_VERSION


def seen(window: MainWindow) -> set[str]:
    """Panels that are in front."""
    QApplication.processEvents()
    return {name for name, dock in window.docks.items() if not dock.visibleRegion().isEmpty()}


def choose(window: MainWindow, name: str) -> None:
    next(action for action in window.layouts.actions if action.text() == name).trigger()


@pytest.mark.parametrize("layout", [FIRST, *PRESETS, EVERYTHING], ids=lambda layout: layout.name)
def test_every_layout_has_a_place_for_every_panel_once(layout: Layout, window: MainWindow) -> None:
    places = [name for tabs in (*layout.left, *layout.right, *layout.above, *layout.bottom) for name in tabs]
    assert sorted(places) == sorted(window.docks)
    assert layout.hidden < set(places)


def test_the_first_start_shows_loss_gradient_and_saturation_and_keeps_the_others_behind_them(
    window: MainWindow,
) -> None:
    assert seen(window) == {"Data", "Inspector", "Loss", "Gradient", "Saturation"}
    behind = window.tabifiedDockWidgets(window.docks["Saturation"])
    assert {dock.windowTitle() for dock in behind} == {"Activations", "Layer numbers"}


@pytest.mark.parametrize(
    ("name", "front"),
    [
        ("Design", {"Data", "Inspector", "Layer table"}),
        ("Train", {"Activations", "Confusion", "Loss", "Gradient", "Updates", "Saturation"}),
        ("Chain rule", {"Chain rule", "Gradient", "Saturation"}),
        ("Teach", {"Loss", "Gradient"}),
    ],
)
def test_a_preset_shows_what_it_promises_and_reset_brings_the_first_layout_back(
    name: str, front: set[str], window: MainWindow
) -> None:
    first = seen(window)
    window.docks["Loss"].setFloating(True)
    choose(window, name)
    assert seen(window) == front
    assert not window.docks["Loss"].isFloating()
    window.reset_layout()
    assert seen(window) == first
    window.appearance.teach.setChecked(False)


def test_the_teach_layout_comes_with_large_type_and_the_others_without(window: MainWindow) -> None:
    choose(window, "Teach")
    assert window.appearance.teach.isChecked()
    choose(window, "Train")
    assert not window.appearance.teach.isChecked()


def test_a_hidden_panel_comes_back_in_front_from_the_view_menu(window: MainWindow) -> None:
    choose(window, "Design")
    window.docks["Confusion"].toggleViewAction().trigger()
    assert "Confusion" in seen(window)


def drawn(bar: QTabBar) -> bool:
    """Whether anything of it is in the window."""
    return bar.isVisible() and not bar.visibleRegion().isEmpty()


def bars(window: MainWindow) -> list[list[str]]:
    """Titles on every bar of tabs that is drawn."""
    QApplication.processEvents()
    found = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return sorted([bar.tabText(at) for at in range(bar.count())] for bar in found if drawn(bar))


def test_no_bar_of_tabs_outlives_its_layout(window: MainWindow) -> None:
    first = bars(window)
    assert first == sorted([list(tabs) for tabs in (*FIRST.right, *FIRST.bottom)])
    for _ in range(2):
        for name in ("Train", "Design", "Chain rule", "Teach", "Design"):
            choose(window, name)
            assert len(bars(window)) == (5 if name == "Train" else 0)
        window.reset_layout()
        assert bars(window) == first


def test_a_layout_that_comes_back_at_the_next_start_leaves_no_other_bars_of_tabs(window: MainWindow) -> None:
    choose(window, "Train")
    state, shown = window.saveState(LAYOUT_VERSION), bars(window)
    window.reset_layout()
    window.layouts.restore(state, LAYOUT_VERSION)
    assert bars(window) == shown


def test_a_layout_of_another_version_is_not_taken(window: MainWindow) -> None:
    first = bars(window), seen(window)
    state = window.saveState(LAYOUT_VERSION - 1)
    choose(window, "Train")
    window.layouts.restore(state, LAYOUT_VERSION)
    assert (bars(window), seen(window)) == first


def test_presets_and_the_way_back_are_in_the_view_menu(window: MainWindow) -> None:
    (menu,) = (menu for menu in window.menus.view.findChildren(QMenu) if menu.title() == "Layout")
    assert [action.text() for action in menu.actions()] == ["Design", "Train", "Chain rule", "Teach", "Reset layout"]
    assert all(action.toolTip() for action in menu.actions())


def test_every_panel_can_be_seen_at_once(window: MainWindow) -> None:
    window.resize(1900, 1000)
    window.layouts.show_all()
    assert seen(window) == set(window.docks)


def test_escape_lets_all_plots_go_live_and_space_still_plays(window: MainWindow, qtbot: QtBot) -> None:
    window.time.point_at(0.0)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert window.time.now is None
    dock = window.docks["Loss"]
    dock.setFloating(True)
    window.time.point_at(0.0)
    qtbot.keyClick(dock, Qt.Key.Key_Escape)
    assert window.time.now is None


def test_all_plots_of_a_window_share_its_time(window: MainWindow) -> None:
    plots = window.findChildren(PlotFrame)
    assert len(plots) == 9
    assert {id(plot.time) for plot in plots} == {id(window.time)}


def title_of(window: MainWindow, name: str) -> QLabel:
    return next(label for label in window.docks[name].titleBarWidget().findChildren(QLabel) if label.text() == name)


def test_a_panel_is_moved_by_its_title(window: MainWindow, qtbot: QtBot) -> None:
    title, start = title_of(window, "Loss"), QPoint(8, 8)
    before = window.docks["Loss"].geometry().topLeft()
    qtbot.mousePress(title, Qt.MouseButton.LeftButton, pos=start)
    for step in (QPoint(10, -10), QPoint(40, -40), QPoint(120, -120), QPoint(200, -200)):
        qtbot.mouseMove(title, start + step)
    qtbot.mouseRelease(title, Qt.MouseButton.LeftButton, pos=start + QPoint(200, -200))
    assert window.docks["Loss"].isFloating()
    assert window.docks["Loss"].geometry().topLeft() != before
    qtbot.mouseDClick(title_of(window, "Gradient"), Qt.MouseButton.LeftButton, pos=start)
    assert window.docks["Gradient"].isFloating()


def test_a_click_in_one_panel_puts_the_cursor_into_one_that_comes_to_the_front(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.session.step(100)
    assert window.session.run is not None
    assert window.session.run.wait_idle(20)
    window.session.tick()
    gradient, accuracy = window.docks["Gradient"].content, window.docks["Accuracy"].content
    gradient.grab()
    place = gradient.pane.mapViewToScene(QPointF(40.0, sum(gradient.pane.viewRange()[1]) / 2))
    qtbot.mouseClick(gradient.view.viewport(), Qt.MouseButton.LeftButton, pos=gradient.view.mapFromScene(place))
    assert window.time.now == pytest.approx(40.0, abs=2.0)
    bar, tab = next(
        (bar, tab)
        for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        for tab in range(bar.count())
        if bar.tabText(tab) == "Accuracy"
    )
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(tab).center())
    assert "Accuracy" in seen(window)
    assert accuracy._cursor.isVisible()
    assert accuracy._cursor.value() == window.time.now
    assert accuracy.readout.text.startswith("update ")
