"""The view of the network: paints it, zooms and pans it, and says at which layer or neuron the mouse does what."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from bplab.gui.theme import Theme

from .arrangement import Hit, Kind
from .camera import Camera
from .gestures import Gesture
from .network_painter import Marks, NetworkPainter
from .overlay import Overlay
from .pressing import Press, Wheel
from .saying import paint_saying
from .tips import as_plain

WHEEL_STEP = 1.0015
"""Zoom per unit of a wheel's angle; a notch has 120."""
FADE = 40
SHARPEN = 10
"""Milliseconds until more of the edges is drawn after the drawing was panned or zoomed."""
NEAR, PAN_STEP = 28, 14
"""A gesture so near to a side pans so far with every move of the mouse, in pixels."""
BY_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class NetworkView(QWidget):
    """Shows what its painter paints; knows no session. ``tip_of`` gives the tooltip of what is under the mouse."""

    clicked = Signal(object, QPointF, object)
    """A click, with the :class:`Hit` under it, its place in the window and the keyboard's modifiers."""
    double_clicked = Signal(object, QPointF)
    """A double click on something, or Enter at a selected neuron: the :class:`Hit`, and its place in the window."""
    wheel_turned = Signal(int, int, bool)
    """The wheel over a layer's header: the layer, the notches (up being more), and True for the first of them."""
    pointed = Signal(object)
    """Another :class:`Hit` is under the mouse."""
    menu_wanted = Signal(object, QPoint)
    """The menu of a :class:`Hit` is asked for, at this place of the screen."""
    neuron_asked = Signal(object, QPoint)
    """The mouse rests on a neuron: the :class:`Hit`, and the place of the screen."""
    key_pressed = Signal(QKeyEvent)
    moved = Signal()
    """The drawing was arranged anew, zoomed or panned."""

    def __init__(self, theme: Theme, tip_of: Callable[[Hit], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._tip_of = theme, tip_of
        self.camera = Camera()
        self.marks = Marks()
        self.under_mouse = Hit()
        self._painter: NetworkPainter | None = None
        self._message = ""
        self._press: QPointF | None = None
        self._pressed = Press()
        self._panning = self._by_keys = False
        self._wheel = Wheel()
        self.begins: Callable[[Press], Gesture | None] = lambda press: None
        """The gesture that a drag begins with a press; None: the drag pans."""
        self.gesture: Gesture | None = None
        self.overlay: Overlay | None = None
        """Drawn on top, while a mode of the window has something to show."""
        self._mouse, self._pointed = QPointF(), QPointF()
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(SHARPEN)
        self._sharpen.timeout.connect(self.update)
        self.setObjectName("network")
        self.setAccessibleName("Network")
        self.setMinimumSize(240, 200)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # -- what is shown ----------------------------------------------------------------------------------

    def show_network(self, painter: NetworkPainter) -> None:
        """Show another network, or the same in another form."""
        self._painter, self._message = painter, ""
        self.arrange()

    def show_message(self, message: str) -> None:
        """Show a sentence where there is no network to draw."""
        self._painter, self._message = None, message
        self.update()

    def arrange(self) -> None:
        """Find the places of everything anew."""
        if self._painter is not None:
            arrangement = self._painter.arrange(self.size())
            self.camera.set_sizes(QSizeF(self.size()), QSizeF(arrangement.width, arrangement.height))
            self._look_under_mouse()
            self.moved.emit()
            self.update()

    def advance(self, most: int | None) -> None:
        """Draw at most ``most`` edges of the next picture, or all of them if None, and ask to be painted."""
        if self._painter is not None:
            self._painter.draw_edges(self.size(), self.devicePixelRatioF(), self.camera.transform, most)
            self.update()

    def set_marks(self, marks: Marks) -> None:
        """Point out what is selected or under the mouse."""
        if marks != self.marks:
            self.marks = marks
            self.update()

    def fit(self) -> None:
        """Show everything again."""
        self.camera.fit()
        self._camera_moved()

    def bring_into_view(self, layer: int) -> None:
        """Pan until the column of a layer is seen."""
        if self._painter is not None and self.camera.bring_into_view(self._painter.arrangement.column(layer).zone):
            self._camera_moved()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the network or the sentence."""
        with QPainter(self) as painter:
            colours = self._theme.colours
            if self._painter is None:
                painter.fillRect(self.rect(), QColor(colours.ground))
                painter.setPen(QColor(colours.quiet))
                room = self.rect().adjusted(24, 24, -24, -24)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            else:
                self._painter.need_edges(self.size(), self.devicePixelRatioF(), self.camera.transform)
                self._painter.paint(painter, self.camera.transform, self.marks)
                if self.overlay is not None:
                    self.overlay.paint(painter, self.camera.transform, self._painter)
                if not self._painter.edges_sharp:
                    self._sharpen.start()
                if self.gesture is not None:
                    self.gesture.paint(painter)
                painter.resetTransform()
                self._fade_edges(painter)
                if self.gesture is not None:
                    paint_saying(painter, self._painter.look, self.rect(), self._mouse, *self.gesture.says)
            if self._by_keys and self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colours.accent), 1.0, Qt.PenStyle.DotLine))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        self.arrange()

    def _fade_edges(self, painter: QPainter) -> None:
        """Let the drawing fade where it goes on beyond the window."""
        opaque, clear = QColor(self._theme.colours.ground), QColor(self._theme.colours.ground)
        clear.setAlpha(0)
        for hidden, edge, inner in zip(self.camera.hidden, (0, self.width()), (FADE, self.width() - FADE), strict=True):
            if hidden:
                fade = QLinearGradient(edge, 0, inner, 0)
                fade.setColorAt(0.0, opaque)
                fade.setColorAt(1.0, clear)
                painter.fillRect(min(edge, inner), 0, FADE, self.height(), fade)

    # -- mouse and keys ---------------------------------------------------------------------------------

    def hit(self, place: QPointF) -> Hit:
        """What lies under a place of the window."""
        return self._painter.arrangement.hit(self.camera.to_content(place)) if self._painter else Hit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The beginning of a click or of a drag; another button during a gesture cancels it."""
        if self.gesture is not None:
            self.cancel_gesture()
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press = event.position()
            place = self.camera.to_content(event.position())
            left = event.button() == Qt.MouseButton.LeftButton
            self._pressed = Press(self.hit(event.position()) if left else Hit(), place, event.modifiers())
            self._panning = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the drawing, or see what is under the mouse."""
        if self._press is None:
            self._pointed = event.position()
            self._point_at(self.hit(event.position()))
            return
        if self.gesture is not None:
            self.move_gesture(event.position())
            return
        by = event.position() - self._press
        if not self._panning and by.manhattanLength() >= QApplication.startDragDistance():
            self._begin_drag(event.position())
        if self._panning:
            self._press = event.position()
            if self.camera.pan(by):
                self._camera_moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a click or of a drag."""
        if self.gesture is not None:
            self._press = None
            self.end_gesture(event.position())
            return
        was_click = self._press is not None and not self._panning and event.button() == Qt.MouseButton.LeftButton
        if self._panning:
            self.unsetCursor()
        self._press, self._panning = None, False
        if was_click:
            self.clicked.emit(self.hit(event.position()), event.position(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On empty ground: show everything again. Elsewhere whoever listens may have something to edit."""
        hit = self.hit(event.position())
        if hit.kind in (Kind.NOTHING, Kind.GAP) and hit.neuron < 0:
            self.fit()
        else:
            self.mousePressEvent(event)
            self.double_clicked.emit(hit, event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom; sideways: pan; over a header: change the layer's width, unless Ctrl is held."""
        delta = event.angleDelta()
        hit = self._wheel.hit_at(event.position(), self.hit)
        if hit.kind is Kind.HEADER and delta.y() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            notches, begins = self._wheel.notches(delta.y())
            if notches:
                self.wheel_turned.emit(hit.layer, notches, begins)
            event.accept()
            return
        if abs(delta.x()) > abs(delta.y()):
            moved = self.camera.pan(QPointF(delta.x() / 4, 0))
        else:
            moved = self.camera.zoom(WHEEL_STEP ** delta.y(), event.position())
        if moved:
            self._camera_moved()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._point_at(Hit())
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what is under the mouse; by key, of what is selected."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        hit = Hit(Kind.COLUMN, self.marks.selected_layer) if by_key else self.hit(QPointF(event.pos()))
        self.menu_wanted.emit(hit, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Whoever listens accepts the keys that mean something."""
        if self.gesture is not None:
            if event.key() == Qt.Key.Key_Escape:
                self.cancel_gesture()
            return
        layer, neuron = self.marks.selected_neuron
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and neuron >= 0 and self._painter is not None:
            place = self._painter.arrangement.column(layer).node(neuron).center()
            self.double_clicked.emit(Hit(Kind.NEURON, layer, neuron), self.camera.transform.map(place))
            return
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    # -- gestures ---------------------------------------------------------------------------------------

    def begin_gesture(self, gesture: Gesture, place: QPointF) -> None:
        """The mouse, with its button down, does this from now on; ``place`` of the window is where it is."""
        self.gesture = gesture
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.setCursor(gesture.cursor)
        QToolTip.hideText()
        self._point_at(Hit())
        self.move_gesture(place)

    def move_gesture(self, place: QPointF) -> None:
        """The mouse is at this place of the window; near a side, what is hidden there comes into view."""
        if self.gesture is None:
            return
        if self.rect().contains(place.toPoint()):
            by = PAN_STEP if place.x() < NEAR else -PAN_STEP if place.x() > self.width() - NEAR else 0
            if by and self.camera.pan(QPointF(by, 0)):
                self._camera_moved()
        self._mouse = place
        self.gesture.move(self.camera.to_content(place))
        self.update()

    def end_gesture(self, place: QPointF) -> None:
        """The button is up at this place of the window; outside of it nothing is dropped."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            self.unsetCursor()
            if self.rect().contains(place.toPoint()):
                gesture.drop()
            else:
                gesture.cancel()
            self._point_at(self.hit(place))
            self.update()

    def cancel_gesture(self) -> None:
        """Leave all as it was before; the button may still be down."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            self._press = None
            self.unsetCursor()
            gesture.cancel()
            self.update()

    def _begin_drag(self, place: QPointF) -> None:
        gesture = self.begins(self._pressed)
        if gesture is not None:
            self.begin_gesture(gesture, place)
        elif self.camera.can_pan:
            self._panning = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus to those who use keys."""
        self._by_keys = event.reason() in BY_KEYS
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark of the focus away."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tooltips of edges and inputs, and the panel of a neuron; everything else as usual."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self.hit(QPointF(event.pos()))
            shown = self.overlay.tip(hit) if self.overlay is not None else ""
            if hit.kind is Kind.NEURON and self.gesture is None and not shown:
                self.neuron_asked.emit(hit, event.globalPos())
                return True
            text = shown or self._tip_of(hit)
            QToolTip.showText(event.globalPos(), as_plain(text), self)
            return True
        return super().event(event)

    def _camera_moved(self) -> None:
        self._look_under_mouse()
        self.moved.emit()
        self.update()

    def _look_under_mouse(self) -> None:
        """What was there is drawn elsewhere now, or not at all."""
        if self.under_mouse.kind is not Kind.NOTHING:
            known = QPointF(self.mapFromGlobal(self.cursor().pos())) if self.underMouse() else self._pointed
            self._point_at(self.hit(known))

    def _point_at(self, hit: Hit) -> None:
        if hit != self.under_mouse:
            self.under_mouse = hit
            self.pointed.emit(hit)
