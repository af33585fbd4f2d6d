"""Fits the morphable face to 68 landmarks: weak perspective, identity, then a thin-plate spline for what is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.arkit import BLENDSHAPES

from .face_model import FaceModel

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

JAW = tuple(i for i in range(17) if i != 8)
NOISE = 0.36  # model units a landmark is trusted to, against identity modes of unit variance
SMOOTHING = 2e-3  # of the spline: landmarks are a little unsure, faces are smooth
OPEN_MOUTH = 0.10  # inner lip gap over mouth width from which the source counts as open-mouthed
MOUTH_SHAPES = (
    ("jawOpen",), ("mouthUpperUpLeft", "mouthUpperUpRight"), ("mouthLowerDownLeft", "mouthLowerDownRight"),
    ("mouthSmileLeft", "mouthSmileRight"),
)  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """How the face model lies in a picture.

    points float32 [V, 3]: x, y pixels (y down), z towards the viewer in pixels; view [3, 3]: rows are the picture's
    right, down and towards axes in the model's frame; scale: pixels a model unit; rms: pixels left before the spline;
    coefficients [K]: identity.
    """

    points: F32
    view: F32
    scale: float
    rms: float
    coefficients: F32

    def displace(self, shapes: F32) -> F32:
        """Model displacements [..., 3] in picture axes and pixels."""
        return np.asarray(shapes @ (self.view.T * self.scale), np.float32)


def polyline(points: F64, count: int) -> F64:
    """`count` points evenly spaced along a polyline [N, 2]."""
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, points[:, k]) for k in (0, 1)], -1)


def mouth_gap(landmarks: NDArray[np.floating]) -> float:
    """Height of the inner mouth opening over the mouth's width."""
    gap = np.mean([np.linalg.norm(landmarks[a] - landmarks[b]) for a, b in ((61, 67), (62, 66), (63, 65))])
    return float(gap / (np.linalg.norm(landmarks[54] - landmarks[48]) + 1e-6))


def spread_corners(landmarks: F64) -> F64:
    """Inner mouth corners at least 5 % of the mouth's width inside the outer ones, as on the mesh."""
    out = landmarks.copy()
    across = out[54] - out[48]
    width2 = float(across @ across) + 1e-9
    for inner, outer, sign in ((60, 48, 1.0), (64, 54, -1.0)):
        along = sign * float((out[inner] - out[outer]) @ across) / width2
        out[inner] += sign * max(0.0, 0.05 - along) * across
    return out


def fit(model: FaceModel, landmarks: NDArray[np.floating]) -> Fit:
    """landmarks [68, 2] in pixels, iBUG order."""
    marks = spread_corners(np.asarray(landmarks, np.float64))
    neutral = model.neutral.astype(np.float64)
    modes = model.identity.astype(np.float64)
    k_id = len(modes)
    prior = np.ones(k_id)
    if mouth_gap(marks) > OPEN_MOUTH:
        at = {n: i for i, n in enumerate(BLENDSHAPES)}
        extra = np.stack([model.expression[[at[n] for n in names]].sum(0) for names in MOUTH_SHAPES]) * 0.4
        modes = np.concatenate([modes, extra])
        prior = np.r_[prior, np.full(len(extra), 0.7)]
    contour = polyline(marks[:17], 400)
    fixed = [i for i in range(68) if i not in JAW]
    vertices = np.r_[model.landmarks[fixed], model.landmarks[list(JAW)]]
    b = np.zeros(len(modes))
    affine, offset, scale = np.zeros((2, 3)), np.zeros(2), 1.0
    target = np.r_[marks[fixed], marks[list(JAW)]]
    weight = np.r_[np.ones(len(fixed)), np.full(len(JAW), 0.5)]
    for step in range(8):
        shape = neutral[vertices] + np.tensordot(b, modes[:, vertices], 1)
        if step:  # the jaw's points slide along the contour
            guess = shape[-len(JAW) :] @ affine.T + offset
            near = np.argmin(((guess[:, None] - contour[None]) ** 2).sum(-1), 1)
            target[-len(JAW) :] = contour[near]
        centre, middle = np.average(shape, 0, weight), np.average(target, 0, weight)
        m = np.linalg.lstsq((shape - centre) * weight[:, None], (target - middle) * weight[:, None], rcond=None)[0].T
        if step == 0:
            m[:, 2] = 0
        u, s, vt = np.linalg.svd(m, full_matrices=False)
        scale = float(s.mean())
        affine = scale * (u @ vt)
        offset = middle - affine @ centre
        jacobian = np.einsum("ij,kvj->vik", affine, modes[:, vertices]).reshape(-1, len(modes))
        residual = (target - neutral[vertices] @ affine.T - offset).reshape(-1)
        w = np.repeat(weight, 2)[:, None]
        ridge = np.diag((NOISE * scale / prior) ** 2)
        b = np.linalg.solve((jacobian * w).T @ jacobian + ridge, (jacobian * w).T @ residual)
        b[k_id:] = np.maximum(b[k_id:], 0)
        b = np.clip(b, -3.5, 3.5)
    shape = neutral + np.tensordot(b, modes, 1)
    right, down = affine / scale
    towards = np.cross(right, down)
    if towards[2] < 0:
        towards = -towards
    view = np.stack([right, down, towards])
    flat = shape @ affine.T + offset
    left = target - flat[vertices]
    rms = float(np.sqrt((left[: len(fixed)] ** 2).sum(1).mean()))
    anchors = np.ones(len(vertices), bool)
    if mouth_gap(marks) < OPEN_MOUTH:  # a closed mouth's inner line is fitted as a curve, by `close`
        anchors[: len(fixed)] = ~np.isin(fixed, [61, 62, 63, 65, 66, 67])
    flat = flat + _spline(flat[vertices[anchors]], left[anchors], flat, 1.2 * scale)
    if mouth_gap(marks) < OPEN_MOUTH:
        flat = flat + _close(model, flat, marks)
    points = np.c_[flat, shape @ towards * scale].astype(np.float32)
    return Fit(points, view.astype(np.float32), scale, rms, b.astype(np.float32))


