"""Functionals of an utterance: one number a property, with names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .f0 import HOP
from .features import F32, Frames, balance, cepstra

_BALANCE = ("alpha", "hammarberg", "slope500", "slope1500", "centroid", "high", "flux")


def functionals(frames: Frames) -> dict[str, float]:
    """Every functional by name; a value that cannot be measured (nothing voiced) is NaN."""
    out: dict[str, float] = {}
    on = frames.active
    voiced = on & (frames.f0 > 0)
    unvoiced = on & frames.sound & ~voiced
    seconds = max(float(on.sum()) * HOP, HOP)

    tone = 12 * np.log2(np.maximum(frames.f0, 1e-3) / 27.5)  # semitones above 27.5 Hz
    _spread(out, "f0", tone[voiced])
    _movement(out, "f0", tone, voiced)
    loud = (np.exp(frames.mel) ** 0.3).mean(1)
    loud = loud / max(float(loud[on].max()), 1e-6)
    _spread(out, "loud", loud[on])
    _movement(out, "loud", loud, on)
    out["level.range"] = float(np.percentile(frames.level[on], 95) - np.percentile(frames.level[on], 10))
    out["level.mean"] = float(frames.level[on].mean() - frames.level[on].max())

    shape = balance(frames)
    for i, name in enumerate(_BALANCE):
        _moments(out, f"{name}.v", shape[voiced, i])
        if name != "flux":
            out[f"{name}.u"] = _mean(shape[unvoiced, i])
    cep = cepstra(frames.mel)
    delta = np.gradient(cep, axis=0) if len(cep) > 1 else np.zeros_like(cep)
    for k in range(1, cep.shape[1]):
        _moments(out, f"mfcc{k}.v", cep[voiced, k])
        out[f"mfcc{k}.s"] = _std(cep[on, k])
        out[f"mfcc{k}.d"] = _std(delta[on, k])

    hnr = 10 * np.log10(np.clip(frames.period, 0.01, 0.995) / (1 - np.clip(frames.period, 0.01, 0.995)))
    _moments(out, "hnr", hnr[voiced])
    for i, name in enumerate(("h1h2", "h1a3")):
        _moments(out, name, frames.harmonics[voiced, i])
    for i in range(3):
        _moments(out, f"f{i + 1}", frames.formants[voiced, i])
        out[f"f{i + 1}.width"] = _mean(frames.width[voiced, i])
    pairs = voiced[1:] & voiced[:-1]
    steps = np.abs(np.diff(tone))[pairs]
    out["jitter"] = _mean(steps[steps < 3])
    twice = np.abs(np.diff(tone, 2))[pairs[1:] & pairs[:-1]]
    out["jitter2"] = _mean(twice[twice < 3])
    out["shimmer"] = _mean(np.abs(np.diff(frames.level))[pairs])
    out["shimmer2"] = _mean(np.abs(np.diff(frames.level, 2))[pairs[1:] & pairs[:-1]])

    runs = _runs(voiced)
    out["voiced.share"] = float(voiced.sum() / max(on.sum(), 1))
    out["voiced.rate"] = len(runs) / seconds
    out["voiced.length"] = _mean(runs * HOP)
    out["voiced.length.std"] = _std(runs * HOP)
    gaps = _runs(on & ~voiced)
    out["gap.length"] = _mean(gaps * HOP) if len(gaps) else 0.0
    out["gap.length.std"] = _std(gaps * HOP) if len(gaps) else 0.0
    out["pause.share"] = float((on & ~frames.sound).sum() / max(on.sum(), 1))
    peaks = (loud[1:-1] > loud[:-2]) & (loud[1:-1] >= loud[2:]) & (loud[1:-1] > 0.3) & on[1:-1]
    out["peak.rate"] = float(peaks.sum()) / seconds
    _modulation(out, frames, on)
    return out


def _mean(x: NDArray[Any]) -> float:
    x = x[np.isfinite(x)]
    return float(x.mean()) if x.size else float("nan")


def _std(x: NDArray[Any]) -> float:
    x = x[np.isfinite(x)]
    return float(x.std()) if x.size > 1 else float("nan")


def _moments(out: dict[str, float], name: str, x: NDArray[Any]) -> None:
    out[f"{name}.mean"], out[f"{name}.std"] = _mean(x), _std(x)


def _spread(out: dict[str, float], name: str, x: NDArray[Any]) -> None:
    _moments(out, name, x)
    q = np.percentile(x, [5, 20, 50, 80, 95]) if x.size else [float("nan")] * 5
    for p, value in zip((5, 20, 50, 80, 95), q, strict=True):
        out[f"{name}.p{p}"] = float(value)
    out[f"{name}.range"] = float(q[3] - q[1])
    out[f"{name}.wide"] = float(q[4] - q[0])


def _movement(out: dict[str, float], name: str, x: NDArray[Any], on: NDArray[np.bool_]) -> None:
    """Mean and spread of rising and falling steps a second, and the trend over the utterance."""
    step = np.diff(x)[on[1:] & on[:-1]] / HOP
    step = step[np.abs(step) < 300]
    for label, part in (("rise", step[step > 0]), ("fall", -step[step < 0])):
        out[f"{name}.{label}"], out[f"{name}.{label}.std"] = _mean(part), _std(part)
    at = np.flatnonzero(on) * HOP
    if len(at) > 5:
        t = at - at.mean()
        out[f"{name}.trend"] = float(t @ (x[on] - x[on].mean()) / (t @ t))
    else:
        out[f"{name}.trend"] = float("nan")


def _runs(on: NDArray[np.bool_]) -> NDArray[np.int64]:
    edges = np.diff(np.concatenate([[0], on.astype(np.int8), [0]]))
    return np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)


def _modulation(out: dict[str, float], frames: Frames, on: NDArray[np.bool_]) -> None:
    """Share of the level's fluctuation at 1-3, 3-6, 6-10 and 10-20 Hz, in dB, in a low, middle and high band."""
    mel = frames.mel[on]
    for label, low, high in (("low", 0, 13), ("mid", 13, 27), ("high", 27, 40)):
        x = mel[:, low:high].mean(1)
        x = (x - x.mean()) * np.hanning(len(x))
        power = np.abs(np.fft.rfft(x, 512)) ** 2
        at = np.fft.rfftfreq(512, HOP)
        whole = power[(at >= 1) & (at < 20)].sum() + 1e-6
        for a, b in ((1, 3), (3, 6), (6, 10), (10, 20)):
            out[f"mod.{label}.{a}"] = float(10 * np.log10(power[(at >= a) & (at < b)].sum() / whole + 1e-3))


def vector(found: dict[str, float]) -> tuple[F32, tuple[str, ...]]:
    """float32 [functionals], NaN where not measurable, and their names."""
    return np.array(list(found.values()), np.float32), tuple(found)
