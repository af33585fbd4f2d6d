"""Folds and lines that expressions bring out, drawn once in the face model's frame and shaded on by coefficient.

A map is log brightness: creases dark with a soft light ridge beside them. Lines wander, thin out and differ between the sides, so
that they do not look ruled. `author()` draws the maps at build time; `weights()` says what each coefficient vector calls for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.arkit import BLENDSHAPES

from .face_model import WRINKLE_FRAME

F32 = NDArray[np.float32]

SIZE = (272, 360)  # width, height of a map
SMILE_DEPTH = 2.2  # one person's folds over those of the mean, which other people's blur
# each map is drawn for both sides; what drives it, per side where ARKit has sides
DRIVERS: dict[str, dict[str, float]] = {
    "forehead_inner": {"browInnerUp": 1.2},
    "forehead_outer": {"browOuterUp": 0.8},
    "frown": {"browDown": 1.25},
    "brow_shadow": {"browDown": 1.0},
    "nose_root": {"noseSneer": 1.1},
    "smile": {"mouthSmile": 1.0},
    "nasolabial": {"mouthSmile": 0.4, "noseSneer": 1.1, "mouthUpperUp": 0.8, "mouthDimple": 0.15, "cheekSquint": 0.15},
    "under_eye": {"cheekSquint": 0.9, "eyeSquint": 0.5, "mouthSmile": 0.15},
    "crow": {"cheekSquint": 0.8, "mouthSmile": 0.25, "eyeSquint": 0.25},
    "corner_down": {"mouthFrown": 1.3, "mouthStretch": 0.4},
    "dimple": {"mouthSmile": 0.6, "mouthDimple": 1.0, "mouthStretch": 0.3},
    "chin": {"mouthShrugLower": 1.0, "mouthPress": 0.3},
}
NAMES = tuple(f"{name}{side}" for name in DRIVERS for side in ("Left", "Right"))


def _bump(d: F32, width: float) -> F32:
    return np.exp(-0.5 * (d / width) ** 2)


def _line(x: F32, y: F32, points: Sequence[tuple[float, float]]) -> tuple[F32, F32, F32]:
    """Distance to a smooth curve through `points`, side (+1 left of its direction) and place along it (0..1)."""
    from scipy.interpolate import CubicSpline

    knots = np.array(points, np.float64)
    t = np.linspace(0, 1, len(knots))
    dense = CubicSpline(t, knots)(np.linspace(0, 1, 60)).astype(np.float32)
    best = np.full(x.shape, 1e9, np.float32)
    side, along = np.zeros_like(best), np.zeros_like(best)
    for i, (a, b) in enumerate(pairwise(dense)):
        e = b - a
        s = np.clip(((x - a[0]) * e[0] + (y - a[1]) * e[1]) / (e @ e), 0, 1)
        dx, dy = x - a[0] - s * e[0], y - a[1] - s * e[1]
        d = np.hypot(dx, dy)
        closer = d < best
        best = np.where(closer, d, best)
        side = np.where(closer, np.sign(e[0] * dy - e[1] * dx), side)
        along = np.where(closer, (i + s) / 59, along)
    return best, side, along


def _noise(rng: np.random.Generator, scale: float) -> F32:
    """Smooth noise over the map, unit variance, `scale` units wide."""
    from scipy.ndimage import gaussian_filter

    w, h = SIZE
    per = w / (WRINKLE_FRAME[2] - WRINKLE_FRAME[0])
    n = gaussian_filter(rng.standard_normal((h, w)), scale * per)
    return (n / n.std()).astype(np.float32)


def _side(x: F32, y: F32, rng: np.random.Generator) -> dict[str, F32]:
    """The maps of the side where x is positive."""
    wander, fade = _noise(rng, 1.1), _noise(rng, 0.9)
    half = 1 / (1 + np.exp(-x / 0.45))
    here = 0.75 + 0.25 * fade
    out: dict[str, F32] = {}

    lines = np.zeros_like(x)
    for yy, depth, arch in ((7.35, 0.6, 0.10), (8.25, 1.0, 0.13), (9.3, 0.75, 0.10), (10.1, 0.35, 0.06)):
        centre = yy + arch * np.cos(x * 0.75) + 0.13 * wander + 0.05 * np.abs(x)
        width = 0.13 + 0.03 * fade
        strength = depth * np.clip(0.8 + 0.5 * _noise(rng, 1.4), 0.1, 1.4)
        lines += strength * (-0.21 * _bump(y - centre, 1) ** (1 / width**2) + 0.085 * _bump(y - centre - 0.36, 0.24))
    out["forehead_inner"] = (lines * _bump(x, 2.3) - 0.03 * _bump(y - 8.4, 1.4) * _bump(x, 2.5)) * half
    out["forehead_outer"] = lines * _bump(x - 3.4, 1.7) * half

    d, _, t = _line(x, y, [(0.5, 4.7), (0.62, 5.4), (0.74, 6.2), (0.8, 6.8)])
    d = np.abs(d + 0.04 * wander)
    furrow = -0.48 * _bump(d, 0.16) * _bump(t - 0.45, 0.32) - 0.19 * _bump(d, 0.45) * _bump(t - 0.45, 0.4)
    out["frown"] = furrow + 0.10 * _bump(x, 0.28) * _bump(y - 5.6, 0.7) * half
    out["brow_shadow"] = -0.20 * _bump(y - 4.75, 0.42) * _bump(x - 2.5, 1.4) * half

    root = np.zeros_like(x)
    for yy, depth in ((4.05, 0.7), (3.55, 1.0), (3.05, 0.6)):
        centre = yy + 0.22 * np.abs(x) + 0.06 * wander
        root += depth * (-0.17 * _bump(y - centre, 0.13) + 0.07 * _bump(y - centre - 0.27, 0.16))
    ala, _, ta = _line(x, y, [(1.05, 1.7), (1.5, 0.8), (1.85, -0.2)])
    out["nose_root"] = root * _bump(x - 0.35, 0.75) * half - 0.14 * _bump(ala, 0.24) * _bump(ta - 0.6, 0.4)

    d, side, t = _line(x, y, [(1.62, -0.15), (2.05, -0.95), (2.65, -1.95), (3.12, -2.95), (3.35, -3.9)])
    outward = side > 0
    soft = 0.20 + 0.10 * t
    crease = -0.34 * _bump(d / soft, 1.0) * _bump(t - 0.38, 0.27)
    nose = 1 / (1 + np.exp((x - 1.5) / 0.15)) / (1 + np.exp((-0.8 - y) / 0.2))  # its wing stands in the light
    shadow = -0.22 * _bump(d - 0.05, 0.5) * _bump(t - 0.4, 0.3) * np.where(outward, 0.35, 0.85) * (1 - nose)
    cheek = 0.10 * _bump(x - 3.9, 1.15) * _bump(y - 0.1, 1.25)
    out["nasolabial"] = crease + shadow + cheek

    d, side, t = _line(x, y, [(1.75, 2.75), (2.6, 2.2), (3.7, 2.15), (4.7, 2.75)])
    d = np.abs(d + 0.05 * wander)
    out["under_eye"] = (-0.25 * _bump(d, 0.17) + 0.08 * _bump(d - 0.35, 0.25) * (side > 0)) * _bump(t - 0.45, 0.4)
    fan = np.zeros_like(x)
    for yy, slope, depth in ((3.6, 0.18, 1.0), (4.1, 0.42, 0.6), (3.05, -0.12, 0.9), (2.6, -0.4, 0.5)):
        centre = yy + slope * (x - 4.9) + 0.07 * wander
        fan -= depth * 0.22 * _bump(y - centre, 0.09) * _bump(x - 5.6, 0.42)
    out["crow"] = fan * here

    d, _, t = _line(x, y, [(2.55, -3.65), (2.85, -4.25), (3.0, -4.95), (2.95, -5.6)])
    out["corner_down"] = -0.20 * _bump(d, 0.24) * _bump(t - 0.25, 0.3)
    d, _, t = _line(x, y, [(2.75, -3.0), (2.98, -3.45), (2.95, -3.95)])
    out["dimple"] = -0.16 * _bump(d, 0.22) * _bump(t - 0.5, 0.4)
    pit = -0.22 * _bump(y + 5.15 - 0.12 * x, 0.2) * _bump(x, 1.2) + 0.08 * _bump(y + 6.0, 0.45) * _bump(x, 1.0)
    dents = np.where(_noise(rng, 0.16) > 0.7, -0.07, 0.0) * _bump(y + 6.3, 0.55) * _bump(x, 0.9)
    out["chin"] = (pit + dents) * half
    return {k: np.asarray(v, np.float32) for k, v in out.items()}


def author(learned_smile: F32, seed: int = 7) -> F32:
    """All maps float32 [W, h, w] in the order of NAMES. learned_smile [h, w]: the mean smile's change of light."""
    from scipy.ndimage import gaussian_filter

    w, h = SIZE
    x0, y0, x1, y1 = WRINKLE_FRAME
    x, y = np.meshgrid(np.linspace(x0, x1, w), np.linspace(y1, y0, h))
    rng = np.random.default_rng(seed)
    left = _side(x.astype(np.float32), y.astype(np.float32), rng)
    right = _side(-x.astype(np.float32), y.astype(np.float32), rng)
    half = (1 / (1 + np.exp(-x / 0.45))).astype(np.float32)
    left["smile"], right["smile"] = SMILE_DEPTH * learned_smile * half, SMILE_DEPTH * learned_smile * (1 - half)
    maps = [gaussian_filter(side[name], 0.6) for name in DRIVERS for side in (left, right)]
    return np.stack(maps).astype(np.float32)


def weights() -> F32:
    """Drivers as a matrix [W, 52]: weights() @ coefficients is the strength of each map."""
    at = {n: i for i, n in enumerate(BLENDSHAPES)}
    out = np.zeros((len(NAMES), len(BLENDSHAPES)), np.float32)
    for k, name in enumerate(NAMES):
        stem, side = (name[:-4], "Left") if name.endswith("Left") else (name[:-5], "Right")
        for shape, weight in DRIVERS[stem].items():
            out[k, at[f"{shape}{side}" if f"{shape}{side}" in at else shape]] = weight
    return out
