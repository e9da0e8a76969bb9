"""Step mode: one training step as a film in the window, phase by phase, with keys, a panel and the canvas."""

from .part import FilmPart

__all__ = ["FilmPart"]
