"""F0 by normalised autocorrelation and one best path over pitches and 'unvoiced' (after Boersma 1993), then stonemask.

DIO leaves a tenth of the voiced frames out and harvest is ten times slower, which hours of training audio forbid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genstudio.signals.world import world

from .features import F0_MAX, F0_MIN, HOP, SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

_WINDOW = 1080  # samples, 45 ms: three periods at 66 Hz
_FFT = 4096
_GRID = F0_MIN * (F0_MAX / F0_MIN) ** (np.arange(160) / 159)  # Hz
_UNVOICED = 0.40  # score of a frame without pitch: a periodicity above it is a voice
_JUMP = 0.6  # cost of an octave of jump from frame to frame
_SWITCH = 0.15  # cost of a change between voiced and unvoiced
_OCTAVE = 0.03  # bonus of a higher octave: a period also repeats at twice its length
_RANGE = 0.8  # cost of an octave outside the utterance's usual range, found by a first pass (after De Looze 2008)
_NO_PEAK = 0.5  # a lag that is no local maximum is no period
_SILENCE = 0.03  # of the loud frames' level


def frames_of(x: F64, size: int = _WINDOW) -> F64:
    """Frames [T, size] centred on every HOP-th sample, zero-padded; T = len(x) // HOP + 1."""
    padded = np.pad(x, (size // 2, size))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[: (len(x) // HOP) * HOP + 1 : HOP]


def autocorrelation_of(window: F64, lags: int, size: int = _FFT) -> F64:
    """Autocorrelation of a window, normalised to 1 at lag 0."""
    r = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:lags]
    return r / r[0]


def _scores(x: F64) -> tuple[F64, F64]:
    """Score of every pitch of the grid [T, grid] and of 'unvoiced' [T]."""
    window = np.hanning(_WINDOW)
    frames = frames_of(x)
    level = np.sqrt((frames**2).mean(axis=1))
    freq = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    band = (freq / 50) ** 4 / (1 + (freq / 50) ** 4) / (1 + (freq / 1400) ** 4)
    power = np.abs(np.fft.rfft((frames - frames.mean(axis=1, keepdims=True)) * window, _FFT)) ** 2
    lags = int(SAMPLE_RATE / F0_MIN) + 3
    r = np.fft.irfft(power * band)[:, :lags]
    r = r / (r[:, :1] + 1e-9) / np.maximum(autocorrelation_of(window, lags), 0.05)
    lag = SAMPLE_RATE / _GRID
    whole = lag.astype(int)
    part = lag - whole
    s = r[:, whole] * (1 - part) + r[:, whole + 1] * part
    top = np.zeros(s.shape, dtype=bool)
    top[:, 1:-1] = (s[:, 1:-1] >= s[:, :-2]) & (s[:, 1:-1] >= s[:, 2:])
    near = top.copy()
    for k in (1, 2):
        near[:, k:] |= top[:, :-k]
        near[:, :-k] |= top[:, k:]
    s = np.minimum(s, 1.0) - np.where(near, 0.0, _NO_PEAK) + _OCTAVE * np.log2(_GRID / 200.0)
    quiet = np.maximum(0.0, 1.5 - level / (_SILENCE * np.percentile(level, 95) + 1e-12))
    return s, _UNVOICED + quiet


def _best_path(score: F64, unvoiced: F64) -> NDArray[np.intp]:
    """Viterbi [T]: index of the pitch, -1 unvoiced. The linear jump cost makes each step two running maxima."""
    frames, n = score.shape
    slope = _JUMP * np.log2(_GRID[1] / _GRID[0]) * np.arange(n)
    back = np.full((frames, n), -1, dtype=np.int16)
    back_unvoiced = np.full(frames, -1, dtype=np.int16)
    voiced, silent = score[0].copy(), float(unvoiced[0])
    index = np.arange(n)
    for t in range(1, frames):
        up = voiced + slope
        low = np.maximum.accumulate(up)
        low_at = np.maximum.accumulate(np.where(up >= low, index, 0))
        down = (voiced - slope)[::-1]
        high = np.maximum.accumulate(down)
        high_at = (n - 1 - np.maximum.accumulate(np.where(down >= high, index, 0)))[::-1]
        low, high = low - slope, high[::-1] + slope
        best = np.maximum(low, high)
        at = np.where(low >= high, low_at, high_at)
        onset = silent - _SWITCH > best
        back[t] = np.where(onset, -1, at)
        top = int(voiced.argmax())
        end = voiced[top] - _SWITCH
        back_unvoiced[t] = top if end > silent else -1
        voiced = np.where(onset, silent - _SWITCH, best) + score[t]
        silent = max(silent, float(end)) + float(unvoiced[t])
    path = np.full(frames, -1, dtype=np.intp)
    state = int(voiced.argmax()) if voiced.max() > silent else -1
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state = int(back[t, state]) if state >= 0 else int(back_unvoiced[t])
    return path


def track_f0(x: F64) -> F64:
    """F0 [T] in Hz, 0 where unvoiced, of float64 samples at SAMPLE_RATE."""
    pyworld = world("analysing recorded speech")
    score, unvoiced = _scores(x)
    path = _best_path(score, unvoiced)
    sure = path[(path >= 0) & (score[np.arange(len(path)), path] > 0.6)]
    if len(sure) > 10:
        low, high = np.percentile(_GRID[sure], (25, 75))
        outside = np.maximum(np.log2(_GRID / (1.5 * high)), np.log2(0.66 * low / _GRID))
        path = _best_path(score - _RANGE * np.maximum(0.0, outside), unvoiced)
    f0 = np.where(path >= 0, _GRID[path], 0.0)
    times = np.arange(len(f0)) * HOP / SAMPLE_RATE
    fine = pyworld.stonemask(np.ascontiguousarray(x, dtype=np.float64), f0, times, SAMPLE_RATE)
    wild = (fine <= 0) | (np.abs(np.log2(np.maximum(fine, 1.0) / np.maximum(f0, 1.0))) > 0.1)
    return np.where(f0 == 0, 0.0, np.where(wild, f0, fine))
