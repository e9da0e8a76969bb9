"""What is common to all images as inputs: how large they may be, and what their pixels are called."""

from __future__ import annotations

from bplab.engine.errors import InputError

from .base import ImageShape

MAX_PIXELS = 2**16
"""Inputs of one image: 256 × 256 in one channel."""


def check_image(where: str, shape: ImageShape) -> None:
    """``InputError``, about ``where``, for images of no or of too many pixels."""
    channels, height, width = shape
    size = f"{height:,} × {width:,} pixels" + (f" in {channels:,} channels" if channels != 1 else "")
    if not all(shape):
        raise InputError(f"{where}: images of {size} show nothing")
    if channels * height * width > MAX_PIXELS:
        raise InputError(f"{where}: images of {size} are too large; at most {MAX_PIXELS:,} inputs can be used")


def pixel_names(shape: ImageShape) -> tuple[str, ...]:
    """Names of the inputs, row-major in channel, row and column, each counted from 1."""
    channels, height, width = shape
    one = [f"pixel {row},{column}" for row in range(1, height + 1) for column in range(1, width + 1)]
    if channels == 1:
        return tuple(one)
    return tuple(f"channel {channel}, {name}" for channel in range(1, channels + 1) for name in one)
