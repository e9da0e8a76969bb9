"""The stage: shows on the canvas what the film shows, for as long as step mode is on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QVariantAnimation

from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.blueprint import Blueprint
from bplab.gui.canvas.film_legend import FilmLegend, Scale
from bplab.gui.canvas.film_overlay import FilmOverlay
from bplab.gui.canvas.film_rings import Rings
from bplab.gui.theme import Theme
from bplab.lab.film import INPUTS, Film, Phase, Scene

from .mode import StepMode

SWEEP_MS = 240
"""So long a phase takes from one column to the next, so that its direction is seen."""


class FilmStage(QObject):
    """Lays the film over the network, rings its samples in the data, and puts its legend below."""

    def __init__(self, mode: StepMode, canvas: NetworkCanvas, theme: Theme) -> None:
        super().__init__(canvas)
        self._mode, self._canvas, self._theme = mode, canvas, theme
        self.overlay: FilmOverlay | None = None
        self.legend: FilmLegend | None = None
        self._phase: Phase | None = None
        self._sweep = QVariantAnimation(self)
        self._sweep.setStartValue(0.0)
        self._sweep.setEndValue(1.0)
        self._sweep.setDuration(SWEEP_MS)
        self._sweep.valueChanged.connect(self._on_swept)
        mode.changed.connect(self._on_changed)
        theme.changed.connect(self._on_theme_changed)

    def _on_changed(self) -> None:
        film, scene = self._mode.film, self._mode.scene
        if film is None or scene is None:
            self._clear()
        else:
            self._show(film, scene)

    def _show(self, film: Film, scene: Scene) -> None:
        canvas, problem = self._canvas, film.problem
        if self.overlay is None:
            self.overlay = FilmOverlay(self._theme, Blueprint.of(film.start.experiment, problem))
            canvas.view.overlay = self.overlay
            self._show_legend()
        self.overlay.show(scene)
        if scene.phase is not self._phase:
            self._phase = scene.phase
            self._turn_to(film, scene.phase)
        canvas.view.update()
        points = problem.split.train_points
        if points is not None:
            canvas.surface.mark(Rings(points[scene.samples], scene.sample))
        if problem.split.is_curve:
            inputs, targets = problem.train_inputs[scene.samples, 0], problem.train_targets[scene.samples, 0]
            canvas.curve.mark(Rings(np.column_stack((inputs, targets)).astype(np.float64), scene.sample))
        assert self.legend is not None
        self.legend.show_scales(self._scales(scene, self.overlay), self._mode.at_end)

    @property
    def is_moving(self) -> bool:
        """True while a phase goes along its edges."""
        return self._sweep.state() == QVariantAnimation.State.Running

    def _turn_to(self, film: Film, phase: Phase) -> None:
        """Bring what the phase works on into view, and let it go its way."""
        assert self.overlay is not None
        layer = {"load": INPUTS, "loss": len(film.take.stages) - 1}.get(phase.kind, phase.layer)
        if layer is not None:
            self._canvas.view.bring_into_view(layer)
        self._sweep.stop()
        moves = bool(phase.lights.edges) and phase.kind != "update"
        self.overlay.sweep = 0.0 if moves else 1.0
        if moves:
            self._sweep.start()

    def _on_swept(self, share: float) -> None:
        if self.overlay is not None:
            self.overlay.sweep = share
            self._canvas.view.update()

    @staticmethod
    def _scales(scene: Scene, overlay: FilmOverlay) -> list[Scale]:
        """Of what is lit, what is nearest to the outcome first."""
        lit = [seen for seen in (*scene.edges.values(), *reversed(scene.columns.values())) if seen.lit]
        scales = [Scale(seen.symbol, overlay.scales.end(seen.symbol), seen.signed) for seen in lit]
        return list({scale.symbol: scale for scale in scales}.values())

    def _show_legend(self) -> None:
        canvas = self._canvas
        if self.legend is None:
            self.legend = FilmLegend(self._theme, canvas)
            canvas.foot.addWidget(self.legend, 1)
        canvas.legend.hide()
        canvas.colour_box.hide()
        self.legend.show()

    def _clear(self) -> None:
        canvas = self._canvas
        if self.overlay is None:
            return
        self._sweep.stop()
        self.overlay = canvas.view.overlay = self._phase = None
        canvas.surface.mark(None)
        canvas.curve.mark(None)
        if self.legend is not None:
            self.legend.hide()
        canvas.legend.show()
        canvas.colour_box.show()
        canvas.view.update()

    def _on_theme_changed(self) -> None:
        if self.overlay is not None:
            self.overlay.restyle()
