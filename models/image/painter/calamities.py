"""What an unpleasant mood brings along, wherever it is: fire and smoke, a tornado, works and rubbish, bare trees, graves, a
wreck. Each grows with the mood's numbers from nothing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..scene import SceneObject
from . import fire, grounds, landmarks, trees, vessels
from .noise import at_points
from .spots import Spots, ramp
from .stage import paint_of
from .view import WALL

WASTE: Final = ("c8c4ac", "7c6c54", "4c5c5c", "8c4c3c", "a8a47c", "2c2c28")
#: Fronts of a fire: map depth, height of the flames and width as shares of the picture.
FRONTS: Final = (
    (0.43, 0.04, 0.4), (0.47, 0.05, 0.5), (0.30, 0.09, 0.4), (0.21, 0.13, 0.4), (0.13, 0.17, 0.4), (0.09, 0.18, 0.35),
)  # fmt: skip


def _burning(g: Spots) -> None:
    """Fire: fronts that eat through whatever can burn, smoke towering over them, embers on the wind; over open water
    it burns beyond the horizon.
    """
    k = ramp(g.m["fire"], 0.08, 0.8)
    if k < 0.02 or g.has("crater"):
        return
    rng = g.chance(15)
    side, smoky = g.scene.setting.side, 0.45 + 0.55 * g.m["smoke"]
    town = g.scene.setting.town > 0.5
    for d, share, wide in FRONTS:
        across, seed = side * rng.uniform(-0.9, 0.5), int(rng.integers(1 << 30))
        if d < 0.4:
            spot = g.dry(across, d, 0.4)
            if spot is None:
                continue
            u, z = spot
        else:
            u, z = g.at(across, d)
        share *= 2.2 if town and d > 0.4 else 1.0  # over the roofs
        _front(g, np.random.default_rng(seed), u, z, g.tall(share, z) * k, wide * k, smoky * k, d > 0.25)
    n = 110
    up, out, near = rng.random(n), rng.normal(size=n), rng.random(n)
    far = g.view.near * (2.5 + 5 * near)
    at = np.c_[out * 0.26 * far - side * 0.18 * up * far, far * (0.03 + 0.42 * up * up), far]
    glow = np.array([1.0, 0.50, 0.13]) * (1.1 - 0.5 * up[:, None])
    keep = rng.random(n) < k
    g.p.dabs(
        at[keep],
        (far * (0.0012 + 0.0022 * near))[keep],
        0.8,
        (up * 6)[keep],
        glow[keep],
        [0, 0, -1],
        WALL,
        1.2,
        0,
        1,
        0,
    )


def _front(
    g: Spots, rng: np.random.Generator, u: float, z: float, size: float, wide: float, smoky: float, tower: bool
) -> None:
    """A line of flames `wide` (share of the view) and `size` metres high, with glow, and smoke when it is far."""
    p, m, side = g.p, g.m, g.scene.setting.side
    n = 9
    place, high = np.sort(rng.uniform(-0.5, 0.5, n)) * wide, 0.45 + 0.8 * rng.random(n) ** 1.5
    for i in range(n):
        v = u + place[i] * g.half
        zi = z * (1 + 0.05 * rng.normal())
        seed = int(rng.integers(1 << 30))
        if z < g.view.camera.z(0.4) and g.land.wet(v, zi):
            continue
        foot = g.foot(v, zi)
        fire.flames(p, np.random.default_rng(seed), foot, size * high[i], 34)
        if i % 3 == 1:
            light = np.array([1.0, 0.42, 0.12]) * 1.1 * min(1, smoky * 2)
            p.lamp(foot[0], foot[1] + size * 0.5, zi - size * 0.6, light, size * 2.4)
    foot = g.foot(u, z)
    k = np.arange(10)
    spread = wide * g.half * z
    at = foot + np.c_[(k / 9 - 0.5) * spread, np.full(10, size * 0.5), np.full(10, z * 0.004)]
    p.puffs(at, size * 1.5, 0.9, np.array([1.2, 0.40, 0.08]), 0.15 * min(1, smoky * 2), k + 60)
    if tower:
        tall = size * (1.5 + 0.5 * rng.random())
        fire.column(p, rng, foot + [0, size * 0.8, 0], tall, side * (0.4 + m["wind"]), m, 0.62 * smoky, 24)
    else:
        fire.column(p, rng, foot + [0, size * 1.1, 0], size * 0.75, side * (0.5 + m["wind"]), m, 0.6 * smoky, 20)


def _tornado(g: Spots) -> None:
    """Helplessness (`lantern`) in a gale: a funnel comes down."""
    k = ramp(g.m["lantern"], 0.1, 0.8) * ramp(g.m["wind"], 0.2, 0.7)
    if k < 0.03 or g.has("tornado", "crater"):
        return
    rng = g.chance(41)
    u, z = g.at(-g.scene.setting.side * rng.uniform(0.15, 0.5), rng.uniform(0.36, 0.43))
    fire.tornado(g.stage(SceneObject("tornado", u, z, 0.058 + 0.016 * rng.random(), seed=int(rng.integers(65536)))), k)


def _works(g: Spots) -> None:
    """Filth on the water comes from somewhere: factory chimneys, whose smoke fills the sky."""
    q = ramp(g.m["scum"], 0.15, 0.8)
    if q < 0.03 or g.scene.setting.shade > 0.5 or g.has("crater", "waterfall", "campfire", "chimney"):
        return
    rng = g.chance(31)
    for i in range(4):
        u, z = g.at(-g.scene.setting.side * (0.14 + 0.2 * i + 0.08 * rng.random()), 0.43 - 0.02 * (i % 2))
        h = g.tall(0.13 + 0.07 * rng.random(), z) * (0.25 + 0.75 * q)
        landmarks.chimney(g.stage(SceneObject("chimney", u, z, h, seed=40 * i + 1)))


def _litter(g: Spots) -> None:
    """Rubbish: strewn near by, and heaps of it."""
    amount = ramp(g.m["litter"], 0.1, 0.8)
    if amount < 0.03:
        return
    rng = g.chance(77)
    n, view = 420, g.view
    d = rng.random(n) * 0.30
    u = (rng.random(n) * 2 - 1) * view.camera.u_max
    z = view.near * np.exp(6.8 * d)
    k, i = g.land.cells(u, z)
    kinds = np.stack([paint_of(c) for c in WASTE])
    there = (at_points(u * 5, d * 12, 3) > -0.05) & (rng.random(n) < amount)
    size, turn, which = z * (0.004 + 0.015 * rng.random(n) ** 2), rng.normal(size=n) * 0.5, rng.integers(0, 6, n)
    normal = rng.normal(size=(n, 3)) * 0.4 + [0, 0.6, -0.5]
    at = np.c_[u * z, g.land.height[k, i] + 0.01 * z, z]
    g.p.dabs(at[there], size[there], 0.5, turn[there], kinds[which[there]], normal[there], WALL, 0, 0.6, 1)
    side = g.scene.setting.side
    for across, depth, share in ((0.62, 0.075, 0.22), (-0.62, 0.14, 0.17), (0.12, 0.24, 0.10), (-0.2, 0.3, 0.07)):
        v, z0 = g.at(side * across, depth)
        o = SceneObject("rubbish", v, z0, g.tall(share, z0) * amount, seed=int(depth * 1000))
        grounds.rubbish(g.stage(o))


def _bare(g: Spots) -> None:
    """Where leaves are gone, dead trees stand out: a great one beside the viewer, others behind."""
    k = ramp(1 - g.m["leaves"], 0.5, 0.95)
    place = g.scene.setting
    if k < 0.03 or place.town > 0.5 or place.shade > 0.5 or g.scene.map("trees")[:30].max() > 0.5:
        return
    rng = g.chance(52)
    for across, depth, share in ((0.66, 0.085, 0.52), (-0.78, 0.15, 0.34), (0.42, 0.22, 0.2), (0.9, 0.2, 0.24)):
        seed, jitter = int(rng.integers(1 << 30)), rng.uniform(-0.1, 0.1)
        spot = g.dry(-place.side * (across + jitter), depth, 0.6)
        if spot is None:
            continue
        u, z = spot
        h = g.tall(share, z) * (0.35 + 0.65 * k)
        trees.broadleaf(g.p, g.m, np.random.default_rng(seed), g.foot(u, z), h, h * g.view.f / z, g.snow, 0.0, 2)


def _forlorn(g: Spots) -> None:
    """Crows in still air: they sit where somebody lies. Graves; by the sea a wreck."""
    k = ramp(g.m["crows"], 0.2, 0.65) * (1 - ramp(g.m["wind"], 0.2, 0.6)) * (1 - ramp(g.m["litter"], 0.2, 0.6))
    place = g.scene.setting
    if k < 0.03 or place.town > 0.5 or g.has("grave"):
        return
    rng = g.chance(63)
    wreck = place.big_water > 0.5 or place.beach > 0.5
    if wreck:
        if not g.has("ship"):
            u, z = g.at(-place.side * rng.uniform(0.25, 0.5), 0.2)
            vessels.ship(g.stage(SceneObject("ship", u, z, g.tall(0.34, z) * (0.3 + 0.7 * k), variant=1, seed=9)))
        return
    for i in range(9):
        row, column = divmod(i, 3)
        across = place.side * (0.08 + 0.28 * column + 0.05 * row) + rng.normal() * 0.035
        depth, lean, seed = 0.09 + 0.055 * row + rng.normal() * 0.008, rng.normal() * 0.25, int(rng.integers(65536))
        u, z = g.at(float(np.clip(across, -0.95, 0.95)), depth)
        share = (0.12 if i % 4 else 0.16) * (0.75 + 0.4 * rng.random())
        if g.land.wet(u, z) or g.paved(u, z):
            continue
        o = SceneObject("grave", u, z, g.tall(share, z) * k, yaw=lean, variant=i % 4, seed=seed)
        grounds.grave(g.stage(o))


PARTS: Final = (_burning, _tornado, _works, _litter, _bare, _forlorn)
