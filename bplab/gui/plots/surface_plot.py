"""The decision surface as a panel: what the network answers at every point of the plane, read, held and taken away.

The canvas shows the same beside the output layer, small and always; here it is as large as one likes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from bplab.data import REACH
from bplab.engine.calls import Array
from bplab.gui.canvas.film_rings import paint_ring
from bplab.gui.canvas.images import image_of
from bplab.gui.canvas.markers import PointsPicture
from bplab.gui.canvas.plane_grid import PlaneGrid, grid_points
from bplab.gui.canvas.sample_choice import choose, place_of_choice, sample_at
from bplab.gui.canvas.surface_values import ValueColours
from bplab.gui.focus import Focus
from bplab.gui.numbers import short_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.live import LiveView
from bplab.lab.palette import class_colour
from bplab.lab.problem import Problem

from .export import Column
from .moment_plot import MomentPlot
from .plane_item import PlaneItem
from .readout import Entry, Swatch
from .view import Pane

SIDE, LEAST_SIDE = 96, 24
"""Cells along an edge; fewer for a network with many parameters."""
NO_LOGARITHM = "Answers may be negative or 0, of which there is no logarithm"


@dataclass(frozen=True, eq=False)
class _Dress:
    """What depends on data and theme alone."""

    problem: Problem
    colours: ValueColours
    points: PointsPicture


class SurfacePlot(MomentPlot):
    """Follows a session whose data lies in the plane; says so where it does not."""

    title = "Surface"
    empty_text = "Only samples that are points in the plane have a decision surface"
    least_gap = 0.12

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.answers: Array = np.zeros((1, 0))
        """What the network answers at every point of the grid, ``(outputs, side²)``, from the top left."""
        self._grid: PlaneGrid | None = None
        self._dress: _Dress | None = None
        self._cell: int | None = None
        self.pane = Pane()
        self.plane = PlaneItem()
        self.pane.addItem(self.plane, ignoreBounds=True)
        self.view.ci.addItem(self.pane, 0, 0)
        self.menu.refuse("Logarithmic colours", NO_LOGARITHM)
        self.view.hovered.connect(self._on_hovered)
        self.view.left.connect(self._on_left)
        self.focus = Focus.of(session)
        self.focus.changed.connect(self.plane.update)
        self.pane.clicked.connect(self._on_clicked)
        self.plane.set_ring(self._paint_ring)
        self.start()

    def describe(self, experiment: Experiment) -> str:
        """What is drawn where."""
        return "what the network answers over x and y"

    def restyle(self) -> None:
        """Other colours for answers and samples."""
        self._dress = None
        self.plane.set_look(self.small_font(), self.theme.colours)

    def measure(self, live: LiveView) -> bool:
        """Ask the network at every point of the grid."""
        if not live.experiment.data.plane:
            self._grid = None
            return False
        if self._grid is None or self._grid.live is not live:
            self._grid = PlaneGrid(live, SIDE, LEAST_SIDE)
            self._point(None)
        with np.errstate(all="ignore"):  # a network that diverges has no colour, and the run says so
            self._grid.measure()
        self.answers = self._grid.outputs(len(live.network.layers) - 1).copy()
        return True

    def draw(self) -> None:
        """Colours of the answers, and the samples."""
        assert self._grid is not None
        dress, side = self._dressed(self._grid.live.problem), self._grid.side
        image = image_of(dress.colours.pixels(self.answers).reshape(side, side))
        self.plane.set_picture(image, dress.points)

    def entries(self) -> list[Entry]:
        """What the colours mean; under the mouse the place and the answer there."""
        assert self._grid is not None
        problem = self._grid.live.problem
        if self._cell is not None:
            return self._answer_at(self._cell, problem)
        found = [*self._legend(problem), Entry("filled: train")]
        return [*found, Entry("outlines: test")] if len(problem.test_inputs) else found

    def table(self) -> list[Column]:
        """A row per point of the grid: the point, every answer there, and the class."""
        if not self.drawn or self._grid is None:
            return []
        problem, points = self._grid.live.problem, grid_points(self._grid.side)
        names = problem.shape.class_names
        said = names if len(names) == len(self.answers) else ("answer",)
        found: list[Column] = [("x", points[:, 0]), ("y", points[:, 1])]
        found += list(zip(said, self.answers, strict=True))
        if problem.code is not None:
            found.append(("class", np.array(names)[problem.code.decode(self.answers.T)]))
        return found

    def _legend(self, problem: Problem) -> list[Entry]:
        """The classes, or the ends of the scale."""
        names, colours = problem.shape.class_names, self._dressed(problem).colours
        if colours.code is not None:
            return [Entry(name, "", Swatch.BLOCK, QColor(class_colour(at))) for at, name in enumerate(names)]
        ends = [QColor(*self.theme.diverging()[end].tolist()) for end in (0, -1)]
        texts = names or [short_text(value) for value in (colours.scale.low, colours.scale.high)]
        return [Entry(text, "", Swatch.BLOCK, colour) for text, colour in zip(texts, ends, strict=True)]

    def _answer_at(self, cell: int, problem: Problem) -> list[Entry]:
        assert self._grid is not None
        x, y = grid_points(self._grid.side)[cell].tolist()
        answer, names = self.answers[:, cell], problem.shape.class_names
        found = [Entry("x", f"{x:.2f}".replace("-", "−")), Entry("y", f"{y:.2f}".replace("-", "−"))]
        said = ", ".join(short_text(float(value)).replace("-", "−") for value in answer)
        found.append(Entry("answer", said))
        if problem.code is not None:
            found.insert(2, Entry("→", names[int(problem.code.decode(answer[None])[0])]))
        return found

    def _dressed(self, problem: Problem) -> _Dress:
        if self._dress is None or self._dress.problem is not problem:
            colours = ValueColours(problem, self.theme)
            self._dress = _Dress(problem, colours, PointsPicture(problem.split, colours, self.theme))
        return self._dress

    def _on_hovered(self, point: QPointF) -> None:
        place = self.plane.place_at(point) if self.drawn else None
        self._point(None if place is None or self._grid is None else cell_of(place, self._grid.side))
        self.say()

    def _on_clicked(self, point: QPointF) -> None:
        """A click on a training sample looks at that one."""
        if self.drawn and self._grid is not None:
            square = self.plane.square(self.plane.mapRectToScene(self.plane.boundingRect()))
            choose(self.focus, sample_at(self._grid.live.problem.split, square, point))

    def _paint_ring(self, painter: QPainter, square: QRectF) -> None:
        if self._grid is not None:
            place = place_of_choice(self.focus, self._grid.live.problem.split, square)
            if place is not None:
                paint_ring(painter, self.theme.colours, place)

    def _on_left(self) -> None:
        self._point(None)
        self.say()

    def _point(self, cell: int | None) -> None:
        """The cross-hair stands in the middle of the cell whose answer is told."""
        self._cell = cell
        if cell is None or self._grid is None:
            self.plane.point_at(None)
        else:
            x, y = grid_points(self._grid.side)[cell].tolist()
            self.plane.point_at((x, y))


def cell_of(place: tuple[float, float], side: int) -> int:
    """The cell of the grid in which a place of the plane lies, counted row by row from the top left."""
    across, down = (0.5 * (1 + sign * value / REACH) for sign, value in zip((1, -1), place, strict=True))
    column, row = (min(max(int(share * side), 0), side - 1) for share in (across, down))
    return row * side + column
