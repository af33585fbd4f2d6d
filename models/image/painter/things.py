"""Small things: rocks, logs, stumps, hay, lamps, lanterns, stalls, parasols, benches."""

from __future__ import annotations

import numpy as np

from .primitives import PLAIN, texture
from .stage import Stage, paint_of
from .view import GRASS, LEAF, ROCK, WALL

DOWN = -9.0


def rock(s: Stage) -> None:
    """Chiselled boulders, a big one and up to three small ones."""
    p, m, rng, h = s.prims, s.mood, s.rng, s.h
    n = int(rng.integers(1, 4))
    for b in range(n):
        q = h * (1.0 if b == 0 else 0.3 + 0.4 * rng.random())
        dx, dz, flat = rng.normal() * h * 1.1, rng.normal() * q * 0.3, 0.62 + 0.3 * rng.random()
        tone, tilt, mossy = 0.62 + 0.4 * rng.random(), rng.normal() * 0.25, rng.random()
        x = s.x + (b > 0) * dx
        at = (x, s.y + 0.18 * q, s.z + (b > 0) * dz)
        cap = (
            m["snow_white"]
            if s.snow > 0.25
            else (m["grass"] * 0.8 if mossy < 0.35 * m["leaves"] and not s.land.wet(s.o.u, s.z) else None)
        )
        p.blob(at, (q * 1.15, q * flat, q * 0.8), m["rock"] * tone, ROCK, s.o.seed + 7 * b, 0.22, 0.8, tilt, cap)
        p.shadow((x - q, 0, at[2]), (x + q, 0, at[2]), q * 0.6, s.y)


def log(s: Stage) -> None:
    p, h, c = s.prims, s.h, paint_of("8c7c68")
    p.seg((s.x - h * 0.6, s.y + 0.06, s.z), 0.11, (s.x + h * 0.5, s.y + 0.14, s.z + 0.5), 0.07, c)
    p.seg((s.x + 0.1, s.y + 0.12, s.z + 0.2), 0.05, (s.x + 0.5, s.y + 0.5, s.z), 0.03, c)
    p.shadow((s.x - h * 0.6, 0, s.z), (s.x + h * 0.5, 0, s.z + 0.5), 0.25, s.y)


def stump(s: Stage) -> None:
    p, h = s.prims, s.h
    p.seg(s.foot, h * 0.5, s.foot + [0, h, 0], h * 0.4, paint_of("6c5844"))
    p.dabs([s.foot + [0, h * 1.02, -h * 0.1]], h * 0.42, 0.35, 0, paint_of("c8a878"), [0, 1, -0.2], WALL, 0, 0, 1, s.y)


