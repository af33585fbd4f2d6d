"""Boats, tall ships and wrecks, balloons, cars and carts."""

from __future__ import annotations

import numpy as np

from .primitives import windows
from .stage import Stage, paint_of
from .view import LEAF, WALL

HULLS = ("a8402c", "2c5a7c", "e4dcc8", "3c6c54", "8c6440")


def _hull(s: Stage, long: float, wide: float, high: float, colour: np.ndarray, at) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Planked sides and a bright rail; `at(x, y, z)` maps boat to world metres."""
    p = s.prims
    xs, ws, ys = (
        np.array([-0.5, -0.25, 0.1, 0.38, 0.56]) * long,
        np.array([0.7, 1, 0.95, 0.55, 0.02]) * wide,
        np.array([1.05, 0.95, 0.95, 1.15, 1.5]) * high,
    )
    mid = at(0, 0.2, 0)
    rail = paint_of("e8e0d0")
    for i in range(4):
        for q in (-1, 1):
            a0, a1 = at(xs[i], 0, q * ws[i] * 0.32), at(xs[i + 1] * 0.94, 0, q * ws[i + 1] * 0.32)
            b0, b1 = at(xs[i], ys[i], q * ws[i] * 0.5), at(xs[i + 1], ys[i + 1], q * ws[i + 1] * 0.5)
            p.quads([[a0, a1, b1, b0]], colour * 0.85, WALL, centre=mid)
            nudge = np.array([0, 0, -0.02 * long * (1 if q * np.cos(s.o.yaw) < 0 else 0)])
            p.seg(b0 + nudge, long * 0.012, b1 + nudge, long * 0.012, rail)
    p.quads(
        [
            [
                at(-0.5 * long, 0, -0.22 * wide),
                at(-0.5 * long, 0, 0.22 * wide),
                at(-0.5 * long, high, 0.35 * wide),
                at(-0.5 * long, high, -0.35 * wide),
            ]
        ],
        colour * 0.8,
        WALL,
        centre=mid,
    )
    return mid


def boat(s: Stage) -> None:
    p, m, rng, long = s.prims, s.mood, s.rng, s.h
    cs, sn = np.cos(s.o.yaw), np.sin(s.o.yaw)
    y = max(s.y, 0) + 0.02
    tilt = (rng.random() - 0.5) * 0.35 * m["waves"]
    wide, high, kind = long * 0.30, long * 0.13, s.o.variant

    def at(x: float, up: float, z: float) -> np.ndarray:
        return np.array([s.x + (x * cs - z * sn), y + up + x * tilt, s.z + x * sn + z * cs])

    colour = s.dull(s.pick(*HULLS)) * (1 - 0.3 * m["ruin"])
    _hull(s, long, wide, high, colour, at)
    if kind == 0:
        for x in (-0.2, 0.12):
            p.seg(
                at(x * long, high * 0.8, -wide * 0.4),
                long * 0.018,
                at(x * long, high * 0.8, wide * 0.4),
                long * 0.018,
                paint_of("b0906c"),
            )
        return
    wood, line = paint_of("5c4836"), paint_of("4c4440")
    mast = long * 1.05
    foot, top, boom = at(0.08 * long, high * 0.6, 0), at(0.08 * long, mast, 0), at(-0.45 * long, high * 1.7, 0)
    p.seg(foot, long * 0.014, top, long * 0.008, wood)
    p.seg(at(0.08 * long, high * 1.7, 0), long * 0.009, boom, long * 0.007, wood)
    p.seg(top, long * 0.003, at(0.56 * long, high * 1.5, 0), long * 0.003, line)
    p.seg(top, long * 0.003, at(-0.5 * long, high, 0), long * 0.003, line)
    furled = s.o.state > 0.55
    sail = s.pick("f0e8d8", "e4d4b4", "f4f0ea", "f0e8d8")
    if s.o.seed % 4 == 1:
        sail = s.dull(m["cloth"])
    if kind == 1 and not furled and m["waves"] < 0.9:
        belly = np.array([0, 0, -0.05 * long])
        a, b, c = at(0.06 * long, high * 1.9, 0), boom + [0, long * 0.03, 0], top * 0.96 + at(0.08 * long, 0, 0) * 0.04
        for k in range(4):  # cloths of the mainsail
            t0, t1 = k / 4, (k + 1) / 4
            p.quads(
                [
                    [
                        a + (c - a) * t0,
                        b + (c - b) * t0 + belly * (1 - t0),
                        b + (c - b) * t1 + belly * (1 - t1),
                        a + (c - a) * t1,
                    ]
                ],
                sail * (0.97 + 0.05 * (k % 2)),
                LEAF,
            )
        j0, j1, j2 = (
            at(0.12 * long, high * 2, 0),
            at(0.54 * long, high * 1.7, 0),
            top * 0.9 + at(0.08 * long, 0, 0) * 0.1,
        )
        p.quads([[j0, j1, j2, j2]], sail * 0.94, LEAF)
    elif kind == 1:
        p.seg(at(0.06 * long, high * 1.95, 0), long * 0.026, boom + [0, long * 0.02, 0], long * 0.018, sail * 0.9, WALL)
    if kind == 2 or furled:
        p.box(
            (s.x - 0.15 * long * cs, s.z - 0.15 * long * sn),
            y + high,
            long * 0.22,
            wide * 0.5,
            long * 0.16,
            s.o.yaw,
            paint_of("e8e0d0"),
            windows(m, s.o.seed, 1, long * 0.16, long * 0.1, long * 0.16),
            top=True,
            shadow=False,
        )
    if kind == 2 and m["lights"] > 0.15:
        p.dabs(
            [at(0.08 * long, mast * 0.8, -0.02 * long)], long * 0.02, 1, 0, m["lamp"], [0, 0, -1], WALL, 1.3, 0, 1, y
        )


def ship(s: Stage) -> None:
    """0 a tall ship under sail, 1 a wreck lying over."""
    p, m, rng, long = s.prims, s.mood, s.rng, s.h
    wreck = s.o.variant == 1
    roll = 0.42 * (1 if rng.random() < 0.5 else -1) if wreck else 0.06 * m["waves"]
    pitch = (rng.random() - 0.3) * (0.25 if wreck else 0.12 * m["waves"])
    cs, sn = np.cos(s.o.yaw), np.sin(s.o.yaw)
    y = max(s.y, 0) - (0.05 * long if wreck else 0)

    def at(x: float, up: float, z: float) -> np.ndarray:
        lean = z + up * np.sin(roll)
        return np.array(
            [
                s.x + x * cs - lean * sn,
                y + up * np.cos(roll) + x * pitch,
                s.z + x * sn + lean * cs + (up * np.sin(roll) * 0.3),
            ]
        )

    wood = paint_of("5c4434") * (0.7 if wreck else 1.0)
    mid = _hull(s, long, long * 0.24, long * 0.14, wood, at)
    p.quads(
        [
            [
                at(-0.5 * long, long * 0.14, -long * 0.08),
                at(-0.28 * long, long * 0.13, -long * 0.11),
                at(-0.28 * long, long * 0.21, -long * 0.11),
                at(-0.52 * long, long * 0.24, -long * 0.08),
            ]
        ],
        wood * 1.1,
        WALL,
        centre=mid,
    )
    for i, (x, tall) in enumerate(((-0.28, 0.62), (0.02, 0.78), (0.30, 0.66))):
        snapped = wreck and rng.random() < 0.6
        top = tall * (rng.uniform(0.25, 0.5) if snapped else 1)
        p.seg(at(x * long, long * 0.1, 0), long * 0.012, at(x * long, top * long, 0), long * 0.008, wood * 0.8)
        if wreck:
            for k in range(3):
                if top > 0.5:
                    p.seg(
                        at(x * long, top * long, 0),
                        long * 0.002,
                        at((x - 0.1 + 0.1 * k) * long, long * 0.14, long * 0.05),
                        long * 0.002,
                        wood * 0.6,
                    )
            if not snapped:
                p.seg(
                    at((x - 0.13) * long, top * 0.75 * long, 0),
                    long * 0.005,
                    at((x + 0.13) * long, top * 0.72 * long, 0),
                    long * 0.005,
                    wood * 0.7,
                )
            continue
        for k in range(3):
            lo, hi, w = tall * (0.22 + 0.25 * k), tall * (0.44 + 0.25 * k), 0.15 - 0.035 * k
            sail = paint_of("ece2cc") * (0.9 + 0.08 * ((i + k) % 2))
            p.seg(at((x - w) * long, hi * long, 0), long * 0.005, at((x + w) * long, hi * long, 0), long * 0.005, wood)
            if m["waves"] < 1.0 or k == 0:
                p.quads(
                    [
                        [
                            at((x - w * 1.1) * long, lo * long, -0.04 * long),
                            at((x + w * 1.1) * long, lo * long, -0.04 * long),
                            at((x + w) * long, hi * long, 0),
                            at((x - w) * long, hi * long, 0),
                        ]
                    ],
                    sail,
                    LEAF,
                )
    if not wreck:
        p.seg(at(0.5 * long, long * 0.18, 0), long * 0.008, at(0.74 * long, long * 0.30, 0), long * 0.004, wood)
        p.quads(
            [
                [
                    at(0.36 * long, long * 0.2, 0),
                    at(0.72 * long, long * 0.29, 0),
                    at(0.30 * long, long * 0.56, 0),
                    at(0.30 * long, long * 0.56, 0),
                ]
            ],
            paint_of("e4d8c0"),
            LEAF,
        )


def balloon(s: Stage) -> None:
    """Striped envelope and basket, hanging in the air."""
    p, m, h = s.prims, s.mood, s.h
    y = s.y + s.o.state * 100
    r, n = h * 0.38, 16
    first, second = (
        s.dull(s.pick("c83c34", "e8a83c", "3c78a8", "7c4c8c", "3c8c6c")),
        s.dull(paint_of("f4ead4") if s.o.seed % 2 else m["cloth"]),
    )
    lat = np.linspace(-0.5, 0.5, 9) * np.pi
    ring = np.where(
        lat < -0.5, 0.30 + 0.7 * np.sin((lat + np.pi / 2) / (np.pi / 2 - 0.5) * np.pi / 2), np.cos(lat * 0.98)
    )
    ring[0] = 0.28
    for k in range(n):
        a0, a1 = k * 2 * np.pi / n, (k + 1) * 2 * np.pi / n
        c = first if (k // 2) % 2 else second
        for j in range(8):
            q = []
            for a, t in ((a0, j), (a1, j), (a1, j + 1), (a0, j + 1)):
                q.append(
                    [
                        s.x + np.cos(a) * r * ring[t],
                        y + h * 0.62 + r * 1.12 * np.sin(lat[t]),
                        s.z + np.sin(a) * r * ring[t],
                    ]
                )
            p.quads([q], c * (1.15 if j > 5 else 1.0), LEAF, centre=(s.x, y + h * 0.62, s.z))
    w = h * 0.055
    for sg in (-1, 1):
        p.seg(
            (s.x + sg * w, y + h * 0.08, s.z - w),
            h * 0.004,
            (s.x + sg * r * 0.28, y + h * 0.24, s.z),
            h * 0.004,
            paint_of("4c4038"),
        )
    p.box((s.x, s.z), y, w * 2, w * 2, h * 0.09, 0.3, paint_of("8c6440"), (2, 1, 1, 0, 0, 3, 0, 99), shadow=False)
    if m["night"] > 0.3:
        p.dabs([[s.x, y + h * 0.2, s.z - w]], h * 0.03, 1.4, 0, m["lamp"], [0, 0, -1], WALL, 1.4, 0, 1, y)


def car(s: Stage) -> None:
    p, long = s.prims, s.h
    c = s.dull(s.pick("a83c34", "34507c", "d8d0c0", "4c4c50", "5c7c64"))
    cs, sn = np.cos(s.o.yaw), np.sin(s.o.yaw)
    p.box((s.x, s.z), s.y + long * 0.07, long, long * 0.42, long * 0.13, s.o.yaw, c, top=True)
    p.box(
        (s.x - 0.04 * long * cs, s.z - 0.04 * long * sn),
        s.y + long * 0.2,
        long * 0.52,
        long * 0.38,
        long * 0.12,
        s.o.yaw,
        paint_of("38444c"),
        shadow=False,
    )
    p.box(
        (s.x - 0.04 * long * cs, s.z - 0.04 * long * sn),
        s.y + long * 0.31,
        long * 0.48,
        long * 0.38,
        long * 0.02,
        s.o.yaw,
        c,
        top=True,
        shadow=False,
    )
    for x in (-0.3, 0.3):
        for z in (-0.21, 0.21):
            at = (
                s.x + x * long * cs - z * long * sn,
                s.y + long * 0.075,
                s.z + x * long * sn + z * long * cs - 0.02 * long,
            )
            p.blob(at, (long * 0.075, long * 0.075, long * 0.03), paint_of("242428"), WALL, 2, 0.0)
    if s.mood["night"] > 0.3:
        for z in (-0.14, 0.14):
            p.dabs(
                [
                    [
                        s.x + 0.5 * long * cs - z * long * sn,
                        s.y + long * 0.14,
                        s.z + 0.5 * long * sn + z * long * cs - 0.03 * long,
                    ]
                ],
                long * 0.03,
                1,
                0,
                s.mood["lamp"],
                [0, 0, -1],
                WALL,
                1.6,
                0,
                1,
                s.y,
            )


def cart(s: Stage) -> None:
    p, long = s.prims, s.h
    wood = paint_of("8c6c4c")
    p.box(
        (s.x, s.z),
        s.y + long * 0.2,
        long * 0.62,
        long * 0.32,
        long * 0.16,
        s.o.yaw,
        wood,
        (2, 1, 1, 0, 0, 3, 0, 99),
        top=True,
    )
    for q in (-1, 1):
        c = np.array([s.x, s.y + long * 0.19, s.z + q * long * 0.18])
        k = np.linspace(0, 2 * np.pi, 15)
        rim = c + np.c_[np.cos(k), np.sin(k), 0 * k] * long * 0.19
        p.segs(rim[:-1], long * 0.018, rim[1:], long * 0.018, wood * 0.7)
        for a in k[:-1:2]:
            p.seg(c, long * 0.012, c + np.array([np.cos(a), np.sin(a), 0]) * long * 0.18, long * 0.010, wood * 0.8)
    p.seg(
        (s.x + long * 0.3, s.y + long * 0.26, s.z),
        long * 0.02,
        (s.x + long * 0.62, s.y + long * 0.12, s.z),
        long * 0.016,
        wood,
    )


BUILDERS = {"boat": boat, "ship": ship, "balloon": balloon, "car": car, "cart": cart}
