"""Loudness after ITU-R BS.1770 (K-weighting, gated) for mono speech, and a limiter that does not click."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

TARGET_LUFS = -20.0
_CEILING = 0.95


@lru_cache(maxsize=4)
def _k_filters(rate: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """The two biquads of BS.1770 for any rate (their analogue forms, bilinear)."""

    def shelf() -> tuple[np.ndarray, np.ndarray]:
        f0, gain, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
        k = np.tan(np.pi * f0 / rate)
        vh = 10 ** (gain / 20)
        vb = vh**0.4996667741545416
        a0 = 1 + k / q + k * k
        b = np.array([vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k]) / a0
        return b, np.array([1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])

    def high_pass() -> tuple[np.ndarray, np.ndarray]:
        f0, q = 38.13547087602444, 0.5003270373238773
        k = np.tan(np.pi * f0 / rate)
        a0 = 1 + k / q + k * k
        return np.array([1.0, -2.0, 1.0]), np.array([1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])

    return shelf(), high_pass()


def loudness(samples: np.ndarray, rate: int) -> float:
    """Integrated loudness in LUFS; -inf for silence. Clips shorter than 0.4 s are taken as one block."""
    from scipy.signal import lfilter

    x = np.asarray(samples, np.float64)
    for b, a in _k_filters(rate):
        x = lfilter(b, a, x)
    block, hop = int(0.4 * rate), int(0.1 * rate)
    if len(x) < block:
        x = np.pad(x, (0, block - len(x)))
    sums = np.r_[0, np.cumsum(x * x)]
    starts = np.arange(0, len(x) - block + 1, hop)
    power = (sums[starts + block] - sums[starts]) / block
    level = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    kept = power[level > -70]
    if len(kept) == 0:
        return float("-inf")
    gate = -0.691 + 10 * np.log10(kept.mean()) - 10
    kept = power[(level > -70) & (level > gate)]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def limit(samples: np.ndarray, rate: int) -> np.ndarray:
    """Peaks brought under the ceiling by a gain that moves smoothly over 5 ms on both sides."""
    peak = np.abs(samples)
    if peak.max(initial=0) <= _CEILING:
        return samples
    from scipy.ndimage import minimum_filter1d

    reach = int(0.005 * rate)
    need = np.minimum(1.0, _CEILING / np.maximum(peak, 1e-9))
    gain = minimum_filter1d(need, 2 * reach + 1)
    kernel = np.hanning(2 * reach + 1)
    gain = np.convolve(np.pad(gain, reach, mode="edge"), kernel / kernel.sum(), "valid")
    return np.clip(samples * gain, -_CEILING, _CEILING)


def normalise(samples: np.ndarray, rate: int, target: float = TARGET_LUFS) -> np.ndarray:
    """float32 at `target` LUFS, nowhere above the ceiling."""
    now = loudness(samples, rate)
    if not np.isfinite(now):
        return np.asarray(samples, np.float32)
    out = limit(samples * 10 ** (np.clip(target - now, -40, 40) / 20), rate)
    again = loudness(out, rate)
    if target - again > 0.3:  # what the limiter took, given back once
        out = limit(out * 10 ** ((target - again) / 20), rate)
    return np.asarray(out, np.float32)
