"""Teeth, tongue and the dark of the mouth: own geometry, moved by the face model's jaw. Only used at build time.

Units are the face model's (about a centimetre; x to the subject's left, y up, z towards the viewer). Every part has a rectangle of
the mouth atlas, which `mouth.py` paints for a portrait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .atlas import ATLAS

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

# dental arches in the model's frame: x, z of the front of the crowns from the midline to the second premolar and molar
UPPER_ARCH = ((0.0, 10.80), (0.45, 10.77), (1.10, 10.45), (1.70, 9.95), (2.15, 9.28), (2.45, 8.55), (2.75, 7.50))
LOWER_ARCH = ((0.0, 10.50), (0.40, 10.47), (0.95, 10.28), (1.50, 9.80), (1.95, 9.18), (2.30, 8.50), (2.60, 7.50))
UPPER_SPAN = (-1.35, -3.55)  # y of the top of the gum strip and of the incisal edge
LOWER_SPAN = (-5.75, -3.42)  # y of the bottom of the gum strip and of the incisal edge


@dataclass(frozen=True)
class Part:
    """points [V, 3]; triangles [T, 3]; uv [V, 2] in atlas texels; jaw [V]: share of the jaw's motion each vertex takes."""

    name: str
    points: F32
    triangles: I32
    uv: F32
    jaw: F32


def _grid(rows: int, columns: int) -> I32:
    """Triangles of a rows × columns grid of vertices."""
    a = np.arange(rows * columns).reshape(rows, columns)
    quads = np.stack([a[:-1, :-1], a[1:, :-1], a[1:, 1:], a[:-1, 1:]], -1).reshape(-1, 4)
    return np.r_[quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]].astype(np.int32)


def _rect(name: str, u: NDArray[Any], v: NDArray[Any]) -> F32:
    """Atlas texels of fractions u, v (0..1) of a part's rectangle."""
    x, y, w, h = ATLAS[name]
    return np.stack([x + 1 + u * (w - 3), y + 1 + v * (h - 3)], -1).astype(np.float32)


def arch(name: str) -> Part:
    """A row of teeth with its gum: a strip bent along the dental arch; columns follow arc length."""
    upper = name == "upper"
    half = np.array(UPPER_ARCH if upper else LOWER_ARCH, np.float32)
    curve = np.r_[half[:0:-1] * [-1, 1], half]
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))]
    columns, rows = 41, 5
    at = np.linspace(0, length[-1], columns)
    x = np.interp(at, length, curve[:, 0])
    z = np.interp(at, length, curve[:, 1])
    smooth = np.array([0.25, 0.5, 0.25])
    z[1:-1] = np.convolve(z, smooth, "valid")
    top, edge = UPPER_SPAN if upper else LOWER_SPAN
    t = np.linspace(0, 1, rows)[:, None]  # 0 at the gum, 1 at the incisal edge
    bulge = 0.10 * np.sin(np.pi * np.clip(t, 0, 1)) - 0.25 * (1 - t) ** 2
    curl = (
        0.10 * (np.abs(x) / 2.75) ** 2
    )  # the edge rises towards the back (upper) and the front teeth stand a little lower
    y = top + (edge - top) * t + curl[None] * t * (1 if upper else 0.4)
    points = np.stack([np.broadcast_to(x, y.shape), y, z[None] + bulge], -1).reshape(-1, 3)
    u = np.broadcast_to(np.linspace(0, 1, columns), y.shape)
    v = np.broadcast_to(t, y.shape)
    uv = _rect(name, u.ravel(), v.ravel())
    return Part(
        name, points.astype(np.float32), _grid(rows, columns), uv, np.full(len(points), 0 if upper else 1, np.float32)
    )


def _tongue_grid() -> tuple[F32, F32]:
    """Across (-1..1) and from back to tip (0..1), each [11, 13]."""
    u, v = np.meshgrid(np.linspace(-1, 1, 13), 1 - (1 - np.linspace(0, 1, 11)) ** 1.6)
    return u.astype(np.float32), v.astype(np.float32)


def tongue() -> Part:
    """A tongue lying behind the lower teeth: the upper side of a flattened ellipsoid with a groove."""
    u, v = _tongue_grid()
    width = 1.75 * np.sqrt(np.clip(1 - (np.clip(v - 0.55, 0, None) / 0.46) ** 2, 0.04, 1))
    x = u * width
    z = 5.6 + 4.35 * v - 0.35 * u**2 * v
    y = -3.62 + 0.42 * np.cos((v - 0.35) * 2.2) - 0.45 * u**2 - 0.75 * np.clip(v - 0.8, 0, None) / 0.2 * 0.5
    y = y - 0.10 * np.exp(-((u / 0.14) ** 2)) * (1 - v**2)
    y = y - 1.1 * np.clip(v - 0.9, 0, None) / 0.1
    points = np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32)
    uv = _rect("tongue", (u.ravel() + 1) / 2, v.ravel())
    jaw = (0.35 + 0.25 * v).ravel().astype(np.float32)
    return Part("tongue", points, _grid(11, 13), uv, jaw)


def cavity() -> Part:
    """The back of the mouth: palate above, throat behind, floor below."""
    profile = np.array(
        [(-1.7, 8.4), (-1.8, 7.0), (-2.4, 5.2), (-3.6, 4.2), (-4.8, 4.6), (-5.4, 6.2), (-5.6, 8.0)]
    )  # y, z
    jaw_rows = np.array([0, 0, 0.05, 0.35, 0.8, 1, 1.0])
    columns = 9
    u = np.linspace(-1, 1, columns)
    y = np.broadcast_to(profile[:, :1], (len(profile), columns))
    x = np.broadcast_to(u * 2.9, y.shape)
    z = profile[:, 1:] - 0.8 * u[None] ** 2
    points = np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32)
    v = np.broadcast_to(np.linspace(0, 1, len(profile))[:, None], y.shape)
    uv = _rect("cavity", np.broadcast_to((u + 1) / 2, y.shape).ravel(), v.ravel())
    return Part("cavity", points, _grid(len(profile), columns), uv, np.repeat(jaw_rows, columns).astype(np.float32))


def inner_parts() -> list[Part]:
    """All parts, in the order in which they stand in the model."""
    return [arch("upper"), arch("lower"), tongue(), cavity()]


def tongue_out(points: F32) -> F32:
    """Displacement [V, 3] of the tongue's vertices for tongueOut = 1: forward over the lower lip, tip down and round."""
    u, v = (g.ravel() for g in _tongue_grid())
    tip, end = np.clip(v - 0.5, 0, None) / 0.5, np.clip(v - 0.9, 0, None) / 0.1
    out = np.zeros_like(points)
    out[:, 2] = 3.8 * v**1.2
    out[:, 1] = 0.75 * v - 2.3 * tip**1.4 + 1.0 * end + 0.45 * u**2 * v - 0.5 * (1 - u**2) * tip
    out[:, 0] = points[:, 0] * (0.55 * tip - 0.15 * v)
    return out
