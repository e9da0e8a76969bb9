"""Why a gradient is what it is: its factors and which of them is to blame, in numbers, equations and a sentence."""

from .causes import target_spread
from .equations import SIGNS, Equation, equations, unrolled
from .explain import explain, explain_bias, explain_layer, explain_neuron, explain_weight
from .values import Cause, Explanation, Factor, FactorName, PathStep, Shortfalls, Target

__all__ = [
    "SIGNS",
    "Cause",
    "Equation",
    "Explanation",
    "Factor",
    "FactorName",
    "PathStep",
    "Shortfalls",
    "Target",
    "equations",
    "explain",
    "explain_bias",
    "explain_layer",
    "explain_neuron",
    "explain_weight",
    "target_spread",
    "unrolled",
]