def hay(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    c = m["dry_grass"] * 0.5 + paint_of("d8b060") * 0.5
    p.blob(s.foot + [0, h * 0.48, 0], (h * 0.62, h * 0.5, h * 0.5), c, GRASS, s.o.seed, 0.06)
    p.dabs(
        [s.foot + [-h * 0.1 * s.side, h * 0.48, -h * 0.52]],
        h * 0.40,
        1,
        0,
        c * 0.85,
        [-0.5 * s.side, 0.1, -0.8],
        GRASS,
        0,
        0.15,
        1,
        s.y,
    )
    p.shadow(s.foot - [h * 0.6, 0, 0], s.foot + [h * 0.6, 0, 0], h * 0.9, s.y)


def lamp(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    luck = s.rng.random()
    iron = paint_of("2c2c30")
    p.seg(s.foot, 0.09, s.foot + [0, 0.5, 0], 0.07, iron)
    p.seg(s.foot, 0.06, s.foot + [0, h, 0], 0.045, iron)
    p.seg(s.foot + [0, h + 0.26, 0], 0.16, s.foot + [0, h + 0.34, 0], 0.03, iron)
    on = float(np.clip(m["lights"] * 1.6 - 0.15, 0, 1)) * (luck > m["broken"] * 0.7)
    p.dabs(
        [s.foot + [0, h + 0.08, 0]],
        0.17,
        1.3,
        0,
        m["lamp"] if on > 0.05 else paint_of("c8c8c0") * 0.6,
        [0, 0, -1],
        WALL,
        (1.1 + 0.9 * m["night"]) * on,
        0,
        1,
        s.y,
    )
    if on > 0.05:
        p.lamp(s.x, s.y + h - 0.3, s.z - 0.5, m["lamp"] * (1.5 + 2.0 * m["night"]) * on, 3.6)


def lantern(s: Stage) -> None:
    """One small light in the dark, with the one who carries it when the mood has nobody else."""
    p, m, h = s.prims, s.mood, s.h
    on = float(np.clip(max(m["night"], m["lantern"], m["lights"]) * 1.3, 0.15, 1))
    p.seg(s.foot, h * 0.03, s.foot + [0, h * 0.75, 0], h * 0.025, paint_of("241f22"))
    p.dabs([s.foot + [0, h * 0.85, 0]], h * 0.13, 1.2, 0, m["lamp"], [0, 0, -1], WALL, 1.5 * on, 0, 1, s.y)
    p.lamp(s.x, s.y + h * 0.8, s.z - h * 0.3, m["lamp"] * 1.3 * on, h * 2.0)


def stall(s: Stage) -> None:
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    luck = rng.random()
    n = 48
    spots, height, goods = rng.random((n, 2)), rng.random(n), rng.integers(0, 5, n)
    if luck >= m["people"] + 0.25:  # struck: crates are left
        for _ in range(4):
            p.box(
                (s.x + rng.normal() * 0.8, s.z + rng.normal() * 0.5),
                s.y,
                0.6,
                0.6,
                0.5,
                rng.random(),
                paint_of("7c6448"),
                texture(2),
                top=True,
            )
        return
    stripe = s.dull(
        m["cloth"] if s.o.seed % 3 == 0 else paint_of(("c8503c", "4c8c6c", "e0b048", "5c7cac", "d8d0c0")[s.o.seed % 5])
    )
    w, mid = 1.3, s.foot
    for q in (-1, 1):
        p.seg((s.x + q * w, s.y, s.z), 0.04, (s.x + q * w, s.y + h, s.z), 0.04, paint_of("5c4c40"))
    for i in range(7):
        x0, x1 = s.x - w * 1.1 + i * w * 0.315, s.x - w * 1.1 + (i + 1) * w * 0.315
        c = stripe if i % 2 else s.dull(paint_of("e8e0d0"))
        p.quads(
            [
                [
                    (x0, s.y + h * 0.85, s.z - 0.9),
                    (x1, s.y + h * 0.85, s.z - 0.9),
                    (x1, s.y + h * 1.12, s.z + 0.6),
                    (x0, s.y + h * 1.12, s.z + 0.6),
                ]
            ],
            c,
            WALL,
            PLAIN,
            None,
            mid,
        )
        p.quads(
            [
                [
                    (x0, s.y + h * 0.78, s.z - 0.9),
                    (x1, s.y + h * 0.78, s.z - 0.9),
                    (x1, s.y + h * 0.85, s.z - 0.9),
                    (x0, s.y + h * 0.85, s.z - 0.9),
                ]
            ],
            c * 0.85,
            WALL,
        )
    p.box((s.x, s.z), s.y, 2.2, 0.9, 0.8, 0, paint_of("8c6c4c"), texture(2))
    keep = height < 0.15 + 1.7 * m["people"]  # nobody comes, nothing is laid out
    kinds = np.stack([paint_of(k) for k in ("d84c34", "e8b040", "6ca040", "e8e0d0", "c870a0")])
    at = np.c_[s.x + (spots[:, 0] - 0.5) * 2, s.y + 0.86 + 0.08 * height, s.z - 0.4 + 0.5 * spots[:, 1]]
    p.dabs(at[keep], 0.11, 0.9, 0, s.dull(kinds[goods[keep]]), [0, 0.7, -0.6], WALL, 0, 0, 1, s.y)
    if m["lights"] > 0.3:
        p.dabs([[s.x, s.y + h * 0.8, s.z - 0.5]], 0.12, 1.2, 0, m["lamp"], [0, 0, -1], WALL, 1.2, 0, 1, s.y)
        p.lamp(s.x, s.y + h * 0.75, s.z - 0.6, m["lamp"] * 0.9, 1.6)
    p.shadow((s.x - w, 0, s.z), (s.x + w, 0, s.z), h, s.y)


def parasol(s: Stage) -> None:
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    luck, tilt = rng.random(), rng.normal() * 0.12
    if m["flowers"] <= 0.25 + 0.4 * luck:
        return
    c = m["cloth"] if s.o.seed % 3 == 0 else paint_of(("e04c3c", "f0b83c", "3c8cb8", "e87ca0")[s.o.seed % 4])
    top, r, n = np.array([s.x + tilt * h, s.y + h, s.z]), h * 0.52, 10
    p.seg(s.foot, 0.035, top, 0.03, paint_of("d8ccb8"))
    for i in range(n):
        e = [
            np.array([top[0] + np.cos(a) * r, top[1] - 0.2 * h - tilt * np.cos(a) * r * 0.6, top[2] + np.sin(a) * r])
            for a in (i * 2 * np.pi / n, (i + 1) * 2 * np.pi / n)
        ]
        p.quads([[e[0], e[1], top, top]], c if i % 2 else paint_of("f4ece0"), LEAF, centre=top - [0, h, 0])
    towel = paint_of("5ca0c8") if s.o.seed % 2 else paint_of("e8d8a8")
    p.quads(
        [
            [
                (s.x + 0.3, s.y + 0.03, s.z - 0.3),
                (s.x + 1.3, s.y + 0.03, s.z - 0.3),
                (s.x + 1.5, s.y + 0.03, s.z + 1.4),
                (s.x + 0.5, s.y + 0.03, s.z + 1.4),
            ]
        ],
        towel,
        WALL,
        texture(2),
        None,
        (s.x, DOWN, s.z),
    )
    p.shadow((s.x - r, 0, s.z), (s.x + r, 0, s.z), h * 0.9, s.y)


def bench(s: Stage) -> None:
    p, long = s.prims, s.h
    cs, sn = np.cos(s.o.yaw), np.sin(s.o.yaw)
    wood, iron = s.dull(paint_of("8c6444")), paint_of("2c2c30")

    def at(x: float, y: float, z: float) -> tuple[float, float, float]:
        return (s.x + x * cs - z * sn, s.y + y, s.z + x * sn + z * cs)

    w = long / 2
    for z in (-0.22, -0.08, 0.06):
        p.seg(at(-w, 0.45, z), 0.035, at(w, 0.45, z), 0.035, wood)
    for y in (0.65, 0.82):
        p.seg(at(-w, y, 0.18), 0.045, at(w, y, 0.18), 0.045, wood)
    for q in (-0.85, 0.85):
        p.seg(at(q * w, 0, -0.22), 0.03, at(q * w, 0.45, -0.22), 0.03, iron)
        p.seg(at(q * w, 0, 0.14), 0.03, at(q * w, 0.88, 0.2), 0.03, iron)
    if s.snow > 0.25:
        p.seg(at(-w, 0.50, -0.08), 0.09, at(w, 0.50, -0.08), 0.09, s.mood["snow_white"])
    p.shadow(at(-w, 0, 0), at(w, 0, 0), 0.6, s.y)


BUILDERS = {
    "rock": rock,
    "log": log,
    "stump": stump,
    "hay": hay,
    "lamp": lamp,
    "lantern": lantern,
    "stall": stall,
    "parasol": parasol,
    "bench": bench,
}
