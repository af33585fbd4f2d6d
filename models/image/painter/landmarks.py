"""Castles, lighthouses, windmills, chimneys, wells, gates."""

from __future__ import annotations

from typing import Final

import numpy as np

from .primitives import PLAIN, texture
from .stage import Stage, paint_of
from .view import WALL, WOOD

#: Of a castle of size 1: how far to the right, how far behind, radius, height without the cap; the keep is the third.
TOWERS: Final = (
    (-0.75, 0.1, 0.17, 0.78),
    (0.62, 0.0, 0.20, 0.95),
    (-0.12, 0.45, 0.24, 1.35),
    (0.25, -0.35, 0.13, 0.62),
    (-0.45, -0.35, 0.12, 0.55),
)


def castle(s: Stage) -> None:
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    stone = m["rock"] * 1.05 + 0.04
    ruin = 0.12 + m["ruin"] * 0.55
    base = s.y - 0.06 * h
    lit = m["lights"] * 1.5
    for dx, dz, r, tall in TOWERS:
        luck, tone, seed = rng.random(), 0.9 + 0.2 * rng.random(), int(rng.integers(1, 999))
        rag = ruin * (0.25 + 0.9 * luck)
        x, z = s.x + dx * h, s.z + dz * h
        y = s.ground(x, z) - 0.08 * h
        p.prism(
            (x, z), y, tall * h, r * h, r * h * 0.94, 12, stone * tone, 5, rag, seed, bay=(h * 0.10, h * 0.2), lit=lit
        )
        if rag < 0.22:
            for k in range(10):
                a = k * 0.628
                p.box(
                    (x + np.cos(a) * r * h, z + np.sin(a) * r * h),
                    y + tall * h * 0.98,
                    h * 0.045,
                    h * 0.045,
                    h * 0.06,
                    a,
                    stone,
                    PLAIN,
                    shadow=False,
                )
            if tall > 0.9:
                p.prism(
                    (x, z),
                    y + tall * h,
                    h * 0.42,
                    r * h * 1.12,
                    0.01,
                    12,
                    s.roofed(paint_of("4c5464")),
                    3,
                    shadow=False,
                )
                if m["people"] > 0.6:  # a banner in good times
                    top = np.array([x, y + tall * h + h * 0.42, z])
                    p.seg(top, h * 0.006, top + [0, h * 0.16, 0], h * 0.004, paint_of("4c4038"))
                    f = top + [0, h * 0.15, 0]
                    p.quads(
                        [
                            [
                                f,
                                f + [h * 0.13 * s.side, -h * 0.015, 0],
                                f + [h * 0.12 * s.side, -h * 0.07, 0],
                                f - [0, h * 0.06, 0],
                            ]
                        ],
                        s.dull(m["cloth"]),
                        WALL,
                    )
    for left, right in (
        ((-0.75, 0.1), (-0.45, -0.35)),
        ((-0.45, -0.35), (0.25, -0.35)),
        ((0.25, -0.35), (0.62, 0)),
        ((-0.75, 0.1), (0.62, 0.1)),
    ):
        pa = np.array([s.x + left[0] * h, base, s.z + left[1] * h])
        pb = np.array([s.x + right[0] * h, base, s.z + right[1] * h])
        pa[1] = pb[1] = min(s.ground(pa[0], pa[2]), s.ground(pb[0], pb[2])) - 0.1 * h
        run, up = float(np.linalg.norm(pb - pa)), np.array([0, h * 0.46, 0])
        tex = (1, 1, 1, 0, 0, int(rng.integers(1, 99)), 0, h * 0.46)
        p.quads(
            [[pa, pb, pb + up, pa + up]],
            stone * 0.92,
            WALL,
            tex,
            [[0, 0], [run, 0], [run, h * 0.46], [0, h * 0.46]],
            (s.x, pa[1], s.z + 0.1 * h),
            ruin * 0.55 + 0.02,
        )
        p.shadow(pa, pb, h * 0.4, pa[1])


