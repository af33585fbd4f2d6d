"""What sadness and fear bring along: bare trees, graves, a wreck or an empty boat; a tornado, a stranger under the last lamp. Each
grows with the mood's numbers from nothing."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..scene import SceneObject
from . import fire, grounds, trees, vessels
from .figures import person
from .ramps import come, ramp
from .spots import Spots
from .view import WALL


def _tornado(g: Spots) -> None:
    """Helplessness (`lantern`) in a gale: a funnel comes down, unless a great wave does instead."""
    k = ramp(g.m["lantern"], 0.1, 0.8) * ramp(g.m["wind"], 0.2, 0.7)
    rng = g.chance(41)
    wave = g.land.great[0] > 0 and rng.random() < 0.6
    if k < 0.03 or wave or g.has("tornado", "crater"):
        return
    side = -g.scene.setting.side if rng.random() < 0.7 else g.scene.setting.side
    u, z = g.at(side * rng.uniform(0.05, 0.65), rng.uniform(0.34, 0.44))
    size = 0.045 + 0.035 * rng.random()
    fire.tornado(g.stage(SceneObject("tornado", u, z, size, seed=int(rng.integers(65536)))), k)


def _spray(g: Spots) -> None:
    """Torn off the crest of a great wave."""
    tall, q, _ = g.land.great
    if tall <= 0:
        return
    rng = g.chance(38)
    n = 60
    z = g.view.near * np.exp(q + 0.02)
    across = rng.uniform(-1, 1, n) * g.half + g.middle
    k, i = g.land.cells(across, np.full(n, z))
    y = g.land.height[k, i]
    there = y > 0.6 * tall * z
    size = z * g.view.unit / g.view.f * 0.012 * (0.5 + 2.2 * rng.random(n) ** 2)
    at = np.c_[
        across * z - g.scene.setting.side * size * rng.random(n) * 2, y + 0.9 * size * rng.random(n), np.full(n, z)
    ]
    white = g.m["foam_white"] * (0.25 * g.m["sky_strength"] + 0.12 * g.m["sun_strength"] + 0.1)
    g.p.puffs(at[there], size[there], 0.7, white, 0.35, np.arange(n)[there])


def _bare(g: Spots) -> None:
    """Where leaves are gone, dead trees stand out: a great one beside the viewer, others behind; along a street too."""
    k = ramp(1 - g.m["leaves"], 0.5, 0.95)
    place = g.scene.setting
    if k < 0.03 or place.shade > 0.5 or g.scene.map("trees")[:30].max() > 0.5:
        return
    rng = g.chance(52)
    side = -place.side if rng.random() < 0.75 else place.side
    town = place.town > 0.5
    count = int(rng.integers(2, 6))
    for i in range(count):
        depth = 0.08 + (0.2 * (i + rng.random())) / count
        across = rng.uniform(0.5, 0.95) * side * (1 if rng.random() < 0.62 else -1)
        share = (0.62 - 1.6 * depth) * rng.uniform(0.7, 1.15) * (0.75 if town else 1.0)
        seed = int(rng.integers(1 << 30))
        spot = g.dry(across, depth, 0.6)
        if town:  # on the pavement, before the houses
            z = g.view.camera.z(depth + 0.05)
            spot = (g.middle + np.sign(across) * rng.uniform(3.4, 4.6) / z, z)
            spot = None if g.land.wet(*spot) else spot
        if spot is None:
            continue
        u, z = spot
        h = g.tall(share, z) * (0.35 + 0.65 * k)
        trees.broadleaf(g.p, g.m, np.random.default_rng(seed), g.foot(u, z), h, h * g.view.f / z, g.snow, 0.0, 2)


def _forlorn(g: Spots) -> None:
    """Crows in still air: they sit where somebody lies. Graves; by the sea a wreck, or an empty boat adrift."""
    k = ramp(g.m["crows"], 0.2, 0.65) * (1 - ramp(g.m["wind"], 0.2, 0.6)) * (1 - ramp(g.m["litter"], 0.25, 0.6))
    place = g.scene.setting
    if k < 0.03:
        return
    rng = g.chance(63)
    if place.big_water > 0.5 or place.beach > 0.5:
        adrift = rng.random()
        if not g.has("ship") and adrift < 0.65:
            u, z = g.at(-place.side * rng.uniform(0.1, 0.6), rng.uniform(0.15, 0.24))
            share = rng.uniform(0.26, 0.4) * (0.3 + 0.7 * k)
            vessels.ship(g.lies("ship", u, z, share, int(rng.integers(99)), variant=1, yaw=rng.uniform(-0.5, 0.5)))
        spot = g.afloat(place.side * rng.uniform(-0.5, 0.7), rng.uniform(0.06, 0.12))
        if spot is not None and adrift > 0.4:
            share = rng.uniform(0.16, 0.24) * (0.3 + 0.7 * k)
            vessels.boat(g.lies("boat", *spot, share, int(rng.integers(99)), yaw=rng.uniform(-0.9, 0.9)))
        return
    if place.town > 0.5 or g.has("grave"):
        return
    _graves(g, k, rng)


def _graves(g: Spots, k: float, rng: np.random.Generator) -> None:
    """In rows, about one great cross, or scattered; from a single one to a dozen."""
    side = g.scene.setting.side if rng.random() < 0.6 else -g.scene.setting.side
    way, n = rng.random(), int(rng.choice([1, 4, 7, 9, 12], p=[0.12, 0.22, 0.26, 0.24, 0.16]))
    middle, front, big = side * rng.uniform(0.15, 0.6), rng.uniform(0.05, 0.11), int(rng.integers(n))
    for i in range(n):
        if way < 0.45:
            row, column = divmod(i, 3)
            across, depth = middle + side * (0.26 * column - 0.2 + 0.05 * row), front + 0.055 * row
        elif way < 0.7:
            a = 6.28 * i / n
            across, depth = middle + 0.36 * np.cos(a), front + 0.07 + 0.06 * np.sin(a)
        else:
            across, depth = rng.uniform(-0.9, 0.9), front + 0.22 * rng.random()
        across, depth = across + rng.normal() * 0.035, max(depth + rng.normal() * 0.008, 0.03)
        lean, seed = rng.normal() * 0.28, int(rng.integers(65536))
        share, variant = rng.uniform(0.09, 0.14) * (1.45 if i == big else 1.0), int(rng.integers(4))
        u, z = g.at(float(np.clip(across, -0.95, 0.95)), depth)
        if g.land.wet(u, z) or g.paved(u, z):
            continue
        grounds.grave(g.lies("grave", u, z, share * come(k, 0.5 * i / n), seed, yaw=lean, variant=variant))


def _stranger(g: Spots) -> None:
    """In a street somebody stands under the last lamp, and the shadow reaches for the viewer."""
    k = ramp(g.m["lantern"], 0.2, 0.9) * ramp(g.scene.setting.town, 0.4, 0.6)
    if k < 0.03:
        return
    rng = g.chance(43)
    share = rng.uniform(0.11, 0.2)
    tall = 1.9
    z = tall * g.view.f / (share * g.view.unit)
    u = g.at(rng.uniform(-0.3, 0.3), 0.1)[0]
    for turn in (0.0, 0.06, -0.06, 0.12, -0.12):
        if not g.land.wet(u + turn, z):
            u += turn
            break
    else:
        return
    s = g.stage(
        SceneObject(
            "person", u, z, tall * (0.2 + 0.8 * k), style=1, variant=0, colour=26, seed=int(rng.integers(65536))
        )
    )
    x, y = s.x, s.y
    glow = g.m["lamp"] * 0.55
    i = np.arange(4)
    at = np.c_[np.full(4, x), y + tall * (0.75 + 0.25 * i), np.full(4, z * 1.04)]
    g.p.puffs(at, tall * (1.0 + 0.15 * i), 0.9, glow, 0.2 * k, i + 7)
    g.p.lamp(x, y + 2.2 * tall, z + 0.8, g.m["lamp"] * 1.5 * k, tall * 1.3)
    n = 16
    t = np.linspace(0.02, 0.6, n)
    lean = rng.uniform(-0.25, 0.25)
    away = z * (1 - t)
    at = np.c_[x + lean * t * z * 0.5, np.full(n, y + 0.02), away]
    g.p.puffs(at, tall * (0.16 + 0.45 * t), 0.32, np.array([0.004, 0.005, 0.008]), 0.34 * k * (1 - 0.9 * t), t * 9)
    person(s)
    brim = s.foot + [0, 0.95 * s.h, -0.01]
    g.p.blob(brim, (0.12 * s.h, 0.016 * s.h, 0.11 * s.h), np.array([0.01, 0.01, 0.012]), WALL, 5, 0.1)


PARTS: Final = (_tornado, _spray, _bare, _forlorn, _stranger)
