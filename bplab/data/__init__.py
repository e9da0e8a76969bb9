"""The data a network learns from: toy problems, shipped tables and images, and files of one's own."""

from .base import Dataset, ImageShape, Samples, Shape, Split
from .features import FEATURES, Feature, feature_columns, feature_labels
from .files import CancelledError
from .plane import REACH
from .playground import Circle, Gauss, MultiGauss, Plane, Spiral, Xor
from .shapes import Arms, Blobs, Checkerboard, Moons

# Lists show the kinds in the order of definition, and so in the order of these lines.
from .drawn import Drawn  # isort: skip
from .parity import Parity  # isort: skip
from .curves import CurveDataset, Polynomial, Sine, Step  # isort: skip
from .tables import BreastCancer, Digits, Iris, Penguins, Wine  # isort: skip
from .file_dataset import FileDataset  # isort: skip
from .csv_file import Csv  # isort: skip
from .idx_file import Idx, labels_beside  # isort: skip
from .npz_file import Npz  # isort: skip
from .opening import dataset_in, is_data_file  # isort: skip

__all__ = [
    "FEATURES",
    "REACH",
    "Arms",
    "Blobs",
    "BreastCancer",
    "CancelledError",
    "Checkerboard",
    "Circle",
    "Csv",
    "CurveDataset",
    "Dataset",
    "Digits",
    "Drawn",
    "Feature",
    "FileDataset",
    "Gauss",
    "Idx",
    "ImageShape",
    "Iris",
    "Moons",
    "MultiGauss",
    "Npz",
    "Parity",
    "Penguins",
    "Plane",
    "Polynomial",
    "Samples",
    "Shape",
    "Sine",
    "Spiral",
    "Split",
    "Step",
    "Wine",
    "Xor",
    "dataset_in",
    "feature_columns",
    "feature_labels",
    "is_data_file",
    "labels_beside",
]
