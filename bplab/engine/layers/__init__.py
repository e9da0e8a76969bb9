"""Layers as values: what a layer is, without the numbers it has learned."""

from .base import MAX_UNITS, Layer, Place, Shape, places
from .dense import Dense
from .images import Conv2D, Flatten, MaxPool, MeanPool

__all__ = ["MAX_UNITS", "Conv2D", "Dense", "Flatten", "Layer", "MaxPool", "MeanPool", "Place", "Shape", "places"]
