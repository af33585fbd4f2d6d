"""Loudness after ITU-R BS.1770-4 for mono sound, the level that everything spoken is brought to, and a limiter without clicks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .listen import mono

TARGET_LUFS = -20.0
CEILING = 0.95  # of full scale
_GATE = -70.0  # LUFS


def loudness(samples: NDArray[Any], rate: int) -> float:
    """Integrated loudness in LUFS: K-weighting, blocks of 0.4 s, gates at -70 LUFS and 10 LU below the mean.

    samples: [n >= 1], -1..1, finite, else InputError; shorter than a block is read whole. Silence gives -inf.
    """
    from scipy.signal import lfilter

    x = mono(samples)
    for b, a in _k_weighting(rate):
        x = lfilter(b, a, x)
    block, hop = round(0.4 * rate), round(0.1 * rate)
    if len(x) < block:
        power = np.array([np.mean(x * x)])
    else:
        run = np.concatenate([[0.0], np.cumsum(x * x)])
        start = np.arange(0, len(x) - block + 1, hop)
        power = (run[start + block] - run[start]) / block
    power = power[_level(power) > _GATE]
    if not power.size:
        return float("-inf")
    return float(_level(power[_level(power) > _level(power.mean()) - 10].mean()))


def _level(power: Any) -> Any:
    with np.errstate(divide="ignore"):
        return -0.691 + 10 * np.log10(np.maximum(power, 0))


@lru_cache(maxsize=8)
def _k_weighting(rate: int) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    """High shelf and high pass for any sample rate (analogue parameters that match the standard's 48 kHz)."""
    k, q = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196
    gain = 10 ** (3.999843853973347 / 20)
    mid = gain**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = (
        np.array([gain + mid * k / q + k * k, 2 * (k * k - gain), gain - mid * k / q + k * k]) / a0,
        np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]),
    )
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return shelf, (np.array([1.0, -2.0, 1.0]), np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]))


def limit(samples: NDArray[Any], rate: int) -> NDArray[Any]:
    """Peaks brought under the ceiling by a gain that moves smoothly over 5 ms on both sides."""
    peak = np.abs(samples)
    if peak.max(initial=0) <= CEILING:
        return samples
    from scipy.ndimage import minimum_filter1d

    reach = int(0.005 * rate)
    need = np.minimum(1.0, CEILING / np.maximum(peak, 1e-9))
    gain = minimum_filter1d(need, 2 * reach + 1)
    kernel = np.hanning(2 * reach + 1)
    gain = np.convolve(np.pad(gain, reach, mode="edge"), kernel / kernel.sum(), "valid")
    return np.clip(samples * gain, -CEILING, CEILING)


def normalise(samples: NDArray[Any], rate: int, target: float = TARGET_LUFS) -> NDArray[np.float32]:
    """float32 at `target` LUFS, nowhere above the ceiling; nothing and silence stay as they are."""
    now = loudness(samples, rate) if len(samples) else float("-inf")
    if not np.isfinite(now):
        return np.asarray(samples, np.float32)
    out = limit(samples * 10 ** (np.clip(target - now, -40, 40) / 20), rate)
    again = loudness(out, rate)
    if target - again > 0.3:  # what the limiter took, given back once
        out = limit(out * 10 ** ((target - again) / 20), rate)
    return np.asarray(out, np.float32)
