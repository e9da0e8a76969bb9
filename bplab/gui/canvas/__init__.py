"""The network canvas and the decision surface."""

from .canvas import NetworkCanvas
from .surface import DecisionSurface

__all__ = ["DecisionSurface", "NetworkCanvas"]
