"""What holds for every test: no screen, no file of the user's, no chance, no thread left behind."""

import itertools
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports Qt or Matplotlib: both read these once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_FOLDER = tempfile.TemporaryDirectory(prefix="bplab-tests-", ignore_cleanup_errors=True)
_ROOT = Path(_FOLDER.name)
os.environ["MPLCONFIGDIR"] = str(_ROOT / "matplotlib")
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(_ROOT / "hypothesis")

settings.register_profile("bplab", derandomize=True, deadline=None, database=None)
settings.load_profile("bplab")

# The variables by which platformdirs finds a user's folders: on Linux, on Windows, and (HOME alone) on macOS.
_USER_FOLDERS = {
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
    "WIN_PD_OVERRIDE_APPDATA": "config",
    "WIN_PD_OVERRIDE_LOCAL_APPDATA": "data",
    "WIN_PD_OVERRIDE_PERSONAL": "documents",
}
_numbers = itertools.count()


def _user_folders(home: Path) -> dict[str, str]:
    """The environment that puts every folder of the user's into ``home``."""
    values = {name: str(home / folder) for name, folder in _USER_FOLDERS.items()}
    return values | {"HOME": str(home)} if sys.platform == "darwin" else values


os.environ.update(_user_folders(_ROOT / "session"))


@pytest.fixture(autouse=True)
def own_user_folders(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, data, state and cache folders of this test alone, under the folder that is returned."""
    home = _ROOT / f"user{next(_numbers)}"
    for name, value in _user_folders(home).items():
        monkeypatch.setenv(name, value)
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QSettings

        for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(form, QSettings.Scope.UserScope, str(home / "config"))
    return home


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """A test that leaves a thread running fails and says which."""
    before = set(threading.enumerate())
    yield
    # A thread that has been told to end may need a moment; a QThread's stand-in (_DummyThread) is never joined.
    started = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in started:
        thread.join(timeout=2)
    left = [thread.name for thread in started if thread.is_alive()]
    assert not left, f"threads still running after the test: {', '.join(left)}"


def pytest_unconfigure() -> None:
    """The folder of all user folders goes when the run ends."""
    _FOLDER.cleanup()
