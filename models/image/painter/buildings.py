"""Houses, churches, barns, street fronts, distant city blocks and towers."""

from __future__ import annotations

import numpy as np

from .crooked import crooked, standing
from .primitives import PLAIN, texture, windows
from .ramps import ramp
from .stage import Stage, paint_of
from .view import WALL

ROOFS = ("8c4a34", "6c5a54", "94603c", "5c6470")
WALLS = ("d8c4a0", "e4dcc8", "b89878", "c8a890", "a8988c")


def _wall(s: Stage, *names: str) -> np.ndarray:
    """A wall colour, tinted by the mood and dirtied by its grime."""
    base = s.pick(*(names or WALLS))
    tint = s.mood["wall"] / paint_of("d8c4a0")
    return base * (0.6 + 0.4 * tint) * (1 - 0.25 * s.mood["grime"])


def _roof(s: Stage, k: int) -> np.ndarray:
    tint = s.mood["roof"] / paint_of("8c4a34")
    return s.roofed(paint_of(ROOFS[k % 4]) * (0.6 + 0.4 * np.minimum(tint, 2.5)))


def _smoke(s: Stage, x: float, y: float, z: float, h: float) -> None:
    amount = min(1.0, s.mood["smoke"] + s.mood["lights"])
    if amount < 0.05:
        return
    k = np.arange(9)
    at = np.c_[x + k * h * 0.10 * s.side, y + h * (0.08 + k * 0.11), np.full(9, z)]
    c = s.mood["horizon"] * 0.5 + s.mood["cloud_dark"] * 0.4
    s.prims.puffs(at, h * (0.06 + 0.035 * k), 0.8, c, 0.45 * (1 - k / 9) * amount, k + s.o.seed % 97)


def house(s: Stage) -> None:
    p, m, rng, h = s.prims, s.mood, s.rng, s.h
    start = standing(p)
    yaw, seed = s.o.yaw, s.o.seed
    wall = _wall(s) if s.o.style != 1 else paint_of("6c5444") * (1 - 0.25 * m["grime"])
    wide, roof, door_at = h * (1.1 + 0.3 * rng.random()), int(rng.integers(4)), rng.uniform(-0.2, 0.2)
    deep, tall = h * 0.8, h * (0.55 if s.o.variant != 1 else 0.46)
    y = s.y - 0.05 * h
    floors = max(1, round(tall / 3.0))
    floor = tall / floors if h < 14 else 3.1
    tex = windows(m, seed, 0, tall, max(floor * 0.85, wide / 5), floor, 3.0)
    b, mid = p.box((s.x, s.z), y, wide, deep, tall, yaw, wall, tex, m["ruin"] * 0.12)
    fallen = max(0.0, m["ruin"] - 0.55)
    steep = 0.38 + 0.34 * ramp(m["lantern"], 0.15, 0.95)
    p.gable(b, y + tall, h * steep * (1 - fallen), _roof(s, roof), wall, seed, mid)
    cs, sn = np.cos(yaw), np.sin(yaw)
    front = np.array([sn, 0, -cs]) * (deep / 2 + 0.02)  # the long side that faces the viewer at yaw 0
    along = np.array([cs, 0, sn])
    if s.px > 40:
        c = np.array([s.x, y, s.z]) + front + along * door_at * wide
        w, d = h * 0.065, h * 0.25
        p.quads(
            [[c - along * w, c + along * w, c + along * w + [0, d, 0], c - along * w + [0, d, 0]]],
            s.dull(s.pick("7c3428", "2c4c5c", "4c3c2c", "3c5c44")),
            WALL,
            texture(2),
            [[[0, 0], [1, 0], [1, 2], [0, 2]]],
            mid,
        )
    x, z = s.x + wide * 0.25 * cs, s.z + wide * 0.25 * sn
    p.box((x, z), y + tall * 0.8, h * 0.09, h * 0.09, h * 0.48 + tall * 0.2, yaw, wall * 0.6, texture(1))
    crooked(s, start, 0.22 * np.sign(door_at))
    _smoke(s, x, y + tall + h * 0.42, s.z, h)


