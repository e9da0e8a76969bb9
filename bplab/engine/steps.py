"""What one update tells whoever trains."""

import msgspec


class Step(msgspec.Struct, frozen=True, gc=False):
    """One update: its number (from 1), its epoch (from 1) and the mean loss of its batch before the update."""

    number: int
    epoch: int
    loss: float
