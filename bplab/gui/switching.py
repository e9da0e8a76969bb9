"""How quickly threads take turns: while one trains beside the window, each must offer the GIL often.

Python's own 5 ms would freeze the window.
"""

from __future__ import annotations

import sys

SWITCH_INTERVAL = 0.0002
"""Seconds after which a thread must offer the GIL."""


class QuickSwitching:
    """Threads take turns quickly as long as anybody needs it."""

    def __init__(self) -> None:
        self._usual = sys.getswitchinterval()
        self._needed: set[str] = set()

    def begin(self, what: str) -> None:
        """``what`` needs it from now on."""
        self._needed.add(what)
        sys.setswitchinterval(SWITCH_INTERVAL)

    def end(self, what: str) -> None:
        """``what`` needs it no longer; after the last one threads take turns as they did before."""
        self._needed.discard(what)
        if not self._needed:
            sys.setswitchinterval(self._usual)
