"""The head turned and shifted, as far as one picture of it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .rig import Rig

F32 = NDArray[np.float32]

FACE_HEIGHT = 18.0  # model units from chin to hairline
FREE = np.deg2rad([10.0, 8.0, 18.0])  # yaw, pitch, roll drawn as asked for
MOST = np.deg2rad(
    [18.0, 14.0, 26.0]
)  # approached and not passed: beyond, one photograph lacks the far cheek and the crown
EDGE, SOFT = (
    0.10,
    0.3,
)  # a normal's share towards the viewer at which the rim begins to be drawn, and over which it fades in


def seen(towards: F32) -> F32:
    """How much of the face's rim is drawn, 0..1, by its normals' share towards the viewer."""
    return np.asarray(np.clip((towards - EDGE) / SOFT, 0, 1), np.float32)


def carried(angles: NDArray[np.floating]) -> F32:
    """Yaw, pitch and roll [3] in radians as drawn: as asked for up to FREE, then towards MOST without a corner.

    >>> np.rad2deg(carried(np.deg2rad([5.0, 30.0, -60.0]))).round().tolist()
    [5.0, 14.0, -26.0]
    """
    size, room = np.abs(angles), MOST - FREE
    return np.asarray(
        np.sign(angles) * np.where(size > FREE, FREE + room * np.tanh((size - FREE) / room), size), np.float32
    )


def turn(points: F32, values: F32, r: Rig) -> tuple[F32, F32]:
    """Points [N + G, 3] with the head's rotation and shift, in each vertex's share, and the alpha [N] of what still faces us.

    values [62]; the far side of the face fades where it turns away, so that what lies behind it makes the outline.
    """
    yaw, pitch, roll = carried(values[52:55])
    right, up, near = np.clip(values[55:58], -0.4, 0.4)
    if not np.any(values[52:58]):
        return np.asarray(points, np.float32), r.alpha
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    turn_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    turn_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    turn_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    rotation = (turn_z @ turn_y @ turn_x).astype(np.float32)
    unit = FACE_HEIGHT * r.scale
    shift = np.array([right * unit, -up * unit, 0], np.float32)
    from_pivot = points - r.pivot
    moved = from_pivot @ (rotation / (1 - near / 4)).T + shift - from_pivot
    left = seen(r.facing @ rotation[2] / np.maximum(np.linalg.norm(r.facing, axis=1), 1e-6))
    at_rest = np.maximum(seen(r.facing[:, 2]), 1e-3)
    alpha = r.alpha * np.minimum(left / at_rest, 1)
    alpha[r.facing[:, 2] > 0.999] = r.alpha[r.facing[:, 2] > 0.999]
    return np.asarray(points + r.head[:, None] * moved, np.float32), np.asarray(alpha, np.float32)
