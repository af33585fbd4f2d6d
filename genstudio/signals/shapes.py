"""Shapes that several rooms need."""

from __future__ import annotations

from typing import Any


def smoothstep(x: Any, low: Any = 0.0, high: Any = 1.0) -> Any:
    """0 below low, 1 above high, and 3t² − 2t³ between: level at both ends. A float or an array, whose type stays.

    >>> smoothstep(0.25), smoothstep(7.0, 5.0, 9.0)
    (0.15625, 0.5)
    """
    t = (x - low) / (high - low)
    t = min(max(t, 0.0), 1.0) if isinstance(t, float) else t.clip(0, 1)
    return t * t * (3 - 2 * t)
