"""Training only: where the real glottal closures are, so that the pulses can be laid on them.

Laid so, a waveform loss can teach the speaker's own glottal shape. When speaking, the phase is just the sum of F0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..analysis.features import HOP, SAMPLE_RATE, fill_f0
from ..analysis.pitch import frames_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

TAU = 2 * np.pi
_WINDOW, _FFT = 960, 8192
_SEARCH = np.arange(-10, 11) * 0.0025  # relative F0


def refine_f0(x: F64, f0: F64, top: float = 4000.0) -> F64:
    """F0 [T] moved by up to 2.5 % to where the harmonics up to `top` Hz are strongest; 0 stays 0.

    An error of 0.5 % is 20 Hz at the 25th harmonic: enough to make a vocoder see noise where the speaker has a tone.
    """
    voiced = np.flatnonzero(f0 > 0)
    if len(voiced) == 0:
        return f0.copy()
    frames = frames_of(x, _WINDOW)[voiced] * np.hanning(_WINDOW)
    spectrum = np.sqrt(np.abs(np.fft.rfft(frames, _FFT)))
    tried = f0[voiced, None] * (1 + _SEARCH)
    score = np.zeros_like(tried)
    rows = np.arange(len(voiced))[:, None]
    for k in range(1, int(top / 60) + 1):
        at = tried * (k * _FFT / SAMPLE_RATE)
        inside = (f0[voiced] * k < top)[:, None]
        if not inside.any():
            break
        low = np.minimum(at.astype(int), _FFT // 2 - 1)
        value = spectrum[rows, low] * (1 - (at - low)) + spectrum[rows, low + 1] * (at - low)
        score += np.where(inside, value, 0.0)
    score /= score.mean(axis=1, keepdims=True)
    score -= 8.0 * _SEARCH**2 / 0.025  # a little reluctance to move
    best = np.clip(score.argmax(axis=1), 1, len(_SEARCH) - 2)
    left, mid, right = (score[np.arange(len(voiced)), best + i] for i in (-1, 0, 1))
    bend = np.minimum(left - 2 * mid + right, -1e-9)
    move = _SEARCH[best] + np.clip(0.5 * (left - right) / bend, -1, 1) * 0.0025
    track = np.zeros(len(f0))
    track[voiced] = move
    stacked = np.stack([np.roll(track, 1), track, np.roll(track, -1)])
    return np.where(f0 > 0, f0 * (1 + np.median(stacked, axis=0)), 0.0)


def aligned_phase(x: F64, f0: F64) -> F64:
    """Phase [T] in 0..2 pi at the frames, 0 at the real closures.

    The fundamental's own phase plus the offset of the 1 to 5 kHz bursts, smoothed over 0.2 s: less smoothing shakes the
    high harmonics.
    """
    from scipy.fft import next_fast_len
    from scipy.signal import butter, fftconvolve, hilbert, sosfiltfilt

    n = len(x)
    at = np.arange(n) / HOP
    turns = np.cumsum(np.interp(at, np.arange(len(f0)), fill_f0(f0))) / SAMPLE_RATE
    carrier = np.exp(-1j * TAU * turns)
    band = butter(4, [1000, 5000], "band", fs=SAMPLE_RATE, output="sos")
    burst = np.abs(hilbert(sosfiltfilt(band, x), next_fast_len(n)))[:n]
    short, middle, long = np.hanning(601) / 300, np.hanning(2401) / 1200, np.hanning(4801) / 2400
    voiced = (f0 > 0)[np.minimum((at + 0.5).astype(int), len(f0) - 1)].astype(float)
    first = fftconvolve(x * carrier, short, "same")
    bursts = fftconvolve(burst * carrier, short, "same")
    offset = fftconvolve(bursts * np.conj(first) / (np.abs(first) + 1e-5) * voiced, middle, "same")
    total = fftconvolve(np.exp(1j * (np.angle(first + 1e-12) + np.angle(offset + 1e-12))) * voiced, long, "same")
    phase = TAU * turns + np.angle(total + 1e-9)
    frames = np.minimum(np.arange(len(f0)) * HOP, n - 1)
    return np.mod(phase[frames], TAU)
