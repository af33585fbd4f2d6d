"""Cuts faces as FER-2013 shows them: upright, grey, 48 × 48. Which crops are read is fixed here, once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .net import SIZE

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

FER_CENTRE = (24.0, 29.2)
"""Mean of the 68 points in FER-2013's mean face, pixels."""

FER_RADIUS = 15.6
"""Root mean square distance of the 68 points from it, pixels."""

CROPS: tuple[tuple[float, float], ...] = ((1.0, 0.0), (0.9, -0.6), (1.12, 0.6), (1.0, -1.4), (1.0, 1.4))
"""Crops that are averaged: zoom, and shift downwards in crop pixels. The first is the plain one. A reading depends on the
crop more than on most things one wants to measure, so they were fixed before anything generated was read."""


def matrix(landmarks: F32, zoom: float = 1.0, down: float = 0.0) -> F32:
    """[2, 3] map from picture pixels to the 48-pixel crop, for 68 iBUG points [68, 2]."""
    centre = landmarks.mean(0)
    radius = float(np.sqrt(((landmarks - centre) ** 2).sum(1).mean()))
    eyes = landmarks[42:48].mean(0) - landmarks[36:42].mean(0)
    roll = float(np.arctan2(eyes[1], eyes[0]))
    scale = FER_RADIUS * zoom / max(radius, 1e-3)
    c, s = np.cos(-roll) * scale, np.sin(-roll) * scale
    m = np.array([[c, -s, 0], [s, c, 0]], np.float32)
    middle = (SIZE - 1) / 2
    target = np.array([FER_CENTRE[0], middle + (FER_CENTRE[1] - middle) * zoom + down], np.float32)
    m[:, 2] = target - m[:, :2] @ centre
    return m


def crop(image: U8, landmarks: F32, zoom: float = 1.0, down: float = 0.0) -> U8:
    """One grey crop [48, 48] of an RGB picture."""
    import cv2

    m = matrix(landmarks, zoom, down)
    scale = float(np.hypot(m[0, 0], m[1, 0]))
    inverse = cv2.invertAffineTransform(m)
    corners = np.array([[-2, -2], [SIZE + 2, -2], [-2, SIZE + 2], [SIZE + 2, SIZE + 2]], np.float32)
    corners = corners @ inverse[:, :2].T + inverse[:, 2]
    h, w = image.shape[:2]
    x0, y0 = (int(v) for v in np.clip(np.floor(corners.min(0)), 0, [w - 1, h - 1]))
    x1, y1 = (int(v) for v in np.clip(np.ceil(corners.max(0)), [x0 + 1, y0 + 1], [w, h]))
    part = image[y0:y1, x0:x1]
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    if scale < 0.8:  # shrink by area first: a plain warp would alias
        size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    sx, sy = grey.shape[1] / (x1 - x0), grey.shape[0] / (y1 - y0)
    back = np.array([[1 / sx, 0, 0.5 / sx - 0.5 + x0], [0, 1 / sy, 0.5 / sy - 0.5 + y0], [0, 0, 1]])
    whole = (np.r_[m, [[0, 0, 1]]] @ back)[:2].astype(np.float32)
    return cv2.warpAffine(  # type: ignore[return-value]
        grey, whole, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def crops(image: U8, landmarks: F32) -> U8:
    """All fixed crops [5, 48, 48], every second one mirrored."""
    cut = np.stack([crop(image, landmarks, zoom, down) for zoom, down in CROPS])
    cut[1::2] = cut[1::2, :, ::-1]
    return cut
