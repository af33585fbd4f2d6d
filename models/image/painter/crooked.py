"""Houses out of true: where a mood is helpless, what has been built leans over the viewer."""

from __future__ import annotations

import numpy as np

from .primitives import Prims
from .ramps import ramp
from .stage import Stage


def standing(p: Prims) -> tuple[int, int]:
    """How many quads and bars there are, before something is built."""
    return len(p.quads_), len(p.segs_)


def crooked(s: Stage, start: tuple[int, int], way: float) -> None:
    """Bends all that has been built since `start`: it leans by about `way` (sideways a metre up) and is twisted."""
    k = ramp(s.mood["lantern"], 0.15, 0.95)
    if k < 0.01:
        return
    luck = np.random.default_rng([s.o.seed, 23]).uniform(-1, 1, 2)

    def bend(at: np.ndarray) -> None:
        up = np.maximum(at[..., 1] - s.y, 0)
        at[..., 0] += k * (way + 0.05 * luck[0] + 0.04 * np.sin(up / s.h * 5 + 3 * luck[1])) * up
        at[..., 1] += k * 0.06 * luck[1] * up

    for rows in s.prims.quads_[start[0] :]:
        bend(rows[:, :20].reshape(len(rows), 4, 5)[:, :, :3])
    for rows in s.prims.segs_[start[1] :]:
        bend(rows[:, 0:3])
        bend(rows[:, 4:7])
