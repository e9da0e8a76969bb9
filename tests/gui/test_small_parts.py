"""Small parts of the window: notices, preferences, pace, garbage, icons, signals of the system."""

import gc
import signal
import threading
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bplab.gui.departure import Departure
from bplab.gui.garbage import GuiGarbage
from bplab.gui.icons import DRAWINGS, icon, program_icon
from bplab.gui.notices import NoticeBar, Offer, as_sentence
from bplab.gui.panels.pace import Pace
from bplab.gui.preferences import Preferences
from bplab.gui.theme import Theme

# -- notices ------------------------------------------------------------------------------------------------


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> NoticeBar:
    made = NoticeBar(theme)
    qtbot.addWidget(made)
    return made


def test_a_notice_is_hidden_until_there_is_something_to_say(bar: NoticeBar) -> None:
    assert bar.isHidden()
    bar.say("topic", "something is so")
    assert not bar.isHidden()
    assert bar.text.text() == "Something is so."
    assert bar.accessibleName() == "Something is so."


def test_only_the_topic_that_is_shown_can_be_taken_back(bar: NoticeBar) -> None:
    bar.say("one", "first")
    bar.clear("other")
    assert not bar.isHidden()
    bar.clear("one")
    assert bar.isHidden()


def test_what_a_passing_notice_covers_is_there_again_when_it_has_passed(bar: NoticeBar) -> None:
    bar.say("crash", "work was left behind", Offer("Recover", "Open it", lambda: None))
    bar.say("refusal", "that does not fit", passing=True)
    bar.say("refusal", "nor does that", passing=True)
    assert bar.topic == "refusal"
    assert bar._offers == []
    bar._timer.timeout.emit()
    assert bar.text.text() == "Work was left behind."
    assert len(bar._offers) == 1


def test_an_offer_is_done_once_and_the_notice_goes(bar: NoticeBar, qtbot: QtBot) -> None:
    done = []
    bar.say("topic", "something is so", Offer("Do it", "It will be done", lambda: done.append(1)))
    qtbot.mouseClick(bar._offers[0], Qt.MouseButton.LeftButton)
    assert done == [1]
    assert bar.isHidden()


def test_markup_in_a_notice_is_shown_as_it_stands(bar: NoticeBar) -> None:
    bar.say("topic", "<b>bold</b>.json: no")
    assert bar.text.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("it is so", "It is so."), ("rings.bplab is damaged", "rings.bplab is damaged."), ("Is it?", "Is it?")],
)
def test_a_notice_begins_with_a_capital_unless_a_files_name_does_and_ends_with_a_full_stop(
    text: str, sentence: str
) -> None:
    assert as_sentence(text) == sentence


# -- preferences --------------------------------------------------------------------------------------------


def test_recent_files_are_the_latest_first_each_once_and_only_those_that_are_there(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "x.ini")
    files = [tmp_path / f"{number}.bplab" for number in range(12)]
    for file in files:
        file.touch()
        preferences.add_recent(file)
    preferences.add_recent(files[5])
    files[11].unlink()
    assert Preferences(tmp_path / "x.ini").recent[:3] == [files[5], files[10], files[9]]
    assert len(Preferences(tmp_path / "x.ini").recent) <= 10
    preferences.clear_recent()
    assert preferences.recent == []


def test_one_recent_file_is_read_back_as_one(tmp_path: Path) -> None:
    file = tmp_path / "a, b.bplab"
    file.touch()
    Preferences(tmp_path / "x.ini").add_recent(file)
    assert Preferences(tmp_path / "x.ini").recent == [file]


def test_preferences_are_an_ini_file_in_the_users_configuration_folder(own_user_folders: Path) -> None:
    preferences = Preferences()
    preferences.theme = "dark"
    preferences._settings.sync()
    (file,) = own_user_folders.rglob("bplab.ini")
    assert "theme=dark" in file.read_text(encoding="utf-8")


def test_a_folder_that_is_gone_is_the_home_folder(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "x.ini")
    preferences.folder = tmp_path / "gone"
    assert preferences.folder == Path.home()


# -- pace ---------------------------------------------------------------------------------------------------


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    assert pace.seconds_to(100) is None
    for tenth in range(100):
        pace.note(tenth / 10, tenth * 10 if tenth < 50 else 500 + (tenth - 50) * 100)
    assert pace.updates_per_second() == pytest.approx(1000)
    assert pace.seconds_to(500 + 49 * 100 + 2000) == pytest.approx(2.0)


def test_a_run_that_begins_again_has_no_pace_yet() -> None:
    pace = Pace()
    pace.note(0.0, 1000)
    pace.note(1.0, 2000)
    pace.note(1.1, 5)
    assert pace.updates_per_second() is None


# -- garbage ------------------------------------------------------------------------------------------------


class Knot:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.self = self


def test_cyclic_garbage_is_collected_on_the_windows_thread_and_on_no_other(qtbot: QtBot) -> None:
    where: list[str] = []

    def freed(_: object) -> None:
        where.append(threading.current_thread().name)

    garbage = GuiGarbage()
    garbage.start()
    try:
        assert not gc.isenabled()
        refs = []

        def make_garbage() -> None:
            for _ in range(3 * gc.get_threshold()[0]):
                refs.append(weakref.ref(Knot(), freed))

        thread = threading.Thread(target=make_garbage, name="training")
        thread.start()
        thread.join()
        assert where == []
        qtbot.waitUntil(lambda: len(where) == len(refs))
        assert set(where) == {threading.main_thread().name}
    finally:
        garbage.stop()
    assert gc.isenabled()


# -- icons --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_icon_draws_something(qapp: object, name: str) -> None:
    image = icon(name).pixmap(16, 16).toImage()
    alphas = {image.pixelColor(x, y).alpha() > 0 for x in range(image.width()) for y in range(image.height())}
    assert alphas == {True, False}


def test_the_program_has_an_icon_of_its_own(qapp: object) -> None:
    assert not program_icon().pixmap(64, 64).isNull()


# -- departure ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_of_the_system_is_told_from_the_event_loop_and_not_before(qtbot: QtBot, name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    departure = Departure()
    told = []
    departure.told.connect(lambda: told.append(name))
    try:
        signal.raise_signal(number)
        assert told == []
        qtbot.waitUntil(lambda: told == [name])
    finally:
        departure.close()
    assert signal.getsignal(number) is before
