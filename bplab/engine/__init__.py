"""The engine: the mathematics of layered networks, their training and everything measured inside them."""

from .activations import ELU, Activation, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Softplus, Tanh
from .errors import DivergenceError, InputError
from .gradient_check import GradientCheck, check_gradients
from .initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Initializer,
    LeCunNormal,
    LeCunUniform,
    Normal,
    Orthogonal,
    Uniform,
    Zeros,
)
from .layers import Dense
from .losses import BinaryCrossEntropy, CrossEntropy, HalfSquaredError, Loss, MeanSquaredError
from .network import Backprop, Network
from .optimizers import SGD, Adam, Momentum, Optimizer
from .steps import Step
from .training import Trainer, TrainingState, train

__all__ = [
    "ELU",
    "SGD",
    "Activation",
    "Adam",
    "Backprop",
    "BinaryCrossEntropy",
    "Constant",
    "CrossEntropy",
    "Dense",
    "DivergenceError",
    "GlorotNormal",
    "GlorotUniform",
    "GradientCheck",
    "HalfSquaredError",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "InputError",
    "LeCunNormal",
    "LeCunUniform",
    "LeakyReLU",
    "Loss",
    "MeanSquaredError",
    "Momentum",
    "Network",
    "Normal",
    "Optimizer",
    "Orthogonal",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Step",
    "Tanh",
    "Trainer",
    "TrainingState",
    "Uniform",
    "Zeros",
    "check_gradients",
    "train",
]
