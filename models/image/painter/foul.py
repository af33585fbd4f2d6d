"""What disgust brings along: works and their smoke, rubbish, flies and rats, dead fish on an oily sea. Each grows with the mood's
numbers from nothing."""

from __future__ import annotations

from typing import Final

import numpy as np

from . import grounds, landmarks
from .noise import at_points
from .ramps import come, ramp
from .spots import Spots
from .stage import paint_of
from .view import WALL


def _works(g: Spots) -> None:
    """Filth on the water comes from somewhere: factory chimneys, whose smoke fills the sky."""
    q = ramp(g.m["scum"], 0.15, 0.8)
    if q < 0.03 or g.scene.setting.shade > 0.5 or g.has("crater", "waterfall", "campfire", "chimney"):
        return
    rng = g.chance(31)
    side = g.scene.setting.side * (1 if rng.random() < 0.6 else -1)
    start, gap = rng.uniform(-0.1, 0.35), rng.uniform(0.1, 0.24)
    for i in range(int(rng.integers(2, 6))):
        u, z = g.at(-side * (start + gap * i + 0.06 * rng.random()), 0.43 - 0.03 * rng.random())
        share = rng.uniform(0.10, 0.23)
        landmarks.chimney(g.lies("chimney", u, z, share * (0.25 + 0.75 * q), 40 * i + 1))


def _litter(g: Spots) -> None:
    """Rubbish: strewn near by, and heaps of it, with flies over them and rats beside."""
    amount = ramp(g.m["litter"], 0.1, 0.8)
    if amount < 0.03:
        return
    rng = g.chance(77)
    n, view = 420, g.view
    d = rng.random(n) * 0.30
    u = (rng.random(n) * 2 - 1) * view.camera.u_max
    z = view.near * np.exp(6.8 * d)
    k, i = g.land.cells(u, z)
    kinds = np.stack([paint_of(c) for c in grounds.WASTE])
    there = (at_points(u * 5, d * 12, 3 + g.scene.seed % 50) > -0.05) & (rng.random(n) < amount)
    size, turn, which = z * (0.004 + 0.015 * rng.random(n) ** 2), rng.normal(size=n) * 0.5, rng.integers(0, 6, n)
    normal = rng.normal(size=(n, 3)) * 0.4 + [0, 0.6, -0.5]
    at = np.c_[u * z, g.land.height[k, i] + 0.01 * z, z]
    g.p.dabs(at[there], size[there], 0.5, turn[there], kinds[which[there]], normal[there], WALL, 0, 0.6, 1)
    heaps = int(rng.integers(2, 6))
    great = int(rng.integers(heaps))
    for j in range(heaps):
        depth = 0.06 + (0.26 * (j + rng.random())) / heaps
        across = rng.uniform(-0.9, 0.9)
        share = (0.26 - 0.62 * depth) * rng.uniform(0.55, 1.1) * (1.35 if j == great else 1.0)
        seed = int(rng.integers(65536))
        spot = g.dry(across, depth, 0.5)
        v, z0 = spot or g.at(across, depth)
        s = g.lies("rubbish", v, z0, share * amount * (1.0 if spot else 0.5), seed)
        grounds.rubbish(s)
        _flies(g, np.random.default_rng(seed), s.foot, s.h, amount)
        if not g.land.wet(v, z0 * 0.93):
            _rats(g, np.random.default_rng(seed + 1), s.foot, s.h, amount)


def _flies(g: Spots, rng: np.random.Generator, foot: np.ndarray, h: float, amount: float) -> None:
    n = int(60 * ramp(amount, 0.3, 1.0))
    a, r = rng.random(n) * 6.28, np.sqrt(rng.random(n))
    at = foot + np.c_[np.cos(a) * r * 1.5, 0.75 + 0.9 * rng.random(n) ** 1.3, -0.5 - 0.2 * np.sin(a) * r] * h
    size = foot[2] * (0.0016 + 0.0014 * rng.random(n))
    g.p.dabs(at, size, 0.7, rng.random(n) * 3, paint_of("181814"), [0, 0.2, -0.9], WALL, 0, 0, 1, foot[1])


