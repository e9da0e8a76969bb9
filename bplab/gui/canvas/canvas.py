"""The network canvas: the network as it is edited and as it trains, and its decision surface where there is one.

It follows a session and changes it only through edits. Selection is its own: a layer, and in it a neuron.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QWidget

from bplab.engine import InputError
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.live import LiveView

from .arrangement import Hit, Kind
from .block_actions import BlockActions
from .block_edits import BlockEdits
from .blueprint import Blueprint
from .choosing import chosen_by_click, chosen_by_key
from .colour_box import ColourBox
from .colouring import ColourBy
from .designer import Designer
from .edge_picture import LINES_PER_TICK
from .figures import Figures
from .fitted_curve import FittedCurve
from .layer_actions import LayerActions
from .layer_buttons import LayerButtons
from .layer_edits import LayerEdits
from .layer_gestures import Resize
from .legend import NetworkLegend
from .looking import Looking
from .marking import ON_A_LAYER, marks_of
from .network_painter import NetworkPainter
from .network_view import NetworkView
from .neuron_panel import NeuronPanel
from .pace import Pace
from .palette import LayerPalette
from .surface import DecisionSurface
from .tips import tip
from .value_editor import ValueEditor

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SURFACE_SHARE, LEAST_SURFACE, LARGEST_SURFACE = 0.33, 200, 480


class NetworkCanvas(QWidget):
    """The centre of the window."""

    layer_selected = Signal(int)
    """The selected layer, from 0; −1 for none."""
    neuron_selected = Signal(int, int)
    """Layer and neuron, from 0; −1 and −1 for none."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._blueprint: Blueprint | None = None
        self._figures: Figures | None = None
        self._painter: NetworkPainter | None = None
        self._layer, self._neuron = -1, -1
        self._chosen: frozenset[int] = frozenset()
        self._shown_updates = -1
        self._settled = False
        self._pace = Pace(0.1)
        self.setObjectName("network_canvas")
        self.view = NetworkView(theme, self._tip_of, self)
        self.legend = NetworkLegend(theme, self)
        self.colour_box = ColourBox(theme, self)
        self.surface = DecisionSurface(session, theme, self)
        self.curve = FittedCurve(session, theme, self)
        self.edits = LayerEdits(session, self)
        self.layer_actions = LayerActions(self.edits, self)
        self.blocks = BlockEdits(session, self.edits, self)
        self.block_actions = BlockActions(self.blocks, self.edits, self.layer_actions, self)
        self.designer = Designer(session, self.edits, self._drawing, self)
        self.view.begins = self.designer.begin
        self.palette_strip = LayerPalette(self.edits, self.view, theme, self.designer.placing, self)
        self.neuron_panel = NeuronPanel(theme, self.view)
        self.value_editor = ValueEditor(session, theme, self.view)
        self._buttons = LayerButtons(self.edits, theme, self.view)
        self.fit_action = self._make_fit_action()
        self._lay_out()
        self._connect()
        self.looking = Looking(session, self)
        self.looking.focus.changed.connect(self._update_marks)
        self.looking.focus.lit_changed.connect(self._update_marks)
        self.setFocusProxy(self.view)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.palette_strip, 0, 0)
        grid.addWidget(self.view, 1, 0)
        self.foot = foot = QHBoxLayout()
        foot.setSpacing(0)
        foot.addWidget(self.colour_box)
        foot.addWidget(self.legend, 1)
        grid.addLayout(foot, 2, 0)
        grid.addWidget(self.surface, 0, 1, 3, 1)
        grid.addWidget(self.curve, 0, 1, 3, 1)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(1, 1)

    def _connect(self) -> None:
        session, view = self._session, self.view
        session.ticked.connect(self._on_ticked)
        session.experiment_changed.connect(self._on_experiment_changed)
        self._theme.changed.connect(self._on_theme_changed)
        view.clicked.connect(self._on_clicked)
        view.wheel_turned.connect(self.designer.change_width)
        view.neuron_asked.connect(self._on_neuron_asked)
        view.double_clicked.connect(self.neuron_panel.hide)
        view.double_clicked.connect(self.value_editor.open)
        view.pointed.connect(self._on_pointed)
        view.moved.connect(self._on_view_moved)
        view.menu_wanted.connect(self._on_menu_wanted)
        view.key_pressed.connect(self._on_key_pressed)
        self.colour_box.chosen.connect(self._on_colour_by)
        self.edits.edited.connect(self.select_layer)
        self.blocks.edited.connect(self.choose_layers)
        self.block_actions.select_all.triggered.connect(self._on_select_all)
        for button in self._buttons.all:
            button.clicked.connect(self._on_button_clicked)

    def _make_fit_action(self) -> QAction:
        action = QAction("Fit network to window", self)
        action.setObjectName("action_fit")
        action.setShortcut(QKeySequence("F"))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(self.view.fit)
        self.addAction(action)
        return action

    # -- selection --------------------------------------------------------------------------------------

    @property
    def selected_layer(self) -> int:
        """The selected layer, from 0; −1 for none."""
        return self._layer

    @property
    def selected_neuron(self) -> int:
        """The selected neuron of that layer, from 0; −1 for none."""
        return self._neuron

    @property
    def chosen_layers(self) -> frozenset[int]:
        """All selected layers; the one of :attr:`selected_layer` is among them."""
        return self._chosen

    def select_layer(self, layer: int) -> None:
        """Select a layer, from 0; −1 for none."""
        self._select(layer, -1)

    def choose_layers(self, layers: Iterable[int], layer: int) -> None:
        """Select several layers, ``layer`` being the one whose settings are shown."""
        self._select(layer, -1, frozenset(layers))

    def select_neuron(self, layer: int, neuron: int) -> None:
        """Select a neuron and with it its layer."""
        self._select(layer, neuron)

    def _select(self, layer: int, neuron: int, chosen: frozenset[int] = frozenset()) -> None:
        before = self._layer, self._neuron
        units = self._units()
        self._layer = layer if 0 <= layer < len(units) else -1
        self._neuron = neuron if self._layer >= 0 and 0 <= neuron < units[self._layer] else -1
        self._chosen = frozenset(one for one in chosen | {self._layer} if 0 <= one < len(units))
        self.layer_actions.follow(self._layer)
        self.block_actions.follow(self._chosen)
        self.palette_strip.follow(self._layer)
        self._update_marks()
        self._place_buttons()
        self._describe()
        if self._layer >= 0 and self._layer != before[0]:
            self.view.bring_into_view(self._layer)
        if self._layer != before[0]:
            self.layer_selected.emit(self._layer)
        if (self._layer, self._neuron) != before and (self._neuron >= 0 or before[1] >= 0):
            self.neuron_selected.emit(self._layer if self._neuron >= 0 else -1, self._neuron)

    def _units(self) -> tuple[int, ...]:
        """Of every layer; none where the data cannot be read and so nothing is drawn."""
        try:
            return self._session.experiment.units
        except InputError:
            return ()

    # -- following the session --------------------------------------------------------------------------

    def _on_experiment_changed(self) -> None:
        if not isinstance(self.view.gesture, Resize):
            self.view.cancel_gesture()  # what it was begun on is not there any more
        self._select(min(self._layer, len(self._session.experiment.network.layers) - 1), self._neuron, self._chosen)

    def _on_ticked(self) -> None:
        if self.isVisible():
            self._refresh()

    def _on_theme_changed(self) -> None:
        if self._painter is not None:
            self._painter.restyle(self.font())
            self.view.arrange()
        self.view.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room anew."""
        super().resizeEvent(event)
        self._divide()

    def _divide(self) -> None:
        """Give the surface its share of the width, or less where the network needs it."""
        wide = min(round(SURFACE_SHARE * self.width()), LARGEST_SURFACE, self.height() - 40)
        if self._painter is not None:
            wide = min(wide, math.floor(self.width() - self._painter.arrangement.comfortable_width))
        for picture in (self.surface, self.curve):
            picture.setFixedWidth(max(wide, LEAST_SURFACE))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._on_theme_changed()

    def _refresh(self) -> None:
        """Show what there is to show now."""
        try:
            live = self._session.live
        except InputError as error:
            self._show_message(str(error))
            return
        if self._figures is None or self._figures.live is not live:
            self._show_network(live)
        else:
            self._show_progress()

    def _show_message(self, message: str) -> None:
        self._figures = self._painter = self._blueprint = None
        for part in (self.surface, self.curve, self.legend, self.colour_box):
            part.hide()
        self.view.show_message(f"The network cannot be shown: {message}")
        self._place_buttons()

    def _show_network(self, live: LiveView) -> None:
        """Show another network; where its form is the one on view, everything stays in its place."""
        blueprint = Blueprint.of(live.experiment, live.problem)
        same_form, self._blueprint = blueprint == self._blueprint, blueprint
        self._figures = Figures(live, blueprint)
        if self.colour_box.by is not ColourBy.WEIGHT:
            self._figures.set_colour_by(self.colour_box.by)
        self._shown_updates = live.updates
        if self._painter is None:
            self._painter = NetworkPainter(self._theme, self.font(), blueprint, self._figures)
        elif same_form:
            self._painter.show_figures(self._figures)
        else:
            self._painter.set_network(blueprint, self._figures)
        self.curve.setVisible(live.problem.split.is_curve)
        if not same_form:
            self.legend.show()
            self.colour_box.show()
            self.surface.setVisible(blueprint.plane)
            self.view.show_network(self._painter)
            self._divide()
            self._update_marks()
        self._place_buttons()
        self._describe()
        self._draw(None)

    def _show_progress(self) -> None:
        assert self._figures is not None
        assert self._painter is not None
        training, live = self._session.is_moving, self._figures.live
        if live.updates == self._shown_updates and (self._painter.edges_complete if training else self._settled):
            return
        self._settled = not training
        if not training or self._pace.due():
            with self._pace.work():
                self._figures.measure()
                self._painter.take_colours()
            self._shown_updates = live.updates
        self._draw(LINES_PER_TICK if training else None)

    def _draw(self, most: int | None) -> None:
        assert self._painter is not None
        self.view.advance(most)
        self._show_legend()
        self.neuron_panel.refresh(self._figures)

    def _show_legend(self) -> None:
        assert self._painter is not None
        columns, layers = self._painter.arrangement.columns[1:], self._painter.blueprint.layers
        folded = any(column.folded and layer.responds for column, layer in zip(columns, layers, strict=True))
        self.legend.show_scale(self._painter.limits, self._painter.note(), folded, self.colour_box.by)

    def _on_colour_by(self, by: ColourBy) -> None:
        if self._figures is not None and self._painter is not None:
            self._figures.set_colour_by(by)
            self._painter.take_colours()
            self._draw(None)

    # -- mouse, keys and buttons ------------------------------------------------------------------------

    def _on_view_moved(self) -> None:
        self._place_buttons()
        if self._painter is not None:
            arrangement = self._painter.arrangement
            self.surface.set_axis(self.view.y() + arrangement.top + 0.5 * arrangement.area)
            self._show_legend()

    def _on_neuron_asked(self, hit: Hit, place: QPoint) -> None:
        if self._figures is not None:
            self.neuron_panel.show_neuron(self._figures, hit, place)

    def _on_pointed(self, hit: Hit) -> None:
        self.neuron_panel.hide()
        self._update_marks()
        self._place_buttons()

    def _on_clicked(self, hit: Hit, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if hit.kind is Kind.BIAS or hit.source >= 0:
            self.value_editor.open(hit, place)
        elif hit.kind in ON_A_LAYER and modifiers & (CTRL | SHIFT):
            self.choose_layers(*chosen_by_click(self._chosen, self._layer, hit.layer, bool(modifiers & SHIFT)))
        elif hit.kind is Kind.NEURON:
            self._select(hit.layer, hit.neuron)
        elif hit.kind in ON_A_LAYER:
            self._select(hit.layer, -1)
        else:
            self._select(-1, -1)

    def _on_select_all(self) -> None:
        layers = range(len(self._units()))
        self.choose_layers(layers, self._layer if self._layer >= 0 else 0)

    def _on_button_clicked(self) -> None:
        button = self.sender()
        for known in self._buttons.all:
            if known is button:
                self.edits.apply(known.verb, known.layer)

    def _on_menu_wanted(self, hit: Hit, place: QPoint) -> None:
        if hit.layer >= 0 and hit.kind is not Kind.GAP:
            if hit.layer not in self._chosen:
                self._select(hit.layer, -1)
            menu = self.block_actions.menu(self)
        else:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions([self.block_actions.paste, self.block_actions.select_all])
        menu.addSeparator()
        menu.addAction(self.fit_action)
        menu.popup(place)

    def _on_key_pressed(self, event: QKeyEvent) -> None:
        key, reaches = Qt.Key(event.key()), event.modifiers() == SHIFT
        found = chosen_by_key(key, reaches, self._chosen, self._layer, self._neuron, self._units())
        if found is not None:
            event.accept()
            self._select(*found)

    def _describe(self) -> None:
        """Say in words what is drawn, and what of it is selected."""
        if self._blueprint is not None:
            selected = self.blocks.names(self._chosen) if self._chosen else "nothing"
            neuron = f", neuron {self._neuron + 1}" if self._neuron >= 0 else ""
            self.view.setAccessibleDescription(f"{self._blueprint.summary()} Selected: {selected}{neuron}.")

    def _update_marks(self) -> None:
        image = self._blueprint is not None and self._blueprint.image is not None
        hit, focus = self.view.under_mouse, self.looking.focus
        marks = marks_of(hit, self._layer, self._neuron, self._chosen, image, focus)
        self.view.set_marks(marks)

    def _place_buttons(self) -> None:
        if self._painter is not None:
            layers = len(self._session.experiment.network.layers)
            if layers == len(self._painter.blueprint.layers):  # else the new drawing is on its way
                self._buttons.place(self._painter.arrangement, self.view.camera, self.view.under_mouse, self._layer)

    def _drawing(self) -> NetworkPainter | None:
        return self._painter

    def _tip_of(self, hit: Hit) -> str:
        return tip(self._figures, hit) if self._figures is not None else ""
