"""Samples brought to the spectral envelope that they are asked to have: analysis by synthesis, closed once.

80 points every 10 ms do not hold what a recording has above 4 kHz, noise fills the valleys between a vowel's formants, and the
network's filters lean on F0. Where the recording is at hand, its envelope in full (CheapTrick: Morise 2015, 1,025 bins every 5 ms)
is known, and so is that of what was made of it: the difference of the two is a filter. What F0 and the envelope's move do stays,
for the envelope is taken with the harmonics removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from genstudio.signals.world import world

from ..analysis.features import HOP, MEL_BANDS, SAMPLE_RATE, mel_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

STEP = HOP // 2  # samples between frames, 5 ms
BINS = 1025
_FFT = 2 * (BINS - 1)
_WINDOW = 4 * STEP  # samples that one filter answers for
_REACH = 512  # samples that a filter's response reaches to either side
_MOST = 1.6  # nepers of power: what is farther off (silence, what nothing was recorded of) is not chased
_CALM, _AROUND = 1.0, 4  # frames: a filter without F0 is smoothed so far, for it would chase the chance of noise
_MARGIN = 2400  # samples around a block: CheapTrick looks three periods of the lowest voice far
_BLOCK = 500  # frames: memory stays the same for any length
_QUIET = 1e-12  # power that digital silence is given
_ROOM = _FFT  # samples before the first and after the last, where answers may begin and end


def steps(f0: NDArray[np.floating]) -> F64:
    """F0 every 5 ms [2 t - 1] of one every 10 ms [t]; 0 where unvoiced, and beside an unvoiced frame."""
    f = np.asarray(f0, np.float64)
    out = np.zeros(max(0, 2 * len(f) - 1))
    out[::2] = f
    out[1::2] = np.where((f[1:] > 0) & (f[:-1] > 0), (f[1:] + f[:-1]) / 2, 0)
    return out


def envelope(samples: NDArray[np.floating], f0: F64, start: int, stop: int) -> F64:
    """ln power [stop - start, 1025] of the frames start..stop, 5 ms apart, harmonics removed. f0: [frames], see `steps`."""
    pyworld = world("keeping a recording's envelope")
    first = start * STEP - _MARGIN
    cut = np.asarray(samples[max(0, first) : stop * STEP + _MARGIN], np.float64)
    padded = np.pad(cut, (max(0, -first), max(0, stop * STEP + _MARGIN - len(samples))))
    times = (np.arange(stop - start) * STEP + _MARGIN) / SAMPLE_RATE
    power: F64 = pyworld.cheaptrick(padded, np.ascontiguousarray(f0[start:stop]), times, SAMPLE_RATE, fft_size=_FFT)
    return np.log(power + _QUIET)


@lru_cache(maxsize=1)
def _between_points() -> F64:
    """[80, 1025]: from mel points to bins, linear between points."""
    hz, eye = np.arange(BINS) * SAMPLE_RATE / _FFT, np.eye(MEL_BANDS)
    return np.stack([np.interp(hz, mel_points(), row) for row in eye])


def drawn(points: NDArray[np.floating]) -> F64:
    """The line that mel points [t, 80] draw over the bins [t, 1025]."""
    out: F64 = np.asarray(points, np.float64) @ _between_points()
    return out


def between(rows: NDArray[np.floating], at: F64) -> F64:
    """Rows [t, ..] at places between them [n], 0..t - 1; the last goes on."""
    low = np.clip(at.astype(int), 0, len(rows) - 1)
    high, part = np.minimum(low + 1, len(rows) - 1), (at - low)[:, None]
    out: F64 = rows[low] * (1 - part) + rows[high] * part
    return out


def faithful(
    samples: NDArray[np.floating], f0: NDArray[np.floating], wanted: Callable[[int, int], F64]
) -> NDArray[np.float32]:
    """Samples float32 [n] filtered so that their envelope is the one wanted.

    f0: [t] Hz that they were made with, every 10 ms, 0 unvoiced. wanted(start, stop): ln power [stop - start, 1025] of frames 5 ms
    apart, 2 t - 1 of them. No bin moves by more than 7 dB.
    """
    track = steps(f0)
    out = np.zeros(len(samples) + 2 * _ROOM, np.float32)
    for start in range(0, len(track), _BLOCK):
        stop = min(start + _BLOCK, len(track))
        first, last = max(0, start - _AROUND), min(len(track), stop + _AROUND)
        gain = np.clip(wanted(first, last) - envelope(samples, track, first, last), -_MOST, _MOST)
        calm = gaussian_filter1d(gain, _CALM, axis=0, radius=_AROUND, mode="nearest")
        gain = np.where(track[first:last, None] > 0, gain, calm)[start - first : stop - first]
        for at, answer in _filtered(samples, gain, start, stop == len(track)):
            low, high = max(0, at), min(len(out), at + len(answer))
            out[low:high] += answer[low - at : high - at]
    return out[_ROOM : _ROOM + len(samples)]


def _filtered(
    samples: NDArray[np.floating], gain: F64, start: int, last: bool
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(place in samples + _ROOM, answer [_FFT]) of every frame from `start`, and of those that end the samples if it is the last
    block. gain: ln power [frames, 1025]."""
    frames = len(gain) + (_WINDOW // STEP if last else 0)
    first = start - (_WINDOW // STEP if start == 0 else 0)
    rows = np.clip(np.arange(first, start + frames) - start, 0, len(gain) - 1)
    window = np.hanning(_WINDOW + 1)[:-1] * (2 * STEP / _WINDOW)
    begin = np.arange(first, start + frames) * STEP - _WINDOW // 2
    index = begin[:, None] + np.arange(_WINDOW)
    inside = (index >= 0) & (index < len(samples))
    cut = np.where(inside, np.asarray(samples, np.float64)[np.clip(index, 0, len(samples) - 1)], 0) * window
    response = (
        np.roll(np.fft.irfft(np.exp(gain / 2)), _REACH, axis=1)[:, : 2 * _REACH] * np.hanning(2 * _REACH + 1)[:-1]
    )
    answers = np.fft.irfft(np.fft.rfft(cut, _FFT) * np.fft.rfft(response, _FFT)[rows])
    for at, answer in zip(begin - _REACH + _ROOM, answers, strict=True):
        yield int(at), answer.astype(np.float32)
