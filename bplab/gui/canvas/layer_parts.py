"""What can be put on a layer that is there: a normalization or a dropout, as the palette offers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bplab.engine.normalizations import BatchNorm

from ..forms import explanation
from .tips import as_plain


@dataclass(frozen=True, slots=True)
class LayerPart:
    """A field of a layer and what it becomes."""

    name: str
    field: str
    value: Any
    tip: str

    def title(self) -> str:
        """As a kind of layer says it."""
        return self.name


PARTS = (
    LayerPart("normalization", "normalization", BatchNorm(), explanation(BatchNorm)),
    LayerPart("dropout", "dropout", 0.2, as_plain("Silences a share of a layer's outputs in each training step")),
)
