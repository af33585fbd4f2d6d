"""What anger brings along: fire that eats through a place, ships that burn, a crowd with torches behind a barricade. Each grows
with the mood's numbers from nothing; where, how many and how wide, the scene's seed says."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..scene import SceneObject
from . import fire, vessels
from .figures import person, raise_arm
from .grounds import barricade
from .ramps import come, ramp
from .spots import Spots
from .view import WALL

FLAME: Final = np.array([1.0, 0.42, 0.12])


def _share(g: Spots) -> float:
    """How far the fire has spread, 0..1: evenly with the mood's number, since smoke changes the whole picture."""
    return float(np.clip((g.m["fire"] - 0.03) / 0.72, 0, 1) ** 1.15)


def _burning(g: Spots) -> None:
    """Fire: fronts that eat through whatever can burn, smoke towering over them, embers on the wind; over open water
    it burns beyond the horizon.
    """
    k = _share(g)
    if k < 0.02 or g.has("crater"):
        return
    rng = g.chance(15)
    side, smoky = g.scene.setting.side * (1 if rng.random() < 0.75 else -1), 0.45 + 0.55 * g.m["smoke"]
    town = g.scene.setting.town > 0.5
    far, near = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    depths = [*rng.uniform(0.40, 0.48, far), *np.sort(rng.uniform(0.12, 0.34, near))[::-1], rng.uniform(0.09, 0.17)]
    great = int(rng.integers(far, len(depths)))  # one is the heart of it
    for i, d in enumerate(depths):
        across, seed = side * rng.uniform(-0.95, 0.6), int(rng.integers(1 << 30))
        share = (0.05 + 0.42 * max(0.42 - d, 0.0)) * rng.uniform(0.6, 1.2) * (1.4 if i == great else 1.0)
        wide = rng.uniform(0.12, 0.55)
        if d < 0.4:
            spot = g.dry(across, d, 0.4)
            if spot is None:
                continue
            u, z = spot
            share, wide = (share * 0.75, wide * 0.45) if town else (share * 1.25, wide)
        else:
            u, z = g.at(across, d)
        share *= 2.2 if town and d > 0.4 else 1.0  # over the roofs
        _front(g, np.random.default_rng(seed), u, z, g.tall(share, z) * k, wide * k, smoky * k**1.2, d > 0.25)
    n = 110
    up, out, near_ = rng.random(n), rng.normal(size=n), rng.random(n)
    away = g.view.near * (2.5 + 5 * near_)
    at = np.c_[out * 0.26 * away - side * 0.18 * up * away, away * (0.03 + 0.42 * up * up), away]
    glow = np.array([1.0, 0.50, 0.13]) * (1.1 - 0.5 * up[:, None])
    keep = rng.random(n) < k
    size = away * (0.0012 + 0.0022 * near_)
    g.p.dabs(at[keep], size[keep], 0.8, (up * 6)[keep], glow[keep], [0, 0, -1], WALL, 1.2, 0, 1, 0)


