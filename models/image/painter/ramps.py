"""How a thing sets in as a number of the mood rises, or as time passes."""

from __future__ import annotations

import numpy as np

from genstudio.signals.shapes import smoothstep


def ramp(x: float, low: float, high: float) -> float:
    """0 below low, 1 above high, smooth between."""
    return float(smoothstep(float(x), low, high))


def come(k: float, luck: float) -> float:
    """How far the one with this luck (0..1) of many has come when a share k has: each grows in turn, none appears at once."""
    return ramp(k, 0.5 * luck, 0.5 * luck + 0.5)


def flash(when: float) -> float:
    """Of lightning: 1 at the start; then dark, but for two quick strokes every three seconds."""
    return float(max(np.exp(-6 * (when % 3)), 0.7 * np.exp(-9 * ((when - 0.25) % 3))))
