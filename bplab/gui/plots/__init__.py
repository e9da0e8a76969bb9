"""Live plots of a run: loss, gradient by layer, saturation, and the layers as numbers."""

from .gradient import GradientPlot
from .layer_numbers import LayerNumbers
from .loss import LossPlot
from .saturation import SaturationPlot

__all__ = ["GradientPlot", "LayerNumbers", "LossPlot", "SaturationPlot"]
