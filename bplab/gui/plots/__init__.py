"""Live plots of a run: loss, gradient by layer, saturation, and the layers as numbers."""

from .gradient import GradientPlot
from .layer_numbers import LayerNumbers
from .layer_plots import DeadPlot, UpdatePlot
from .loss import LossPlot
from .saturation import SaturationPlot

__all__ = ["DeadPlot", "GradientPlot", "LayerNumbers", "LossPlot", "SaturationPlot", "UpdatePlot"]
