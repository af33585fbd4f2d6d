"""A room whose window shows the place: walls, window, curtains, table, chair, lamp, flowers. The mood lights and tidies it.

All stands nearer than the land's first row, in units of the window wall's distance, so that any place fits behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..scene import Mood, Scene
from . import fire, grounds
from .festivities import pennants
from .primitives import PLAIN, Prims, texture
from .ramps import ramp
from .stage import paint_of
from .terrain import Land
from .view import LEAF, SKY, WALL, WOOD, Buffers, View

NEAR: Final = 0.92  # distance of the window wall, in the land's nearest distance
CLOSE: Final = 0.2  # the floor begins here


@dataclass(frozen=True)
class Frame:
    """Edges as tangents (x or y over distance) at the window wall. wall: its distance in metres."""

    wall: float
    eye: float
    left: float
    right: float
    floor: float
    ceiling: float
    window: tuple[float, float, float, float]  # left, right, lower and upper edge

    @classmethod
    def of(cls, view: View) -> Frame:
        left, right = -view.cx / view.f, (view.width - view.cx) / view.f
        up, down = view.yh / view.f, (view.height - view.yh) / view.f
        middle, half = (left + right) / 2, 0.29 * min(right - left, 1.4 * (up + down))
        return cls(
            view.near * NEAR, view.camera.eye, left + 0.06 * (right - left), right - 0.06 * (right - left), -0.74 * down,
            0.93 * up, (middle - half, middle + half, -0.22 * down, 0.74 * up),
        )  # fmt: skip

    def at(self, x: float, y: float, z: float = 1.0) -> np.ndarray:
        """World point of tangents x, y on the window wall, moved toward the viewer to `z` of its distance."""
        return np.array([x * self.wall, self.eye + y * self.wall, z * self.wall])

    @property
    def height(self) -> float:
        """Metres from floor to ceiling."""
        return (self.ceiling - self.floor) * self.wall


def inside(b: Buffers, view: View) -> np.ndarray:
    """Bool [h, w]: what belongs to the room."""
    return (b.material != SKY) & (b.depth < Frame.of(view).wall * 1.015)


def daylight(b: Buffers, view: View, toward: np.ndarray) -> np.ndarray:
    """Light the room through its window alone: sun where it falls through the panes, sky light that fades inward. toward: unit
    vector to the sun. Returns the room's pixels, bool [h, w]."""
    room, mask = Frame.of(view), inside(b, view)
    columns = np.nonzero(mask)[1]
    z = b.depth[mask].astype(float)
    x, y = (columns + 0.5 - view.cx) / view.f * z, b.rise[mask].astype(float)
    reach = np.maximum(room.wall - z, 0)
    lit = np.zeros(len(z))
    if toward[2] > 0.05:
        t = reach / toward[2]
        u, v = (x + toward[0] * t) / room.wall, (y + toward[1] * t - room.eye) / room.wall
        left, right, low, high = room.window
        soft = 0.012
        lit = np.clip(np.minimum(u - left, right - u) / soft, 0, 1) * np.clip(
            np.minimum(v - low, high - v) / soft, 0, 1
        )
        lit *= reach > 0.01 * room.wall
    middle = (room.window[0] + room.window[1]) / 2 * room.wall
    away = np.hypot(reach * 1.6, (x - middle) * 0.8) / room.wall
    b.sunlit[mask] = lit
    b.ambient[mask] *= 0.42 + 0.4 * np.exp(-4 * away)
    return mask


def build(p: Prims, scene: Scene, m: Mood, land: Land, view: View) -> None:
    """The room's primitives."""
    r = Frame.of(view)
    rng = np.random.default_rng([scene.seed, 113])
    side = scene.setting.side
    _shell(p, r, m)
    _window(p, r, m, side)
    _table(p, r, m, rng, side)
    _chair(p, r, m, side)
    _floor(p, r, m, rng, side)
    if (k := ramp(m["people"], 0.7, 1.0) * ramp(m["flowers"], 0.4, 0.8)) > 0.03:
        for i in range(2):
            a = r.at(r.left, r.ceiling - 0.02 - 0.05 * i, 0.97)
            b = r.at(r.right, r.ceiling - 0.06 + 0.04 * i, 0.97)
            pennants(p, a, b, r.height * 0.10, r.height * 0.08 * k, int(rng.integers(6)))


