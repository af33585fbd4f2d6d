"""Company: by night those who have come to see the fireworks, arms up, under strings of lamps; by day a few who dance."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..scene import SceneObject
from . import fireworks
from .festivities import hang, strings
from .figures import person, raise_arm
from .ramps import come, ramp
from .spots import Spots
from .stage import paint_of
from .view import WALL

GLOBES: Final = np.array([(1.0, 0.62, 0.24), (1.0, 0.36, 0.2), (1.0, 0.82, 0.4), (0.45, 0.75, 1.0)])


def _share(g: Spots) -> float:
    """How much of a feast it is, 0 to 1: a display in the sky and people about."""
    return fireworks.amount(g.m) * ramp(g.m["people"], 0.45, 0.85) * (1 - ramp(g.m["rain"], 0.2, 0.6))


def _spectators(g: Spots) -> None:
    """A crowd in the foreground that looks up; half of the arms are raised."""
    rng = g.chance(111)
    _crowd(g, rng, _share(g), int(rng.integers(9, 20)), rng.uniform(0.45, 0.85))


def _company(g: Spots) -> None:
    """By day and into the dusk, where all is in bloom: a few who wave and dance."""
    k = ramp(g.m["people"], 0.55, 0.9) * ramp(g.m["flowers"], 0.3, 0.7) * (1 - ramp(g.m["night"], 0.15, 0.7))
    rng = g.chance(115)
    _crowd(g, rng, k * (1 - g.snow), int(rng.integers(6, 13)), rng.uniform(0.35, 0.8))


def _crowd(g: Spots, rng: np.random.Generator, k: float, n: int, wide: float) -> None:
    """Up to n people within `wide` of the picture's half, as many as a share k brings; k: 0 nobody, 1 all."""
    if k < 0.03:
        return
    middle, order = rng.uniform(-0.3, 0.3), rng.permutation(n) / n
    for i in range(n):
        u, z = g.at(middle + wide * (rng.random() * 2 - 1), rng.uniform(0.07, 0.17))
        seed, arms = int(rng.integers(65536)), int(rng.integers(0, 3))
        tall = g.tall(rng.uniform(0.17, 0.2), g.view.camera.z(0.1)) * come(k, order[i]) ** 0.35
        if tall <= 0.2 or g.land.wet(u, z):
            continue
        s = g.stage(SceneObject("person", u, z, tall, style=1, seed=seed))
        person(s)
        for way in (1, -1)[:arms]:
            raise_arm(g.p, s.foot, tall, way if seed % 2 else -way)


def _lamps(g: Spots) -> None:
    """Coloured globes on strings, from house to house, from pole to pole, from tree to tree."""
    k = _share(g)
    if k < 0.1 or g.scene.setting.big_water > 0.5:
        return
    rng = g.chance(113)
    for a, b, top, colour in strings(g, rng, ramp(k, 0.1, 0.45)):
        line = hang(a, b, top * 0.3, 14)
        thin = g.tall(0.0015, float(a[2]))
        g.p.segs(line[:-1], thin, line[1:], thin, paint_of("2c2830"))
        globes = line[1:-1] - [0, top * 0.03, 0]
        which = (np.arange(len(globes)) + colour) % len(GLOBES)
        keep = rng.permutation(len(globes)) < np.ceil(k * len(globes))
        for share, bright in ((0.008, 1.4), (0.02, 0.14)):
            g.p.dabs(
                globes[keep],
                g.tall(share, float(a[2])) * (0.4 + 0.6 * k),
                1,
                0,
                GLOBES[which[keep]],
                [0, 0, -1],
                WALL,
                bright,
                0,
                1,
                0,
            )
        for j in (2, 6, 10):
            x, y, z = globes[j] - [0, 0.1 * top, 0.2 * top]
            g.p.lamp(x, y, z, GLOBES[which[j]] * 0.9 * k, top * 1.1)


def _fountains(g: Spots) -> None:
    """Fountains of sparks on the ground; under trees, which hide the sky, twice as high."""
    k = fireworks.amount(g.m) * ramp(g.m["people"], 0.15, 0.5) * (1 - ramp(g.m["rain"], 0.2, 0.6))
    if k < 0.03:
        return
    rng, wood = g.chance(117), ramp(g.scene.setting.shade, 0.3, 0.7)
    n = int(rng.integers(3, 6))
    for i in range(n):
        across, depth = (2 * (i + rng.random()) / n - 1) * 0.85, rng.uniform(0.13, 0.24)
        seed, share, first = int(rng.integers(1 << 30)), rng.uniform(0.1, 0.17), int(rng.integers(5))
        spot, grown = g.dry(across, depth, 0.4), come(k, 0.7 * i / n)
        if spot is not None and grown > 0:
            own = np.random.default_rng([seed, int(g.land.when * 8)])  # other sparks, eight times a second
            foot = g.foot(*spot)
            _fountain(g, own, foot, g.tall(share * (1 + wood), float(foot[2])) * grown, fireworks.SPARKS[first])


def _fountain(g: Spots, rng: np.random.Generator, foot: np.ndarray, tall: float, colour: np.ndarray) -> None:
    """Sparks that rise from `foot` to about `tall` metres and turn down."""
    n, gold = 46, fireworks.GOLD
    lean, reach = rng.normal(size=n) * 0.3, rng.uniform(0.5, 1.0, n)
    t = np.linspace(0, 1, 6)[:, None]
    at = foot + tall * np.stack([lean * t, reach * (1 - (1 - t / 0.75) ** 2), 0 * lean * t], 2)
    for j in range(5):
        hue = (gold * (1 - t[j]) + colour * t[j]) * (1 - 0.1 * j)
        g.p.segs(at[j], tall * 0.011, at[j + 1], tall * 0.008, hue, WALL, 1.5)
    g.p.puffs(foot[None] + [0, 0.25 * tall, 0], tall * 0.45, 1.0, gold, 0.10, np.arange(1))
    g.p.lamp(foot[0], foot[1] + 0.4 * tall, foot[2] - 0.3 * tall, gold * 0.8, 2.2 * tall)


PARTS: Final = (_fountains, _spectators, _company, _lamps)
