"""Brush strokes, coarse to fine, along a direction field: clipped where the source colour departs, with bristles and
relief.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numba import njit

from .noise import JIT, hash2
from .view import each


@njit(
    "void(float32[:, :, ::1], float32[:, ::1], float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1], "
    "float32[:, ::1], int32[:, ::1], int64[::1], float64[::1], int64, boolean)",
    **JIT,
)
def layer(canvas, paint, src, ref, turn, detail, seen, order, v, seed, first):
    """One layer of strokes. canvas, paint: colour and thickness, changed; src: colour to lay; ref: sharp source that
    clips; turn: direction;
    detail: 0..1; seen: int32 scratch; order: cells of the stroke grid, in painting order. v: radius, length, spacing,
    tolerance, threshold, opacity, value jitter, hue jitter, bend, bristle contrast."""
    height, width = canvas.shape[:2]
    radius, reach, step, tol, thr, opacity, var, hue, bend, bristle = (
        v[0],
        v[1],
        v[2],
        v[3],
        v[4],
        v[5],
        v[6],
        v[7],
        v[8],
        v[9],
    )
    gx = int(width / step) + 1
    pxs = np.empty(64)
    pys = np.empty(64)
    b0 = np.empty(128)
    b1 = np.empty(128)
    ed = np.empty(128)
    nt = min(int(2 * radius / 0.8) + 1, 127)
    sl = max(radius * 0.5, 1.0)
    ds = 0.8 if radius > 2 else 0.7
    for n in order:
        ci = n // gx
        cj = n - ci * gx
        y0 = (ci + hash2(ci, cj, seed)) * step
        x0 = (cj + hash2(ci, cj, seed + 1)) * step
        iy = min(int(y0), height - 1)
        ix = min(int(x0), width - 1)
        c0 = src[iy, ix, 0]
        c1 = src[iy, ix, 1]
        c2 = src[iy, ix, 2]
        dt = detail[iy, ix]
        if not first:  # paint only where the canvas is wrong
            e = abs(canvas[iy, ix, 0] - c0) + abs(canvas[iy, ix, 1] - c1) + abs(canvas[iy, ix, 2] - c2)
            e += 0.5 * (
                abs(ref[iy, ix, 0] - canvas[iy, ix, 0])
                + abs(ref[iy, ix, 1] - canvas[iy, ix, 1])
                + abs(ref[iy, ix, 2] - canvas[iy, ix, 2])
            )
            if e * (0.35 + 1.3 * dt) < thr * (0.6 + 0.8 * hash2(ci, cj, seed + 4)):
                continue
        hv = hash2(ci, cj, seed + 2) - 0.5
        hh = hash2(ci, cj, seed + 3) - 0.5
        s0 = c0 * (1 + var * hv) + hue * hh
        s1 = c1 * (1 + var * hv)
        s2 = c2 * (1 + var * hv) - hue * hh
        ang = turn[iy, ix] + bend * (hash2(ci, cj, seed + 5) - 0.5)
        dx = np.cos(ang)
        dy = np.sin(ang)
        if hash2(ci, cj, seed + 6) > 0.5:
            dx = -dx
            dy = -dy
        length = reach * (0.55 + 0.9 * hash2(ci, cj, seed + 7)) * (1.15 - 0.55 * dt)
        k1 = min(int(length / sl) + 1, 60)
        x = x0 - dx * length * 0.35
        y = y0 - dy * length * 0.35
        m = 0
        for _ in range(k1 + 1):
            if x < 0 or y < 0 or x >= width or y >= height:
                if m > 0:
                    break
            else:
                pxs[m] = x
                pys[m] = y
                m += 1
                a = turn[int(y), int(x)]
                ex = np.cos(a)
                ey = np.sin(a)
                if ex * dx + ey * dy < 0:
                    ex = -ex
                    ey = -ey
                dx = 0.55 * dx + 0.45 * ex
                dy = 0.55 * dy + 0.45 * ey
                il = 1 / np.sqrt(dx * dx + dy * dy + 1e-9)
                dx *= il
                dy *= il
            x += dx * sl
            y += dy * sl
        if m < 2:
            continue
        tot = (m - 1) * sl
        bs = int(hash2(ci, cj, seed + 8) * 1e6)
        for i in range(nt):
            t = 2.0 * i / max(nt - 1, 1) - 1
            w1 = hash2(int((t + 1) * (1.5 + radius * 0.9)), bs, 5)
            b0[i] = 0.6 * w1 + 0.4 * hash2(int((t + 1) * radius * 0.5), bs, 6)
            b1[i] = 0.6 * w1 + 0.4 * hash2(int((t + 1) * radius * 0.5), bs, 7)
            ed[i] = min(1.0, (1 - abs(t)) * radius * 0.9 + 0.25)
        for q in range(int(tot / ds) + 1):
            s = q * ds
            k = min(int(s / sl), m - 2)
            f = s / sl - k
            bx = pxs[k] + (pxs[k + 1] - pxs[k]) * f
            by = pys[k] + (pys[k + 1] - pys[k]) * f
            tx = pxs[k + 1] - pxs[k]
            ty = pys[k + 1] - pys[k]
            il = 1 / np.sqrt(tx * tx + ty * ty + 1e-9)
            nx = -ty * il
            ny = tx * il
            sn = s / max(tot, 1e-3)
            wd = radius * min(1.0, (min(sn, 1 - sn) * tot / (0.8 * radius) + 0.35)) * (1 - 0.2 * sn)
            for i in range(nt):
                t = 2.0 * i / max(nt - 1, 1) - 1
                px = int(bx + nx * t * wd)
                py = int(by + ny * t * wd)
                if px < 0 or py < 0 or px >= width or py >= height or seen[py, px] == n + 1:
                    continue
                d = abs(ref[py, px, 0] - c0) + abs(ref[py, px, 1] - c1) + abs(ref[py, px, 2] - c2)
                a = opacity
                if d > tol:
                    a *= max(0.0, 1 - (d - tol) / (0.6 * tol))
                    if a < 0.02:
                        continue
                seen[py, px] = n + 1
                b = b0[i] * (1 - sn) + b1[i] * sn
                a *= ed[i]
                if radius > 2:
                    a *= min(1.0, 0.35 + 1.1 * b + (0.9 - sn) * 0.9)
                g = 1 + (bristle if radius > 2 else 0.3 * bristle) * (b - 0.5)
                canvas[py, px, 0] += (s0 * g - canvas[py, px, 0]) * a
                canvas[py, px, 1] += (s1 * g - canvas[py, px, 1]) * a
                canvas[py, px, 2] += (s2 * g - canvas[py, px, 2]) * a
                paint[py, px] += (
                    (0.35 + 0.65 * b) * min(radius, 8.0) * 0.22 + 0.35 * t * t * t * t - paint[py, px]
                ) * a


def directions(
    src: np.ndarray, form: np.ndarray, weight: np.ndarray, swirl: float, unit: float, seed: int
) -> np.ndarray:
    """Stroke direction: the smoothed structure tensor blended (as doubled angles) with the form's own direction;
    swirl adds turbulence.
    """
    h, w = form.shape
    size = (max(2, w // 2), max(2, h // 2))
    grey = cv2.resize(cv2.cvtColor(src, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    b = 2.0 + unit / 400
    e, f, g = (cv2.GaussianBlur(t, (0, 0), b) for t in (gx * gx, gx * gy, gy * gy))
    c2, s2 = g - e, -2 * f
    mag = np.sqrt(c2 * c2 + s2 * s2) + 1e-7
    k = (mag / (e + g + 2e-4)) ** 1.5 * np.minimum(1, mag * 900)
    fo = np.dstack([np.cos(2 * form) * weight, np.sin(2 * form) * weight]).astype(np.float32)
    flow = cv2.GaussianBlur(cv2.resize(fo, size, interpolation=cv2.INTER_AREA), (0, 0), 1.5 + unit / 600)
    turn = 0.5 * np.arctan2(k * s2 / mag + (1 - k) * 0.8 * flow[..., 1], k * c2 / mag + (1 - k) * 0.8 * flow[..., 0])
    if swirl > 0:
        r = np.random.default_rng(seed).normal(size=(12, 12)).astype(np.float32)
        turn = turn + swirl * cv2.resize(
            cv2.GaussianBlur(r, (0, 0), 1.2) * 2.2, size, interpolation=cv2.INTER_CUBIC
        ) * (1 - k)
    c = cv2.resize(np.dstack([np.cos(2 * turn), np.sin(2 * turn)]).astype(np.float32), (w, h))
    return np.ascontiguousarray(0.5 * np.arctan2(c[..., 1], c[..., 0]), np.float32)


def _strips(shape: tuple[int, int], v: np.ndarray, seed: int) -> list[list[np.ndarray]]:
    """The layer's strokes in two rounds of upright strips: strips of a round lie farther apart than a stroke reaches,
    so they can be painted
    side by side; borders are ragged so that they do not show."""
    radius, reach, step = float(v[0]), float(v[1]), float(v[2])
    gy, gx = int(shape[0] / step) + 1, int(shape[1] / step) + 1
    rng = np.random.default_rng(seed)
    order = rng.permutation(gy * gx)
    ragged = 0.25 * reach
    wide = 2 * (0.75 * 1.67 * reach + 2 * radius + ragged + 4)
    n = int(shape[1] / wide)
    if n < 3:
        return [[order]]
    x = (order % gx + 0.5) * step + rng.uniform(-ragged, ragged, len(order))
    strip = np.clip((x / shape[1] * n).astype(int), 0, n - 1)
    return [[np.ascontiguousarray(order[strip == k]) for k in range(first, n, 2)] for first in (0, 1)]


@dataclass(frozen=True)
class Hand:
    """How the brush is held. ground: display colour [3] of the canvas."""

    size: float
    length: float
    energy: float
    variation: float
    hue: float
    relief: float
    ground: np.ndarray
    bristle: float = 0.10


#       radius length step tolerance threshold opacity, at 1024 pixels
OIL = (
    (26.0, 150.0, 32.0, 0.75, 0.00, 0.96),
    (14.0, 95.0, 18.0, 0.50, 0.06, 0.93),
    (7.5, 62.0, 10.0, 0.34, 0.085, 0.92),
    (4.0, 40.0, 5.6, 0.24, 0.10, 0.92),
    (2.2, 22.0, 3.2, 0.20, 0.12, 0.90),
    (1.25, 12.0, 2.0, 0.20, 0.16, 0.88),
)


GOUACHE = (
    (30.0, 120.0, 34.0, 0.60, 0.00, 1.0),
    (15.0, 70.0, 17.0, 0.36, 0.06, 1.0),
    (7.5, 44.0, 9.0, 0.26, 0.09, 1.0),
    (3.6, 26.0, 4.8, 0.20, 0.12, 1.0),
    (1.8, 14.0, 2.6, 0.18, 0.17, 1.0),
)


def gouache(
    src: np.ndarray, form: np.ndarray, weight: np.ndarray, detail: np.ndarray, hand: Hand, seed: int, unit: float
) -> np.ndarray:
    """Flat opaque touches in few values, matte."""
    value = src.mean(2, keepdims=True)
    steps = 9.0
    low = np.floor(value * steps)
    part = value * steps - low
    flat = (low + part * part * part * (part * (part * 6 - 15) + 10)) / steps  # soft posterising
    src = np.clip(src + (flat - value), 0, 1).astype(np.float32)
    even = replace(hand, relief=0.0, bristle=0.02, variation=hand.variation * 0.6, length=hand.length * 0.9)
    return oil(src, form, weight, detail, even, seed, unit, GOUACHE)


def oil(
    src: np.ndarray, form: np.ndarray, weight: np.ndarray, detail: np.ndarray, hand: Hand, seed: int, unit: float,
    plan: tuple[tuple[float, ...], ...] = OIL,
) -> np.ndarray:  # fmt: skip
    """Display colour [h, w, 3] repainted in oil. form: direction; weight: how far the form rules; detail 0..1."""
    k = unit / 1024
    turn = directions(src, form, weight, 0.25 + 0.6 * hand.energy, unit, seed)
    canvas = np.empty_like(src)
    canvas[:] = 0.6 * hand.ground
    canvas += np.float32(0.4) * cv2.GaussianBlur(src, (0, 0), 30 * k)
    paint = np.zeros(form.shape, np.float32)
    seen = np.zeros(form.shape, np.int32)
    for i, (radius, length, step, tol, thr, opacity) in enumerate(plan):
        if radius * hand.size * k < 0.75:
            continue
        r = max(radius * hand.size * k, 0.8)
        soft = cv2.GaussianBlur(src, (0, 0), max(r * 0.45, 0.3))
        ref = src if i > 2 else cv2.GaussianBlur(src, (0, 0), max(1.2 * k, 0.4))
        seen[:] = 0
        v = np.array([
            r, length * k * hand.length, max(step * k, 1.0), tol, thr, opacity, hand.variation * (1.0 if i < 4 else 0.5),
            hand.hue * (1.0 if i < 4 else 0.4), 0.25 + 0.7 * hand.energy, hand.bristle,
        ])  # fmt: skip
        for strips in _strips(form.shape, v, seed * 31 + i):
            each(layer, strips, canvas, paint, soft, ref, turn, detail, seen, rest=(v, seed * 31 + i, i == 0))
    thick = cv2.GaussianBlur(paint, (0, 0), max(1.1 * k, 0.5))
    slope = (cv2.Sobel(thick, cv2.CV_32F, 1, 0, ksize=3) + cv2.Sobel(thick, cv2.CV_32F, 0, 1, ksize=3)) / 8
    relief = np.clip(slope * hand.relief * 0.45, -0.09, 0.09)
    canvas *= (1 + relief * (0.25 + 0.9 * detail) * (0.5 + 0.5 * np.minimum(1, canvas.mean(2) * 2)))[..., None]
    return np.clip(canvas, 0, 1)
