"""What stirs in the wind: leaves and smoke, moved a little from where they were built."""

from __future__ import annotations

import numpy as np

from ..scene import Mood
from .view import GRASS, LEAF

# columns of the rows that `Prims.arrays` gives
_X, _Y, _RADIUS = 0, 1, 3
_MATERIAL = 12  # of dabs
_SEED = 9  # of puffs


def moved(arrays: dict[str, np.ndarray], mood: Mood, side: float, when: float) -> dict[str, np.ndarray]:
    """The primitives `when` seconds later: leaves sway by up to half their size, smoke billows and leans with the wind.

    At 0 the arrays are returned as they are.
    """
    if not when:
        return arrays
    out = dict(arrays)
    wind = mood["wind"]
    if len(arrays["dabs"]):
        dabs = arrays["dabs"].copy()
        loose = np.isin(dabs[:, _MATERIAL], (LEAF, GRASS))
        beat = np.sin((1.6 + wind) * when + 0.7 * dabs[:, _X] + 0.4 * dabs[:, _Y])  # neighbours move together
        dabs[:, _X] += loose * dabs[:, _RADIUS] * (0.12 + 0.5 * wind) * (beat - side * wind * 0.4)
        out["dabs"] = dabs
    if len(arrays["puffs"]):
        puffs = arrays["puffs"].copy()
        puffs[:, _X] -= side * puffs[:, _RADIUS] * (0.1 + 0.4 * wind) * np.sin(0.7 * when + puffs[:, _SEED])
        puffs[:, _Y] += 0.15 * puffs[:, _RADIUS] * np.sin(0.9 * when + 1.3 * puffs[:, _SEED])
        puffs[:, _SEED] += 0.5 * when
        out["puffs"] = puffs
    return out