def lighthouse(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    base, r, n = s.y - 0.04 * h, h * 0.085, 5
    at = (s.x, s.z)
    for k in range(n):
        c = (paint_of("ece4d8") if k % 2 == 0 else paint_of("b8402c")) * (1 - 0.3 * m["ruin"])
        p.prism(
            at,
            base + h * 0.78 * k / n,
            h * 0.78 / n,
            r * (1 - 0.09 * k),
            r * (1 - 0.09 * (k + 1)),
            14,
            c,
            0,
            0,
            k,
            shadow=k == 0,
        )
    y = base + h * 0.78
    on = min(1.0, m["night"] + m["lantern"] + max(0.0, m["lights"] - 0.1))
    glass = m["lamp"] if on > 0.3 else paint_of("7c94a0")
    p.prism(at, y, h * 0.02, r * 0.95, r * 0.95, 14, paint_of("3c3c40"), shadow=False)
    p.prism(at, y + h * 0.02, h * 0.10, r * 0.5, r * 0.5, 10, glass, shadow=False)
    p.prism(at, y + h * 0.12, h * 0.07, r * 0.66, 0.01, 10, paint_of("a83c2c"), shadow=False)
    if on > 0.25:
        p.dabs([[s.x, y + h * 0.07, s.z - r]], h * 0.05, 1, 0, m["lamp"], [0, 0, -1], WALL, 1.6 * on, 0, 1, y)
        p.lamp(s.x, y + h * 0.07, s.z - r * 3, m["lamp"] * 0.8 * on, h * 0.3)
    if on > 0.4:
        p.beams.append((s.x, y + h * 0.07, s.z, on))


def windmill(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    wall, at = paint_of("e0d6c4") * (1 - 0.3 * m["grime"]), (s.x, s.z)
    p.prism(
        at,
        s.y - 0.03 * h,
        h * 0.68,
        h * 0.17,
        h * 0.115,
        12,
        wall,
        5,
        m["ruin"] * 0.12,
        s.o.seed,
        bay=(h * 0.2, h * 0.22),
        lit=m["lights"],
    )
    p.prism(at, s.y + h * 0.65, h * 0.17, h * 0.14, 0.01, 12, s.roofed(paint_of("5c4438")), 3, shadow=False)
    hub = np.array([s.x, s.y + h * 0.68, s.z - h * 0.16])
    p.seg(hub + [0, 0, h * 0.15], h * 0.012, hub, h * 0.012, paint_of("4c3c30"))
    spin, arms = s.rng.random() * 1.57 + 0.3, 4 if m["ruin"] < 0.6 else 3
    for k in range(arms):
        a = spin + k * np.pi / 2
        d, e = np.array([np.cos(a), np.sin(a), 0]), np.array([-np.sin(a), np.cos(a), 0])
        tip = hub + d * h * 0.50
        p.seg(hub, h * 0.010, tip, h * 0.007, paint_of("4c3c30"))
        c = paint_of("ece2cc") if m["ruin"] < 0.4 else paint_of("8c7c68")
        p.quads(
            [[hub + d * h * 0.10, tip, tip + e * h * 0.085, hub + d * h * 0.10 + e * h * 0.085]],
            c,
            WALL,
            texture(2),
            [[0, 0], [0, 3], [1, 3], [1, 0]],
            None,
            0.0,
        )


def chimney(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    brick = paint_of("7c5c50") * s.rng.uniform(0.85, 1.2)
    p.prism((s.x, s.z), s.y - 0.02 * h, h, h * 0.075, h * 0.05, 10, brick, 1)
    p.prism((s.x, s.z), s.y + h * 0.96, h * 0.04, h * 0.058, h * 0.058, 10, brick * 0.7, 0, shadow=False)
    smoke = min(1.0, 0.15 + 0.85 * m["smoke"])
    k = np.arange(26)
    at = np.c_[
        s.x + s.side * h * (0.010 + 0.028 * m["wind"]) * k**1.6 + s.rng.normal(size=26) * h * 0.02,
        s.y + h * (1.0 + 0.062 * k),
        np.full(26, s.z * 1.001),
    ]
    c = m["cloud_dark"] * 0.7 + m["horizon"] * np.array([0.22, 0.20, 0.10])
    p.puffs(at, h * (0.06 + 0.02 * k), 0.85, c, 0.6 * smoke * (1 - k / 30), k + s.o.seed % 89)


def well(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    p.prism((s.x, s.z), s.y, h * 0.4, h * 0.3, h * 0.3, 10, m["rock"], 4)
    for q in (-1, 1):
        p.seg(
            (s.x + q * h * 0.28, s.y, s.z),
            h * 0.03,
            (s.x + q * h * 0.28, s.y + h * 0.85, s.z),
            h * 0.03,
            paint_of("5c4836"),
        )
    y, r = s.y + h * 0.82, h * 0.42
    roof = s.roofed(paint_of("7c4434"))
    for q in (-1, 1):
        p.quads(
            [
                [
                    (s.x - r, y, s.z + q * r * 0.7),
                    (s.x + r, y, s.z + q * r * 0.7),
                    (s.x + r, y + h * 0.24, s.z),
                    (s.x - r, y + h * 0.24, s.z),
                ]
            ],
            roof,
            WALL,
            texture(3),
            [[0, 0], [2, 0], [2, 1], [0, 1]],
            (s.x, s.y, s.z),
        )


def gate(s: Stage) -> None:
    """0 a stone arch, 1 a torii."""
    p, m, h = s.prims, s.mood, s.h
    if s.o.variant == 1:
        red = s.dull(paint_of("b8442c"))
        for q in (-1, 1):
            p.seg(
                (s.x + q * h * 0.40, s.y, s.z),
                h * 0.045,
                (s.x + q * h * 0.36, s.y + h * 0.92, s.z),
                h * 0.04,
                red,
                WOOD,
            )
        for y, w, t in ((0.95, 0.62, 0.05), (0.74, 0.46, 0.032)):
            p.seg(
                (s.x - w * h, s.y + h * (y + 0.02 * (y > 0.9)), s.z - 0.01),
                h * t,
                (s.x + w * h, s.y + h * (y + 0.02 * (y > 0.9)), s.z - 0.01),
                h * t,
                red if y < 0.9 else paint_of("3c3030"),
                WOOD,
            )
        p.shadow((s.x - h * 0.5, 0, s.z), (s.x + h * 0.5, 0, s.z), h, s.y)
        return
    stone = m["rock"] * 1.05
    for q in (-1, 1):
        p.box((s.x + q * h * 0.42, s.z), s.y, h * 0.2, h * 0.2, h * 0.62, 0, stone, texture(1))
    k = np.linspace(np.pi, 0, 11)
    q4 = [
        [
            (s.x + np.cos(a) * r, s.y + h * 0.6 + np.sin(a) * r * 0.9, s.z - h * 0.1)
            for a, r in ((k[i], h * 0.32), (k[i + 1], h * 0.32), (k[i + 1], h * 0.52), (k[i], h * 0.52))
        ]
        for i in range(10)
    ]
    p.quads(q4, stone * 0.97, WALL, texture(4), [[[i, 0], [i + 1, 0], [i + 1, 1], [i, 1]] for i in range(10)])


BUILDERS = {
    "castle": castle,
    "lighthouse": lighthouse,
    "windmill": windmill,
    "chimney": chimney,
    "well": well,
    "arch_gate": gate,
}
