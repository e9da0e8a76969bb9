"""How fast runs go, as a person chooses it: watched, at full speed, or so many updates a second."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from bplab.lab.tempo import TEMPI, WATCHED_S

from ..editors import ComboBox
from ..session import Session

TITLES = {"watch": "Watch", "full": "Full speed"}
TIPS = {
    "watch": f"A short training is stretched to about {WATCHED_S:.0f} seconds, so that you can see how it goes",
    "full": "As fast as this machine can",
}


class TempoBox(ComboBox):
    """The session's tempo. No number of a run depends on it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName("Speed")
        self.setToolTip("How fast training goes; the result is the same at any speed")
        for tempo in TEMPI:
            self.addItem(TITLES.get(tempo, f"{int(tempo):,} / s" if tempo.isdigit() else tempo), tempo)
            tip = TIPS.get(tempo, f"At most {tempo} updates a second")
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.show_tempo(session.tempo)
        self.activated.connect(self._on_activated)

    def show_tempo(self, tempo: str) -> None:
        """Show what the session's tempo is."""
        self.setCurrentIndex(max(0, self.findData(tempo)))

    def _on_activated(self, index: int) -> None:
        self._session.set_tempo(self.itemData(index))
