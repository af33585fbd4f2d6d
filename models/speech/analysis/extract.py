"""`analyse`: samples to `Features` (CheapTrick envelope on mel points, F0, band periodicity)."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from genstudio.errors import InputError
from genstudio.signals.world import world

from .features import BAND_EDGES, HOP, SAMPLE_RATE, Features, fill_f0, mel_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

_FFT = 2048  # CheapTrick then resolves voices down to 36 Hz
_USE = "analysing recorded speech"
_DITHER = 1e-6  # keeps digital silence finite


@lru_cache(maxsize=4)
def mel_bank(fft: int = _FFT) -> F64:
    """[80, fft // 2 + 1]: each row averages the power spectrum around one mel point."""
    points = mel_points()
    freq = np.arange(fft // 2 + 1) * SAMPLE_RATE / fft
    width = np.maximum(np.r_[np.diff(points), points[-1] - points[-2]], SAMPLE_RATE / 1024)
    rows = np.maximum(0.0, 1.0 - np.abs(freq[None] - points[:, None]) / width[:, None])
    return rows / rows.sum(axis=1, keepdims=True)


def envelope_of(x: F64, f0: F64) -> NDArray[np.float32]:
    """ln power [T, 80], harmonics removed. A frame without F0 gets CheapTrick's own short window (500 Hz)."""
    pyworld = world(_USE)
    times = np.arange(len(f0)) * HOP / SAMPLE_RATE
    power = pyworld.cheaptrick(x, f0, times, SAMPLE_RATE, fft_size=_FFT)
    return np.log(power @ mel_bank().T + 1e-9).astype(np.float32)


def periodicity_of(x: F64, f0: F64) -> NDArray[np.float32]:
    """[T, 7], 0..1: normalised autocorrelation at the pitch lag in 7 bands (as in MELP), 0 where unvoiced."""
    from .pitch import autocorrelation_of, frames_of

    window = np.hanning(1080)
    pitch = fill_f0(f0)
    freq = np.fft.rfftfreq(2048, 1 / SAMPLE_RATE)
    power = np.abs(np.fft.rfft(frames_of(x, 1080)[: len(f0)] * window, 2048)) ** 2
    turning = np.cos(2 * np.pi * freq[None] / pitch[:, None]) * power
    own = np.interp(SAMPLE_RATE / pitch, np.arange(600), autocorrelation_of(window, 600))
    bands = []
    for low, high in pairwise(BAND_EDGES):
        inside = (freq >= low) & (freq < high)
        bands.append(turning[:, inside].sum(axis=1) / (power[:, inside].sum(axis=1) + 1e-12) / own)
    voiced = (f0 > 0)[:, None]
    return (np.clip(np.stack(bands, axis=1), 0.0, 1.0) * voiced).astype(np.float32)


def analyse(samples: NDArray[np.floating], rate: int = SAMPLE_RATE) -> Features:
    """Features of mono samples [N] in -1..1 at `rate` Hz; about 2 % of real time on one core.

    The same samples always give the same features.
    """
    world(_USE)
    from .pitch import track_f0

    x = np.asarray(samples, dtype=np.float64)
    if x.ndim != 1:
        raise InputError(f"samples of shape {x.shape} are not mono [samples]")
    if rate != SAMPLE_RATE:
        import soxr

        x = soxr.resample(x, rate, SAMPLE_RATE)
    if len(x) < HOP * 5:
        raise InputError(f"{len(x)} samples at {SAMPLE_RATE} Hz are too few to analyse; at least {HOP * 5} are needed")
    if not np.isfinite(x).all():
        raise InputError("samples hold values that are not finite numbers")
    x = x + _DITHER * np.random.default_rng(0).standard_normal(len(x))
    f0 = track_f0(x)
    return Features(envelope_of(x, f0), f0.astype(np.float32), periodicity_of(x, f0))
