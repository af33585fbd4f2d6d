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
_PIECE = 1 << 19  # samples worked on at once: an hour needs no more memory than a minute


def loudness(samples: NDArray[Any], rate: int) -> float:
    """Integrated loudness in LUFS: K-weighting, blocks of 0.4 s, gates at -70 LUFS and 10 LU below the mean.

    samples: [n >= 1], -1..1, finite, else InputError; shorter than a block is read whole. Silence gives -inf.
    """
    power = _block_power(np.asarray(samples), rate)
    power = power[_level(power) > _GATE]
    if not power.size:
        return float("-inf")
    return float(_level(power[_level(power) > _level(power.mean()) - 10].mean()))


def _block_power(x: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """Mean square of the weighted signal in every block of 0.4 s, one each 0.1 s; of the whole when it is shorter."""
    from scipy.signal import lfilter

    if x.ndim != 1 or not x.size:
        mono(x)  # refuses it; the samples are looked at piece by piece
    block, hop = min(round(0.4 * rate), len(x)), round(0.1 * rate)
    start = np.arange(0, len(x) - block + 1, hop)
    ends = np.concatenate([start, start + block])  # where the running sum is looked at
    found = np.zeros(len(ends))
    stages = [(b, a, np.zeros(2)) for b, a in _k_weighting(rate)]
    total = 0.0
    for at in range(0, len(x), _PIECE):
        y = mono(x[at : at + _PIECE])
        for k, (b, a, state) in enumerate(stages):
            y, state = lfilter(b, a, y, zi=state)
            stages[k] = (b, a, state)
        run = total + np.cumsum(y * y)
        here = (ends > at) & (ends <= at + len(y))
        found[here] = run[ends[here] - at - 1]
        total = float(run[-1])
    return np.maximum(found[len(start) :] - found[: len(start)], 0) / block


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
    from scipy.ndimage import minimum_filter1d

    reach = int(0.005 * rate)
    kernel = np.hanning(2 * reach + 1)
    out = samples
    for at in range(0, len(samples), _PIECE):
        first = max(0, at - 2 * reach)
        near = samples[first : at + _PIECE + 2 * reach]
        peak = np.abs(near)
        if peak.max(initial=0) <= CEILING:
            continue
        need = np.minimum(1.0, CEILING / np.maximum(peak, 1e-9))
        gain = minimum_filter1d(need, 2 * reach + 1)
        gain = np.convolve(np.pad(gain, reach, mode="edge"), kernel / kernel.sum(), "valid")
        held = np.clip(near * gain, -CEILING, CEILING)
        out = samples.copy() if out is samples else out
        out[at : at + _PIECE] = held[at - first : at - first + _PIECE]
    return out


def scaled(samples: NDArray[Any], rate: int, target: float) -> NDArray[np.float32]:
    """float32 at `target` LUFS by one factor, however quiet it was and without a ceiling; nothing and silence stay as they are."""
    x = np.asarray(samples, np.float32)
    peak = float(np.abs(x).max(initial=0.0))
    now = loudness(x / np.float32(peak), rate) if peak > 0 else float("-inf")  # at full scale, above the absolute gate
    return x * np.float32(10 ** ((target - now) / 20) / peak) if np.isfinite(now) else x


def normalise(samples: NDArray[Any], rate: int, target: float = TARGET_LUFS) -> NDArray[np.float32]:
    """float32 at `target` LUFS, nowhere above the ceiling; nothing and silence stay as they are."""
    now = loudness(samples, rate) if len(samples) else float("-inf")
    if not np.isfinite(now):
        return np.asarray(samples, np.float32)
    samples = np.asarray(samples, np.float32)
    out = limit(samples * np.float32(10 ** (np.clip(target - now, -40, 40) / 20)), rate)
    again = loudness(out, rate)
    if target - again > 0.3:  # what the limiter took, given back once
        out = limit(out * np.float32(10 ** ((target - again) / 20)), rate)
    return np.asarray(out, np.float32)
