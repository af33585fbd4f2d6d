"""A mood for every valence, arousal and dominance: anchors blended by nearness, colours in OKLab."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from genstudio.errors import InputError

from .anchors import ANCHORS
from .mood import COLOUR_NAMES, NUMBERS, VECTOR, Mood

SIGMA: Final = 0.27  # reach of an anchor; dominance counts 0.7 of valence and arousal
_DOMINANCE: Final = 0.7


@cache
def _table() -> tuple[np.ndarray, list[np.ndarray]]:
    """Places [anchors, 3] and, for each anchor, the vectors of its variants [variants, VECTOR]."""
    places = np.array([a[:3] for a in ANCHORS.values()], float)
    return places, [np.stack([Mood.make(v).vector() for v in a[3]]).astype(float) for a in ANCHORS.values()]


def variants() -> dict[str, int]:
    """How many variants each anchor has."""
    return {name: len(a[3]) for name, a in ANCHORS.items()}


def weights(v: float, a: float, d: float) -> np.ndarray:
    """Share of each anchor at a point, summing to 1."""
    places, _ = _table()
    d2 = (((places - [v, a, d]) * [1, 1, _DOMINANCE]) ** 2).sum(1)
    w = np.exp(-(d2 - d2.min()) / (2 * SIGMA * SIGMA))
    return w / w.sum()


def mood_for(v: float, a: float, d: float = 0.0, seed: int = 0, variant: int | None = None, jitter: float = 0.5) -> Mood:
    """The recipe at a point of the emotion space, each axis -1..1.

    `seed` picks one variant of each anchor and a slight change of every number and colour (`jitter` times the spread, 0 = none),
    both held fixed while V, A, D move, so that a path through the space is smooth. `variant` picks the same index everywhere.
    """
    for name, x in (("valence", v), ("arousal", a), ("dominance", d)):
        if not -1.001 <= x <= 1.001:
            raise InputError(f"{name} is {x:g}; it must lie in -1..1")
    w = weights(v, a, d)
    _, tables = _table()
    out = np.zeros(VECTOR)
    for i, table in enumerate(tables):
        k = variant if variant is not None else int(np.random.default_rng([seed, i]).integers(len(table)))
        out += w[i] * table[k % len(table)]
    if jitter > 0:
        noise = np.random.default_rng([seed, 999]).normal(size=VECTOR)
        n = len(NUMBERS)
        spread = np.concatenate([0.03 * np.minimum(out[:n], 1 - out[:n]).clip(0) * 4, np.tile([0.012, 0.02, 0.02], len(COLOUR_NAMES))])
        out += jitter * spread * noise.clip(-2, 2)
    return Mood.from_vector(out)