def _front(
    g: Spots, rng: np.random.Generator, u: float, z: float, size: float, wide: float, smoky: float, tower: bool
) -> None:
    """A line of flames `wide` (share of the view) and `size` metres high, with glow, and smoke when it is far."""
    p, m, side = g.p, g.m, g.scene.setting.side
    n = int(np.clip(4 + 14 * wide, 4, 11))
    place, high = np.sort(rng.uniform(-0.5, 0.5, n)) * wide, 0.35 + 0.9 * rng.random(n) ** 1.5
    for i in range(n):
        v = u + place[i] * g.half
        zi = z * (1 + 0.05 * rng.normal())
        seed = int(rng.integers(1 << 30))
        if z < g.view.camera.z(0.4) and g.land.wet(v, zi):
            continue
        foot = g.foot(v, zi)
        fire.flames(p, np.random.default_rng(seed), foot, size * high[i], 34)
        if i % 3 == 1:
            p.lamp(foot[0], foot[1] + size * 0.5, zi - size * 0.6, FLAME * 1.1 * min(1, smoky * 2), size * 2.4)
    foot = g.foot(u, z)
    k = np.arange(10)
    spread = wide * g.half * z
    at = foot + np.c_[(k / 9 - 0.5) * spread, np.full(10, size * 0.5), np.full(10, z * 0.004)]
    glow = (0.04 + 0.16 * min(1.0, wide)) * min(1, smoky * 2)
    p.puffs(at, size * 1.6, 0.9, np.array([1.2, 0.40, 0.08]), glow, k + 60)
    if tower:
        tall = size * (1.3 + 0.9 * rng.random())
        fire.column(p, rng, foot + [0, size * 0.8, 0], tall, side * (0.4 + m["wind"]), m, 0.62 * smoky, 24)
    else:
        fire.column(p, rng, foot + [0, size * 1.1, 0], size * 0.75, side * (0.5 + m["wind"]), m, 0.6 * smoky, 20)


def _ships(g: Spots) -> None:
    """Boats and ships burn where they float; on an empty open sea one drifts in, in flames."""
    k = _share(g)
    if k < 0.02:
        return
    rng = g.chance(16)
    afloat = [o for o in g.scene.objects if o.kind in ("boat", "ship") and g.land.wet(o.u, o.z)]
    if not any(o.size * g.view.f / o.z > 0.12 * g.view.unit for o in afloat):
        spot = g.afloat(g.scene.setting.side * rng.uniform(-0.7, 0.5), rng.uniform(0.12, 0.2))
        if spot is not None:
            kind, share = ("ship", rng.uniform(0.26, 0.4)) if rng.random() < 0.7 else ("boat", rng.uniform(0.2, 0.28))
            yaw, variant = rng.uniform(-0.7, 0.7), int(rng.integers(0, 2))
            s = g.lies(kind, *spot, share * (0.15 + 0.85 * k), 5, yaw=yaw, variant=variant)
            vessels.BUILDERS[kind](s)
            afloat.append(s.o)
    for o in afloat:
        chance = np.random.default_rng([g.scene.seed, 18, o.seed])
        _ablaze(g, o, chance, come(k, 0.7 * chance.random()), 0.12, 0.34)


TREES: Final = ("bare_tree", "broadleaf", "conifer")
#: How high the roof begins, as a share of the size.
ROOFS: Final = {"house": 0.5, "barn": 0.5, "church": 0.38, "windmill": 0.5, "stall": 0.5, "hay": 0.4, "cart": 0.2}


def _houses(g: Spots) -> None:
    """Houses, barns and churches burn to the roof; stalls, hay and carts too."""
    k = _share(g)
    if k < 0.02:
        return
    for o in g.scene.objects:
        if o.kind in ROOFS and o.z < g.view.camera.z(0.42):
            chance = np.random.default_rng([g.scene.seed, 20, o.seed])
            _ablaze(g, o, chance, come(k, chance.random()), ROOFS[o.kind], 0.42)


def _ablaze(g: Spots, o: SceneObject, rng: np.random.Generator, k: float, above: float, wide: float) -> None:
    """Flames from one of the scene's objects, from `above` (share of its size), and smoke; k: 0 nothing, 1 all of it."""
    if k <= 0 or o.z > g.view.camera.z(0.45):
        return
    y = max(g.land.ground(o.u, o.z), 0) + above * o.size
    size = k * o.size * rng.uniform(0.2, 0.34)
    way = np.array([np.cos(o.yaw), 0, np.sin(o.yaw)]) * o.size
    for x in (-1.0, -0.3, 0.4, 1.0):
        foot = np.array([o.u * o.z, y, o.z]) + way * x * wide - [0, 0, 0.12 * o.size * (above > 0.3)]
        fire.flames(g.p, rng, foot, size * rng.uniform(0.5, 1.3), 40)
    g.p.lamp(o.u * o.z, y + 0.2 * o.size, o.z - 0.5 * o.size, FLAME * 1.6 * k, o.size * 0.9)
    if rng.random() < 0.5:  # smoke enough stands over the rest
        return
    drift = g.scene.setting.side * (0.5 + g.m["wind"])
    at = np.array([o.u * o.z, y + 0.25 * o.size, o.z])
    fire.column(g.p, rng, at, size * 1.1, drift, g.m, 0.6 * k**1.2 * (0.4 + 0.6 * g.m["smoke"]), 24)


