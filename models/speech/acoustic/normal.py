"""Between features and the network's units: every speaker's own level, spectrum and pitch taken off, and measured emotion.

A frame x of speaker s in emotion e becomes y = (x - mean[s] - shift[e]) / scale. `mean` is measured on neutral recordings;
`shift` is the mean difference that an emotion makes to actors (F0 level and range, tempo, spectrum of voiced and unvoiced
sounds, periodicity). The network learns y, so that the shift, put back, moves a speaker who was never heard in that emotion
as much as it moved the actors, and scales with intensity; the network adds what depends on the words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genstudio.media.rates import MEL_BANDS

from ..analysis.features import NARROW_BAND_POINTS, PERIODICITY_BANDS, fill_f0, mel_points
from ..frontend.inventory import CLASS_OF, CLASSES

F0_SCALE = 0.2  # nepers
DURATION_SCALE = 0.5
LIMIT = 5.0  # normalised values beyond are clipped
SHARE = np.gradient(mel_points()) / np.gradient(mel_points()).sum()  # of the spectrum at each envelope point

_SONORANT = ("vowel", "nasal", "liquid", "voiced_stop", "voiced_fricative")
GROUP_OF = np.array(
    [0 if c == 0 else 1 if CLASSES[c] in _SONORANT else 2 for c in CLASS_OF]
)  # pause, sonorant, obstruent
TEMPO_OF = np.array([2 if c == 0 else 0 if CLASSES[c] == "vowel" else 1 for c in CLASS_OF])  # vowel, consonant, pause

# layout of a shift vector
TEMPO = slice(0, 3)  # log duration of vowels, consonants, pauses
LEVEL = 3  # log F0
RANGE = 4  # log of the factor on the excursions of log F0
SONORANT = slice(5, 5 + MEL_BANDS)
OBSTRUENT = slice(5 + MEL_BANDS, 5 + 2 * MEL_BANDS)
PERIODIC = slice(5 + 2 * MEL_BANDS, 5 + 2 * MEL_BANDS + PERIODICITY_BANDS)
ARTICULATION = 5 + 2 * MEL_BANDS + PERIODICITY_BANDS  # log of the factor on the excursions of the envelope
SHIFT = ARTICULATION + 1  # 173
NOISE_LOST = np.array(
    [1, 1, 0.8, 0.4, 0, 0, 0]
)  # by band of periodicity, what the vocoder leaves out of noise; 1: 6 dB


@dataclass(frozen=True)
class Normal:
    """speakers: names. f0 [s] mean log F0; envelope [s, 80]; periodicity [s, 7]; envelope_scale [80]; periodicity_scale [7];
    duration [symbols] mean of log(1 + frames)."""

    speakers: tuple[str, ...]
    f0: np.ndarray
    envelope: np.ndarray
    periodicity: np.ndarray
    envelope_scale: np.ndarray
    periodicity_scale: np.ndarray
    duration: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        names = ("f0", "envelope", "periodicity", "envelope_scale", "periodicity_scale", "duration")
        return {f"normal.{k}": np.asarray(getattr(self, k), np.float32) for k in names}

    @classmethod
    def of(cls, speakers: tuple[str, ...], arrays: dict[str, np.ndarray]) -> Normal:
        return cls(
            speakers, **{k.removeprefix("normal."): np.asarray(v) for k, v in arrays.items() if k.startswith("normal.")}
        )


def group_weights(phones: np.ndarray) -> np.ndarray:
    """Phone id of every frame [t] -> float32 [t, 2]: how much of the sonorant and of the obstruent shift, without steps."""
    w = np.stack([GROUP_OF[phones] == 1, GROUP_OF[phones] == 2], 1).astype(np.float32)
    kernel = np.array([1, 2, 3, 2, 1], np.float32) / 9
    p = np.pad(w, ((2, 2), (0, 0)), mode="edge")
    return sum(kernel[k] * p[k : k + len(w)] for k in range(5)).astype(np.float32)


def fill(values: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """[t, n] carried linearly through the unvoiced frames."""
    at = np.flatnonzero(voiced)
    if len(at) == 0:
        return np.full_like(values, 0.5)
    t = np.arange(len(values))
    return np.stack([np.interp(t, at, v[at]) for v in values.T], 1).astype(np.float32)


def normalise(
    feats: np.ndarray, f0: np.ndarray, phones: np.ndarray, normal: Normal, speaker: int, shift: np.ndarray
) -> np.ndarray:
    """Features [t, 89] with f0 [t] Hz and the phone id of every frame -> float32 [t, 89] in the network's units."""
    voiced = f0 > 0
    w = group_weights(phones)
    move = w[:, :1] * shift[SONORANT] + w[:, 1:] * shift[OBSTRUENT]
    out = np.empty((len(feats), MEL_BANDS + 2 + PERIODICITY_BANDS), np.float32)
    room = (w.sum(1, keepdims=True) * shift[ARTICULATION]).astype(np.float32)
    out[:, :MEL_BANDS] = (feats[:, :MEL_BANDS] - normal.envelope[speaker] - move) / normal.envelope_scale / np.exp(room)
    pitch = np.log(fill_f0(f0)) - normal.f0[speaker] - shift[LEVEL]
    out[:, MEL_BANDS] = pitch / np.exp(shift[RANGE]) / F0_SCALE
    out[:, MEL_BANDS + 1] = voiced * 2.0 - 1.0
    period = fill(feats[:, MEL_BANDS + 2 :], voiced) - normal.periodicity[speaker] - shift[PERIODIC]
    out[:, MEL_BANDS + 2 :] = period / normal.periodicity_scale
    return np.clip(out, -LIMIT, LIMIT)


