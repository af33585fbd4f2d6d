"""Measures of recordings: loudness, clipping, fundamental frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError


def _checked(samples: NDArray[Any]) -> NDArray[np.float64]:
    x = np.asarray(samples, np.float64)
    if x.ndim != 1 or not x.size or not np.isfinite(x).all():
        raise InputError(f"mono samples [n >= 1], all finite, are needed; got shape {x.shape}")
    return x


def loudness(samples: NDArray[Any], rate: int) -> float:
    """Integrated loudness of mono sound in LUFS (ITU-R BS.1770-4: K-weighting, gates at -70 LUFS and 10 LU below the mean).

    samples: [n], -1..1; at least 0.4 s counts as one block, shorter sound is read whole. Silence gives -inf.
    """
    from scipy.signal import lfilter

    x = _checked(samples)
    for b, a in _k_weighting(rate):
        x = lfilter(b, a, x)
    block, hop = round(0.4 * rate), round(0.1 * rate)
    if len(x) < block:
        power = np.array([np.mean(x * x)])
    else:
        run = np.concatenate([[0.0], np.cumsum(x * x)])
        start = np.arange(0, len(x) - block + 1, hop)
        power = (run[start + block] - run[start]) / block
    with np.errstate(divide="ignore"):
        level = -0.691 + 10 * np.log10(np.maximum(power, 0))
    power = power[level > -70]
    if not power.size:
        return float("-inf")
    gate = -0.691 + 10 * np.log10(power.mean()) - 10
    power = power[-0.691 + 10 * np.log10(power) > gate]
    return float(-0.691 + 10 * np.log10(power.mean()))


def _k_weighting(rate: int) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """High shelf and high pass of BS.1770 for any sample rate (analogue parameters that match the standard's 48 kHz)."""
    k = np.tan(np.pi * 1681.974450955533 / rate)
    q, gain = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    mid = gain**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = (
        np.array([gain + mid * k / q + k * k, 2 * (k * k - gain), gain - mid * k / q + k * k]) / a0,
        np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]),
    )
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return [shelf, (np.array([1.0, -2.0, 1.0]), np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]))]


def clipping(samples: NDArray[Any], ceiling: float = 0.999, least: int = 3) -> float:
    """Share of samples in runs of at least `least` at or beyond `ceiling` of full scale: 0 (none) to 1."""
    x = np.abs(_checked(samples)) >= ceiling
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

    f0 = track_f0(_checked(samples).astype(np.float32), rate)
    on = f0[f0 > 0]
    if not on.size:
        return Pitch(float("nan"), float("nan"), 0.0)
    low, high = np.percentile(on, [5, 95])
    return Pitch(float(np.median(on)), float(12 * np.log2(high / low)), float(len(on) / len(f0)))
