"""The chain-rule panel: why a gradient is what it is, as typeset equations, as factors and in a sentence."""

from .panel import ChainPanel

__all__ = ["ChainPanel"]
