"""Small things: rocks, logs, lamps, stalls, parasols, benches, graves, fences, tents, hay, rails, rubbish."""

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
        cap = m["snow_white"] if s.snow > 0.25 else (m["grass"] * 0.8 if mossy < 0.35 * m["leaves"] and not s.land.wet(s.o.u, s.z) else None)
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
    p.dabs([s.foot + [-h * 0.1 * s.side, h * 0.48, -h * 0.52]], h * 0.40, 1, 0, c * 0.85, [-0.5 * s.side, 0.1, -0.8], GRASS, 0, 0.15, 1, s.y)
    p.shadow(s.foot - [h * 0.6, 0, 0], s.foot + [h * 0.6, 0, 0], h * 0.9, s.y)


def lamp(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    luck = s.rng.random()
    iron = paint_of("2c2c30")
    p.seg(s.foot, 0.09, s.foot + [0, 0.5, 0], 0.07, iron)
    p.seg(s.foot, 0.06, s.foot + [0, h, 0], 0.045, iron)
    p.seg(s.foot + [0, h + 0.26, 0], 0.16, s.foot + [0, h + 0.34, 0], 0.03, iron)
    on = float(np.clip(m["lights"] * 1.6 - 0.15, 0, 1)) * (luck > m["broken"] * 0.7)
    p.dabs([s.foot + [0, h + 0.08, 0]], 0.17, 1.3, 0, m["lamp"] if on > 0.05 else paint_of("c8c8c0") * 0.6, [0, 0, -1], WALL, 1.1 * on, 0, 1, s.y)
    if on > 0.05:
        p.lamp(s.x, s.y + h - 0.3, s.z - 0.5, m["lamp"] * 1.5 * on, 3.6)


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
            p.box((s.x + rng.normal() * 0.8, s.z + rng.normal() * 0.5), s.y, 0.6, 0.6, 0.5, rng.random(), paint_of("7c6448"), texture(2), top=True)
        return
    stripe = s.dull(m["cloth"] if s.o.seed % 3 == 0 else paint_of(("c8503c", "4c8c6c", "e0b048", "5c7cac", "d8d0c0")[s.o.seed % 5]))
    w, mid = 1.3, s.foot
    for q in (-1, 1):
        p.seg((s.x + q * w, s.y, s.z), 0.04, (s.x + q * w, s.y + h, s.z), 0.04, paint_of("5c4c40"))
    for i in range(7):
        x0, x1 = s.x - w * 1.1 + i * w * 0.315, s.x - w * 1.1 + (i + 1) * w * 0.315
        c = stripe if i % 2 else s.dull(paint_of("e8e0d0"))
        p.quads([[(x0, s.y + h * 0.85, s.z - 0.9), (x1, s.y + h * 0.85, s.z - 0.9), (x1, s.y + h * 1.12, s.z + 0.6), (x0, s.y + h * 1.12, s.z + 0.6)]], c, WALL, PLAIN, None, mid)
        p.quads([[(x0, s.y + h * 0.78, s.z - 0.9), (x1, s.y + h * 0.78, s.z - 0.9), (x1, s.y + h * 0.85, s.z - 0.9), (x0, s.y + h * 0.85, s.z - 0.9)]], c * 0.85, WALL)
    p.box((s.x, s.z), s.y, 2.2, 0.9, 0.8, 0, paint_of("8c6c4c"), texture(2))
    kinds = np.stack([paint_of(k) for k in ("d84c34", "e8b040", "6ca040", "e8e0d0", "c870a0")])
    at = np.c_[s.x + (spots[:, 0] - 0.5) * 2, s.y + 0.86 + 0.08 * height, s.z - 0.4 + 0.5 * spots[:, 1]]
    p.dabs(at, 0.11, 0.9, 0, s.dull(kinds[goods]), [0, 0.7, -0.6], WALL, 0, 0, 1, s.y)
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
        e = [np.array([top[0] + np.cos(a) * r, top[1] - 0.2 * h - tilt * np.cos(a) * r * 0.6, top[2] + np.sin(a) * r]) for a in (i * 2 * np.pi / n, (i + 1) * 2 * np.pi / n)]
        p.quads([[e[0], e[1], top, top]], c if i % 2 else paint_of("f4ece0"), LEAF, centre=top - [0, h, 0])
    towel = paint_of("5ca0c8") if s.o.seed % 2 else paint_of("e8d8a8")
    p.quads([[(s.x + 0.3, s.y + 0.03, s.z - 0.3), (s.x + 1.3, s.y + 0.03, s.z - 0.3), (s.x + 1.5, s.y + 0.03, s.z + 1.4), (s.x + 0.5, s.y + 0.03, s.z + 1.4)]], towel, WALL, texture(2), None, (s.x, DOWN, s.z))
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
        p.quads([[v - right * w, v + right * w, v + right * w + up * h * 0.7, v - right * w + up * h * 0.7]], c, ROCK, stone, [[0, 0], [1, 0], [1, 1], [0, 1]])
        e = right * w * s.side
        p.quads([[v + e, v + e + deep, v + e + up * h * 0.7 + deep, v + e + up * h * 0.7]], c * 0.8, ROCK, PLAIN, None, v)
        p.dabs([v + up * h * 0.7], w, 0.9, 0, c * 1.02, [0, 0.25, -0.9], ROCK, 0, 0, 1, s.y)
        if s.snow > 0.25:
            p.dabs([v + up * h * 0.98], w * 0.9, 0.3, 0, m["snow_white"], [0, 0.9, -0.3], ROCK, 0, 0, 1, s.y)
    p.shadow(v - right * w, v + right * w, h, s.y)
    if luck < m["flowers"] - 0.1:
        k = rng.integers(0, 3, 7)
        c3 = np.stack([m["petal"], m["petal_b"], m["blossom_light"]])[k]
        p.dabs(v + rng.normal(size=(7, 3)) * [0.25, 0.05, 0.05] + [0, 0.2, -0.3], 0.07, 1, 0, c3, [0, 0.7, -0.5], GRASS, 0, 0, 1, s.y)


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
            p.seg((x, y + h * 0.85 + 0.05, z), 0.04, (x + 1.9, y + h * 0.85 + 0.05, z + 1.9 * np.tan(s.o.yaw)), 0.04, m["snow_white"])


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
    p.quads([[(s.x - 1.2, 0.9, s.z - 3), (s.x + 1.2, 0.9, s.z - 3), (s.x + 1.2, 0.9, s.z + 15), (s.x - 1.2, 0.9, s.z + 15)]], paint_of("8c7860"), WALL, texture(2), [[0, 0], [0, 2.4], [18, 2.4], [18, 0]], (s.x, DOWN, s.z))


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
    p.quads([[at(-w * 0.3, 0, -h * 0.72), at(w * 0.3, 0, -h * 0.72), peak, peak]], m["lamp"] * 0.5 if glow > 0.1 else np.array([0.06, 0.05, 0.05]), WALL, glow=glow)
    p.shadow(at(-w, 0, 0), at(w, 0, 0), h * 0.7, s.y)


def rubbish(s: Stage) -> None:
    """A heap of waste: bags, boards, a wheel."""
    p, m, h, rng = s.prims, s.mood, s.h, s.rng
    kinds = np.stack([paint_of(k) for k in ("c8c4ac", "7c6c54", "4c5c5c", "8c4c3c", "a8a47c", "2c2c28", "5c7c8c")])
    n = int(np.clip(s.px * 6, 60, 1100))
    across, up = rng.random(n) * np.pi, np.arcsin(rng.random(n) ** 1.2)
    out = 0.82 + 0.22 * rng.random(n)
    at = s.foot + np.c_[np.cos(across) * np.cos(up) * 1.45 * out, np.sin(up) * 0.82 * out, -np.sin(across) * np.cos(up) * 0.6 * out] * h
    c = kinds[rng.integers(0, len(kinds), n)] * (0.55 + 0.5 * rng.random((n, 1)))
    face = np.c_[np.cos(across) * np.cos(up), np.sin(up) + 0.3, -np.sin(across)] + rng.normal(size=(n, 3)) * 0.4
    p.blob(s.foot, (h * 1.4, h * 0.8, h * 0.55), m["dirt"] * 0.35, GRASS, s.o.seed, 0.4)
    p.dabs(at, h * (0.03 + 0.10 * rng.random(n) ** 2), 0.55, rng.normal(size=n) * 0.9, c, face, WALL, 0, 0.6, 0.6 + 0.4 * np.sin(up), s.y)
    for k in range(int(np.clip(s.px / 14, 4, 26))):  # bags
        a, e = rng.random() * np.pi, np.arcsin(rng.random())
        b = s.foot + np.array([np.cos(a) * np.cos(e) * 1.4, np.sin(e) * 0.8, -np.sin(a) * np.cos(e) * 0.62]) * h
        p.blob(b, (h * 0.12, h * 0.10, h * 0.10), kinds[(k * 2 + 5) % 7] * 0.6, WALL, s.o.seed + k, 0.4)
    for k in range(6):
        b = s.foot + [rng.normal() * h * 0.8, h * rng.uniform(0.2, 0.8), -0.2 * h]
        p.seg(b, h * 0.03, b + np.array([rng.normal(), rng.uniform(0, 0.6), 0]) * h * 0.5, h * 0.025, kinds[k] * 0.7)


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
            p.quads([[(x - gauge * 0.85, y, z - 0.14), (x + gauge * 0.85, y, z - 0.14), (x + gauge * 0.85, y, z + 0.14), (x - gauge * 0.85, y, z + 0.14)]], paint_of("4c4038"), WALL, PLAIN, None, (x, DOWN, z))
        if last is not None:
            rail.append((last, (x, y + 0.1, z)))
        last = (x, y + 0.1, z)
        z += 0.7 if z < s.view.near * 40 else 0.06 * z
    for q in (-0.5, 0.5):
        a, b = np.array([r[0] for r in rail]), np.array([r[1] for r in rail])
        p.segs(a + [q * gauge, 0, 0], 0.05, b + [q * gauge, 0, 0], 0.05, paint_of("8c8480"), WALL)


BUILDERS = {
    "rock": rock, "log": log, "stump": stump, "hay": hay, "lamp": lamp, "lantern": lantern, "stall": stall, "parasol": parasol, "bench": bench,
    "grave": grave, "fence": fence, "pole": pole, "pier": pier, "tent": tent, "rubbish": rubbish, "rails": rails,
}  # fmt: skip
