"""Fundamental frequency by normalised autocorrelation and a best path (after Boersma 1993), in numpy, about 300 times real time."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

HOP = 0.010  # seconds between frames
LOW, HIGH = 65.0, 800.0  # Hz
STEPS = 4  # candidates a semitone
_WINDOW = 0.040  # seconds
_RATE = 8000  # Hz, enough for a period
_VOICED = 0.45  # periodicity from which on a frame is voiced
_JUMP = 0.02  # cost of moving one candidate step a frame
_SWITCH = 0.20  # cost of starting or ending voice
_OCTAVE = 0.005  # preference for the higher candidate, an octave


@cache
def _grid() -> NDArray[np.float32]:
    count = int(12 * STEPS * np.log2(HIGH / LOW)) + 1
    return (LOW * 2.0 ** (np.arange(count) / (12 * STEPS))).astype(np.float32)


def frames_of(x: NDArray[Any], size: int, hop: int) -> NDArray[Any]:
    """[n] → [frames, size], frame k centred on sample k * hop, zeros beyond the ends."""
    padded = np.pad(x, (size // 2, size // 2 + size))
    count = max(1, int(np.ceil(len(x) / hop)))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:count]


def periodicity(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalised autocorrelation at each candidate's period: float32 [frames, candidates]. samples: [n] at 8 kHz."""
    size, hop = int(_WINDOW * _RATE), int(HOP * _RATE)
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    frames = frames_of(samples, size, hop)
    frames = (frames - frames.mean(1, keepdims=True)) * window
    fft = 1024
    power = np.abs(np.fft.rfft(frames, fft)) ** 2
    lags = np.fft.irfft(power, fft)[:, : size // 2 + 2]
    own = np.fft.irfft(np.abs(np.fft.rfft(window, fft)) ** 2)[: size // 2 + 2]
    loud = lags[:, :1]
    floor = 1e-7 + 1e-4 * float(loud.max())  # quiet frames count as aperiodic
    scaled = lags / (loud + floor) * (own[0] / own)
    at = _RATE / _grid()
    low = at.astype(int)
    part = (at - low).astype(np.float32)
    # parabola through three lags about the period, so that high voices are not read too weak
    a, b, c = scaled[:, low - 1], scaled[:, low], scaled[:, low + 1]
    return np.clip(b + part * (c - a) / 2 + part**2 * (a - 2 * b + c) / 2, -1, 1).astype(np.float32)


def track_f0(samples: NDArray[Any], rate: int) -> NDArray[np.float32]:
    """F0 in Hz every 10 ms, 0 where unvoiced: float32 [frames]. samples: float [n], -1..1."""
    return track(samples, rate)[0]


def track(samples: NDArray[Any], rate: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """F0 in Hz (0 unvoiced) and periodicity 0..1, both float32 [frames]."""
    x = resample(np.asarray(samples, np.float32), rate, _RATE)
    if not np.any(x):
        n = max(1, int(np.ceil(len(x) / (HOP * _RATE))))
        return np.zeros(n, np.float32), np.zeros(n, np.float32)
    strength = periodicity(x)
    grid = _grid()
    n, c = strength.shape
    score = strength + _OCTAVE * np.log2(grid / LOW)
    reach = 6 * STEPS  # candidates a frame may move: half an octave
    step = np.abs(np.arange(-reach, reach + 1)) * np.float32(_JUMP)
    before = np.full(c + 2 * reach, -1e9, np.float32)
    best = np.empty((n, c + 1), np.float32)
    back = np.empty((n, c + 1), np.int16)
    best[0, :c], best[0, c] = score[0], _VOICED
    columns = np.arange(c)
    for t in range(1, n):
        before[reach : reach + c] = best[t - 1, :c]
        stay = np.lib.stride_tricks.sliding_window_view(before, 2 * reach + 1) - step
        which = stay.argmax(1)
        on = stay[columns, which]
        back[t, :c] = columns + which - reach
        start = best[t - 1, c] - _SWITCH
        back[t, :c] = np.where(start > on, c, back[t, :c])
        best[t, :c] = np.maximum(on, start) + score[t]
        end = best[t - 1, :c].argmax()
        off = best[t - 1, end] - _SWITCH
        stop = off > best[t - 1, c]
        back[t, c] = end if stop else c
        best[t, c] = (off if stop else best[t - 1, c]) + _VOICED
    path = np.empty(n, int)
    path[-1] = best[-1].argmax()
    for t in range(n - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    on = path < c
    place = np.where(on, path, 0)
    rows = np.arange(n)
    left, here, right = (strength[rows, np.clip(place + d, 0, c - 1)] for d in (-1, 0, 1))
    bend = left - 2 * here + right
    shift = np.where(np.abs(bend) > 1e-4, np.clip(0.5 * (left - right) / np.where(bend == 0, 1, bend), -1, 1), 0)
    f0 = LOW * 2.0 ** ((place + shift) / (12 * STEPS))
    return np.where(on, f0, 0).astype(np.float32), np.clip(np.where(on, here, strength.max(1)), 0, 1)


def resample(x: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Polyphase resampling, float32 [n]."""
    if rate == to:
        return x
    from math import gcd

    from scipy.signal import resample_poly

    divisor = gcd(rate, to)
    return resample_poly(x, to // divisor, rate // divisor).astype(np.float32)