def _rats(g: Spots, rng: np.random.Generator, foot: np.ndarray, h: float, amount: float) -> None:
    """Each as long as a tenth of a heap's height is not: they are large."""
    for i in range(int(rng.integers(1, 5))):
        long = 0.17 * h * come(amount, 0.25 * i) * rng.uniform(0.8, 1.3)
        way = 1.0 if rng.random() < 0.5 else -1.0
        at = foot + np.array([rng.uniform(-1.9, 1.9) * h, 0.3 * long, -rng.uniform(0.5, 0.85) * h])
        if long <= 0.01 * h:
            continue
        fur = paint_of("3c342c") * rng.uniform(0.5, 1.0)
        g.p.blob(at, (0.5 * long, 0.28 * long, 0.24 * long), fur, WALL, i, 0.1)
        g.p.blob(at + [way * 0.52 * long, 0.06 * long, 0], (0.24 * long, 0.17 * long, 0.16 * long), fur, WALL, i, 0.05)
        ear = at + [way * 0.44 * long, 0.24 * long, -0.05 * long]
        g.p.dabs([ear], 0.09 * long, 1, 0, paint_of("8c6c60"), [0, 0.2, -1], WALL, 0, 0, 1, foot[1])
        bend = at + [-way * 0.85 * long, -0.16 * long, 0]
        g.p.seg(at - [way * 0.45 * long, 0.1 * long, 0], 0.05 * long, bend, 0.035 * long, paint_of("8c6c60"), WALL)
        g.p.seg(bend, 0.035 * long, bend + [-way * 0.4 * long, 0.12 * long, 0], 0.015 * long, paint_of("8c6c60"), WALL)


def _flotsam(g: Spots) -> None:
    """On the water dead fish, belly up, bottles, barrels and bags."""
    k = ramp(g.m["scum"], 0.2, 0.9)
    if k < 0.03:
        return
    rng = g.chance(33)
    n = 70
    kinds = np.stack([paint_of(c) for c in grounds.WASTE])
    middle, wide = rng.uniform(-0.6, 0.6), rng.uniform(0.25, 0.8)
    for i in range(n):
        across, depth = middle + wide * rng.normal() * 0.8, 0.02 + 0.2 * rng.random() ** 1.3
        size, kind, turn, luck = rng.uniform(0.6, 1.3), rng.random(), rng.uniform(-0.5, 0.5), rng.random()
        which = int(rng.integers(0, 7))
        u, z = g.at(float(np.clip(across, -0.98, 0.98)), depth)
        long = g.tall(0.042, z) * size * come(k, luck)
        if long <= 0 or not g.land.wet(u, z):
            continue
        at = np.array([u * z, max(g.land.ground(u, z), 0) + 0.1 * long, z])
        if kind < 0.5:
            _fish(g, at, long * 1.3, turn)
        elif kind < 0.62:
            g.p.blob(
                at, (0.9 * long, 0.5 * long, 0.5 * long), paint_of(("8c4c2c", "4c5c50")[i % 2]), WALL, i, 0.05, 0, turn
            )
        else:
            g.p.dabs([at], long * 0.6, 0.45, turn, kinds[which], [0, 0.7, -0.6], WALL, 0, 0.5, 1, 0)


def _fish(g: Spots, at: np.ndarray, long: float, turn: float) -> None:
    """Belly up: pale, a tail, a dull eye."""
    way = np.array([np.cos(turn), 0.15 * np.sin(turn), 0])
    pale, back = paint_of("ccd0bc"), paint_of("6c7464")
    g.p.dabs([at], long * 0.5, 0.34, turn * 0.3, back, [0, 0.5, -0.8], WALL, 0, 0, 1, 0)
    g.p.dabs(
        [at + [0, 0.05 * long, -0.01 * long]], long * 0.42, 0.24, turn * 0.3, pale, [0, 0.9, -0.4], WALL, 0, 0, 1, 0
    )
    end = at - way * 0.44 * long
    tail = [[end, end - way * 0.24 * long + [0, 0.13 * long, 0], end - way * 0.24 * long - [0, 0.07 * long, 0], end]]
    g.p.quads(tail, back, WALL)
    eye = at + way * 0.34 * long + [0, 0.03 * long, -0.02 * long]
    g.p.dabs([eye], 0.035 * long, 1, 0, paint_of("1c1c18"), [0, 0, -1], WALL, 0, 0, 1, 0)


PARTS: Final = (_works, _litter, _flotsam)
