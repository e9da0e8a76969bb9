"""What a hand does to drawn points, from pressing a button of the mouse to letting it go: a gesture is one undo step.

A gesture begins with the points there are, is told of every place the mouse comes to, and has in ``points`` what there
would be if it ended now. Nothing happens to the experiment before it ends; to cancel it is to forget it.
"""

from __future__ import annotations

import math

import numpy as np

from bplab.data.drawn import MAX_POINTS, MIN_POINTS
from bplab.data.plane import REACH

Place = tuple[float, float]
Point = tuple[float, float, int]
Points = tuple[Point, ...]

BRUSH_RADIUS, ERASER_RADIUS = 0.8, 0.5
"""In units of the plane."""
BRUSH_STEP = 0.3
"""The brush leaves a point whenever it has moved this far."""
FULL = f"There are {MAX_POINTS:,} points; no more can be drawn"
LAST = f"The last {MIN_POINTS} points stay: a network needs something to learn from"


class Gesture:
    """Base of the gestures; ``refusal`` says in a sentence what could not be done, if anything."""

    def __init__(self, points: Points, label: str) -> None:
        self.before = self.points = points
        self.label, self.refusal = label, ""

    def move(self, place: Place) -> None:
        """The mouse has come to ``place``."""

    def _add(self, point: Point) -> bool:
        if len(self.points) >= MAX_POINTS:
            self.refusal = FULL
            return False
        self.points = (*self.points, point)
        return True


class AddPoint(Gesture):
    """A new point, which follows the mouse until it is let go."""

    def __init__(self, points: Points, place: Place, index: int) -> None:
        super().__init__(points, "Add a point")
        self._index = index
        self._added = self._add((*within(place), index))

    def move(self, place: Place) -> None:
        if self._added:
            self.points = (*self.before, (*within(place), self._index))


class MovePoint(Gesture):
    """The point that was taken follows the mouse."""

    def __init__(self, points: Points, taken: int, place: Place) -> None:
        super().__init__(points, "Move a point")
        self._taken = taken
        x, y, self._index = points[taken]
        self._offset = x - place[0], y - place[1]

    def move(self, place: Place) -> None:
        x, y = within((place[0] + self._offset[0], place[1] + self._offset[1]))
        self.points = (*self.before[: self._taken], (x, y, self._index), *self.before[self._taken + 1 :])


class Brush(Gesture):
    """Points scattered around the way the mouse takes."""

    def __init__(self, points: Points, place: Place, index: int, random: np.random.Generator) -> None:
        super().__init__(points, "Draw points")
        self._index, self._random, self._last = index, random, place
        self._scatter(place)

    def move(self, place: Place) -> None:
        x, y = self._last
        far = math.hypot(place[0] - x, place[1] - y)
        steps = int(far / BRUSH_STEP)
        for step in range(1, steps + 1):
            share = step * BRUSH_STEP / far
            self._last = x + share * (place[0] - x), y + share * (place[1] - y)
            self._scatter(self._last)

    def _scatter(self, place: Place) -> None:
        angle = 2 * math.pi * self._random.random()
        far = BRUSH_RADIUS * math.sqrt(self._random.random())
        self._add((*within((place[0] + far * math.cos(angle), place[1] + far * math.sin(angle))), self._index))


class Erase(Gesture):
    """Every point that comes within ``radius`` of the mouse goes."""

    def __init__(self, points: Points, place: Place, radius: float) -> None:
        super().__init__(points, "Erase points")
        self._radius, self._last = radius, place
        self._erase(place)

    def move(self, place: Place) -> None:
        (x, y), (to_x, to_y) = self._last, place
        steps = max(1, math.ceil(math.hypot(to_x - x, to_y - y) / self._radius))
        for step in range(1, steps + 1):
            self._erase((x + (to_x - x) * step / steps, y + (to_y - y) * step / steps))
        self._last = place

    def _erase(self, place: Place) -> None:
        left = tuple(point for point in self.points if distance(point, place) > self._radius)
        if len(left) < MIN_POINTS:
            self.refusal = LAST
            left += tuple(point for point in self.points if point not in left)[: MIN_POINTS - len(left)]
        self.points = left


def within(place: Place) -> Place:
    """The place, no farther out than the picture of the plane reaches, rounded to two digits."""
    x, y = (min(max(round(value, 2), -REACH), REACH) for value in place)
    return x, y


def distance(point: Point, place: Place) -> float:
    """From a point to a place."""
    return math.hypot(point[0] - place[0], point[1] - place[1])


def nearest(points: Points, place: Place, reach: float) -> int | None:
    """Which point lies nearest to ``place``, the one drawn last of several; None if all are farther than ``reach``."""
    found = min(reversed(range(len(points))), key=lambda index: distance(points[index], place), default=None)
    return found if found is not None and distance(points[found], place) <= reach else None


def fresh_points(classes: int) -> Points:
    """One point of each class, evenly around the middle: an empty board, as nearly as there can be one."""
    angles = [2 * math.pi * index / classes - math.pi / 2 for index in range(classes)]
    return tuple((*within((3.5 * math.sin(angle), 3.5 * math.cos(angle))), index) for index, angle in enumerate(angles))
