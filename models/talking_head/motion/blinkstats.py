"""Blinks found in a lid curve, so that made and captured ones are measured alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Blink:
    """onset: seconds from 10 % to the peak; offset: peak to 10 %; width: at half height; peak: of the coefficient."""

    at: float
    onset: float
    offset: float
    width: float
    peak: float


def blinks(lid: F32, fps: float) -> list[Blink]:
    """Quick closures of at least 0.35 above the lid's level around them."""
    n = round(fps * 0.2)
    out: list[Blink] = []
    i = n
    while i < len(lid) - 2 * n:
        near = lid[max(i - 2, 0) : i + 3]
        before, after = lid[i - n : i].min(), lid[i + 1 : i + 1 + 2 * n].min()
        base = max(before, after)
        if lid[i] == near.max() and lid[i] - base > 0.35:
            height = lid[i] - base
            left, left10 = _cross(lid, i, -1, base + 0.5 * height), _cross(lid, i, -1, base + 0.1 * height)
            right, right10 = _cross(lid, i, 1, base + 0.5 * height), _cross(lid, i, 1, base + 0.1 * height)
            out.append(Blink(i / fps, left10 / fps, right10 / fps, (left + right) / fps, float(lid[i])))
            i += n
        i += 1
    return out


def _cross(lid: F32, peak: int, way: int, level: float) -> float:
    """Frames from the peak to where the curve first falls below a level, interpolated."""
    k = peak
    while 0 < k + way < len(lid) and lid[k] >= level:
        k += way
    inside, outside = float(lid[k - way]), float(lid[k])
    part = (inside - level) / max(inside - outside, 1e-6)
    return abs(k - way - peak) + min(max(part, 0.0), 1.0)


def take(path: Path, channel: str) -> tuple[F32, float]:
    """One channel of a captured take, and its frame rate."""
    with np.load(path) as z:
        return z["motion"][:, list(z["channels"]).index(channel)].astype(np.float32), float(z["fps"])
