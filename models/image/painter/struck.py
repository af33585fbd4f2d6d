"""Lightning that strikes near: under trees, where little of the sky is to be seen, a storm comes down to the ground; on a
hill, into the keep of a castle."""

from __future__ import annotations

from typing import Final

import numpy as np

from . import fire
from .landmarks import TOWERS
from .noise import zigzag
from .ramps import come, flash, ramp
from .spots import Spots
from .view import WALL

BOLT: Final = np.array([0.86, 0.86, 1.1])


def _strikes(g: Spots) -> None:
    """Bolts into the wood, branches that die out in the air, light on the trunks, fire where they hit."""
    k = ramp(g.m["lightning"], 0.2, 0.9) * ramp(g.scene.setting.shade, 0.3, 0.7)
    lit = flash(g.land.when)
    if k < 0.03:
        return
    rng = g.chance(121)
    n, start = int(rng.integers(2, 4)), rng.uniform(-0.8, 0.8)
    for i in range(n):
        seed, across = int(rng.integers(1 << 30)), (start + 1.1 * i + 1) % 2 - 1
        spot, grown = g.dry(across * 0.85, rng.uniform(0.14, 0.3)), come(k, 0.7 * i / n)
        if spot is None or grown <= 0:
            continue
        own, foot = np.random.default_rng(seed), g.foot(*spot)
        _bolt(g, own, foot, g.tall(1.0, float(foot[2])), grown, lit)
        fire.flames(g.p, own, foot, g.tall(0.08, float(foot[2])) * grown, 30)


def _keep(g: Spots) -> None:
    """One into the highest tower of each castle."""
    k = ramp(g.m["lightning"], 0.2, 0.9)
    lit = flash(g.land.when)
    if k < 0.03:
        return
    for o in (o for o in g.scene.objects if o.kind == "castle"):
        right, behind, _, tall = TOWERS[2]
        top = g.foot(o.u, o.z) + np.array([right, tall * (1.1 - 0.3 * g.m["ruin"]), behind]) * o.size
        _bolt(g, np.random.default_rng([g.scene.seed, 123, o.seed]), top, g.tall(0.8, float(top[2])), k, lit)


def _bolt(g: Spots, own: np.random.Generator, foot: np.ndarray, unit: float, grown: float, lit: float) -> None:
    """From above the picture down to `foot`; unit: metres that its light reaches and its branches are measured by."""
    z = float(foot[2])
    top = np.array([foot[0] + own.normal() * 0.08 * unit, g.view.up(z, 1.1), z])
    line = zigzag(top, foot, own, 5, 0.13, (1, 0.35, 0))
    for at in (9, 15, 21):
        end = line[at] + np.array([own.normal() * 0.13 * unit, -own.uniform(0.08, 0.2) * unit, 0])
        _bright(g, zigzag(line[at], end, own, 4, 0.13, (1, 0.35, 0)), 0.0016 * unit * grown, lit)
    _bright(g, line, 0.0042 * unit * grown, lit)
    g.p.lamp(foot[0], foot[1] + 0.14 * unit, z - 0.05 * unit, BOLT * 2.2 * grown * lit, 0.7 * unit)


def _bright(g: Spots, line: np.ndarray, wide: float, lit: float) -> None:
    if lit < 0.05:
        return
    g.p.segs(line[:-1], wide * lit, line[1:], wide * lit, BOLT * 1.6, WALL, 1.6)
    at = line[::2]
    g.p.puffs(at, wide * 9, 1.0, BOLT, 0.05 * lit, np.arange(len(at)))


PARTS: Final = (_strikes, _keep)