@dataclass(frozen=True)
class Mouth:
    """A frame along a closed mouth: pixels = origin + s * width * across + d * width * down."""

    origin: F64
    across: F64
    down: F64
    width: float
    line: F64  # polynomial of the seam's d over s

    def locate(self, points: NDArray[np.floating]) -> tuple[F64, F64]:
        """s along the mouth (0..1) and d below the seam, over mouth widths, of points [N, 2]."""
        p = (np.asarray(points, np.float64) - self.origin) / self.width
        s = p @ self.across
        return s, p @ self.down - np.polyval(self.line, np.clip(s, 0, 1))


def mouth_frame(landmarks: NDArray[np.floating]) -> Mouth:
    """The frame of the inner lip line of landmarks [68, 2]."""
    marks = np.asarray(landmarks, np.float64)
    across = marks[64] - marks[60]
    width = float(np.linalg.norm(across)) + 1e-9
    across = across / width
    down = np.array([-across[1], across[0]])
    middles = np.array(
        [marks[60], *(0.5 * (marks[a] + marks[b]) for a, b in ((61, 67), (62, 66), (63, 65))), marks[64]]
    )
    p = (middles - marks[60]) / width
    return Mouth(marks[60], across, down, width, np.polyfit(p @ across, p @ down, 4))


def _close(model: FaceModel, points: F64, landmarks: F64) -> F64:
    """Offsets [V, 2] that bring the edges of both lips onto the seam, all along it."""
    frame = mouth_frame(landmarks)
    s, d = frame.locate(points)
    out = np.zeros_like(points)
    bins = np.linspace(0.0, 1.0, 26)
    for lip, sign in ((1, 1.0), (2, -1.0)):
        mine = (model.lip == lip) & (s > -0.02) & (s < 1.02)
        edge = np.array([(sign * d[mine & (np.abs(s - b) < 0.03)]).max(initial=-1.0) for b in bins])
        good = edge > -0.5
        if good.sum() < 8:
            continue
        edge = np.interp(bins, bins[good], edge[good])
        padded = np.pad(edge, 2, mode="edge")
        edge = np.convolve(padded, (0.06, 0.24, 0.4, 0.24, 0.06), "valid")
        shift = -np.interp(s, bins, edge) * sign
        ends = np.clip(np.minimum(s, 1 - s) / 0.015 + 1, 0, 1)
        outer = np.abs(d + np.where(mine, 0, 9))
        near = np.exp(-((np.clip(outer - 0.02, 0, None) / 0.10) ** 2))
        out += (shift * near * ends * frame.width)[:, None] * frame.down
    return out


def _spline(anchors: F64, offsets: F64, at: F64, limit: float) -> F64:
    """Thin-plate interpolation of `offsets` [N, 2] at points [M, 2], fading away from the anchors and never longer than `limit`."""
    keep = np.unique((anchors / max(limit / 12, 1e-6)).round(), axis=0, return_index=True)[1]
    anchors, offsets = anchors[keep], offsets[keep]
    n, size = len(anchors), float(np.ptp(anchors, axis=0).max()) + 1e-9
    a, x = (anchors - anchors.mean(0)) / size, (at - anchors.mean(0)) / size

    def kernel(p: F64, q: F64) -> F64:
        d2 = ((p[:, None] - q[None]) ** 2).sum(-1)
        return np.asarray(0.5 * d2 * np.log(d2 + 1e-12))

    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = kernel(a, a) + SMOOTHING * np.eye(n)
    system[:n, n:] = np.c_[np.ones(n), a]
    system[n:, :n] = system[:n, n:].T
    solved = np.linalg.solve(system, np.r_[offsets, np.zeros((3, 2))])
    out = kernel(x, a) @ solved[:n] + np.c_[np.ones(len(x)), x] @ solved[n:]
    nearest = np.sqrt(((x[:, None] - a[None]) ** 2).sum(-1).min(1))
    out *= np.exp(-((np.clip(nearest - 0.10, 0, None) / 0.22) ** 2))[:, None]
    length = np.linalg.norm(out, axis=1, keepdims=True)
    return np.asarray(out * np.minimum(1, limit / np.maximum(length, 1e-9)))
