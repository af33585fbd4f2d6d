"""What lies behind the face mesh: hair, ears, neck, clothes and background, carried along by a grid and let go with distance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.signals.shapes import smoothstep

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

CELLS = 52  # grid cells across the texture


@dataclass(frozen=True)
class Underlay:
    """points float32 [G, 3] in texture pixels; triangles int32 [T, 3]; basis float32 [52, G, 3] in pixels."""

    points: F32
    triangles: I32
    basis: F32


def head_weight(xy: F32, landmarks: F32) -> F32:
    """Share [N] of the head's motion at texture points [N, 2]: 1 over head and hair, 0 on shoulders and background."""
    eyes = landmarks[36:48].mean(0)
    down = landmarks[8] - landmarks[17:27].mean(0)
    unit = float(np.linalg.norm(down))
    down = down / unit
    across = (xy - eyes) @ np.array([down[1], -down[0]]) / unit
    along = (xy - eyes) @ down / unit

    def fall(t: F32, start: float, end: float) -> F32:
        return np.asarray(1 - smoothstep(t, start, end))

    radius = np.hypot(across / 1.05, np.where(along < 0, along / 1.25, along / 1.5))
    return np.asarray(fall(radius, 0.74, 1.28) * fall(along, 0.75, 1.65), np.float32)


def make(size: int, vertices: F32, shapes: F32, seen: NDArray[np.bool_], reach: float) -> Underlay:
    """A grid over a texture of `size` pixels that follows the seen face vertices [V, 3] with their shapes [52, V, 3].

    reach: pixels outside the face over which it lets go.
    """
    from scipy.spatial import cKDTree

    ticks = np.linspace(-0.02 * size, 1.02 * size, CELLS + 1)
    x, y = np.meshgrid(ticks, ticks)
    grid = np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)
    front = vertices[seen]
    distance, near = cKDTree(front[:, :2]).query(grid, 8)
    weight = 1 / (distance**2 + (0.004 * size) ** 2) ** 1.5
    weight = (weight / weight.sum(1, keepdims=True)).astype(np.float32)
    hold = (1 - smoothstep((distance[:, 0] - 0.01 * size) / reach)).astype(np.float32)
    basis = np.einsum("gk,egkc->egc", weight, shapes[:, seen][:, near]) * hold[None, :, None]
    z = (weight * front[near, 2]).sum(1)
    n = CELLS + 1
    for e in range(len(basis)):
        basis[e] = cv2.GaussianBlur(basis[e].reshape(n, n, 3), (0, 0), 0.7).reshape(-1, 3)
    z = cv2.GaussianBlur(z.reshape(n, n).astype(np.float32), (0, 0), 1.0).ravel()
    basis[..., 2] = 0
    a = np.arange(n * n).reshape(n, n)
    quads = np.stack([a[:-1, :-1], a[:-1, 1:], a[1:, 1:], a[1:, :-1]], -1).reshape(-1, 4)
    triangles = np.r_[quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]].astype(np.int32)
    return Underlay(np.c_[grid, z].astype(np.float32), np.ascontiguousarray(triangles), basis.astype(np.float32))
