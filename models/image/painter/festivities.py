"""What a pleasant mood brings along, wherever it is: flowers, balloons, bunting, petals. Each grows with the mood's numbers
from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ..scene import SceneObject
from . import vegetation, vessels
from .aloft import wind_and_people
from .primitives import Prims
from .ramps import come, ramp
from .spots import Spots
from .stage import paint_of
from .view import LEAF

FLAGS: Final = ("e0483c", "f4c430", "3c8cc8", "58a848", "e070a8", "f4f0e4")


def _flowers(g: Spots) -> None:
    """Flowers crowd to the front."""
    k = ramp(g.m["flowers"], 0.5, 0.9) * (1 - g.snow)
    if k < 0.03 or g.scene.setting.dunes > 0.5:
        return
    rng = g.chance(72)
    n, lean = int(rng.integers(5, 13)), rng.uniform(-0.5, 0.5)  # all along the front, or crowded to one side
    order = rng.permutation(n) / n
    for i in range(n):
        across = lean + (1 - 0.6 * abs(lean)) * (2 * (i + rng.random()) / n - 1)
        depth = 0.012 + 0.085 * rng.random() * (1 + abs(across))
        seed, share, variant = int(rng.integers(65536)), rng.uniform(0.055, 0.12), int(rng.integers(4))
        u, z = g.at(float(np.clip(across, -1, 1)), depth)
        share *= come(k, 0.5 * order[i])
        if share <= 0 or g.land.wet(u, z) or (abs(across) < 0.35 and g.scene.setting.town > 0.5):
            continue
        vegetation.flower_bed(g.lies("flowers", u, z, share, seed, variant=variant))


def _balloons(g: Spots) -> None:
    """Everyone is out and all is in bloom: hot-air balloons over the land, where the wind does not forbid them."""
    k = ramp(g.m["flowers"] * g.m["people"], 0.25, 0.8) * (1 - ramp(g.m["night"], 0.5, 0.8))
    k *= 1 - 0.8 * wind_and_people(g)
    if k < 0.03 or g.scene.setting.shade > 0.5 or g.has("balloon"):
        return
    rng = g.chance(83)
    side = g.scene.setting.side
    n = int(rng.integers(2, 7))
    great = int(rng.integers(n))
    start = rng.uniform(-1, 1)
    for i in range(n):
        across = ((start + 2 * (i + 0.5 * rng.random()) / n + 1) % 2 - 1) * 0.85
        seed, up = int(rng.integers(65536)), rng.uniform(0.22, 0.7)
        share = rng.uniform(0.17, 0.27) if i == great else rng.uniform(0.045, 0.14)
        u, z = g.at(side * across, 0.30)
        h = g.tall(share, z) * come(k, i / n)
        if h <= 0:
            continue
        sky = g.view.up(z, up) - 0.35 * h
        y = max(g.land.ground(u, z), 0)
        o = SceneObject("balloon", u, z, h, state=max(sky - y, 0) / 100, seed=seed)
        vessels.balloon(g.stage(o))


def _bunting(g: Spots) -> None:
    """Strings of flags across a street, or between poles on open ground."""
    k = ramp(g.m["people"], 0.55, 1.0) * ramp(g.m["flowers"], 0.4, 0.8)
    if k < 0.1 or g.scene.setting.big_water > 0.5:
        return
    for a, b, top, start in strings(g, g.chance(91), ramp(k, 0.1, 0.45)):
        pennants(g.p, a, b, top * 0.28, top * 0.17 * k, start)


def strings(g: Spots, rng: np.random.Generator, grown: float) -> Iterator[tuple[np.ndarray, np.ndarray, float, int]]:
    """What may be hung with things: across a street from house to house, else between poles, which it sets up. Gives both ends,
    their height above the ground in metres, and a first colour, 0 to 5; grown: the poles' share of their height."""
    town = g.scene.setting.town > 0.5
    first, shift = rng.uniform(0.08, 0.14), rng.uniform(-0.5, 0.5)
    for string in range(int(rng.integers(2, 5) if town else rng.integers(1, 4))):
        turn, colour = rng.uniform(-0.2, 0.2), int(rng.integers(6))
        z = g.view.camera.z(first + rng.uniform(0.045, 0.07) * string)
        top = g.tall(rng.uniform(0.27, 0.36) + 0.05 * string if town else grown * rng.uniform(0.16, 0.24), z)
        half = g.half * z * (1.0 if town else rng.uniform(0.4, 0.7))
        middle = g.middle * z + (0.0 if town else shift * half)
        ends = [np.array([middle + q * half, 0, z * (1 + q * turn)]) for q in (-1, 1)]
        for e in ends:
            e[1] = max(g.land.ground(e[0] / e[2], e[2]), 0) + top
            if not town:
                g.p.seg(e - [0, top, 0], top * 0.016, e, top * 0.012, paint_of("6c5848"))
        yield ends[0], ends[1], top, colour


