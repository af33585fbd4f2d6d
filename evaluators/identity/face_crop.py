"""A face cut out by its box alone, in the framing of FER-2013: no landmark moves it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.faces import find_faces

U8 = NDArray[np.uint8]
_HEIGHT, _DOWN = (
    0.928,
    0.069,
)  # of the frame's side: a finder box's height, and its centre below the frame's (101 FER faces)


def frame_of(box: tuple[float, float, float, float], wider: float = 1.0) -> tuple[float, float, float]:
    """Centre x, y and side in pixels of the square frame around a finder's box."""
    side = (box[3] - box[1]) / _HEIGHT
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2 - _DOWN * side, side * wider


def cut(image: U8, frame: tuple[float, float, float], size: int) -> U8:
    """The square frame of uint8 [h, w, 3] as grey uint8 [size, size]; edges are repeated beyond the picture."""
    import cv2

    x, y, side = frame
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    half = int(np.ceil(side / 2)) + 1
    left, top = round(x) - half, round(y) - half
    pad = max(0, -left, -top, left + 2 * half - grey.shape[1], top + 2 * half - grey.shape[0])
    if pad:
        grey = cv2.copyMakeBorder(grey, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    part = grey[top + pad : top + pad + 2 * half, left + pad : left + pad + 2 * half]
    shrink = cv2.INTER_AREA if part.shape[0] > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (size, size), interpolation=shrink), np.uint8)


def framed(image: U8, size: int, wider: float = 1.0) -> U8 | None:
    """The largest face of a picture, grey uint8 [size, size], or None."""
    faces = find_faces(image)
    return cut(image, frame_of(faces[0].box, wider), size) if faces else None