def barn(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    red = s.dull(s.pick("8c3428", "7c4030", "6c5c4c", "94503c")) * (1 - 0.2 * m["grime"])
    y = s.y - 0.04 * h
    b, mid = p.box((s.x, s.z), y, h * 1.35, h * 0.9, h * 0.5, s.o.yaw, red, texture(2), m["ruin"] * 0.15)
    p.gable(b, y + h * 0.5, h * 0.45 * (1 - 0.6 * max(0.0, m["ruin"] - 0.5)), _roof(s, 1), red, s.o.seed, mid, 0.5)
    cs, sn = np.cos(s.o.yaw), np.sin(s.o.yaw)
    along, front = np.array([cs, 0, sn]), np.array([sn, 0, -cs]) * h * 0.455
    c = np.array([s.x, y, s.z]) + front
    w, up = along * h * 0.16, np.array([0, h * 0.36, 0])
    p.quads([[c - w, c + w, c + w + up, c - w + up]], paint_of("2c2420"), WALL, PLAIN, None, mid)
    for q in (-1, 1):
        p.seg(c + w * q, h * 0.012, c + w * q + up, h * 0.012, paint_of("e4dccc"), WALL)
    p.seg(c - w + up, h * 0.012, c + w + up, h * 0.012, paint_of("e4dccc"), WALL)


def church(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    start = standing(p)
    yaw, seed = 0.25 if s.o.yaw == 0 else s.o.yaw, s.o.seed
    wall = _wall(s, "e4dcc8", "d8c4a0", "b8b0a4")
    roof = _roof(s, int(s.rng.integers(4)))
    y = s.y - 0.05 * h
    wide, deep, tall = h * 0.8, h * 0.42, h * 0.36
    b, mid = p.box(
        (s.x, s.z), y, wide, deep, tall, yaw, wall, windows(m, seed, 3, tall, wide / 5, tall, 3.0), m["ruin"] * 0.12
    )
    p.gable(b, y + tall, h * 0.30, roof, wall, seed, mid)
    tx, tz = s.x - wide * 0.5 * np.cos(yaw), s.z - wide * 0.5 * np.sin(yaw)
    p.box(
        (tx, tz),
        y,
        h * 0.22,
        h * 0.22,
        h * 0.62,
        yaw,
        wall * 0.95,
        windows(m, seed, 3, h * 0.62, h * 0.11, h * 0.155, 3.0),
        max(0.0, m["ruin"] - 0.1) * 0.27,
    )
    if m["ruin"] < 0.65:
        p.prism((tx, tz), y + h * 0.62, h * 0.40, h * 0.17, 0.01, 4, roof * 0.8, 3, yaw=yaw + 0.785, shadow=False)
        iron = paint_of("3c3834")
        p.seg((tx, y + h, tz), h * 0.006, (tx, y + h * 1.09, tz), h * 0.005, iron)
        p.seg((tx - h * 0.025, y + h * 1.06, tz), h * 0.005, (tx + h * 0.025, y + h * 1.06, tz), h * 0.005, iron)
    crooked(s, start, 0.1 * s.side)


def block(s: Stage) -> None:
    """A terrace along a street: facade from (u, z) onward, facing the street."""
    p, m, h, o = s.prims, s.mood, s.h, s.o
    sg = -1.0 if o.yaw > 0 else 1.0  # on which side of the street it stands
    start = standing(p)
    run = o.width or 10.0
    bend = np.tan(abs(o.yaw) - np.pi / 2) * sg
    x0, za, zb = s.x, s.z, s.z + run
    xb = x0 - bend * run
    deep = sg * 12
    colour = _wall(s)
    style = 1 if o.state > 0.5 and o.style == 0 else o.style
    bay = run / max(2, round(run / (2.3 if style != 2 else 1.7)))
    tex = (5, bay, 3.3, min(0.85, m["lights"] * 1.1), m["broken"], o.seed % 9973, style, h)
    rag = max(0.0, m["ruin"] - 0.58) * 0.6
    mid = np.array([x0 + deep, h / 2, (za + zb) / 2])
    p.quads(
        [[(x0, 0, za), (xb, 0, zb), (xb, h, zb), (x0, h, za)]],
        colour,
        WALL,
        tex,
        [[0, 0], [run, 0], [run, h], [0, h]],
        mid,
        rag,
    )
    blank = (1, 1, 1, 0, 0, o.seed % 997, 0, h)
    p.quads(
        [[(x0, 0, za), (x0 + deep, 0, za), (x0 + deep, h, za), (x0, h, za)]],
        colour * 0.9,
        WALL,
        blank,
        [[0, 0], [12, 0], [12, h], [0, h]],
        mid,
        rag,
    )
    p.shadow((x0, 0, za), (xb, 0, zb), h, 0)
    if rag >= 0.05:
        crooked(s, start, -0.15 * sg)
        return
    e = -sg * 0.45
    hc = h + 0.35 * (o.seed % 3)  # cornices step from house to house
    for yy, out, tone in ((hc - 0.15, 1.0, 1.12), (3.35, 0.5, 1.08)):
        p.quads(
            [
                [
                    (x0 + e * out, yy, za),
                    (xb + e * out, yy, zb),
                    (xb + e * out, yy + 0.4, zb),
                    (x0 + e * out, yy + 0.4, za),
                ]
            ],
            colour * tone,
            WALL,
            PLAIN,
            None,
            mid,
        )
        p.quads(
            [[(x0, yy, za), (xb, yy, zb), (xb + e * out, yy, zb), (x0 + e * out, yy, za)]],
            colour * 0.4,
            WALL,
            PLAIN,
            None,
            mid + [0, 99, 0],
        )
    roof = _roof(s, o.seed)
    if o.variant == 1:
        up = 3.4 + 0.4 * (o.seed % 4)
        p.quads(
            [[(x0 + e, h + 0.2, za), (xb + e, h + 0.2, zb), (xb + sg * 4, h + up, zb), (x0 + sg * 4, h + up, za)]],
            roof,
            WALL,
            texture(3),
            [[0, 0], [run, 0], [run, 5], [0, 5]],
            mid,
        )
        p.quads(
            [[(x0, h + 0.2, za), (x0 + sg * 4, h + up, za), (x0 + sg * 8, h + 0.2, za), (x0 + sg * 8, h + 0.2, za)]],
            colour * 0.85,
            WALL,
            PLAIN,
            None,
            mid,
        )
        for k in range(max(1, int(run / 4.5))):  # dormers
            zc = za + (k + 0.6) * run / max(1, int(run / 4.5))
            xc = x0 + sg * 0.9
            lit = m["lights"] > ((o.seed * 7 + k * 31) % 97) / 97
            p.quads(
                [[(xc, h + 0.8, zc - 0.6), (xc, h + 0.8, zc + 0.6), (xc, h + 2.2, zc + 0.6), (xc, h + 2.2, zc - 0.6)]],
                m["lamp"] if lit else colour * 0.5,
                WALL,
                PLAIN,
                None,
                mid,
                0.0,
                0.8 * lit,
            )
            p.quads(
                [
                    [
                        (xc, h + 0.8, zc - 0.6),
                        (xc + sg * 2, h + 2.2, zc - 0.6),
                        (xc, h + 2.2, zc - 0.6),
                        (xc, h + 2.2, zc - 0.6),
                    ]
                ],
                colour * 0.8,
                WALL,
                PLAIN,
                None,
                mid,
            )
    elif o.variant >= 2:
        zm, xm = (za + zb) / 2, (x0 + xb) / 2
        p.quads(
            [[(x0, h, za), (xb, h, zb), (xm, h + run * 0.45, zm), (xm, h + run * 0.45, zm)]],
            colour,
            WALL,
            texture(1),
            [[0, 0], [run, 0], [run / 2, 3], [run / 2, 3]],
            mid,
        )
        p.quads(
            [
                [
                    (x0 + e, h, za - 0.2),
                    (x0 + deep, h, za - 0.2),
                    (x0 + deep, h + run * 0.45, zm),
                    (x0 + e, h + run * 0.45, zm),
                ]
            ],
            roof,
            WALL,
            texture(3),
            [[0, 0], [9, 0], [9, 4], [0, 4]],
            mid,
        )
    p.box((x0 + sg * 3, (za + zb) / 2), h + 1, 0.9, 0.9, 2.6 + o.variant, 0, colour * 0.6, texture(1))
    if o.state > 0.5:
        awning = s.dull(
            s.mood["cloth"] if o.seed % 3 == 0 else paint_of(("3c7c64", "d0a048", "4c6c9c", "b84c3c")[o.seed % 4])
        )
        p.quads(
            [[(x0, 3.0, za + 1), (xb, 3.0, zb - 1), (xb - sg * 1.3, 2.4, zb - 1), (x0 - sg * 1.3, 2.4, za + 1)]],
            awning,
            WALL,
            texture(2),
            [[0, 0], [run, 0], [run, 1], [0, 1]],
            mid - [0, 9, 0],
        )
    crooked(s, start, -0.15 * sg)


def tower_block(s: Stage) -> None:
    """City blocks and towers seen from afar."""
    p, m, h, o, rng = s.prims, s.mood, s.h, s.o, s.rng
    start = standing(p)
    wide = h * (0.6 + 0.5 * rng.random()) if o.kind == "mid_block" else h * (0.20 + 0.12 * rng.random())
    wide = max(wide, 6)
    colour = _wall(s, "8c8e96", "a09488", "7c8490", "b0a090", "94806c")
    yaw, crown, roofed = rng.random() * 0.5 - 0.25, rng.random(), rng.random()
    big = max(1.0, s.z / s.view.f * 3.2)
    floor, bay = max(h / max(max(3, int(h / 3.4)), 1), big * 1.5), max(2.6, big * 1.2)
    tex = (5, bay, floor, m["lights"], m["broken"], o.seed % 9973, o.style, h)
    b, mid = p.box((s.x, s.z), s.y, wide, wide, h, yaw, colour * 0.8, tex, m["ruin"] * 0.3)
    if m["ruin"] >= 0.5:
        crooked(s, start, 0.0)
        return
    if o.kind == "tower_block" and crown < 0.5:
        p.box(
            (s.x, s.z),
            s.y + h,
            wide * 0.6,
            wide * 0.6,
            h * 0.14,
            0,
            colour * 0.75,
            (5, bay, floor, m["lights"], 0, 3, o.style, h * 0.14),
        )
        p.seg((s.x, s.y + h * 1.14, s.z), h * 0.004, (s.x, s.y + h * 1.3, s.z), h * 0.002, paint_of("4c4c50"))
    elif o.kind == "mid_block" and roofed < 0.6:
        p.gable(b, s.y + h, h * 0.3, _roof(s, o.seed), colour, 3, mid)
    crooked(s, start, 0.0)


def tower(s: Stage) -> None:
    p, m, h = s.prims, s.mood, s.h
    start = standing(p)
    wide = max(h * (0.20 + 0.12 * s.rng.random()), 6)
    colour = _wall(s, "b89878", "c8b8a0", "a8988c")
    p.box(
        (s.x, s.z),
        s.y,
        wide,
        wide,
        h,
        s.rng.random() * 0.5 - 0.25,
        colour * 0.85,
        windows(m, s.o.seed, 3, h, wide / 3, h / 6),
        m["ruin"] * 0.3,
    )
    if m["ruin"] < 0.6:
        p.prism(
            (s.x, s.z), s.y + h, h * 0.3, wide * 0.75, 0.01, 4, s.roofed(paint_of("4c6468")), 3, yaw=0.785, shadow=False
        )
    crooked(s, start, 0.05 * s.side)


BUILDERS = {
    "house": house,
    "barn": barn,
    "church": church,
    "block": block,
    "mid_block": tower_block,
    "tower_block": tower_block,
    "tower": tower,
}
