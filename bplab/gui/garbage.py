"""Garbage collection on the window's thread only."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

CHECK_MS = 200


class GuiGarbage(QObject):
    """Collects cyclic garbage from a timer on the thread that made it, while automatic collection is off.

    WORKAROUND (PySide6 6.10): automatic collection runs in whichever thread allocates, so the training thread
    could destroy Qt objects that lie in a reference cycle, which aborts the process. The thresholds are Python's.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self.check)

    def start(self) -> None:
        """Turn automatic collection off and look after it from here. What lives now is taken to live on."""
        gc.disable()
        gc.collect()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Give collection back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def check(self) -> None:
        """Collect the oldest generation that is due."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if count > threshold > 0
        ]
        if due and due[0] == 0:
            gc.collect(max(due))