def _trunks(g: Spots) -> None:
    """The fire runs up the trees that stand near, one after the other; four in ten are spared."""
    k = _share(g)
    if k < 0.02:
        return
    trees = [o for o in g.scene.objects if o.kind in TREES and o.z < g.view.camera.z(0.34)]
    for o in sorted(trees, key=lambda o: o.z)[:12]:
        chance = np.random.default_rng([g.scene.seed, 22, o.seed])
        luck, reach = chance.random(), chance.uniform(0.2, 0.6)
        grown = come(k, luck) if luck < 0.6 else 0.0
        if grown <= 0:
            continue
        foot, size = g.foot(o.u, o.z), g.tall(0.06, o.z)
        tall = min(o.size, g.tall(0.8, o.z)) * reach * grown
        for up in np.linspace(0, 1, 7):
            at = foot + [0, up * tall, -0.3 * size]
            fire.flames(g.p, chance, at, size * grown * (1.1 - 0.6 * up), 40)
        g.p.lamp(foot[0], foot[1] + 0.4 * tall, o.z - size, FLAME * 1.5 * grown, tall + 2 * size)


def _uproar(g: Spots) -> None:
    """In a street, or before a castle, a crowd with torches, behind a barricade of what it has torn down."""
    k = ramp(g.m["fire"], 0.1, 0.9) * (1.0 if g.has("castle") else ramp(g.scene.setting.town, 0.4, 0.6))
    if k < 0.02:
        return
    rng = g.chance(19)
    depth = rng.uniform(0.12, 0.19)
    for i in range(int(rng.integers(1, 4))):
        spot = g.dry(rng.uniform(-0.55, 0.55), depth - 0.02 + 0.025 * i, 0.3)
        seed, share = int(rng.integers(65536)), rng.uniform(0.07, 0.12)
        if spot is not None:
            barricade(g.lies("rubbish", *spot, share * k, seed))
    n = int(rng.integers(9, 18))
    middle, wide = rng.uniform(-0.25, 0.25), rng.uniform(0.3, 0.6)
    order = rng.permutation(n) / n
    for i in range(n):
        u, z = g.at(middle + wide * (rng.random() * 2 - 1), depth + rng.uniform(0.015, 0.075))
        seed, torch = int(rng.integers(65536)), rng.random() < 0.55
        if g.land.wet(u, z):
            continue
        tall = rng.uniform(1.6, 1.9) * 1.15 * come(k, order[i])
        if tall < 0.3:
            continue
        s = g.stage(SceneObject("person", u, z, tall, style=1, variant=1, seed=seed))
        person(s)
        way = 1 if seed % 2 else -1
        hand = raise_arm(g.p, s.foot, tall, way)
        if torch:
            _torch(g, hand, way, tall, seed)


def _torch(g: Spots, hand: np.ndarray, way: int, tall: float, seed: int) -> None:
    """A burning torch in a raised hand."""
    tip = hand + [way * 0.03 * tall, 0.2 * tall, 0]
    g.p.seg(hand, 0.014 * tall, tip, 0.018 * tall, np.array([0.05, 0.04, 0.05]), WALL)
    fire.flames(g.p, np.random.default_rng(seed), tip, 0.16 * tall, 16)
    g.p.lamp(tip[0], tip[1], tip[2] - 0.3, FLAME * 0.7, 1.6)


PARTS: Final = (_burning, _ships, _houses, _trunks, _uproar)
