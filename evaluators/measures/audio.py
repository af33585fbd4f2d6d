"""Measures of recordings: clipping, fundamental frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.listen import mono


def clipping(samples: NDArray[Any], ceiling: float = 0.999, least: int = 3) -> float:
    """Share of samples in runs of at least `least` at or beyond `ceiling` of full scale: 0 (none) to 1."""
    x = np.abs(mono(samples)) >= ceiling
    edges = np.diff(np.concatenate([[0], x.astype(np.int8), [0]]))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return float(lengths[lengths >= least].sum() / len(x))


@dataclass(frozen=True)
class Pitch:
    """F0 of the voiced frames: median in Hz, spread (5th to 95th percentile) in semitones, share of frames voiced."""

    median: float
    spread: float
    voiced: float


def pitch(samples: NDArray[Any], rate: int) -> Pitch:
    """F0 statistics; NaN median and spread when nothing is voiced."""
    from ..speech.f0 import track_f0

    f0 = track_f0(mono(samples).astype(np.float32), rate)
    on = f0[f0 > 0]
    if not on.size:
        return Pitch(float("nan"), float("nan"), 0.0)
    low, high = np.percentile(on, [5, 95])
    return Pitch(float(np.median(on)), float(12 * np.log2(high / low)), float(len(on) / len(f0)))