def hang(a: np.ndarray, b: np.ndarray, sag: float, n: int) -> np.ndarray:
    """[n + 1, 3] points along a string from a to b that sags by `sag` metres."""
    t = np.linspace(0, 1, n + 1)[:, None]
    return a * (1 - t) + b * t - np.array([0, sag, 0]) * (4 * t * (1 - t))


def _petals(g: Spots) -> None:
    """Blossom in the wind: gusts that cross the picture in curves, and some of it everywhere."""
    k = ramp(g.m["blossom"] * g.m["wind"], 0.12, 0.5)
    if k < 0.03:
        return
    rng = g.chance(97)
    n = 240
    gust, along, near = rng.integers(0, 3, n), rng.random(n), rng.random(n)
    start, slope, bend = rng.uniform(0.1, 0.9, 3), rng.uniform(-0.6, 0.6, 3), rng.uniform(-0.35, 0.35, 3)
    middle, wide = rng.uniform(-0.5, 0.5, 3), rng.uniform(0.35, 0.9, 3)
    t = along * 2 - 1
    up = start[gust] + slope[gust] * t / 2 + bend[gust] * t * t + rng.normal(size=n) * 0.07
    across = middle[gust] + wide[gust] * t
    stray = rng.random(n) < 0.25
    across, up = np.where(stray, rng.random(n) * 2 - 1, across), np.where(stray, rng.random(n), up)
    z = g.view.near * (1.6 + 6 * near)
    at = np.c_[across * g.view.camera.u_max * z, g.view.camera.eye + z * (0.5 * up - 0.2), z]
    colours = np.stack([g.m[c] for c in ("blossom_tint", "blossom_light", "petal", "petal_b", "petal_c")])
    face = rng.normal(size=(n, 3)) * 0.5 + [0, 0.3, -0.8]
    keep, which, turn = rng.random(n) < k, rng.integers(0, 5, n), rng.random(n) * 6
    size = z * (0.005 + 0.005 * rng.random(n))
    g.p.dabs(at[keep], size[keep], 0.6, turn[keep], colours[which[keep]], face[keep], LEAF, 0.25, 0.2, 1, 0)


def pennants(p: Prims, a: np.ndarray, b: np.ndarray, sag: float, drop: float, start: int) -> None:
    """A string of flags from a to b, sagging by `sag` metres; a flag hangs down by `drop`; start: the first one's colour."""
    n = 22
    line = hang(a, b, sag, n)
    p.segs(line[:-1], sag * 0.018, line[1:], sag * 0.018, paint_of("4c4440"))
    left, right = line[:-1] * 0.88 + line[1:] * 0.12, line[:-1] * 0.12 + line[1:] * 0.88
    tip = (left + right) / 2 - np.array([0, drop, 0])
    colours = np.stack([paint_of(c) for c in FLAGS])
    p.quads(np.stack([left, right, tip, tip], 1), colours[(np.arange(n) + start) % len(FLAGS)], LEAF)


PARTS: Final = (_flowers, _balloons, _bunting, _petals)
