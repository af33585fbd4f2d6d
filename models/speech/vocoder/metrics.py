"""Measures of copy synthesis against the recording; pure functions of samples at 24 kHz."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from genstudio.intervals import bootstrap
from genstudio.signals.transcripts import transcribe, wer
from genstudio.signals.world import world

from ..analysis.extract import envelope_of, mel_bank
from ..analysis.features import HOP, NARROW_BAND_POINTS, SAMPLE_RATE, Features
from ..analysis.pitch import track_f0

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

_DB = 10 / np.log(10)  # ln power to dB


@dataclass(frozen=True)
class Measures:
    """All lower is better, biases nearer 0; dB unless said. nan where F0 was changed and the measure has no meaning."""

    log_spectral: float  # RMS over 513 bins of 1024-sample spectra
    mel: float  # mean absolute, 80 mel points
    multi_stft: float  # spectral convergence + log magnitude, mean of three resolutions
    silence: float  # level against the recording's in its quiet frames
    aperiodicity: float  # RMSE of WORLD's band aperiodicity over voiced frames
    aperiodicity_bias: float  # its mean: below 0 buzz, above 0 hiss
    cents: float  # median F0 error
    gross: float  # % of commonly voiced frames more than 100 cents off
    voicing: float  # % of frames of which voicing differs
    envelope: float  # mean absolute difference of the voiced envelopes, level aside


def mean_measures(rows: Sequence[Measures]) -> dict[str, float]:
    return {f.name: float(np.nanmean([getattr(r, f.name) for r in rows])) for f in fields(Measures)}


def differences(
    ours: Sequence[Measures], theirs: Sequence[Measures], repeats: int = 2000
) -> dict[str, tuple[float, float, float]]:
    """Mean of ours less theirs on the same utterances, with its 95 % interval (utterances drawn anew); of biases and of the level
    in silence, the distances from 0. Below 0 is better. What has no meaning here is left out."""
    rng, out = np.random.default_rng(0), {}
    for f in fields(Measures):
        a, b = (np.array([getattr(r, f.name) for r in rows]) for rows in (ours, theirs))
        if f.name in ("silence", "aperiodicity_bias"):
            a, b = np.abs(a), np.abs(b)
        apart = (a - b)[~np.isnan(a - b)]
        if len(apart):
            found = bootstrap(lambda x: float(x.mean()), apart, repeats=repeats, seed=rng)
            out[f.name] = (found.value, found.low, found.high)
    return out


def _spectra(x: F64, size: int, hop: int) -> F64:
    window = np.hanning(size)
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::hop]
    return np.abs(np.fft.rfft(frames * window)) / np.sqrt((window**2).sum())


def _aperiodicity(x: F64, f0: F64) -> F64:
    pyworld = world("measuring aperiodicity")
    times = np.arange(len(f0)) * HOP / SAMPLE_RATE
    return pyworld.code_aperiodicity(pyworld.d4c(x, f0, times, SAMPLE_RATE, fft_size=1024), SAMPLE_RATE)


def compare(
    made: NDArray[np.floating],
    real: NDArray[np.floating],
    features: Features,
    factor: float = 1.0,
    narrow: bool = False,
) -> Measures:
    """`made` against the recording `real`, whose features are given, at equal loudness; `factor` is what F0 was multiplied
    by. narrow: the recording has nothing above 7.5 kHz, only what lies below counts."""
    n = min(len(made), len(real))
    x = np.asarray(real[:n], dtype=np.float64)
    y = np.asarray(made[:n], dtype=np.float64)
    y = y * np.sqrt((x**2).mean() / ((y**2).mean() + 1e-12))
    nan = float("nan")
    log_spectral = mel_distance = multi = silence = nan
    top = 320 if narrow else 513
    points = NARROW_BAND_POINTS if narrow else 80
    if factor == 1.0:
        a, b = _spectra(x, 1024, 256) + 1e-4, _spectra(y, 1024, 256) + 1e-4
        log_spectral = float(np.sqrt(((20 * np.log10(a / b))[:, :top] ** 2).mean(axis=1)).mean())
        mel = 10 * np.log10((a**2 @ mel_bank(1024).T) / (b**2 @ mel_bank(1024).T))[:, :points]
        mel_distance = float(np.abs(mel).mean())
        energy = 10 * np.log10((a**2).mean(axis=1))
        quiet = energy < energy.max() - 42
        silence = float(-mel[quiet].mean()) if quiet.any() else nan
        parts = []
        for size, hop in ((2048, 512), (1024, 256), (512, 128)):
            bins = size // 2 + 1 if not narrow else int(size * 7500 / SAMPLE_RATE)
            a, b = _spectra(x, size, hop)[:, :bins], _spectra(y, size, hop)[:, :bins]
            parts.append(np.linalg.norm(a - b) / np.linalg.norm(a) + np.abs(np.log((a + 1e-5) / (b + 1e-5))).mean())
        multi = float(np.mean(parts))
    padded = np.pad(y, (0, 2 * HOP)) + 1e-6 * np.random.default_rng(0).standard_normal(n + 2 * HOP)
    heard = track_f0(padded)
    frames = min(len(heard), len(features))
    asked = features.f0[:frames].astype(np.float64) * factor
    heard = heard[:frames]
    both = (asked > 0) & (heard > 0)
    cents = np.abs(1200 * np.log2(heard[both] / asked[both]))
    off = (envelope_of(padded, asked)[:, :points] - features.envelope[:frames, :points])[asked > 0] * _DB
    period = _aperiodicity(padded, asked) - _aperiodicity(x, asked / factor)
    period = period[asked > 0][:, : 2 if narrow else None]
    return Measures(
        log_spectral, mel_distance, multi, silence,
        float(np.sqrt((period**2).mean())), float(period.mean()),
        float(np.median(cents)), float(100 * (cents > 100).mean()), float(100 * ((asked > 0) != (heard > 0)).mean()),
        float(np.abs(off - off.mean()).mean()),
    )  # fmt: skip


def word_error_rate(pairs: Sequence[tuple[NDArray[np.floating], str]]) -> float:
    """Of pocketsphinx on (samples at 24 kHz, English text) pairs."""
    return wer([text for _, text in pairs], [transcribe(samples, SAMPLE_RATE) for samples, _ in pairs])
