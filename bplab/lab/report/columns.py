"""The columns of the network's picture: neurons as discs, feature maps as a stack of squares, values in a row as a bar.

Also what leads from one to the next where weights are shared by all places, a band, and the arcs of skips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .svg import Element, add

Slots = list[int | None]
Place = tuple[float, float]
PITCH, RADIUS = 25.0, 8.0
MOST_SHEETS, SHEET_STEP = 5, 6.0
"""Squares of a stack, and how far each is moved against the one before."""
LARGEST_SQUARE, LEAST_SQUARE = 76.0, 14.0
BAR_HALF = 4.0
ARC_ROOM, HEAD = 30.0, 6.0


@dataclass(frozen=True)
class Column:
    """One column: its middle, what of it is shown, and the box around all that is drawn."""

    x: float
    middle: float
    slots: Slots
    maps: tuple[int, int, int] | None = None
    """Maps, rows and columns of a layer for images."""
    is_bar: bool = False
    square: float = 0.0
    """Length of the longer side of a map."""

    @property
    def places(self) -> list[tuple[int | None, Place]]:
        """Where each slot stands."""
        top = self.middle - PITCH * (len(self.slots) - 1) / 2
        return [(slot, (self.x, top + PITCH * row)) for row, slot in enumerate(self.slots)]

    @property
    def sheets(self) -> int:
        """Squares in the stack."""
        return min(self.maps[0], MOST_SHEETS) if self.maps else 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of one square of the stack."""
        _, rows, columns = self.maps or (0, 1, 1)
        longest = max(rows, columns)
        return self.square * columns / longest, self.square * rows / longest

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is drawn."""
        if self.maps:
            wide, high = (length + SHEET_STEP * (self.sheets - 1) for length in self.size)
            return self.x - wide / 2, self.middle - high / 2, self.x + wide / 2, self.middle + high / 2
        half = BAR_HALF if self.is_bar else RADIUS
        reach = PITCH * (len(self.slots) - 1) / 2 + RADIUS
        return self.x - half, self.middle - reach, self.x + half, self.middle + reach

    @property
    def height(self) -> float:
        """Height that it needs."""
        _, top, _, bottom = self.box
        return max(bottom - top, PITCH * len(self.slots))


def square_of(shape: tuple[int, int, int], largest: int) -> float:
    """Side of a map's square where the largest map of the network has ``largest`` pixels on a side."""
    return max(LEAST_SQUARE, LARGEST_SQUARE * max(shape[1:]) / largest)


def draw_maps(root: Element, column: Column, colour: str) -> None:
    """The stack of squares, the first map in front."""
    left, top, _, _ = column.box
    wide, high = column.size
    for sheet in reversed(range(column.sheets)):
        step = SHEET_STEP * sheet
        for style in ("fill:var(--ground)", f"fill:{colour};fill-opacity:0.22;stroke:{colour};stroke-width:1.6"):
            add(root, "rect", x=left + step, y=top + step, width=wide, height=high, rx=2.0, style=style)


def draw_bar(root: Element, column: Column, colour: str) -> None:
    """Values in a row with which nothing is done."""
    left, top, right, bottom = column.box
    add(root, "rect", x=left, y=top, width=right - left, height=bottom - top, rx=3.0, class_="neuron",
        style=f"stroke:{colour};fill:{colour}")  # fmt: skip


def draw_band(root: Element, before: Column, after: Column) -> None:
    """From the right side of one column to the left side of the next."""
    _, top, right, bottom = before.box
    left, upper, _, lower = after.box
    if before.maps:
        top = bottom - before.size[1]  # the hindmost square reaches furthest to the right
    if after.maps:
        lower = upper + after.size[1]  # the foremost one furthest to the left
    points = ((right, top), (left, upper), (left, lower), (right, bottom))
    outline = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    add(root, "path", class_="band", d=f"M{outline}Z")


def draw_skip(root: Element, start: float, end: float, share: float, projected: bool) -> None:
    """An arc over the headers with an arrowhead; ``share`` of the room's height, dashed if ``projected``."""
    start, end, foot = start + 5.0, end - 5.0, ARC_ROOM
    peak = foot - (ARC_ROOM - 4.0) * (0.5 + 0.5 * share) / 0.75
    path = f"M{start:.1f} {foot:.1f}C{start:.1f} {peak:.1f} {end:.1f} {peak:.1f} {end:.1f} {foot - HEAD + 1:.1f}"
    add(root, "path", d=path, class_="skip projected" if projected else "skip")
    add(root, "path", class_="skip-head",
        d=f"M{end:.1f} {foot:.1f}L{end - 3.4:.1f} {foot - HEAD:.1f}L{end + 3.4:.1f} {foot - HEAD:.1f}Z")  # fmt: skip


def skip_span(skips: Sequence[tuple[int, int]]) -> int:
    """Columns that the widest skip goes over."""
    return max((target - source for source, target in skips), default=1)
