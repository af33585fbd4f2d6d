"""Where the eyes look, roughly: the dark of the iris inside the lids."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_EYES = ((36, 42), (42, 48))
_LOOK = 1.5  # radians of gaze for an iris that moves by half the eye's width
_OPEN = 0.18  # height over width below which an eye is too narrow to tell


def gaze_of(frame: NDArray[np.uint8], landmarks: NDArray[np.floating]) -> tuple[float, float] | None:
    """Yaw and pitch in radians (animator's sense: positive towards the subject's right, and down) of both eyes together.

    The iris is where the eye's opening is darkest: the centroid of darkness below its own median. None with closed lids.
    """
    found = []
    for a, b in _EYES:
        points = np.asarray(landmarks[a:b], np.float64)
        across = points[3] - points[0]
        width = float(np.linalg.norm(across))
        height = float(np.linalg.norm((points[1] + points[2]) / 2 - (points[4] + points[5]) / 2))
        if width < 6 or height / width < _OPEN:
            continue
        x0, y0 = np.floor(points.min(0)).astype(int) - 1
        x1, y1 = np.ceil(points.max(0)).astype(int) + 2
        x0, y0 = max(x0, 0), max(y0, 0)
        patch = frame[y0:y1, x0:x1]
        if patch.size == 0:
            continue
        grey = patch.astype(np.float32).mean(2)
        mask = np.zeros(grey.shape, np.uint8)
        cv2.fillConvexPoly(mask, np.round(points - (x0, y0)).astype(np.int32), (1,))
        inside = mask > 0
        if inside.sum() < 8:
            continue
        dark = np.clip(np.median(grey[inside]) - grey, 0, None) * inside
        if dark.sum() < 1:
            continue
        rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]]
        at = np.array([(columns * dark).sum(), (rows * dark).sum()]) / dark.sum() + (x0, y0)
        along = across / width
        off = at - points.mean(0)
        found.append((-(off @ along) / (width / 2), (off @ np.array([-along[1], along[0]])) / (width / 2)))
    if not found:
        return None
    yaw, pitch = np.mean(found, 0) * _LOOK
    return float(yaw), float(pitch)
