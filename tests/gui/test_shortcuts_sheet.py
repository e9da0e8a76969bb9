"""The sheet of keys says what the actions say, can be searched, and written as a page."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from bplab.gui.commands import plain
from bplab.gui.main_window import MainWindow
from bplab.gui.shortcuts_sheet import Shortcut, ShortcutsSheet, as_html, shortcuts


@pytest.fixture
def sheet(window: MainWindow, qtbot: QtBot) -> ShortcutsSheet:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    (opened,) = window.findChildren(ShortcutsSheet)
    return opened


def test_every_action_with_a_key_stands_under_its_menu(window: MainWindow, sheet: ShortcutsSheet) -> None:
    for menu in window.menus.all_menus():
        for action in menu.actions():
            if action.shortcuts():
                assert (plain(menu.title()), plain(action.text())) in {(row.group, row.what) for row in sheet.rows}
    keys = {row.what: row.keys for row in sheet.rows}
    assert keys["Undo"].split(" or ")[0] == "Ctrl+Z"
    assert keys["Keyboard shortcuts"] == "F1"
    assert keys["One update"] == "F6"
    assert keys["Find a command…"] == "Ctrl+Shift+P"
    assert keys["Play or pause"] == "Space"


def test_a_key_that_is_changed_is_changed_on_the_sheet(window: MainWindow) -> None:
    window.train.step.setShortcut("Ctrl+Alt+U")
    rows = shortcuts(window.menus.all_menus(), window)
    assert Shortcut("Train", "One update", "Ctrl+Alt+U") in rows


def test_every_line_can_be_read_in_full(sheet: ShortcutsSheet) -> None:
    tree, letters = sheet.tree, sheet.tree.fontMetrics()
    for row in sheet.rows:
        assert letters.horizontalAdvance(row.what) + tree.indentation() < tree.columnWidth(0), row.what
        assert letters.horizontalAdvance(row.keys) < tree.columnWidth(1), row.keys
    assert tree.columnWidth(0) + tree.columnWidth(1) <= tree.viewport().width()


def test_searching_leaves_what_answers(sheet: ShortcutsSheet, qtbot: QtBot) -> None:
    qtbot.keyClicks(sheet.search, "undo")
    items = sheet.tree.findItems("*", Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive, 0)
    shown = [item.text(0) for item in items if item.parent() is not None and not item.isHidden()]
    assert "Undo" in shown
    assert "One update" not in shown
    assert len(shown) < 4
    sheet.search.setText("zzzz")
    assert sheet.said.text() == "No shortcut answers that"


def test_it_is_written_as_a_pdf(sheet: ShortcutsSheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    save = next(button for button in sheet.findChildren(QPushButton) if button.text() == "Save as PDF…")
    save.click()
    assert path.read_bytes().startswith(b"%PDF-")
    assert path.read_bytes().rstrip().endswith(b"%%EOF")
    assert sheet.said.text().endswith("keys.pdf")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "nowhere" / "keys.pdf"), ""))
    save.click()
    assert sheet.said.text() == "keys.pdf could not be written: no such file or directory."


def test_names_from_files_are_text_on_the_page() -> None:
    assert "&lt;b&gt;" in as_html([Shortcut("File", "<b>", "Ctrl+B")])
