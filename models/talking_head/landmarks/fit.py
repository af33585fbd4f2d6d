"""Fit the ICT morphable face to a portrait with known points, so that it can be seen again in other poses and moods.

Used to make training pictures only. Coordinates: image x right, y down in pixels, z towards the viewer in the same unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.floating[Any]]

ICT_68 = (
    1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088, 3443, 268, 493, 1914,
    2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140, 2075, 1147, 4269, 3360, 1507, 1542, 1537,
    1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732, 5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957,
    5841, 5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
)  # fmt: skip
"""ICT-FaceKit's own list of the 68 landmark vertices (indices into the original mesh)."""

LONDON_CONTOUR = (109, 110, 111, 125, 126, 127, 128, 129, 130, 131, 132, 133, 114, 113, 112)
"""London points along the edge of the face, from the left temple of the picture over the chin to the right."""


@dataclass(frozen=True)
class Model:
    """The morphable face. neutral [v, 3], identity [100, v, 3], expression [57, v, 3]; landmarks: 68 vertex indices."""

    neutral: F32
    identity: F32
    expression: F32
    names: tuple[str, ...]
    triangles: NDArray[np.int32]
    source: NDArray[np.int32]
    landmarks: NDArray[np.int64]


@lru_cache(maxsize=1)
def load_model(data: Path) -> Model:
    """Read `ict_facekit/ict_facekit.npz`."""
    held = np.load(data / "ict_facekit" / "ict_facekit.npz")
    source = held["source_vertex"]
    where = {int(s): i for i, s in enumerate(source)}
    return Model(
        held["neutral"].astype(np.float32),
        held["identity"][:40].astype(np.float32),
        held["expression"].astype(np.float32),
        tuple(str(n) for n in held["expression_names"]),
        held["triangles"].astype(np.int32),
        source,
        np.array([where[i] for i in ICT_68]),
    )


def _along(points: F32, t: F32) -> F32:
    """Points at the arc length fractions t of a polyline [n, 2]."""
    s = _fractions(points)
    return np.stack([np.interp(t, s, points[:, k]) for k in (0, 1)], -1).astype(np.float32)


def _fractions(points: F32) -> F32:
    s = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    return (s / s[-1]).astype(np.float32)


def london_inner(model: Model, p: F32) -> dict[int, F32]:
    """London's 189 points → the iBUG points 17..67 they determine (all but the bridge and inner base of the nose)."""
    found: dict[int, F32] = {}
    flat = model.neutral[model.landmarks][:, :2]

    def chain(marks: list[int], image: list[int]) -> None:
        for i, point in zip(marks, _along(p[image], _fractions(flat[marks])), strict=True):
            found[i] = point

    for upper, lower, marks in (
        ([71, 72, 73, 74, 75, 76], [71, 83, 84, 76], [17, 18, 19, 20, 21]),
        ([77, 78, 79, 80, 81, 82], [77, 85, 86, 82], [22, 23, 24, 25, 26]),
    ):
        t = _fractions(flat[marks])
        for i, point in zip(marks, (_along(p[upper], t) + _along(p[lower], t)) / 2, strict=True):
            found[i] = point
    chain([36, 37, 38, 39], [18, 19, 20, 21, 22])
    chain([39, 40, 41, 36], [22, 30, 29, 28, 18])
    chain([42, 43, 44, 45], [23, 24, 25, 26, 27])
    chain([45, 46, 47, 42], [27, 33, 32, 31, 23])
    chain([48, 49, 50, 51, 52, 53, 54], [87, 88, 89, 90, 91, 92, 93])
    chain([54, 55, 56, 57, 58, 59, 48], [93, 108, 107, 106, 105, 104, 87])
    chain([60, 61, 62, 63, 64], [87, 94, 95, 96, 97, 98, 93])
    chain([64, 65, 66, 67, 60], [93, 103, 102, 101, 100, 99, 87])
    found[48], found[54] = p[87], p[93]
    return found


@dataclass(frozen=True)
class Fit:
    """A fitted portrait. shape [v, 3]: the mesh in image coordinates, residual included, so that shape[:, :2] are also
    its texture coordinates; turn [3, 3]: model to image axes times scale (for identity and expression offsets)."""

    shape: F32
    turn: F32
    points: F32  # [68, 2]


def fit_london(model: Model, p: F32, modes: int = 40, rounds: int = 6, prior: float = 3.0) -> Fit:
    """Weak perspective, identity by least squares, then a smooth residual. p: London's [189, 2] points in pixels."""
    from scipy.interpolate import RBFInterpolator

    lm = model.landmarks
    inner = london_inner(model, p)
    verts = np.r_[lm[list(inner)], lm[[31, 35, 8]]]
    target = np.r_[np.array(list(inner.values())), p[[63, 68, 129]]]
    jaw = lm[[i for i in range(17) if i != 8]]
    contour = _along(p[list(LONDON_CONTOUR)], np.linspace(0, 1, 400))
    basis = model.identity[:modes]
    b = np.zeros(modes, np.float32)
    axes = np.zeros((2, 3), np.float32)
    shift = np.zeros(2, np.float32)
    for k in range(rounds):
        shape = model.neutral + np.tensordot(b, basis, 1)
        v, t, w = verts, target, np.ones(len(verts))
        if k:
            q = shape[jaw] @ axes.T + shift
            near = contour[np.argmin(((q[:, None] - contour[None]) ** 2).sum(-1), 1)]
            v, t, w = np.r_[verts, jaw], np.r_[target, near], np.r_[w, np.full(len(jaw), 0.5)]
        x = shape[v]
        xc, tc = np.average(x, 0, w), np.average(t, 0, w)
        m = np.linalg.lstsq((x - xc) * w[:, None], (t - tc) * w[:, None], rcond=None)[0].T
        if k == 0:
            m[:, 2] = 0
        u, sigma, vt = np.linalg.svd(m, full_matrices=False)
        scale = sigma.mean()
        axes = scale * (u @ vt)
        shift = tc - axes @ xc
        jac = np.einsum("ij,kvj->vik", axes, basis[:, v]).reshape(-1, modes)
        r = (t - model.neutral[v] @ axes.T - shift).reshape(-1)
        weighted = (jac * np.repeat(w, 2)[:, None]).T
        b = np.linalg.solve(weighted @ jac + (prior * scale * 0.12) ** 2 * np.eye(modes), weighted @ r)
    shape = (model.neutral + np.tensordot(b, basis, 1)).astype(np.float32)
    third = np.cross(axes[0], axes[1]) / scale
    turn = np.vstack([axes, third if third[2] > 0 else -third]).astype(np.float32)
    posed = (shape @ turn.T).astype(np.float32)
    posed[:, :2] += shift
    residual = t - posed[v, :2]
    _, first = np.unique(posed[v, :2].round(1), axis=0, return_index=True)
    spline = RBFInterpolator(posed[v][first][:, :2], residual[first], kernel="thin_plate_spline", smoothing=1.0)
    face = model.source <= 9408
    move = spline(posed[face, :2]).astype(np.float32)
    move *= np.minimum(1, 12 / np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-6))
    posed[face, :2] += move
    posed[~face, :2] += move.mean(0)
    points = posed[lm, :2].copy()
    for i, point in inner.items():
        points[i] = point
    points[[31, 35, 8]] = p[[63, 68, 129]]
    return Fit(posed, turn, points.astype(np.float32))
