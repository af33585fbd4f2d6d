"""Where a face is and how large, from its 68 points; turns, crops and head pose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

MIRROR = np.array([
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36,
    41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
])  # fmt: skip
"""Point i of a mirrored face is point MIRROR[i] of the face."""

CROP = 1.8
"""Half the side of the landmark network's crop in face radii."""

INPUT = 128
"""Side of that crop in pixels."""


def radius_of(points: F32) -> tuple[F32, float]:
    """Centre (mean, [2]) and radius (root mean square distance from it) of 68 points: alike in any roll."""
    centre = points.mean(0)
    return centre.astype(np.float32), float(np.sqrt(((points - centre) ** 2).sum(1).mean()))


def roll_of(points: F32) -> float:
    """Angle of the eye line in radians, 0 when level, positive when the picture's right eye is lower."""
    d = points[42:48].mean(0) - points[36:42].mean(0)
    return float(np.arctan2(d[1], d[0]))


def crop_matrix(centre: F32, radius: float, roll: float, size: int = INPUT, reach: float = CROP) -> F32:
    """[2, 3] from picture pixels to crop pixels: upright, the face radius 1/reach of half the side."""
    scale = size / 2 / (reach * radius)
    c, s = np.cos(-roll) * scale, np.sin(-roll) * scale
    m = np.array([[c, -s, 0], [s, c, 0]], np.float32)
    m[:, 2] = (size - 1) / 2 - m[:, :2] @ centre
    return m


def invert(m: F32) -> F32:
    """Inverse of a [2, 3] map."""
    inner = np.linalg.inv(m[:, :2].astype(np.float64))
    return np.c_[inner, -inner @ m[:, 2]].astype(np.float32)


def apply(m: F32, points: F32) -> F32:
    """Map points [n, 2] by [2, 3]."""
    return (points @ m[:, :2].T + m[:, 2]).astype(np.float32)


def head_pose(points: F32, mean_shape: F32) -> tuple[float, float, float]:
    """Yaw, pitch, roll in radians by a weak perspective fit of the mean face [68, 3] (x right, y down, z to the viewer).

    Positive yaw turns the nose to the picture's right, positive pitch looks down, positive roll turns clockwise.
    """
    stable = np.r_[27:36, 36:48, 8, 17:27]
    x = mean_shape[stable] - mean_shape[stable].mean(0)
    y = points[stable] - points[stable].mean(0)
    m = np.linalg.lstsq(x, y, rcond=None)[0].T
    u, _, vt = np.linalg.svd(m, full_matrices=False)
    rows = u @ vt  # first two rows of the rotation
    return angles(np.vstack([rows, np.cross(rows[0], rows[1])]))


def turn_of(points: F32, mean_shape: F32) -> NDArray[np.floating]:
    """The rotation [3, 3] that turns the mean face into points [68, 3] (x right, y down; the depth grows to
    the viewer or from it, whichever fits the face better: Kabsch 1976)."""
    stable = np.r_[27:36, 36:48, 8, 17:27]
    x = mean_shape[stable] - mean_shape[stable].mean(0)
    best, turn = -np.inf, np.eye(3)
    for sign in (1.0, -1.0):
        y = (points[stable] - points[stable].mean(0)) * np.array([1.0, 1.0, sign])
        u, s, vt = np.linalg.svd(y.T @ x)
        flip = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
        if (s * flip).sum() > best:
            best, turn = float((s * flip).sum()), (u * flip) @ vt
    return turn


def angles(turn: NDArray[np.floating]) -> tuple[float, float, float]:
    """Yaw, pitch, roll in radians of a rotation [3, 3] of the head, as in `head_pose`."""
    yaw = float(np.arctan2(-turn[2, 0], turn[2, 2]))
    pitch = float(np.arcsin(np.clip(-turn[2, 1], -1, 1)))
    roll = float(np.arctan2(-turn[0, 1], turn[1, 1]))
    return yaw, pitch, roll
