"""What an emotion does to a voice on average: measured on actors, then predicted from the emotion's pooled code.

`measure` gives one shift vector (layout in `normal.py`) an emotion; `fit` a linear map from the pooled code, relative to
neutral, so that neutral moves nothing, mixtures lie between their parts, and more intensity moves more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genstudio.media.rates import MEL_BANDS

from ..analysis.features import NARROW_BAND_POINTS, mel_points
from . import normal as n
from .corpora import MEN

GAIN, LEVEL_GAIN, CONTRAST = 1.35, 1.2, 0.5
SHORTEST = -0.03  # log duration
_COSINES = np.cos(np.arange(1, 8)[None] * (np.arange(NARROW_BAND_POINTS)[:, None] + 0.5) * np.pi / NARROW_BAND_POINTS)
# what readers get on top: log articulation, log range, parts of the emotion's measured spectrum (sonorants, obstruents) and of
# SOFT, log duration. Their sounds are as long as the actors' in disgust, 0.36 longer than in neutral: at that pace a lively emotion
# lacks the movement of the actors'. Their own spectrum is as bright as an actor's in joy: brightened, it is anger's
READERS_GET = {"anger": (0.1, 0.0, 0.0, 0.0, 0.0, 0.0), "joy": (0.15, 0.2, -0.4, -0.5, 0.5, -0.08),
               "fear": (0.0, 0.0, 0.0, 0.0, 0.0, -0.07)}  # fmt: skip
_HZ = mel_points()
# nepers of power: a soft voice, its first harmonic stronger (as of an open glottis, Klatt & Klatt 1990) and its slope above 500 Hz
# steeper. Joy has less energy in the high bands than anger at the same pitch (Juslin & Laukka 2003)
SOFT = 1.6 * np.exp(-((_HZ / 350) ** 2)) - 0.15 * np.clip(np.log2(np.maximum(_HZ, 500) / 500), 0, 4)
CONFUSED = {"anger": "joy", "joy": "anger", "fear": "joy", "disgust": "anger", "sadness": "disgust"}


@dataclass
class Measured:
    """One utterance: names, features, and the phone id of every frame."""

    speaker: str
    emotion: str
    feats: np.ndarray
    f0: np.ndarray
    phones: np.ndarray  # [p]
    durations: np.ndarray  # [p] frames
    cut: bool = False

    @property
    def frame_phones(self) -> np.ndarray:
        return np.repeat(self.phones, self.durations)


def measure(utterances: Sequence[Measured]) -> dict[str, np.ndarray]:
    """Utterances of actors in several emotions -> {emotion: shift [173]} against each actor's own neutral."""
    duration: dict[int, list[float]] = defaultdict(list)
    spectrum: dict[int, list[np.ndarray]] = defaultdict(list)
    for u in utterances:
        last = len(u.phones) - (1 if u.cut else 0)
        for p, d in zip(u.phones[:last], u.durations[:last], strict=True):
            if d > 0:
                duration[int(p)].append(np.log1p(d))
        frames = u.frame_phones
        for p in np.unique(frames):
            spectrum[int(p)].append(u.feats[frames == p, :MEL_BANDS].mean(0))
    typical = {p: np.mean(v) for p, v in duration.items()}
    shape = {p: np.mean(v, 0) for p, v in spectrum.items()}
    rows: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for u in utterances:
        row = np.full(n.SHIFT, np.nan)
        inner = np.arange(1, len(u.phones) - (1 if u.cut else 0))
        inner = inner[u.durations[inner] > 0]
        logs = np.array([np.log1p(u.durations[i]) - typical[int(u.phones[i])] for i in inner])
        kind = n.TEMPO_OF[u.phones[inner]]
        for k in range(2):
            if (kind == k).any():
                row[k] = logs[kind == k].mean()
        voiced = u.f0 > 0
        if voiced.sum() > 20:
            pitch = np.log(u.f0[voiced])
            low, mid, high = np.quantile(pitch, (0.1, 0.5, 0.9))  # quantiles: a creak must not widen the range
            row[n.LEVEL], row[n.RANGE] = mid, np.log((high - low) / 2.56 + 0.03)
            row[n.PERIODIC] = u.feats[voiced, MEL_BANDS + 2 :].mean(0)
        frames = u.frame_phones
        residual = u.feats[:, :MEL_BANDS] - np.stack([shape[int(p)] for p in frames])
        group = n.GROUP_OF[frames]
        for g, where in ((1, n.SONORANT), (2, n.OBSTRUENT)):
            if (group == g).sum() > 10:
                row[where] = residual[group == g].mean(0)
        cepstra = u.feats[group == 1, :NARROW_BAND_POINTS] @ _COSINES
        if len(cepstra) > 20:
            row[n.ARTICULATION] = np.log(cepstra.std(0).mean())
        rows[(u.speaker, u.emotion)].append(row)
    means = {}
    for key, values in rows.items():
        known = np.array(values)
        known[:, 2] = 0.0
        means[key] = np.nanmean(known, 0)
    out = {}
    for emotion in sorted({e for _, e in means}):
        own = [means[s, e] - means[s, "neutral"] for s, e in means if e == emotion and (s, "neutral") in means]
        shift = np.nan_to_num(np.nanmean(np.array(own), 0))
        shift[2] = shift[:2].mean()  # pauses within two seconds are too few to measure: they go with the sounds
        for where in (n.SONORANT, n.OBSTRUENT):
            shift[where] = _smooth(shift[where])
        out[emotion] = shift.astype(np.float32)
    return out


