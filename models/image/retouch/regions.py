"""Sky and distance in a photograph, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from genstudio.signals.filters import guided_filter

if TYPE_CHECKING:
    from genstudio.protocols import F32, U8

_WORK = 256  # pixels of the longer side at which the border is sought
_THRESHOLDS = 40
_LEAST = 0.06  # of the picture: less is no sky
_DIP = 0.12  # of the height: how far the skyline may dip below its median
_PARTED = 0.22  # share of the variance of colour that the border must explain


def sky_mask(pixels: U8) -> F32:
    """Share of sky, float32 [h, w] 0..1 with soft edges; all 0 when the picture shows none.

    The border is the first strong edge from above in every column (as Shen & Wang 2013, Sky region detection in a single
    image); the edge strength is the one that parts the picture's colours best (Otsu's between-class variance).
    """
    h, w = pixels.shape[:2]
    scale = min(1.0, _WORK / max(h, w))
    small = cv2.resize(pixels, (max(8, round(w * scale)), max(8, round(h * scale))), interpolation=cv2.INTER_AREA)
    border = _border(np.asarray(small, np.uint8))
    if border is None:
        return np.zeros((h, w), np.float32)
    rows = np.arange(small.shape[0])[:, None]
    mask = (rows < border[None, :]).astype(np.float32)
    big = cv2.resize(mask, (w, h), interpolation=cv2.INTER_LINEAR)
    guide = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    return np.clip(guided_filter(guide, big, max(2, round(0.012 * max(h, w))), 1e-4), 0, 1).astype(np.float32)


def _border(small: U8) -> np.ndarray | None:
    """The row of the skyline in every column, or None."""
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 0.8).astype(np.float32)
    edge = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    colour = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    h = len(small)
    total = float(np.var(colour, axis=(0, 1)).sum()) + 1e-6
    best, found = _PARTED, None
    for t in np.geomspace(8, 300, _THRESHOLDS):
        strong = edge > t
        strong[: max(1, h // 40)] = False
        border = np.where(strong.any(0), strong.argmax(0), h)
        border = cv2.medianBlur(border.astype(np.float32)[None], 5)[0]
        border = np.minimum(border, np.median(border) + _DIP * h)  # a road without edges is not sky
        above = np.arange(h)[:, None] < border[None, :]
        share = float(above.mean())
        if not _LEAST < share < 0.8 or not _is_sky(colour, above, edge):
            continue
        gap = colour[above].mean(0) - colour[~above].mean(0)
        parted = share * (1 - share) * float(gap @ gap) / total
        if parted > best:
            best, found = parted, border
    return found


def _is_sky(colour: np.ndarray, above: np.ndarray, edge: np.ndarray) -> bool:
    """Brighter than the rest or blue, not green, and smoother."""
    top, rest = colour[above].mean(0), colour[~above].mean(0)
    bright, blue = top[0] > rest[0] + 12, top[2] < 120 and top[2] < rest[2] - 4  # 8-bit Lab: b below 128 is blue
    return bool((bright or blue) and top[1] > 118 and edge[above].mean() < 0.5 * edge[~above].mean())


def distance(sky: F32) -> F32:
    """A guess at distance, float32 [h, w] 0..1: 0 at the lower edge, rising to 1 at the skyline of every column."""
    h = len(sky)
    skyline = cv2.blur(sky.sum(0, keepdims=True), (max(3, sky.shape[1] // 12), 1))[0]
    top = np.maximum(skyline, 0.3 * h if skyline.max() < 0.05 * h else skyline)
    rows = np.arange(h, dtype=np.float32)[:, None]
    return np.clip((h - rows) / np.maximum(h - top[None, :], 1), 0, 1).astype(np.float32) ** 2