def restore(y: np.ndarray, phones: np.ndarray, normal: Normal, speaker: int, shift: np.ndarray) -> np.ndarray:
    """The inverse: [t, 89] with log F0 everywhere (voicing in column 81 as 0..1). shift: [173] or one a frame [t, 173]."""
    s = np.broadcast_to(shift, (len(y), SHIFT))
    w = group_weights(phones)
    out = np.empty_like(y, dtype=np.float32)
    move = w[:, :1] * s[:, SONORANT] + w[:, 1:] * s[:, OBSTRUENT]
    room = np.exp(w.sum(1, keepdims=True) * s[:, ARTICULATION : ARTICULATION + 1])
    out[:, :MEL_BANDS] = y[:, :MEL_BANDS] * room * normal.envelope_scale + normal.envelope[speaker] + move
    out[:, MEL_BANDS] = y[:, MEL_BANDS] * F0_SCALE * np.exp(s[:, RANGE]) + normal.f0[speaker] + s[:, LEVEL]
    out[:, MEL_BANDS + 1] = (y[:, MEL_BANDS + 1] + 1) / 2
    period = y[:, MEL_BANDS + 2 :] * normal.periodicity_scale + normal.periodicity[speaker] + s[:, PERIODIC]
    out[:, MEL_BANDS + 2 :] = np.clip(period, 0, 1)
    return out


def rougher(shift: np.ndarray) -> np.ndarray:
    """Shifts [t, 173] in which a loss of periodicity counts twice below 2 kHz, where the vocoder makes half of the noise."""
    out = np.array(shift)
    out[:, PERIODIC] += NOISE_LOST.astype(np.float32) * np.minimum(out[:, PERIODIC], 0)
    return out


def hushed(envelope: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """Envelope [t, 80] whose unvoiced frames are at most as loud as its loud voiced ones, as in nine of ten recordings of readers.

    A voiced fricative has the shift of the vowels, which falls on mere hiss where it loses its voice: at disgust 1.5 a final [z]
    would drown the word. voiced: bool [t].
    """
    if not voiced.any():
        return envelope
    level = np.log(np.exp(envelope) @ SHARE)
    over = np.maximum(level - np.percentile(level[voiced], 90), 0) * ~voiced
    out: np.ndarray = envelope - np.convolve(np.pad(over, 2, mode="edge"), np.ones(5) / 5, "valid")[:, None]
    return out.astype(np.float32)


def phone_prosody(
    y: np.ndarray, durations: np.ndarray, phones: np.ndarray, normal: Normal, tempo: np.ndarray
) -> np.ndarray:
    """Normalised frames [t, 89] and durations [p] -> float32 [p, 5]: log duration, log F0 at three points, level."""
    logs = np.log1p(durations) - normal.duration[phones]
    logs = np.where(durations > 0, logs - tempo[TEMPO_OF[phones]], logs)
    ends = np.cumsum(durations)
    starts = ends - durations
    t = np.arange(len(y)) + 0.5
    points = [np.interp(starts + durations * q, t, y[:, MEL_BANDS]) for q in (1 / 6, 0.5, 5 / 6)]
    sums = np.r_[0, np.cumsum(y[:, :NARROW_BAND_POINTS].mean(1))]
    level = (sums[ends] - sums[starts]) / np.maximum(durations, 1)
    return np.stack([logs / DURATION_SCALE, *points, level], 1).astype(np.float32)


def frame_f0(prosody: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Phone prosody -> the F0 contour [t] (normalised) through its points."""
    ends = np.cumsum(durations)
    starts = ends - durations
    at = np.stack([starts + durations * q for q in (1 / 6, 0.5, 5 / 6)], 1)[durations > 0].reshape(-1)
    value = prosody[:, 1:4][durations > 0].reshape(-1)
    return np.interp(np.arange(int(ends[-1])) + 0.5, at, value).astype(np.float32)
