"""Parts of the training bar: the play button, captions over controls, counters, the learning rate, progress."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QToolBar, QVBoxLayout, QWidget

from ..editors import FIELD_HEIGHT, ComboBox, Editor
from ..icons import paint_icon
from ..numbers import Limits, NumberField, number_text
from ..theme import GRID, Theme, tabular
from ..type_size import scaled, size_with_type, type_scale

RATES = (1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
CAPTION_SCALE = 0.85


def caption_font(font: QFont) -> QFont:
    """The font, a little smaller."""
    small = QFont(font)
    small.setPointSizeF(max(6.5, font.pointSizeF() * CAPTION_SCALE))
    return small


class Caption(QLabel):
    """Small quiet text."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(caption_font(self.font()))
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)


class TimeLeft(QLabel):
    """How long a run will go on; gives way where room is short, and never makes its window wider."""

    WIDEST = "100 % · 59 min 50 s left"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(caption_font(self.font()))
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        size_with_type(self, height=FIELD_HEIGHT)
        self.setAccessibleName("Time left")

    def say(self, text: str) -> None:
        """Show ``text``, which a tooltip says in full."""
        self.setText(text)
        self.setToolTip(text)

    def sizeHint(self) -> QSize:
        """Room for the widest text, whatever it says: nothing in the bar moves with it."""
        return QSize(self.fontMetrics().horizontalAdvance(self.WIDEST) + 2, scaled(FIELD_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Any width."""
        return QSize(0, scaled(FIELD_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, cut where it has no room."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment(), text)


class Captioned(QWidget):
    """A control under its caption; ``least`` is the width to which it may shrink, where it may."""

    def __init__(
        self, text: str, control: QWidget, width: int, least: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._width = width
        self.caption = Caption(text)
        self.caption.setBuddy(control.controls()[0] if isinstance(control, Editor) else control)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.caption)
        column.addWidget(control)
        least = width if least is None else least
        size_with_type(control, height=FIELD_HEIGHT, least_width=least, most_width=width)
        size_with_type(self, most_width=max(width, self.caption.sizeHint().width() / type_scale()))

    def sizeHint(self) -> QSize:
        """All of its width."""
        return QSize(max(scaled(self._width), self.caption.sizeHint().width()), super().sizeHint().height())


class Counter(QLabel):
    """A number that changes all the time in a place that never does."""

    def __init__(self, name: str, widest: str, parent: QWidget | None = None) -> None:
        super().__init__("0", parent)
        font = tabular(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)
        self.setAccessibleName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.widest = round((QFontMetrics(font).horizontalAdvance(widest) + GRID) / type_scale())
        """Room for the widest number, in pixels at scale 1."""


class PlayButton(QPushButton):
    """The one button in the accent colour: play, or pause while training."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Play", parent)
        self._theme = theme
        self._training = False
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)
        self.show_training(False)

    def show_training(self, training: bool) -> None:
        """Say what a press does now."""
        self._training = training
        self.setText("Pause" if training else "Play")
        self.setAccessibleName("Pause training" if training else "Play: train the network")
        self.setToolTip(f"{'Pause' if training else 'Train the network'} (Space)")
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for either word."""
        words = max(self.fontMetrics().horizontalAdvance(word) for word in ("Play", "Pause"))
        return QSize(words + 7 * GRID, 5 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded field of accent with icon and word; the focus is a ring around it."""
        colours = self._theme.colours
        fill, ink = QColor(colours.accent), QColor(colours.on_accent)
        if self.isDown():
            fill = fill.darker(115)
        elif self.underMouse():
            fill = fill.lighter(108)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        field = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.drawRoundedRect(field, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(fill, 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        side = 2 * GRID
        place = QRectF(field.left() + 1.5 * GRID, field.center().y() - side / 2, side, side)
        paint_icon(painter, "pause" if self._training else "play", place, ink)
        painter.setPen(ink)
        painter.setFont(self.font())
        words = field.adjusted(4 * GRID, 0, -GRID, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())


class RateBox(ComboBox):
    """The learning rate: the usual values to pick, any other to type."""

    rate_changed = Signal(float)
    released = Signal()
    """A series of changes is over: the next one is a step of its own."""
    refused = Signal(str)

    def __init__(self, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.field = NumberField(limits)
        self.setLineEdit(self.field)
        self.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        self.addItems([number_text(rate) for rate in RATES])
        self.setCompleter(None)  # type: ignore[arg-type]  # it would turn 0.0 into 0.00001 while 0.05 is typed
        self.setMaxVisibleItems(len(RATES))
        self.activated.connect(self._on_activated)
        self.field.number_changed.connect(self.rate_changed)
        self.field.refused.connect(self.refused)
        self.field.editingFinished.connect(self.released)

    def show_rate(self, rate: float) -> None:
        """Show ``rate`` without telling anyone."""
        index = RATES.index(rate) if rate in RATES else -1
        if self.currentIndex() != index:
            self.setCurrentIndex(index)
        self.field.show_number(rate)

    def describe(self, name: str, tip: str) -> None:
        """Name and explain list and field."""
        for control in (self, self.field):
            control.setAccessibleName(name)
            control.setToolTip(tip)

    def _on_activated(self, index: int) -> None:
        if RATES[index] != self.field.number:
            self.field.show_number(RATES[index])
            self.released.emit()
            self.rate_changed.emit(RATES[index])
            self.released.emit()


class ProgressLine(QWidget):
    """A slim line that fills towards the planned end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self.setFixedHeight(3)
        self.setAccessibleName("Progress towards the planned epochs")
        theme.changed.connect(self.update)

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return self._share

    def show_share(self, share: float) -> None:
        """Fill up to ``share``; repaints only what a pixel can show."""
        share = min(1.0, max(0.0, share))
        moved = int(share * self.width()) != int(self._share * self.width())
        self._share = share
        if moved:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Hairline and filling."""
        colours, painter = self._theme.colours, QPainter(self)
        bottom = self.height() - 1
        painter.fillRect(0, bottom, self.width(), 1, QColor(colours.line))
        painter.fillRect(0, 0, int(self._share * self.width()), self.height(), QColor(colours.accent))




class BarHolder(QToolBar):
    """Holds a bar at the top or the bottom of the window: flat, without a margin, always there."""

    def __init__(self, bar: QWidget, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setObjectName(name.lower())
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.toggleViewAction().setVisible(False)
        bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addWidget(bar)
        self._drop_margins()

    def changeEvent(self, event: QEvent) -> None:
        """Another style brings its margins along."""
        super().changeEvent(event)
        self._drop_margins()

    def _drop_margins(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The panel's colour, where the style would draw a gradient."""
        QPainter(self).fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Window))
