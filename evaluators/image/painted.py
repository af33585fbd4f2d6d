"""Photographs as if painted, so that a recogniser of pictures is not thrown by brush strokes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LONGEST = 400  # pixels of the longer side, at which the strokes have their size
STROKE = 5  # pixels

U8 = NDArray[np.uint8]


def shrunk(pixels: U8) -> U8:
    """At most 400 pixels a side."""
    import cv2

    scale = min(1.0, LONGEST / max(pixels.shape[:2]))
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def brushed(pixels: U8) -> U8:
    """Kuwahara filter (Kuwahara et al. 1976): every pixel takes the mean of the calmest of the four squares that meet in it."""
    import cv2

    x = shrunk(pixels).astype(np.float32)
    side, far = (STROKE + 1, STROKE + 1), STROKE
    best, least = x, np.full(x.shape[:2], np.inf, np.float32)
    for anchor in ((0, 0), (far, 0), (0, far), (far, far)):
        mean, square = (
            np.asarray(cv2.boxFilter(v, -1, side, anchor=anchor, borderType=cv2.BORDER_REFLECT)) for v in (x, x * x)
        )
        spread = (square - mean**2).sum(-1)
        calmer = spread < least
        best, least = np.where(calmer[..., None], mean, best), np.where(calmer, spread, least)
    return np.clip(best, 0, 255).astype(np.uint8)


def flattened(pixels: U8) -> U8:
    """Patches of one colour by mean shift (Comaniciu & Meer 2002): another way to paint, which no copy has learned from."""
    import cv2

    return np.asarray(cv2.pyrMeanShiftFiltering(shrunk(pixels), 10, 25), np.uint8)