def _shell(p: Prims, r: Frame, m: Mood) -> None:
    """Walls with panelling, floor boards, ceiling."""
    wall = m["wall"] * (1 - 0.45 * m["grime"])
    wood = paint_of("8c6848") * (1 - 0.4 * m["grime"])
    left, right, low, high = r.window
    rail = r.floor + 0.36 * (low - r.floor) + 0.1 * (r.ceiling - r.floor)
    panes = [
        (r.left, left, rail, r.ceiling), (right, r.right, rail, r.ceiling), (left, right, high, r.ceiling),
        (left, right, rail, low),
    ]  # fmt: skip
    for a, b, c, d in panes:
        p.quads([[r.at(a, c), r.at(b, c), r.at(b, d), r.at(a, d)]], wall, WALL, PLAIN)
    across, up = (r.right - r.left) * 7, (rail - r.floor) * 7
    boards = [[0, 0], [0, across], [up, across], [up, 0]]
    p.quads(
        [[r.at(r.left, r.floor), r.at(r.right, r.floor), r.at(r.right, rail), r.at(r.left, rail)]],
        wood,
        WALL,
        texture(2),
        boards,
    )
    p.seg(r.at(r.left, rail, 0.995), r.wall * 0.007, r.at(r.right, rail, 0.995), r.wall * 0.007, wood * 1.15)
    near = CLOSE

    def deep(x: float, y: float) -> np.ndarray:
        return np.array([x * r.wall, r.eye + y * r.wall, r.wall * near])

    for x, tone in ((r.left, 0.86), (r.right, 0.8)):
        q = [[r.at(x, r.floor), deep(x, r.floor), deep(x, r.ceiling), r.at(x, r.ceiling)]]
        p.quads(q, wall * tone, WALL, PLAIN)
    q = [[r.at(r.left, r.floor), r.at(r.right, r.floor), deep(r.right, r.floor), deep(r.left, r.floor)]]
    p.quads(q, wood * 0.9, WALL, texture(2), [[0, 0], [0, across], [6, across], [6, 0]])
    q = [[r.at(r.left, r.ceiling), r.at(r.right, r.ceiling), deep(r.right, r.ceiling), deep(r.left, r.ceiling)]]
    p.quads(q, wall * 1.05, WALL, PLAIN)


def _window(p: Prims, r: Frame, m: Mood, side: float) -> None:
    """Frame and bars, sill, curtains; boards over it where things are broken."""
    left, right, low, high = r.window
    white = paint_of("e8e0d0") * (1 - 0.4 * m["grime"])
    t = r.wall * 0.010
    for start, end in (
        ((left, low), (right, low)),
        ((left, high), (right, high)),
        ((left, low), (left, high)),
        ((right, low), (right, high)),
    ):
        p.seg(r.at(*start, 0.995), t * 1.5, r.at(*end, 0.995), t * 1.5, white)
    middle, bar = (left + right) / 2, low + 0.62 * (high - low)
    p.seg(r.at(middle, low, 0.997), t * 0.8, r.at(middle, high, 0.997), t * 0.8, white)
    p.seg(r.at(left, bar, 0.997), t * 0.7, r.at(right, bar, 0.997), t * 0.7, white)
    sill = [
        [
            r.at(left - 0.02, low, 0.995),
            r.at(right + 0.02, low, 0.995),
            r.at(right + 0.02, low, 0.93),
            r.at(left - 0.02, low, 0.93),
        ]
    ]
    p.quads(sill, white, WALL, PLAIN, None, r.at(middle, low - 1))
    cloth = m["cloth"] * (0.5 + 0.5 * min(1.0, m["saturation"]))
    n = 7
    for q, edge in ((-1, left), (1, right)):
        wide = (0.13 + 0.05 * m["ruin"]) * (right - left)
        x = edge + q * (np.linspace(0, 1, n + 1) - 0.72) * wide
        blown = -side * m["wind"] * 0.22 * wide
        for i in range(n):
            if (i * 5 + (q > 0)) % 7 < m["ruin"] * 3:
                bottom = r.floor + (0.3 + 0.1 * (i % 3)) * (high - r.floor)  # torn
            else:
                bottom = r.floor + 0.04
            z0, z1 = 0.975 - 0.012 * (i % 2), 0.975 - 0.012 * ((i + 1) % 2)
            low_edge = (r.at(x[i + 1] + blown, bottom, z1), r.at(x[i] + blown, bottom, z0))
            strip = [[r.at(x[i], high + 0.03, z0), r.at(x[i + 1], high + 0.03, z1), *low_edge]]
            p.quads(strip, cloth * (0.8 + 0.25 * (i % 2)), LEAF)
    rod = paint_of("5c4838")
    p.seg(r.at(left - 0.08, high + 0.035, 0.97), t * 0.6, r.at(right + 0.08, high + 0.035, 0.97), t * 0.6, rod)
    k = ramp(m["broken"], 0.3, 0.6)
    if k > 0.03:
        for i, (a, b) in enumerate(((0.2, 0.42), (0.8, 0.62))):
            ends = r.at(left - 0.02, low + a * (high - low), 0.98), r.at(right + 0.02, low + b * (high - low), 0.98)
            p.seg(ends[0], t * 1.7 * k, ends[1], t * 1.7 * k, rod * (1.3 + 0.2 * i))


