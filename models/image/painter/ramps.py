"""How a thing sets in as a number of the mood rises."""

from __future__ import annotations

import numpy as np


def ramp(x: float, low: float, high: float) -> float:
    """0 below low, 1 above high, smooth between."""
    t = float(np.clip((x - low) / (high - low), 0, 1))
    return t * t * (3 - 2 * t)


def come(k: float, luck: float) -> float:
    """How far the one with this luck (0..1) of many has come when a share k has: each grows in turn, none appears at once."""
    return ramp(k, 0.5 * luck, 0.5 * luck + 0.5)
