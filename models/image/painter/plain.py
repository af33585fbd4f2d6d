"""What calm takes away: things that lie about, tall grass, every second tree. Least stirring of all scenery are plain grounds with
nothing on them (OASIS arousal of 7: grass 2.3, sidewalk 2.4, snow 2.5, path 2.7; a lake 4.0)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ..scene import Mood, SceneObject
from .ramps import come, ramp

#: Kinds that go, and the share of them that does where it is plainest.
GOING: Final = {
    **dict.fromkeys(("rock", "bush", "flowers", "reeds", "hay", "log", "stump", "rubbish", "dog"), 1.0),
    **dict.fromkeys(("bare_tree", "broadleaf", "conifer"), 0.45),
}


def plainness(m: Mood) -> float:
    """0 where the ground is at least as rugged as on a mild day, 1 where little is left on it."""
    return ramp(1 - m["ruggedness"], 0.05, 0.45)


def remains(m: Mood, o: SceneObject) -> SceneObject | None:
    """What calm leaves of an object: itself, a smaller one as it goes (each in its turn), or nothing."""
    share = GOING.get(o.kind, 0.0) * plainness(m)
    if share <= 0:
        return o
    left = come(1 - share, float(np.random.default_rng([o.seed, 43]).random()))
    return replace(o, size=o.size * left) if left > 0.08 else None
