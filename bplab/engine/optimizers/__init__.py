"""Optimizers: from a gradient to a change of the parameters, in order of increasing complexity.

Each works on the flat parameter vector. Its memory ("slots": velocities, moments) is one row per slot, so a
checkpoint is parameters, slots and the number of updates. Formulas are those of the papers in the form that
PyTorch uses, so runs can be compared.
"""

from .base import Clock, Optimizer, Vectors
from .plain import SGD, Momentum

from .adaptive import Adadelta, Adagrad, Adam, AdamW, Lion, NAdam, RMSProp  # isort: skip

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Clock",
    "Lion",
    "Momentum",
    "NAdam",
    "Optimizer",
    "RMSProp",
    "Vectors",
]
