"""Ruins, bridges, waterfalls."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .primitives import texture
from .stage import Stage
from .view import FOAM, WALL


def ruin(s: Stage) -> None:
    """0 a row of columns, 1 a broken arch, 2 walls."""
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    stone = m["sand"] * 0.35 + m["rock"] * 0.75
    cs, sn = np.cos(s.o.yaw), np.sin(s.o.yaw)
    kind = s.o.variant % 3

    def at(x: float, z: float) -> tuple[float, float, float]:
        gx, gz = s.x + x * cs - z * sn, s.z + x * sn + z * cs
        return gx, s.ground(gx, gz) - 0.05 * h, gz

    if kind == 0:
        whole = []
        for row in (0.0, 0.9):
            for i in range(6):
                x, y, z = at((i - 2.5) * h * 0.42, row * h)
                left = 1.0 if rng.random() < 0.5 else rng.uniform(0.15, 0.85)
                r = h * 0.065
                p.prism((x, z), y, h * 0.06, r * 1.5, r * 1.4, 8, stone * 0.95, 4, shadow=False)
                p.prism(
                    (x, z),
                    y + h * 0.06,
                    h * 0.86 * left,
                    r,
                    r * 0.86,
                    10,
                    stone * rng.uniform(0.85, 1.08),
                    4,
                    0.0 if left == 1 else 0.25,
                    int(rng.integers(999)),
                )
                if left == 1:
                    p.prism((x, z), y + h * 0.92, h * 0.07, r * 0.9, r * 1.5, 8, stone, 4, shadow=False)
                    whole.append((i, row, x, y + h * 0.99, z))
        for a, b in pairwise(whole):
            if b[0] == a[0] + 1 and a[1] == b[1]:
                mid, run = ((a[2] + b[2]) / 2, (a[4] + b[4]) / 2), h * 0.46
                p.box(mid, a[3], run, h * 0.16, h * 0.12, s.o.yaw, stone * 1.02, texture(4), top=True, shadow=False)
    elif kind == 1:
        n, r = 9, h * 0.34
        for q in (-1, 1):
            x, y, z = at(q * h * 0.40, 0)
            p.box((x, z), y, h * 0.16, h * 0.16, h * 0.62, s.o.yaw, stone, texture(1))
        keep = int(n * (1 - 0.35 * rng.random()))
        for k in range(keep):
            a0, a1 = np.pi * (1 - k / n), np.pi * (1 - (k + 1) / n)
            pts = []
            for angle, rr in ((a0, r), (a1, r), (a1, r + h * 0.14), (a0, r + h * 0.14)):
                x, y, z = at(float(np.cos(angle)) * rr, -h * 0.08)
                pts.append([x, s.y + h * 0.57 + np.sin(angle) * rr, z])
            p.quads([pts], stone * (0.92 + 0.12 * (k % 2)), WALL, texture(4), [[k, 0], [k + 1, 0], [k + 1, 1], [k, 1]])
    else:
        for c, e in (((-1, 0), (0.2, 0)), ((0.2, 0), (0.9, 0)), ((-1, 0), (-1, 0.9)), ((0.9, 0), (0.9, 0.8))):
            x0, y0, z0 = at(c[0] * h, c[1] * h)
            x1, y1, z1 = at(e[0] * h, e[1] * h)
            run = float(np.hypot(x1 - x0, z1 - z0))
            tall = h * rng.uniform(0.6, 1)
            tex = (5, h * 0.36, tall * 0.62, 0.0, 0.9, int(rng.integers(999)), 3, tall)
            y = min(y0, y1)
            p.quads(
                [[(x0, y, z0), (x1, y, z1), (x1, y + tall, z1), (x0, y + tall, z0)]],
                stone * 0.95,
                WALL,
                tex,
                [[0, 0], [run, 0], [run, tall], [0, tall]],
                None,
                0.55,
            )
            p.shadow((x0, 0, z0), (x1, 0, z1), tall * 0.7, y)
    for _ in range(7):
        x, y, z = at(rng.normal() * h * 0.9, rng.normal() * h * 0.5 - 0.3 * h)
        big = h * rng.uniform(0.04, 0.11)
        p.blob(
            (x, y + big * 0.4, z),
            (big * 1.3, big * 0.8, big),
            stone * rng.uniform(0.75, 1.05),
            4,
            int(rng.integers(9999)),
            0.15,
            0.85,
            rng.normal() * 0.2,
        )


def bridge(s: Stage) -> None:
    """Arches in a row across the view."""
    p, m, z = s.prims, s.mood, s.z
    span = (s.o.width or 0.6) * z
    tall = max(s.h if 0 < s.h < 0.5 else 0.035, 0.1 * (s.o.width or 0.6)) * z
    n = max(2, round(span / (tall * 3.6)))
    w, x0 = span / n, s.x - span / 2
    base = min(0.0, s.y)
    stone = m["rock"] * 1.1
    deep = max(3.0, tall * 0.5)
    for i in range(n + 1):
        p.box((x0 + i * w, z), base - 1, w * 0.16, deep, tall + 1, 0, stone, texture(4))
    k = np.arange(9) / 8
    a = -np.cos(np.pi * k)
    rise = np.sqrt(1 - a * a) * tall * 0.75
    for i in range(n):
        xm = x0 + (i + 0.5) * w
        q, uv = [], []
        for j in range(8):
            for dz in (-deep / 2,):
                q.append(
                    [
                        (xm + a[j] * w * 0.5, base + rise[j], z + dz),
                        (xm + a[j + 1] * w * 0.5, base + rise[j + 1], z + dz),
                        (xm + a[j + 1] * w * 0.5, base + tall * 1.1, z + dz),
                        (xm + a[j] * w * 0.5, base + tall * 1.1, z + dz),
                    ]
                )
                uv.append([[j, rise[j]], [j + 1, rise[j + 1]], [j + 1, tall], [j, tall]])
        p.quads(q, stone, WALL, texture(1), uv)
        under = [
            [
                (xm + a[j] * w * 0.5, base + rise[j], z - deep / 2),
                (xm + a[j + 1] * w * 0.5, base + rise[j + 1], z - deep / 2),
                (xm + a[j + 1] * w * 0.5, base + rise[j + 1], z + deep / 2),
                (xm + a[j] * w * 0.5, base + rise[j], z + deep / 2),
            ]
            for j in range(8)
        ]
        p.quads(under, stone * 0.45, WALL, texture(4), None, (xm, base + tall * 2, z))
    ends = 0.12 * span
    p.quads(
        [
            [
                (x0 - ends, base + tall, z - deep / 2 - 0.1),
                (x0 + span + ends, base + tall, z - deep / 2 - 0.1),
                (x0 + span + ends, base + tall * 1.25, z - deep / 2 - 0.1),
                (x0 - ends, base + tall * 1.25, z - deep / 2 - 0.1),
            ]
        ],
        stone * 1.08,
        WALL,
        texture(4),
        [[0, 0], [90, 0], [90, 2], [0, 2]],
    )
    if m["lights"] > 0.2:
        for i in range(n * 2 + 1):
            p.dabs(
                [[x0 + i * w * 0.5, base + tall * 1.8, z - deep / 2]],
                tall * 0.10,
                1,
                0,
                m["lamp"],
                [0, 0, -1],
                WALL,
                1.3,
                0,
                1,
                0,
            )


def waterfall(s: Stage) -> None:
    """Falling water from the lip of a cliff at 1.34 z."""
    p, m, rng, z = s.prims, s.mood, s.rng, s.z
    top = s.land.ground(s.o.u, z * 1.34) * 0.97
    if top < 0.5:
        return
    w = (s.o.width or 0.045) * z
    n = 1100
    k, across = rng.random(n), rng.normal(size=n) * 0.42
    at = np.c_[s.x + across * w * (1 + 0.5 * k), top * (1 - k), z * (1.30 - 0.36 * k**0.5) - 0.3]
    white = m["foam_white"] * np.array([0.84, 0.90, 0.95])
    c = white * (1 - 0.18 * rng.random((n, 1)) - 0.28 * (np.abs(across)[:, None] > 0.5)) * 0.95
    p.dabs(
        at,
        top * (0.035 + 0.025 * rng.random(n)),
        0.18,
        1.57 + rng.normal(size=n) * 0.05,
        c,
        np.c_[across * 0.6, 0.4 + 0 * across, -0.9 + 0 * across],
        FOAM,
        0,
        0.4,
        1,
        0,
    )
    mist = (m["horizon"] * 0.6 + m["snow_white"] * 0.4) * (0.5 + 0.5 * m["sun_strength"] / 3)
    n = 14
    at = np.c_[s.x + rng.normal(size=n) * w * 1.2, top * (0.06 + 0.1 * rng.random(n)), np.full(n, z * 0.93)]
    p.puffs(at, w * (0.6 + 0.5 * rng.random(n)), 0.6, mist, 0.22, np.arange(n))


BUILDERS = {"ruin": ruin, "bridge": bridge, "waterfall": waterfall}