def _table(p: Prims, r: Frame, m: Mood, rng: np.random.Generator, side: float) -> None:
    """A table by the window with a lamp and a vase."""
    h = r.height
    x, z = (r.window[0] if side > 0 else r.window[1]) * r.wall * 0.62, r.wall * 0.86
    y = r.eye + r.floor * r.wall
    wood = paint_of("7c5838") * (1 - 0.35 * m["grime"])
    wide, top = h * 0.52, y + h * 0.27
    p.box((x, z), top, wide, h * 0.22, h * 0.02, 0, wood, texture(2), top=True, shadow=False)
    for q in (-1, 1):
        for d in (-1, 1):
            foot = np.array([x + q * wide * 0.45, y, z + d * h * 0.08])
            p.seg(foot, h * 0.012, foot + [0, h * 0.27, 0], h * 0.014, wood)
    top += h * 0.02
    lamp = np.array([x + side * wide * 0.3, top, z])
    on = float(np.clip(m["lights"] * 1.8 + 0.4 * m["night"] - 0.1, 0, 1)) * (1 - ramp(m["broken"], 0.3, 0.6))
    p.seg(lamp, h * 0.03, lamp + [0, h * 0.015, 0], h * 0.03, paint_of("6c5440"))
    p.seg(lamp, h * 0.008, lamp + [0, h * 0.12, 0], h * 0.008, paint_of("6c5440"))
    shade = m["lamp"] * (0.35 + 0.65 * on)
    p.prism((lamp[0], lamp[2]), top + h * 0.11, h * 0.085, h * 0.06, h * 0.035, 12, shade, shadow=False, glow=1.1 * on)
    if on > 0.02:
        p.lamp(lamp[0], lamp[1] + h * 0.12, lamp[2] - h * 0.08, m["lamp"] * 1.5 * on, h * 0.5)
    vase = np.array([x - side * wide * 0.22, top, z])
    p.prism((vase[0], vase[2]), top, h * 0.09, h * 0.022, h * 0.032, 10, paint_of("4c7c98"), shadow=False)
    n = 46
    up, around, droop = rng.random(n), rng.random(n) * 2 * np.pi, 1 - m["leaves"]
    out = h * (0.03 + 0.06 * up)
    at = (
        vase
        + np.c_[
            np.cos(around) * out * (1 + 0.5 * droop),
            h * (0.1 + 0.09 * up * (1 - 1.4 * droop)),
            np.sin(around) * out * 0.5,
        ]
    )
    petals = np.stack([m["petal"], m["petal_b"], m["petal_c"], m["blossom_light"]])[rng.integers(0, 4, n)]
    fresh = ramp(m["flowers"], 0.02, 0.4)
    c = petals * fresh + paint_of("6c5c3c") * (1 - fresh)
    keep = rng.random(n) < 0.3 + 0.7 * fresh
    stems = np.repeat((vase + [0, h * 0.08, 0])[None], n, 0)
    p.segs(stems[keep], h * 0.004, at[keep], h * 0.003, m["leaf"] * (0.4 + 0.6 * fresh), LEAF)
    p.dabs(at[keep], h * 0.017, 0.8, around[keep], c[keep], [0, 0.4, -0.8], LEAF, 0, 0.4, 1, top)


