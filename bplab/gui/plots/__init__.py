"""Live plots of a run: what its record holds over the updates, what its network does now, and its layers as numbers."""

from .accuracy import AccuracyPlot
from .activation_plot import ActivationPlot
from .confusion_plot import ConfusionPlot
from .gradient import GradientPlot
from .layer_numbers import LayerNumbers
from .layer_plots import DeadPlot, UpdatePlot
from .loss import LossPlot
from .saturation import SaturationPlot
from .surface_plot import SurfacePlot

__all__ = [
    "AccuracyPlot",
    "ActivationPlot",
    "ConfusionPlot",
    "DeadPlot",
    "GradientPlot",
    "LayerNumbers",
    "LossPlot",
    "SaturationPlot",
    "SurfacePlot",
    "UpdatePlot",
]
