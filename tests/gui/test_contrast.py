"""Every text has a contrast of at least 4.5:1 with what is behind it, on both grounds."""

import pytest
from PySide6.QtGui import QColor, QPalette

from bplab.gui.canvas.look import HOVER, SELECT, mixed
from bplab.gui.plots.layer_items import BAR_ALPHA
from bplab.gui.plots.saturation import TRACK_ALPHA
from bplab.gui.theme import DARK, LIGHT, Colours, qt_palette
from bplab.lab.palette import layer_colours

GROUNDS = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
ENOUGH = 4.5
MOST_LAYERS = 20


def luminance(colour: QColor) -> float:
    """Relative luminance of sRGB, as WCAG 2 defines it."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def all_layer_colours(colours: Colours) -> list[QColor]:
    return [QColor(name) for n in range(1, MOST_LAYERS + 1) for name in layer_colours(n, colours is DARK)]


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21.0)


@GROUNDS
def test_names_of_layers_can_be_read_on_every_ground(colours: Colours) -> None:
    ground, text, accent = QColor(colours.ground), QColor(colours.text), QColor(colours.accent)
    grounds = [ground, QColor(colours.panel), mixed(ground, text, HOVER), mixed(ground, accent, SELECT)]
    assert min(contrast(name, on) for name in all_layer_colours(colours) for on in grounds) >= ENOUGH


@GROUNDS
def test_shares_and_remarks_can_be_read_on_every_bar(colours: Colours) -> None:
    track = mixed(QColor(colours.ground), QColor(colours.line), TRACK_ALPHA)
    bars = [mixed(track, colour, BAR_ALPHA) for colour in all_layer_colours(colours)]
    assert min(contrast(QColor(colours.text), on) for on in [track, *bars]) >= ENOUGH


@GROUNDS
def test_texts_of_the_theme_can_be_read_on_its_grounds(colours: Colours) -> None:
    names = (colours.text, colours.quiet, colours.warning, colours.accent)
    grounds = (colours.ground, colours.panel, colours.raised)
    assert min(contrast(QColor(name), QColor(on)) for name in names for on in grounds) >= ENOUGH


@GROUNDS
def test_texts_of_standard_widgets_can_be_read_on_their_grounds(colours: Colours) -> None:
    palette, role = qt_palette(colours), QPalette.ColorRole
    pairs = (
        (role.WindowText, role.Window), (role.Text, role.Base), (role.Text, role.AlternateBase),
        (role.ButtonText, role.Button), (role.ToolTipText, role.ToolTipBase), (role.HighlightedText, role.Highlight),
        (role.PlaceholderText, role.Base), (role.PlaceholderText, role.Window), (role.Link, role.Window),
    )  # fmt: skip
    found = {(text.name, on.name): contrast(palette.color(text), palette.color(on)) for text, on in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < ENOUGH} == {}
