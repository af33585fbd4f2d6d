"""What people send up when the wind is good: paragliders over open land, kites from beaches, parks and streets.

Flying and falling sports are what viewers find most stirring of all that is pleasant (OASIS: skydiving 4.7 to 4.9 of 7 in
arousal, parasailing and hang gliding 4.1 to 4.3; flowers 3.5).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .primitives import Prims
from .ramps import come, ramp
from .spots import Spots
from .stage import paint_of
from .view import LEAF

CLOTH: Final = ("e8402c", "f8c020", "2c88d8", "48b048", "e050a0", "f8f4e8")


def wind_and_people(g: Spots) -> float:
    """How much is in the air, 0 to 1: both out and windy, and not deep at night."""
    return ramp(g.m["people"] * g.m["wind"] * g.m["flowers"], 0.22, 0.6) * (1 - ramp(g.m["night"], 0.6, 0.9))


def paragliders(g: Spots) -> None:
    """Arched wings with someone hanging below, at several distances."""
    k = wind_and_people(g)
    if k < 0.03 or g.scene.setting.shade > 0.5 or g.scene.setting.town > 0.5:
        return
    rng = g.chance(101)
    n, start = int(rng.integers(3, 8)), rng.uniform(-1, 1)
    great = int(rng.integers(n))
    for i in range(n):
        across = ((start + 2 * (i + 0.6 * rng.random()) / n + 1) % 2 - 1) * 0.9
        share = rng.uniform(0.16, 0.26) if i == great else rng.uniform(0.05, 0.12)
        up, lean, first = rng.uniform(0.25, 0.8), rng.normal(0, 0.22), int(rng.integers(len(CLOTH)))
        _, z = g.at(across, 0.3)
        width = g.tall(share, z) * come(k, i / n)
        if width > 0:
            wing(g.p, _at(g, across, z, up), width, lean, first)


def kites(g: Spots) -> None:
    """Diamonds with tails, their strings running down to where people stand."""
    k = wind_and_people(g)
    if k < 0.03 or g.scene.setting.shade > 0.5 or g.scene.setting.big_water > 0.5:
        return
    rng = g.chance(103)
    n = int(rng.integers(2, 6))
    for i in range(n):
        across, up, share = rng.uniform(-0.8, 0.8), rng.uniform(0.2, 0.75), rng.uniform(0.05, 0.12)
        lean, first = rng.normal(0.0, 0.35), int(rng.integers(len(CLOTH)))
        _, z = g.at(across, 0.16)
        tall = g.tall(share, z) * come(k, i / n)
        if tall > 0:
            kite(g.p, _at(g, across, z, up), tall, lean, first, _at(g, across * 0.6, z, -0.05), g.m["wind"])


def _at(g: Spots, across: float, z: float, up: float) -> np.ndarray:
    """A point across the picture (-1 to 1), at a share of the way from the horizon to the upper edge."""
    return np.array([across * g.view.camera.u_max * z, g.view.up(z, up), z])


def wing(p: Prims, at: np.ndarray, width: float, lean: float, first: int) -> None:
    """An arched wing of `width` metres about `at`, banked by `lean` radians, and the one who flies it."""
    n = 14
    angle = np.linspace(-1.0, 1.0, n + 1)
    flat = np.c_[np.sin(angle) / np.sin(1.0) * width / 2, (np.cos(angle) - np.cos(1.0)) * width * 0.42]
    depth = (0.10 + 0.12 * np.cos(angle * 1.45)) * width  # of the cloth, from leading to trailing edge
    front, back = np.c_[flat, -depth / 2], np.c_[flat - np.c_[0 * depth, depth * 0.75], depth / 2]
    front, back = (_turned(x, lean) + at for x in (front, back))
    colours = np.stack(
        [paint_of(CLOTH[(first + (2 if 3 < i < n - 4 else 0) + i % 2 * 5) % len(CLOTH)]) for i in range(n)]
    )
    p.quads(np.stack([front[:-1], front[1:], back[1:], back[:-1]], 1), colours, LEAF)
    seat = _turned(np.array([[0.0, -width * 0.62, 0.0]]), lean)[0] + at
    line = np.repeat(seat[None], 6, 0)
    thin = width * 0.0035
    p.segs(back[1:-1:2][:6], thin, line, thin, paint_of("4c4440"))
    p.seg(seat, width * 0.022, seat - [0, width * 0.085, 0], width * 0.016, paint_of("30343c"))
    p.seg(
        seat - [0, width * 0.085, 0],
        width * 0.014,
        seat - [width * 0.02, width * 0.15, 0],
        width * 0.01,
        paint_of("30343c"),
    )


def kite(p: Prims, at: np.ndarray, tall: float, lean: float, first: int, hand: np.ndarray, wind: float) -> None:
    """A diamond of `tall` metres about `at`, its tail and its string down to `hand`."""
    corners = np.array([[0, 0.45, 0], [0.36, 0.12, -0.02], [0, -0.55, 0], [-0.36, 0.12, -0.02]]) * tall
    corners = _turned(corners, lean) + at
    middle = _turned(np.array([[0, 0.12 * tall, -0.05 * tall]]), lean)[0] + at
    quads = np.stack([np.stack([corners[i], corners[(i + 1) % 4], middle, middle]) for i in range(4)])
    p.quads(quads, np.stack([paint_of(CLOTH[(first + i % 2 * 2) % len(CLOTH)]) for i in range(4)]), LEAF)
    t = np.linspace(0, 1, 13)[:, None]
    tail = (
        corners[2] + t * np.array([0.5 * wind * tall, -1.1 * tall, 0]) + np.sin(t * 9 + first) * t * [0.12 * tall, 0, 0]
    )
    p.segs(tail[:-1], tall * 0.008, tail[1:], tall * 0.008, paint_of(CLOTH[(first + 5) % len(CLOTH)]))
    bows = tail[2::2]
    side = np.array([0.07 * tall, 0.02 * tall, 0])
    p.quads(np.stack([bows - side, bows + [0, 0.03 * tall, 0], bows + side, bows - [0, 0.03 * tall, 0]], 1),
            np.stack([paint_of(CLOTH[(first + j) % len(CLOTH)]) for j in range(len(bows))]), LEAF)  # fmt: skip
    string = middle * (1 - t) + hand * t - np.array([0, 0.35 * tall, 0]) * (4 * t * (1 - t))
    p.segs(string[:-1], tall * 0.003, string[1:], tall * 0.003, paint_of("d8d4cc"))


def _turned(x: np.ndarray, lean: float) -> np.ndarray:
    """Turned in the plane of the picture."""
    c, s = np.cos(lean), np.sin(lean)
    return x @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


PARTS: Final = (paragliders, kites)
