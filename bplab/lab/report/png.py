"""Small pictures as PNG with a palette: the same pixels in two palettes are one picture for light and dark ground."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def palette_png(pixels: Bytes, palette: Bytes, alpha: Bytes | None = None) -> bytes:
    """A PNG (ISO/IEC 15948) of ``pixels (height, width)``, entries of ``palette (n, 3)`` with opacities ``(n,)``."""
    height, width = pixels.shape
    filtered = np.zeros((height, width + 1), np.uint8)  # each line begins with its filter: 0, none
    filtered[:, 1:] = pixels
    chunks = [
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", np.ascontiguousarray(palette, np.uint8).tobytes()),
        *([(b"tRNS", alpha.astype(np.uint8).tobytes())] if alpha is not None else []),
        (b"IDAT", zlib.compress(filtered.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def data_uri(png: bytes) -> str:
    """The picture as an address that needs no file and no network."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
