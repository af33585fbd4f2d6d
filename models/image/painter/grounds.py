"""What stands or lies about outside towns: graves, fences, poles, piers, tents, rubbish, rails."""

from __future__ import annotations

import numpy as np

from .primitives import PLAIN, texture
from .stage import Stage, paint_of
from .view import GRASS, LEAF, ROCK, WALL

DOWN = -9.0  # a centre far below: quads face up
WASTE = ("c8c4ac", "7c6c54", "4c5c5c", "8c4c3c", "a8a47c", "2c2c28", "5c7c8c")  # whatever is thrown away


def grave(s: Stage) -> None:
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    tone, alt, luck = 0.8 + 0.4 * rng.random(), rng.random(), rng.random()
    c = m["rock"] * tone
    a = s.o.yaw * (0.3 + m["ruin"])
    w, v = h * 0.32, s.foot - [0, 0.05, 0]
    up, right, deep = np.array([np.sin(a), np.cos(a), 0]), np.array([np.cos(a), -np.sin(a), 0]), np.array([0, 0, 0.28])
    stone = texture(4, s.o.seed)
    if s.o.variant == 3 or (s.o.variant == 2 and alt < 0.5):
        p.box((s.x, s.z), s.y - 0.05, h * 0.17, 0.14, h * 1.3, a * 0.5, c, stone)
        p.box((s.x, s.z - 0.01), s.y + h * 0.78, h * 0.62, 0.15, h * 0.17, a * 0.5, c * 0.97, stone, shadow=False)
    else:
        p.quads(
            [[v - right * w, v + right * w, v + right * w + up * h * 0.7, v - right * w + up * h * 0.7]],
            c,
            ROCK,
            stone,
            [[0, 0], [1, 0], [1, 1], [0, 1]],
        )
        e = right * w * s.side
        p.quads(
            [[v + e, v + e + deep, v + e + up * h * 0.7 + deep, v + e + up * h * 0.7]], c * 0.8, ROCK, PLAIN, None, v
        )
        p.dabs([v + up * h * 0.7], w, 0.9, 0, c * 1.02, [0, 0.25, -0.9], ROCK, 0, 0, 1, s.y)
        if s.snow > 0.25:
            p.dabs([v + up * h * 0.98], w * 0.9, 0.3, 0, m["snow_white"], [0, 0.9, -0.3], ROCK, 0, 0, 1, s.y)
    p.shadow(v - right * w, v + right * w, h, s.y)
    if luck < m["flowers"] - 0.1:
        k = rng.integers(0, 3, 7)
        c3 = np.stack([m["petal"], m["petal_b"], m["blossom_light"]])[k]
        p.dabs(
            v + rng.normal(size=(7, 3)) * [0.25, 0.05, 0.05] + [0, 0.2, -0.3],
            0.07,
            1,
            0,
            c3,
            [0, 0.7, -0.5],
            GRASS,
            0,
            0,
            1,
            s.y,
        )


def fence(s: Stage) -> None:
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    n, iron = 16, s.o.variant == 1
    c = paint_of("2c2c30") if iron else paint_of("6c5c4c")
    luck, lean, sag = rng.random(n), rng.normal(size=n), rng.normal(size=(n, 2)) * 0.03
    for i in range(n):
        x, z = s.x + (i - n / 2) * 1.9, s.z + (i - n / 2) * 1.9 * np.tan(s.o.yaw)
        if z < s.view.near * 0.8 or luck[i] < m["broken"] * 0.35:
            continue
        y, q = s.ground(x, z), lean[i] * (0.03 + 0.25 * m["ruin"])
        p.seg((x, y - 0.1, z), 0.06, (x + q * h, y + h, z), 0.055, c)
        for k, hh in enumerate((0.45, 0.85)):
            p.seg((x, y + h * hh, z), 0.04, (x + 1.9, y + h * hh + sag[i, k], z + 1.9 * np.tan(s.o.yaw)), 0.04, c)
        if iron:
            for j in range(5):
                p.seg((x + j * 0.38, y, z), 0.025, (x + j * 0.38, y + h, z), 0.02, c)
        elif s.snow > 0.25:
            p.seg(
                (x, y + h * 0.85 + 0.05, z),
                0.04,
                (x + 1.9, y + h * 0.85 + 0.05, z + 1.9 * np.tan(s.o.yaw)),
                0.04,
                m["snow_white"],
            )


