"""Equations are typeset in the theme's colours, broken and drawn smaller where there is little room."""

from collections.abc import Callable

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from bplab.gui.equation_view import EquationView, size_of, typeset
from bplab.gui.theme import Theme

SHORT = r"z = a W + b"
TWO = r"\frac{\partial C}{\partial W} = a^{\top} \delta, \quad \frac{\partial C}{\partial b} = \sum_i \delta_i"


def inked(view: EquationView, colour: str) -> int:
    """How many pixels have a colour."""
    image = view.grab().toImage()
    wanted = QColor(colour).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def test_an_equation_is_drawn_in_the_texts_colour_of_either_theme(
    theme: Theme, shown: Callable[[QWidget], QWidget]
) -> None:
    view = EquationView(theme, larger=4.0)
    view.show_equations((SHORT,), "z is a times W plus b")
    view.resize(400, 100)
    shown(view)
    for dark in (False, True, False):
        theme.set_dark(dark)
        assert inked(view, theme.colours.text) > 20
    assert view.accessibleDescription() == "z is a times W plus b"


def test_two_equations_in_a_line_are_broken_where_it_is_too_long(theme: Theme, qapp: object) -> None:
    view = EquationView(theme)
    view.show_equations((TWO,), "the gradients")
    wide = view.sizeHint().width()
    assert view.heightForWidth(wide - 10) > 1.5 * view.heightForWidth(wide)


def test_what_does_not_fit_otherwise_is_drawn_smaller(theme: Theme, qapp: object) -> None:
    view = EquationView(theme)
    view.show_equations((SHORT,), "z is a times W plus b")
    wide = view.sizeHint().width()
    assert view.heightForWidth(round(0.6 * wide)) < view.heightForWidth(wide)


def test_an_equation_is_set_once(qapp: object) -> None:
    assert typeset(SHORT, "#123456") is typeset(SHORT, "#123456")
    assert size_of(SHORT, 32.0).width() > 2 * size_of("z", 32.0).width()
