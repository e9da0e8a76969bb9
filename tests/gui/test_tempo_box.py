"""How fast runs go is chosen in the training bar, remembered, and changes no result."""

import pytest
from PySide6.QtCore import Qt

from bplab.gui.panels.tempo_box import TempoBox
from bplab.gui.preferences import Preferences
from bplab.gui.session import Session
from bplab.lab.tempo import TEMPI


@pytest.fixture
def session(qtbot):
    session = Session()
    yield session
    session.close()


@pytest.fixture
def box(qtbot, session):
    box = TempoBox(session)
    session.tempo_changed.connect(box.show_tempo)
    qtbot.addWidget(box)
    box.show()
    return box


def test_every_tempo_is_offered_with_a_name_and_a_tip(box):
    assert [box.itemData(row) for row in range(box.count())] == list(TEMPI)
    assert all(box.itemText(row) and box.itemData(row, Qt.ItemDataRole.ToolTipRole) for row in range(box.count()))


def test_a_key_chooses_the_tempo_of_the_session(qtbot, box, session):
    box.setCurrentIndex(0)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert session.tempo == TEMPI[1]


def test_the_box_shows_a_tempo_that_was_set_elsewhere(box, session):
    session.set_tempo("100")
    assert box.currentData() == "100"


def test_the_tempo_is_remembered_and_nonsense_is_the_default(tmp_path):
    file = tmp_path / "bplab.ini"
    Preferences(file).tempo = "10"
    assert Preferences(file).tempo == "10"
    Preferences(file).tempo = "warp 9"
    assert Preferences(file).tempo == "watch"