def pole(s: Stage) -> None:
    p, h, c = s.prims, s.h, paint_of("5c4c40")
    lean = s.rng.normal() * 0.5 * s.mood["ruin"]
    top = s.foot + [lean, h, 0]
    p.seg(s.foot, 0.11, top, 0.08, c)
    p.seg(top - [0.8, h * 0.08, 0], 0.05, top - [-0.8, h * 0.08, 0], 0.05, c)


def pier(s: Stage) -> None:
    p, wood = s.prims, paint_of("4c4038")
    z = s.z + np.arange(9) * 1.8
    for q in (-1, 1):
        foot = np.c_[np.full(9, s.x + q), np.full(9, -1.0), z]
        p.segs(foot, 0.12, foot + [0, 2.3, 0], 0.11, wood)
    p.quads(
        [
            [
                (s.x - 1.2, 0.9, s.z - 3),
                (s.x + 1.2, 0.9, s.z - 3),
                (s.x + 1.2, 0.9, s.z + 15),
                (s.x - 1.2, 0.9, s.z + 15),
            ]
        ],
        paint_of("8c7860"),
        WALL,
        texture(2),
        [[0, 0], [0, 2.4], [18, 2.4], [18, 0]],
        (s.x, DOWN, s.z),
    )


def tent(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    w, cs, sn = h * 1.1, np.cos(s.o.yaw), np.sin(s.o.yaw)

    def at(x: float, y: float, z: float) -> np.ndarray:
        return np.array([s.x + x * cs - z * sn, s.y + y, s.z + x * sn + z * cs])

    c = s.dull(s.pick("c8803c", "4c7c8c", "a8a060", "b84c3c"))
    t0, t1, mid = at(0, h * 0.85, -h * 0.7), at(0, h * 0.85, h * 0.9), at(0, 0.3, 0)
    for q in (-1, 1):
        p.quads([[at(q * w, 0, -h * 0.7), at(q * w, 0, h * 0.9), t1, t0]], c, LEAF, centre=mid)
    glow = 0.5 * m["night"] * (m["lights"] > 0.2)
    p.quads([[at(-w, 0, -h * 0.7), at(w, 0, -h * 0.7), t0, t0]], c * 0.7, LEAF, centre=mid, glow=glow)
    peak = t0 + [0, -0.15 * h, -0.02 * h]
    p.quads(
        [[at(-w * 0.3, 0, -h * 0.72), at(w * 0.3, 0, -h * 0.72), peak, peak]],
        m["lamp"] * 0.5 if glow > 0.1 else np.array([0.06, 0.05, 0.05]),
        WALL,
        glow=glow,
    )
    p.shadow(at(-w, 0, 0), at(w, 0, 0), h * 0.7, s.y)


def rubbish(s: Stage) -> None:
    """A heap of waste: bags, boards, a wheel."""
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    kinds = np.stack([paint_of(k) for k in WASTE])
    n = int(np.clip(s.px * 9, 60, 1500))
    across, up = rng.random(n) * np.pi, np.arcsin(rng.random(n) ** 1.2)
    out = 0.82 + 0.22 * rng.random(n)
    at = (
        s.foot
        + np.c_[
            np.cos(across) * np.cos(up) * 1.45 * out, np.sin(up) * 0.82 * out, -np.sin(across) * np.cos(up) * 0.6 * out
        ]
        * h
    )
    c = kinds[rng.integers(0, len(kinds), n)] * (0.7 + 0.5 * rng.random((n, 1)))
    face = np.c_[np.cos(across) * np.cos(up), np.sin(up) + 0.3, -np.sin(across)] + rng.normal(size=(n, 3)) * 0.4
    p.blob(s.foot, (h * 1.4, h * 0.8, h * 0.55), m["dirt"] * 0.5 + kinds.mean(0) * 0.2, GRASS, s.o.seed, 0.4)
    p.dabs(
        at,
        h * (0.03 + 0.10 * rng.random(n) ** 2),
        0.55,
        rng.normal(size=n) * 0.9,
        c,
        face,
        WALL,
        0,
        0.6,
        0.6 + 0.4 * np.sin(up),
        s.y,
    )
    for k in range(int(np.clip(s.px / 14, 4, 26))):  # bags
        a, e = rng.random() * np.pi, np.arcsin(rng.random())
        b = s.foot + np.array([np.cos(a) * np.cos(e) * 1.4, np.sin(e) * 0.8, -np.sin(a) * np.cos(e) * 0.62]) * h
        p.blob(b, (h * 0.12, h * 0.10, h * 0.10), kinds[(k * 2 + 5) % 7] * 0.6, WALL, s.o.seed + k, 0.4)
    for k in range(6):
        b = s.foot + [rng.normal() * h * 0.8, h * rng.uniform(0.2, 0.8), -0.2 * h]
        p.seg(b, h * 0.03, b + np.array([rng.normal(), rng.uniform(0, 0.6), 0]) * h * 0.5, h * 0.025, kinds[k] * 0.7)


def barricade(s: Stage) -> None:
    """Stones, beams and a cart on its side, as wide as three times its height."""
    p, h, rng = s.prims, s.h, s.rng
    wood = paint_of("5c4838")
    for k in range(16):
        at = s.foot + np.array([rng.uniform(-1.5, 1.5), 0.0, rng.uniform(-0.3, 0.3)]) * h
        size = h * rng.uniform(0.14, 0.34)
        p.blob(
            at + [0, size * 0.5, 0],
            (size, size * 0.7, size * 0.8),
            s.mood["rock"] * rng.uniform(0.4, 0.9),
            ROCK,
            k,
            0.2,
            0.8,
        )
    for _ in range(12):
        at = s.foot + np.array([rng.uniform(-1.3, 1.3), rng.uniform(0.05, 0.5), rng.uniform(-0.3, 0.2)]) * h
        way = np.array([rng.normal() * 0.8, rng.uniform(0.0, 0.9), rng.normal() * 0.2]) * h
        p.seg(at, h * 0.045, at + way, h * 0.035, wood * rng.uniform(0.5, 1.1))
    c, turn = s.foot + np.array([rng.uniform(-0.8, 0.8), 0.5, -0.36]) * h, rng.uniform(0.3, 0.9)
    a = np.linspace(0, 2 * np.pi, 15)
    rim = c + np.c_[np.cos(a), np.sin(a), np.cos(a) * np.sin(turn) * 0.4] * h * 0.42
    p.segs(rim[:-1], h * 0.035, rim[1:], h * 0.035, wood * 0.7)
    p.segs(np.repeat(c[None], 7, 0), h * 0.022, rim[:-1:2], h * 0.02, wood * 0.8)


def rails(s: Stage) -> None:
    """Sleepers and two rails from z away from the viewer."""
    p, gauge = s.prims, s.h or 1.5
    slope = np.tan(s.o.yaw)
    z = s.z
    rail, last = [], None
    while z < s.view.near * 260:
        x = s.x + slope * (z - s.z)
        y = s.ground(x, z) + 0.06
        if z < s.view.near * 40:
            p.quads(
                [
                    [
                        (x - gauge * 0.85, y, z - 0.14),
                        (x + gauge * 0.85, y, z - 0.14),
                        (x + gauge * 0.85, y, z + 0.14),
                        (x - gauge * 0.85, y, z + 0.14),
                    ]
                ],
                paint_of("4c4038"),
                WALL,
                PLAIN,
                None,
                (x, DOWN, z),
            )
        if last is not None:
            rail.append((last, (x, y + 0.1, z)))
        last = (x, y + 0.1, z)
        z += 0.7 if z < s.view.near * 40 else 0.06 * z
    for q in (-0.5, 0.5):
        a, b = np.array([r[0] for r in rail]), np.array([r[1] for r in rail])
        p.segs(a + [q * gauge, 0, 0], 0.05, b + [q * gauge, 0, 0], 0.05, paint_of("8c8480"), WALL)


BUILDERS = {
    "grave": grave,
    "fence": fence,
    "pole": pole,
    "pier": pier,
    "tent": tent,
    "rubbish": rubbish,
    "rails": rails,
}
