"""A mood for every valence, arousal and dominance: anchors blended by nearness, colours in OKLab."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from genstudio.errors import InputError

from .anchors import ANCHORS
from .mood import COLOUR_NAMES, NUMBERS, VECTOR, Mood

# Weights come from linear radial basis functions (the 3-D biharmonic spline) through the anchors: pure at an anchor,
# and between anchors
# the change is spread evenly over their distance, however far apart they lie (Gaussian weights switch abruptly where
# anchors are sparse).
_AXES: Final = np.array([1.0, 0.9, 1.0])
CALM: Final = -0.5  # arousal below which anchors share their choice of variant


@cache
def _table() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Places [anchors, 3] (axes scaled), the spline's inverse matrix, and for each anchor the vectors of its variants
    [variants, VECTOR].
    """
    places = np.array([a[:3] for a in ANCHORS.values()], float) * _AXES
    n = len(places)
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = np.linalg.norm(places[:, None] - places[None], axis=2)
    system[n, n] = 0
    return (
        places,
        np.linalg.inv(system),
        [np.stack([Mood.make(v).vector() for v in a[3]]).astype(float) for a in ANCHORS.values()],
    )


def variants() -> dict[str, int]:
    """How many variants each anchor has."""
    return {name: len(a[3]) for name, a in ANCHORS.items()}


def weights(v: float, a: float, d: float, categories: Mapping[str, float] | None = None) -> np.ndarray:
    """Share of each anchor, summing to 1, in the order of `variants()`. categories lift the anchors of their name."""
    places, inverse, _ = _table()
    far = np.linalg.norm(places - np.array([v, a, d]) * _AXES, axis=1)
    w = np.maximum((inverse @ np.append(far, 1.0))[: len(places)], 0)
    if categories:
        total = sum(categories.values()) or 1.0
        known = [categories.get(name, 0.0) / total for name in ANCHORS]
        w = w * (0.5 + 3.0 * np.array(known))
    return w / w.sum()


def mood_for(
    v: float, a: float, d: float = 0.0, seed: int = 0, variant: int | None = None, jitter: float = 0.5,
    categories: Mapping[str, float] | None = None,
) -> Mood:  # fmt: skip
    """The recipe at a point of the emotion space, each axis -1..1.

    `seed` picks one variant of each anchor and a slight change of every number and colour (`jitter` times the spread,
    0 = none),
    both held fixed while V, A, D move, so that a path through the space is smooth. `variant` picks the same index
    everywhere.
    `categories` (a distribution over names such as `Emotion.ekman()` gives) sharpens what V, A, D leave open.
    """
    for name, x in (("valence", v), ("arousal", a), ("dominance", d)):
        if not -1.001 <= x <= 1.001:
            raise InputError(f"{name} is {x:g}; it must lie in -1..1")
    w = weights(v, a, d, categories)
    tables = _table()[2]
    out = np.zeros(VECTOR)
    for i, (name, table) in enumerate(zip(ANCHORS, tables, strict=True)):
        # By name: another anchor leaves the others' choice as it is. The calmest choose alike: snow lies whole or not at all.
        own = zlib.crc32(b"calm" if ANCHORS[name][1] < CALM else name.encode())
        k = variant if variant is not None else int(np.random.default_rng([seed, own]).integers(len(table)))
        out += w[i] * table[k % len(table)]
    if jitter > 0:
        noise = np.random.default_rng([seed, 999]).normal(size=VECTOR).clip(-2, 2)
        n = len(NUMBERS)
        spread = np.concatenate(
            [0.12 * np.minimum(out[:n], 1 - out[:n]).clip(0), np.tile([0.012, 0.02, 0.02], len(COLOUR_NAMES))]
        )
        out += jitter * spread * noise
    return Mood.from_vector(out)
