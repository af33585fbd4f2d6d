"""Log-mel features of speech: what models hear of a voice.

80 bands from 40 to 8000 Hz (what 16 kHz recordings still hold), 100 frames a second, in decibels relative to the level of
loud speech in the same recording, so that a quiet recording sounds like a loud one. numpy only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genstudio.media.rates import HOP, MEL_BANDS, SAMPLE_RATE

if TYPE_CHECKING:
    F32 = NDArray[np.float32]

FFT = 1024  # samples
WINDOW = 720  # samples, 30 ms
LOWEST, HIGHEST = 40.0, 8000.0  # Hz
FLOOR_DB, CEILING_DB = -80.0, 20.0  # what is kept below and above the level of loud speech
_QUIETEST_DB = -75.0  # recordings whose loud parts lie below this (full scale 0) count as silence and are not raised
_BLOCK = 4096  # frames at a time: minutes of audio need no more memory than this


@lru_cache(maxsize=1)
def filterbank() -> F32:
    """Triangular mel filters (HTK formula), float32 [80, 513], rows sum to 1."""
    mel = np.linspace(_mel(LOWEST), _mel(HIGHEST), MEL_BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank = np.minimum((bins - left) / (centre - left), (right - bins) / (right - centre)).clip(0)
    bank /= np.maximum(bank.sum(axis=1, keepdims=True), 1e-9)
    empty = bank.sum(axis=1) < 0.5  # a low band narrower than a bin takes the nearest one
    bank[empty, np.round(centre[empty, 0] * FFT / SAMPLE_RATE).astype(int)] = 1
    return np.asarray(bank, np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


def power_mel(samples: F32) -> F32:
    """Mel power in dB (full scale sine near 0), float32 [frames, 80]; frame k is centred on sample (k + 0.5) * HOP.

    samples: float32 [samples] at SAMPLE_RATE; frames = ceil(samples / HOP).
    """
    x = np.asarray(samples, np.float32)
    frames = -(-len(x) // HOP)
    lead = WINDOW // 2 - HOP // 2
    x = np.pad(x, (lead, frames * HOP - len(x) + WINDOW))
    window = np.hanning(WINDOW).astype(np.float32)
    window *= 2 / window.sum()
    bank = filterbank().T
    out = np.empty((frames, MEL_BANDS), np.float32)
    for a in range(0, frames, _BLOCK):
        b = min(a + _BLOCK, frames)
        view = np.lib.stride_tricks.sliding_window_view(x[a * HOP : (b - 1) * HOP + WINDOW], WINDOW)[::HOP]
        spectrum = np.abs(np.fft.rfft(view * window, FFT)).astype(np.float32) ** 2
        out[a:b] = 10 * np.log10(spectrum @ bank + 1e-11)
    return out


def level_db(mel: F32) -> float:
    """The level of loud speech in `power_mel`: the 95th percentile of the frames' mean power, in dB."""
    if not len(mel):
        return 0.0
    return float(np.percentile(10 * np.log10((10 ** (mel / 10)).mean(axis=1) + 1e-11), 95))


def log_mel(samples: F32, rate: int = SAMPLE_RATE, level: float | None = None) -> F32:
    """Features float32 [frames, 80] in dB, FLOOR_DB..CEILING_DB, 0 dB = the level of loud speech in this recording.

    samples: float32 [samples] mono at `rate` Hz (resampled when it is not SAMPLE_RATE). level fixes the reference in dB, for
    streams.
    """
    x = np.asarray(samples, np.float32)
    if rate != SAMPLE_RATE and len(x):
        import soxr

        x = soxr.resample(x, rate, SAMPLE_RATE)
    mel = power_mel(np.nan_to_num(x))
    if level is None:
        level = level_db(mel)
    return (mel - max(level, _QUIETEST_DB)).clip(FLOOR_DB, CEILING_DB)


def loudness(mel: F32) -> F32:
    """Mean power of each frame in dB, float32 [frames], from features in dB [frames, bands]."""
    return np.asarray(10 * np.log10((10 ** (mel / 10)).mean(axis=-1) + 1e-9), np.float32)
