"""War about a castle: it burns, and burning stones fly at it (OASIS: war 2.5, 4.6; explosion 2.5, 4.8 of 7)."""

from __future__ import annotations

from typing import Final

import numpy as np

from . import fire
from .burning import FLAME
from .landmarks import TOWERS
from .ramps import come, ramp
from .spots import Spots
from .view import WALL


def share(g: Spots) -> float:
    """How far the siege has come, 0 to 1, as anger rises."""
    return ramp(g.m["fire"], 0.08, 0.9)


def _towers(g: Spots) -> None:
    """Towers burn, one after the other; from the largest the smoke goes up."""
    k = share(g)
    if k < 0.02:
        return
    for o in (o for o in g.scene.objects if o.kind == "castle"):
        rng, h, foot = np.random.default_rng([g.scene.seed, 131, o.seed]), o.size, g.foot(o.u, o.z)
        order = rng.permutation(len(TOWERS)) / len(TOWERS)
        for (dx, dz, r, tall), luck in zip(TOWERS, order, strict=True):
            grown = come(k, luck)
            if grown <= 0:
                continue
            top = foot + np.array([dx, (1 - 0.4 * g.m["ruin"]) * tall, dz - r]) * h
            fire.flames(g.p, rng, top, 1.7 * r * h * grown, 90)
            fire.flames(g.p, rng, top - [0, 0.4 * tall * h, 0], 1.1 * r * h * grown, 60)
            g.p.lamp(top[0], top[1], top[2] - 0.2 * h, FLAME * 1.8 * grown, 0.8 * h)
            if r > 0.18:
                drift = g.scene.setting.side * (0.5 + g.m["wind"])
                fire.column(g.p, rng, top + [0, 0.2 * h, 0], 0.2 * h * grown, drift, g.m, 0.6 * grown, 24)


def _missiles(g: Spots) -> None:
    """Burning stones on their way to the walls, each with its trail of smoke."""
    k = share(g)
    castle = next((o for o in g.scene.objects if o.kind == "castle"), None)
    if k < 0.02 or castle is None:
        return
    rng = g.chance(133)
    end = g.foot(castle.u, castle.z) + [0, 0.7 * castle.size, 0]
    n, start = int(rng.integers(3, 7)), rng.uniform(-0.9, 0.9)
    for i in range(n):
        across, part, up, order = start + 0.5 * rng.normal(), rng.uniform(0.35, 0.95), rng.uniform(0.2, 0.4), i / n
        z = float(castle.z) * 0.8
        begin = np.array([(g.middle + across * g.half) * z, end[1] - 0.8 * castle.size, z])
        t = np.linspace(max(part - 0.32, 0), part, 16)[:, None]
        line = begin * (1 - t) + end * t + np.array([0, g.tall(up, z), 0]) * 4 * t * (1 - t)
        size = g.tall(0.014, z) * come(k, order)
        if size <= 0:
            continue
        age = np.linspace(1, 0, len(line))
        colour = FLAME * (1.6 - 1.3 * age[:, None]) + g.m["cloud_dark"] * 0.5 * age[:, None]
        g.p.puffs(line, size * (0.7 + 1.2 * age), 0.9, colour, 0.65 * (1 - 0.7 * age), np.arange(len(line)))
        g.p.dabs(line[-1:], size, 0.9, 0, np.array([1.0, 0.7, 0.3]), [0, 0, -1], WALL, 1.6, 0, 1, 0)
        head = line[-1]
        g.p.lamp(head[0], head[1], head[2], FLAME * 0.9, size * 12)


PARTS: Final = (_towers, _missiles)