def by_sex(utterances: Sequence[Measured], share: float = 0.7) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """(women's, men's) shifts: `share` of their own, the rest of everybody's. Men raise their voices by more."""
    everyone = measure(utterances)
    out = []
    for men in (False, True):
        own = measure([u for u in utterances if (u.speaker in MEN) == men])
        mixed = {e: share * own.get(e, everyone[e]) + (1 - share) * everyone[e] for e in everyone}
        mixed["neutral"] = np.zeros_like(mixed["neutral"])
        for values in mixed.values():
            values[n.PERIODIC][6] = values[n.PERIODIC][5]  # above what was recorded
        out.append(mixed)
    return out[0], out[1]


def strengthen(shifts: dict[str, np.ndarray], gain: float = GAIN, contrast: float = CONTRAST) -> dict[str, np.ndarray]:
    """Shifts for speaking: a mean over actors is paler than any one of them, and closer to its neighbours.

    Each is taken `gain` times and moved away from the emotion it is most easily taken for by `contrast` of the difference.
    What costs clearness is spared: unvoiced sounds keep the measured shift, F0 level moves by less, no sound gets shorter.
    """
    out = {}
    for name, shift in shifts.items():
        moved = gain * shift
        moved[n.LEVEL] = LEVEL_GAIN * shift[n.LEVEL]
        if name in CONFUSED:
            away = contrast * (shift - shifts[CONFUSED[name]])
            away[n.LEVEL] *= 0.5
            away[n.TEMPO] = 0.0
            moved = moved + away
        moved[n.OBSTRUENT] = shift[n.OBSTRUENT]
        moved[n.TEMPO] = np.maximum(moved[n.TEMPO], SHORTEST)
        out[name] = moved.astype(np.float32)
    # nobody acted surprise: between joy and fear, with the widest pitch, at the tempo of neutral
    out["surprise"] = ((out["joy"] + out["fear"]) / 2).astype(np.float32)
    out["surprise"][n.RANGE] = out["joy"][n.RANGE] + 0.1
    out["surprise"][n.TEMPO] = 0.0
    return out


def reader_shifts(measured: dict[str, np.ndarray]) -> np.ndarray:
    """[emotions of READERS_GET, 173], from what was measured on women."""
    out = np.zeros((len(READERS_GET), n.SHIFT), np.float32)
    for row, (name, (articulation, spread, sonorant, obstruent, soft, tempo)) in zip(
        out, READERS_GET.items(), strict=True
    ):
        row[n.ARTICULATION], row[n.RANGE], row[n.TEMPO] = articulation, spread, tempo
        row[n.SONORANT] = sonorant * measured[name][n.SONORANT] + soft * SOFT
        row[n.OBSTRUENT] = obstruent * measured[name][n.OBSTRUENT]
    return out


def reader_shares(emotions: Sequence[str]) -> dict[str, np.ndarray]:
    """How much of each of READERS_GET an emotion has, [3]: what `fit` maps codes to."""
    return {e: np.array([float(e == name) for name in READERS_GET], np.float32) for e in emotions}


def _smooth(curve: np.ndarray) -> np.ndarray:
    """Smoothed over bands; above 7.5 kHz, where the actors' recordings end, the last value goes on."""
    known = curve[: NARROW_BAND_POINTS - 2].copy()
    p = np.pad(known, 2, mode="edge")
    known = np.convolve(p, [0.1, 0.2, 0.4, 0.2, 0.1], "valid")
    return np.r_[known, np.full(MEL_BANDS - len(known), known[-6:].mean())]


def fit(shifts: dict[str, np.ndarray], encoder: Any, ridge: float = 1e-2, seed: int = 0) -> np.ndarray:
    """Linear map [64, 173] from (pooled code - neutral's) to the shift, fitted on the measured emotions, their mixtures and
    their intensities, for which the shift is taken to be linear."""
    from genstudio.emotion import Emotion

    rng = np.random.default_rng(seed)
    names = [e for e in shifts if e != "neutral"]
    emotions, targets = [Emotion.parse(e) for e in names], [shifts[e] for e in names]
    for i, name in enumerate(names):
        for x in (0.25, 0.5, 0.75, 1.25, 1.5):
            emotions.append(Emotion.parse(name).scaled(x))
            targets.append(x * shifts[name])
        for other in names[i + 1 :]:
            w = float(rng.uniform(0.3, 0.7))
            emotions.append(Emotion.parse(name).mix(Emotion.parse(other), weights=(w, 1 - w)))
            targets.append(w * shifts[name] + (1 - w) * shifts[other])
    codes = np.asarray(encoder([Emotion.neutral(), *emotions]).pooled, np.float64)
    x, y = codes[1:] - codes[0], np.array(targets, np.float64)
    weight = np.ones(len(x))
    weight[: len(names)] = 5.0
    xw = x * weight[:, None]
    return np.linalg.solve(xw.T @ x + ridge * np.eye(x.shape[1]), xw.T @ y).astype(np.float32)
