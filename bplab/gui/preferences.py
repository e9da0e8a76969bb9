"""What is remembered between starts: theme, type, layout of the window, recent files. Never anything of a document."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

from bplab.lab.tempo import TEMPI

MOST_RECENT = 10
THEMES = ("system", "light", "dark")
LAYOUT_VERSION = 4
"""Another number makes layouts saved by earlier versions void."""


class Preferences:
    """Settings in ``bplab.ini`` in the user's configuration folder; nothing there or nonsense there is the default."""

    def __init__(self, path: Path | None = None) -> None:
        file = path or user_config_path("bplab", appauthor=False) / "bplab.ini"
        self.file = file
        """Where all of it is kept."""
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """``"system"``, ``"light"`` or ``"dark"``."""
        name = str(self._settings.value("theme", "system"))
        return name if name in THEMES else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        self._settings.setValue("theme", name)

    @property
    def tempo(self) -> str:
        """How fast runs may go, one of :data:`bplab.lab.tempo.TEMPI`; at first slow enough to watch."""
        name = str(self._settings.value("tempo", TEMPI[0]))
        return name if name in TEMPI else TEMPI[0]

    @tempo.setter
    def tempo(self, name: str) -> None:
        self._settings.setValue("tempo", name)

    @property
    def teaches(self) -> bool:
        """True if type is large and lines are thick, for a projector."""
        return str(self._settings.value("teach", "no")) == "yes"

    @teaches.setter
    def teaches(self, teaches: bool) -> None:
        self._settings.setValue("teach", "yes" if teaches else "no")

    @property
    def shows_palette(self) -> bool:
        """Whether the kinds of layers stand above the network, as they do at first."""
        return str(self._settings.value("palette", "shown")) != "hidden"

    @shows_palette.setter
    def shows_palette(self, shown: bool) -> None:
        self._settings.setValue("palette", "shown" if shown else "hidden")

    @property
    def recent(self) -> list[Path]:
        """Files opened or saved lately, the latest first, those that are still there."""
        listed = self._settings.value("recent") or []
        names = listed if isinstance(listed, list) else [listed]  # a list of one is written as its item
        return [path for name in names if (path := Path(str(name))).is_file()][:MOST_RECENT]

    def add_recent(self, path: Path) -> None:
        """Put ``path`` first."""
        path = path.absolute()
        names = [str(path), *(str(other) for other in self.recent if other != path)]
        self._settings.setValue("recent", names[:MOST_RECENT])

    def clear_recent(self) -> None:
        """Forget the recent files."""
        self._settings.remove("recent")

    @property
    def folder(self) -> Path:
        """Where file dialogs open: the folder used last, at first the user's home."""
        folder = Path(str(self._settings.value("folder", "")) or Path.home())
        return folder if folder.is_dir() else Path.home()

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._settings.setValue("folder", str(folder))

    @property
    def layout(self) -> tuple[QByteArray, QByteArray] | None:
        """Geometry and dock state of the window; None before the first close."""
        geometry, state = (self._settings.value(f"window/{name}") for name in ("geometry", "state"))
        known = isinstance(geometry, QByteArray) and isinstance(state, QByteArray)
        return (geometry, state) if known else None

    @layout.setter
    def layout(self, layout: tuple[QByteArray, QByteArray]) -> None:
        for name, value in zip(("geometry", "state"), layout, strict=True):
            self._settings.setValue(f"window/{name}", value)

    def clear_layout(self) -> None:
        """The next window opens as at first."""
        self._settings.remove("window")
