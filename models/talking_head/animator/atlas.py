"""The mouth atlas: where each part of the mouth's interior is painted. x, y, width, height in texels."""

from __future__ import annotations

ATLAS_SIZE = (512, 384)  # width, height
ATLAS: dict[str, tuple[int, int, int, int]] = {
    "upper": (0, 0, 512, 128),
    "lower": (0, 128, 512, 128),
    "tongue": (0, 256, 256, 128),
    "cavity": (256, 256, 256, 128),
}
