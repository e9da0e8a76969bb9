"""The data a network learns from: toy problems in the plane, shipped tables, and tables of one's own."""

from .base import Dataset, Samples, Shape, Split
from .features import FEATURES, Feature, feature_columns, feature_labels
from .plane import REACH
from .playground import Circle, Gauss, MultiGauss, Plane, Spiral, Xor
from .shapes import Arms, Blobs, Moons
from .tables import Digits, Iris

from .csv_file import Csv  # isort: skip  (last, for lists show the kinds in the order of definition)

__all__ = [
    "FEATURES",
    "REACH",
    "Arms",
    "Blobs",
    "Circle",
    "Csv",
    "Dataset",
    "Digits",
    "Feature",
    "Gauss",
    "Iris",
    "Moons",
    "MultiGauss",
    "Plane",
    "Samples",
    "Shape",
    "Spiral",
    "Split",
    "Xor",
    "feature_columns",
    "feature_labels",
]
