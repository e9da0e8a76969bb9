"""Activations: one class each, f and f' side by side. Lists show them in the order of the imports below."""

from .base import Activation, saturation_mask
from .squashing import Gaussian, HardSigmoid, HardTanh, Sigmoid, Sine, Softsign, Tanh

from .rectifiers import CELU, ELU, SELU, LeakyReLU, PReLU, ReLU, ReLU6  # isort: skip
from .smooth import GELU, GELUTanh, Mish, SiLU, Softplus  # isort: skip
from .ends import Identity, Softmax  # isort: skip

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "GELUTanh",
    "Gaussian",
    "HardSigmoid",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Sine",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
    "saturation_mask",
]
