"""Value noise, fractal sums and eroded ridges, compiled with numba. All return about -1..1 and depend on an integer
seed. And the way that lightning takes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numba import njit

JIT: Final[dict[str, Any]] = {"cache": True, "fastmath": True, "nogil": True, "error_model": "numpy"}


@njit("float64(int64, int64, int64)", **JIT)
def hash2(ix, iy, s):
    """Uniform 0..1 of two integers and a seed."""
    n = (ix * 374761393 + iy * 668265263 + s * 144269504) & 0xFFFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0xFFFFFFFF
    n = ((n ^ (n >> 15)) * 668265261) & 0xFFFFFFFF
    return ((n ^ (n >> 16)) & 0xFFFF) / 65535.0


@njit("UniTuple(float64, 3)(float64, float64, int64)", **JIT)
def value2(x, y, s):
    """2-D value noise and its two derivatives (quintic)."""
    fx = np.floor(x)
    fy = np.floor(y)
    ix = int(fx)
    iy = int(fy)
    x -= fx
    y -= fy
    u = x * x * x * (x * (x * 6 - 15) + 10)
    v = y * y * y * (y * (y * 6 - 15) + 10)
    du = 30 * x * x * (x * (x - 2) + 1)
    dv = 30 * y * y * (y * (y - 2) + 1)
    a = hash2(ix, iy, s)
    b = hash2(ix + 1, iy, s)
    c = hash2(ix, iy + 1, s)
    d = hash2(ix + 1, iy + 1, s)
    k = a - b - c + d
    return 2 * (a + (b - a) * u + (c - a) * v + k * u * v) - 1, 2 * du * (b - a + k * v), 2 * dv * (c - a + k * u)


@njit("float64(float64, float64, int64)", **JIT)
def noise2(x, y, s):
    """2-D value noise (cubic)."""
    fx = np.floor(x)
    fy = np.floor(y)
    ix = int(fx)
    iy = int(fy)
    x -= fx
    y -= fy
    u = x * x * (3 - 2 * x)
    v = y * y * (3 - 2 * y)
    a = hash2(ix, iy, s)
    b = hash2(ix + 1, iy, s)
    c = hash2(ix, iy + 1, s)
    d = hash2(ix + 1, iy + 1, s)
    return 2 * (a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v) - 1


@njit("float64(float64, float64, float64, int64)", **JIT)
def noise3(x, y, z, s):
    """3-D value noise (cubic)."""
    fz = np.floor(z)
    iz = int(fz)
    z -= fz
    w = z * z * (3 - 2 * z)
    a = noise2(x, y, s + iz * 57)
    b = noise2(x, y, s + iz * 57 + 57)
    return a + (b - a) * w


@njit("float64(float64, float64, int64, int64)", **JIT)
def fbm2(x, y, s, octaves):
    """Fractal sum of `octaves` of 2-D noise."""
    a = 0.0
    b = 0.5
    for i in range(octaves):
        a += b * noise2(x, y, s + i)
        b *= 0.5
        x, y = 1.6 * x - 1.2 * y + 3.1, 1.2 * x + 1.6 * y + 1.7
    return a


@njit("float64(float64, float64, int64, int64, float64)", **JIT)
def ridge(x, y, s, octaves, sharp):
    """Eroded ridged fractal; sharp 0 = soft hills, 1 = alpine ridges. Derivatives damp detail on slopes."""
    a = 0.0
    b = 0.55
    dx = 0.0
    dy = 0.0
    w = 1.0
    for i in range(octaves):
        n, gx, gy = value2(x, y, s + i)
        r = 1 - 2 * abs(n)
        m = n * (1 - sharp) + r * sharp * (0.35 + 0.65 * w)
        dx += gx * b
        dy += gy * b
        a += b * m / (1 + 0.22 * (dx * dx + dy * dy))
        w = min(1.0, max(0.0, 0.5 + 0.5 * r))
        b *= 0.48
        x, y = 1.6 * x - 1.2 * y + 3.1, 1.2 * x + 1.6 * y + 1.7
    return a


@njit("void(float32[:, ::1], float64, float64, int64, int64)", **JIT)
def _field(out, fx, fy, s, octaves):
    h, w = out.shape
    for j in range(h):
        for i in range(w):
            out[j, i] = fbm2(i * fx / w, j * fy / h, s, octaves)


def field(height: int, width: int, fx: float, fy: float, seed: int, octaves: int) -> np.ndarray:
    """Float32 [height, width] fractal noise with fx by fy cells."""
    out = np.empty((height, width), np.float32)
    _field(out, fx, fy, seed, octaves)
    return out


@njit("void(float64[::1], float64[::1], float64[::1], int64)", **JIT)
def _points(out, x, y, s):
    for i in range(len(out)):
        out[i] = fbm2(x[i], y[i], s, 3)


def at_points(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Fractal noise at points, float64 [n]."""
    out = np.empty(len(x))
    _points(out, np.ascontiguousarray(x, float), np.ascontiguousarray(y, float), seed)
    return out


def zigzag(
    a: np.ndarray, b: np.ndarray, rng: np.random.Generator, folds: int, wild: float, axes: tuple[float, ...]
) -> np.ndarray:
    """[2 ** folds + 1, axes] points from a to b, as lightning goes: each middle is thrown aside, by the share `wild` of the whole
    length times `axes`, which about halves with every fold."""
    points, spread = [a, b], wild * float(np.linalg.norm(b - a))
    for _ in range(folds):
        out = [points[0]]
        for p, q in pairwise(points):
            out += [(p + q) / 2 + rng.normal(size=len(axes)) * spread * np.array(axes), q]
        points, spread = out, spread * 0.52
    return np.array(points)