def _chair(p: Prims, r: Frame, m: Mood, side: float) -> None:
    """A chair, which falls where things are broken."""
    h = r.height
    foot = np.array(
        [(r.window[1] if side > 0 else r.window[0]) * r.wall * 0.75, r.eye + r.floor * r.wall, r.wall * 0.84]
    )
    fall = side * 1.45 * ramp(m["broken"], 0.25, 0.5)
    cs, sn = np.cos(fall), np.sin(fall)
    w = h * 0.085

    def at(x: float, y: float, z: float) -> np.ndarray:
        lift = w * abs(sn)
        return foot + np.array([x * w * cs + y * h * sn, -x * w * sn + y * h * cs + lift, z * w * 0.8])

    c = paint_of("8c6444") * (1 - 0.3 * m["grime"])
    for x in (-1, 1):
        for z in (-1, 1):
            p.seg(at(x, 0, z), h * 0.010, at(x, 0.17, z), h * 0.011, c, WOOD)
        p.seg(at(x, 0.17, 1), h * 0.010, at(x, 0.37, 1.2), h * 0.010, c, WOOD)
    for y in (0.25, 0.31, 0.36):
        p.seg(at(-1, y, 1.1), h * 0.009, at(1, y, 1.1), h * 0.009, c, WOOD)
    seat = [[at(-1.1, 0.175, -1.1), at(1.1, 0.175, -1.1), at(1.1, 0.175, 1.1), at(-1.1, 0.175, 1.1)]]
    p.quads(seat, m["cloth"] * 0.5 + c * 0.5, WALL, PLAIN, None, foot - [0, 9 * h, 0])


def _floor(p: Prims, r: Frame, m: Mood, rng: np.random.Generator, side: float) -> None:
    """A rug; rubbish; fire."""
    h, y = r.height, r.eye + r.floor * r.wall
    k = ramp(m["litter"], 0.1, 0.8)
    n = 260
    x, z = rng.uniform(r.left, r.right, n) * r.wall, r.wall * rng.uniform(0.68, 0.98, n)
    size, turn, which = h * (0.006 + 0.022 * rng.random(n) ** 2), rng.normal(size=n), rng.integers(0, 6, n)
    face = rng.normal(size=(n, 3)) * 0.4 + [0, 0.6, -0.5]
    keep = rng.random(n) < k
    c = np.stack([paint_of(w) for w in grounds.WASTE])[which]
    p.dabs(
        np.c_[x, np.full(n, y) + size * 0.6, z][keep],
        size[keep],
        0.6,
        turn[keep],
        c[keep],
        face[keep],
        WALL,
        0,
        0.6,
        1,
        y,
    )
    rug = m["cloth"] * 0.7 + paint_of("b09c7c") * 0.3
    corners = [(-0.55, 0.92), (0.55, 0.92), (0.62, 0.76), (-0.62, 0.76)]
    q = [
        np.array([(r.left + r.right) / 2 * r.wall + a * (r.right - r.left) * 0.5 * r.wall, y + 0.004 * h, r.wall * b])
        for a, b in corners
    ]
    p.quads([q], rug * (1 - 0.4 * m["grime"]), LEAF, PLAIN, None, (0, y - 9 * h, r.wall))
    burn = ramp(m["fire"], 0.2, 0.8)
    if burn > 0.03:
        for i in range(5):
            u = (r.window[0] if side < 0 else r.window[1]) * (0.7 + 0.18 * i) * r.wall
            foot = np.array([u, y, r.wall * (0.95 - 0.015 * i)])
            fire.flames(p, np.random.default_rng(i + 3), foot, h * burn * (0.2 + 0.16 * (i % 3)), 44)
            p.lamp(u, y + 0.15 * h, foot[2] - 0.1 * h, np.array([1.0, 0.42, 0.12]) * 0.8 * burn, h * 0.4)
