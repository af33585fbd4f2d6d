"""The square around the head that is animated, and the portrait's pixels at the working resolution."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

SIDE = 2.3  # side of the square over the distance from chin to brows
CENTRE = 0.55  # height in the square of the middle between chin and brows
MARGIN = 0.12  # texture kept beyond each edge, for a head that moves inwards


@dataclass(frozen=True)
class Crop:
    """texture uint8 [t, t, 3]: the square with its margin at working resolution; margin: pixels of it on each side;
    left, top, side: the square in the portrait's pixels; scale: texture pixels a portrait pixel."""

    texture: U8
    margin: int
    left: int
    top: int
    side: int
    scale: float

    def to_texture(self, points: NDArray[np.floating]) -> F32:
        """Portrait pixels [N, 2] to texture pixels."""
        at = (np.asarray(points, np.float64) + 0.5 - (self.left, self.top)) * self.scale - 0.5 + self.margin
        return at.astype(np.float32)


def brow_to_chin(landmarks: NDArray[np.floating]) -> float:
    """Distance in pixels from the middle of the brows to the chin."""
    return float(np.linalg.norm(landmarks[8] - landmarks[17:27].mean(0)))


def head_square(landmarks: NDArray[np.floating], width: int, height: int) -> tuple[int, int, int]:
    """left, top, side of the square around the head, moved and shrunk to lie in the picture as far as possible."""
    brows = landmarks[17:27].mean(0)
    middle = 0.5 * (brows + landmarks[8])
    side = min(round(SIDE * brow_to_chin(landmarks)), max(width, height))
    x = 0.5 * (landmarks[:17, 0].min() + landmarks[:17, 0].max()) * 0.5 + 0.5 * middle[0]
    left, top = round(float(x - side / 2)), round(float(middle[1] - CENTRE * side))
    left = min(max(left, 0), max(0, width - side)) if side <= width else (width - side) // 2
    top = min(max(top, 0), max(0, height - side)) if side <= height else (height - side) // 2
    return left, top, side


def cut(portrait: U8, landmarks: NDArray[np.floating], size: int) -> Crop:
    """The head square of `portrait` uint8 [h, w, 3] at `size` texture pixels a side, with its margin."""
    height, width = portrait.shape[:2]
    left, top, side = head_square(landmarks, width, height)
    margin = round(MARGIN * size)
    pad = int(np.ceil(margin * side / size)) + 2
    x0, y0, x1, y1 = left - pad, top - pad, left + side + pad, top + side + pad
    inside = portrait[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    need = (max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width))
    if any(need):
        inside = np.asarray(cv2.copyMakeBorder(inside, *need, cv2.BORDER_REPLICATE), np.uint8)
    window = inside[pad:-pad, pad:-pad]
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    centre = cv2.resize(window, (size, size), interpolation=method)
    total = size + 2 * margin
    scale = size / side
    matrix = np.array([[scale, 0, (0.5 - pad) * scale - 0.5 + margin], [0, scale, (0.5 - pad) * scale - 0.5 + margin]])
    texture = cv2.warpAffine(inside, matrix, (total, total), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    texture[margin : margin + size, margin : margin + size] = centre
    return Crop(np.ascontiguousarray(texture), margin, left, top, side, scale)
