"""What a voice does, in numbers: frame-wise descriptors every 10 ms and their functionals over an utterance.

In the spirit of eGeMAPS (Eyben et al. 2016: pitch, loudness, spectral balance, voice quality, formants, cepstra, tempo),
computed here in numpy from a signal brought to 16 kHz, one level and one bandwidth first, so that recordings compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .f0 import HOP, frames_of, resample, track

RATE = 16_000  # Hz: nothing above 8 kHz is heard
MELS = 40
CEPSTRA = 13
_FFT = 512
_WINDOW = 400  # samples, 25 ms
_SILENCE = 35.0  # dB below the loudest frame that is silence

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Frames:
    """Every 10 ms. f0: Hz, 0 unvoiced [n]; period: periodicity 0..1 [n]; level: dB [n]; mel: log mel power [n, 40];
    power: power spectrum [n, 257]; formants: Hz [n, 3], width: Hz [n, 3], NaN where unvoiced; harmonics: dB H1-H2 and H1-A3 [n, 2];
    active: between the first and last sound, bool [n]; `sound`: louder than silence, bool [n]."""

    f0: F32
    period: F32
    level: F32
    mel: F32
    power: F32
    formants: F32
    width: F32
    harmonics: F32
    active: NDArray[np.bool_]
    sound: NDArray[np.bool_]


@cache
def mel_filters(count: int = MELS, low: float = 60.0, high: float = 7600.0) -> F32:
    """Triangles on the mel scale, float32 [257, count]."""

    def mel(f: Any) -> Any:
        return 2595 * np.log10(1 + np.asarray(f) / 700)

    edges = 700 * (10 ** (np.linspace(mel(low), mel(high), count + 2) / 2595) - 1)
    at = np.linspace(0, RATE / 2, _FFT // 2 + 1)[:, None]
    up, down = (at - edges[:-2]) / (edges[1:-1] - edges[:-2]), (edges[2:] - at) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(up, down)).astype(np.float32)


def prepare(samples: NDArray[Any], rate: int) -> F32:
    """To 16 kHz mono float32 without offset, its loud part at one level (RMS 0.1 over frames within 20 dB of the loudest)."""
    x = resample(np.asarray(samples, np.float32), rate, RATE)
    x = x - x.mean()
    power = (frames_of(x, _WINDOW, int(HOP * RATE)) ** 2).mean(1)
    top = power.max()
    if top <= 1e-12:
        return x
    return (x * (0.1 / np.sqrt(power[power > top * 0.01].mean()))).astype(np.float32)


def analyse(x: F32) -> Frames:
    """Frames of a prepared signal."""
    hop = int(HOP * RATE)
    f0, period = track(x, RATE)
    framed = frames_of(x, _WINDOW, hop)
    n = min(len(f0), len(framed))
    f0, period, framed = f0[:n], period[:n], framed[:n]
    window = np.hanning(_WINDOW).astype(np.float32)
    power = (np.abs(np.fft.rfft(framed * window, _FFT)) ** 2).astype(np.float32)
    level = 10 * np.log10((framed**2).mean(1) + 1e-10)
    sound = level > level.max() - _SILENCE
    where = np.flatnonzero(sound)
    active = np.zeros(n, bool)
    active[where[0] : where[-1] + 1] = True
    f0 = np.where(sound, f0, 0).astype(np.float32)
    formants, width = _formants(x, f0 > 0)
    mel = np.log(power @ mel_filters() + 1e-6)
    harmonics = _harmonics(x, f0, formants)
    return Frames(f0, period, level.astype(np.float32), mel, power, formants, width, harmonics, active, sound)


def _formants(x: F32, voiced: NDArray[np.bool_]) -> tuple[F32, F32]:
    """First three resonances and their widths by linear prediction below 4 kHz."""
    out, width = np.full((len(voiced), 3), np.nan, np.float32), np.full((len(voiced), 3), np.nan, np.float32)
    rows = np.flatnonzero(voiced)
    if not rows.size:
        return out, width
    low = resample(x, RATE, 8000)
    low = np.append(low[:1], low[1:] - 0.97 * low[:-1])
    framed = frames_of(low, 240, 80)
    rows = rows[rows < len(framed)]
    framed = framed[rows] * np.hamming(240)
    order = 10
    lags = np.fft.irfft(np.abs(np.fft.rfft(framed, 512)) ** 2)[:, : order + 1]
    lags[:, 0] = lags[:, 0] * 1.0005 + 1e-9
    index = np.abs(np.arange(order)[:, None] - np.arange(order))
    a = np.linalg.solve(lags[:, index], lags[:, 1:, None])[..., 0]
    companion = np.zeros((len(rows), order, order))
    companion[:, 0] = a
    companion[:, np.arange(1, order), np.arange(order - 1)] = 1
    roots = np.linalg.eigvals(companion)
    at = np.angle(roots) * 8000 / (2 * np.pi)
    wide = -np.log(np.maximum(np.abs(roots), 1e-6)) * 8000 / np.pi
    at = np.where((at > 150) & (at < 3800) & (wide < 700), at, np.inf)
    order3 = np.argsort(at, 1)[:, :3]
    at, wide = np.take_along_axis(at, order3, 1), np.take_along_axis(wide, order3, 1)
    fine = np.isfinite(at)
    out[rows], width[rows] = np.where(fine, at, np.nan), np.where(fine, wide, np.nan)
    return out, width


def _harmonics(x: F32, f0: F32, formants: F32) -> F32:
    """H1-H2 and H1-A3 in dB, NaN where unvoiced."""
    out = np.full((len(f0), 2), np.nan, np.float32)
    rows = np.flatnonzero(f0 > 0)
    if not rows.size:
        return out
    spectrum = np.abs(np.fft.rfft(frames_of(x, 640, int(HOP * RATE))[rows] * np.hanning(640).astype(np.float32), 1024))
    spectrum = 20 * np.log10(spectrum + 1e-6)
    bin_hz = RATE / 1024

    def peak(at: NDArray[Any], reach: NDArray[Any]) -> NDArray[Any]:
        offsets = np.linspace(-1, 1, 9)
        place = np.clip(
            ((at[:, None] + offsets * reach[:, None]) / bin_hz).round().astype(int), 0, spectrum.shape[1] - 1
        )
        return np.take_along_axis(spectrum, place, 1).max(1)

    voice = f0[rows]
    h1, h2 = peak(voice, voice * 0.2), peak(2 * voice, voice * 0.2)
    third = np.nan_to_num(formants[rows, 2], nan=2700.0)
    out[rows, 0], out[rows, 1] = h1 - h2, h1 - peak(third, np.full_like(third, 300.0))
    return out


def balance(frames: Frames) -> F32:
    """Spectral balance each frame, float32 [n, 7]: alpha ratio, Hammarberg index, slopes 0-500 and 500-1500 Hz (dB/kHz), centroid
    (kHz), share above 2 kHz (dB), flux."""
    db = 10 * np.log10(frames.power + 1e-7)
    at = np.linspace(0, RATE / 2, _FFT // 2 + 1)

    def band(low: float, high: float) -> NDArray[Any]:
        return 10 * np.log10(frames.power[:, (at >= low) & (at < high)].sum(1) + 1e-7)

    def slope(low: float, high: float) -> NDArray[Any]:
        here = (at >= low) & (at < high)
        f = (at[here] - at[here].mean()) / 1000
        return db[:, here] @ f / (f @ f)

    alpha = band(1000, 5000) - band(50, 1000)
    hammarberg = db[:, (at < 2000)].max(1) - db[:, (at >= 2000) & (at < 5000)].max(1)
    total = frames.power.sum(1) + 1e-7
    centroid = frames.power @ at / total / 1000
    high = 10 * np.log10(frames.power[:, at > 2000].sum(1) / total + 1e-7)
    shape = np.sqrt(frames.power / total[:, None])
    flux = np.append(0, np.sqrt(((shape[1:] - shape[:-1]) ** 2).sum(1)))
    return np.stack([alpha, hammarberg, slope(0, 500), slope(500, 1500), centroid, high, flux], 1).astype(np.float32)


@cache
def _dct() -> F32:
    k, n = np.arange(CEPSTRA)[:, None], np.arange(MELS)
    return (np.cos(np.pi * k * (n + 0.5) / MELS) * np.sqrt(2 / MELS)).T.astype(np.float32)


def cepstra(mel: F32) -> F32:
    """Mel cepstra 0..12, float32 [n, 13]."""
    return mel @ _dct()


def cut(frames: Frames, start: int, end: int) -> Frames:
    """The frames from start to end; what is active is found anew, by the level within."""
    part = {name: getattr(frames, name)[start:end] for name in Frames.__dataclass_fields__}
    sound = part["sound"] & (part["level"] > part["level"].max() - _SILENCE)
    where = np.flatnonzero(sound)
    active = np.zeros(len(sound), bool)
    if where.size:
        active[where[0] : where[-1] + 1] = True
    return Frames(**(part | {"sound": sound, "active": active}))
