"""A recording of anyone given an emotion: the measured shifts laid on its features; the speaker and the words stay.

The same shifts that move the embedded voices (see `acoustic.shifts`), by frame class: voiced, unvoiced, silent. What costs words
is spared (by pocketsphinx, see acoustic/card.md). At a high F0 the harmonics are too few to draw the formants: a voice's middle
rises in full up to 270 Hz alone, and breath stands between the harmonics of a raised voice. Anger and disgust are moved more
gently in a way of their own (`spared`, F0 bent above 300 Hz). Joy is told from both by a soft voice that moves (`joyful`,
`moving`): a first harmonic, slope and brightness unlike anger's, and syllables that stand out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from genstudio.emotion import Emotion
from genstudio.media.rates import MEL_BANDS

from .acoustic import normal as n
from .acoustic.shifts import SOFT
from .analysis import Features, fill_f0
from .vocoder.faithful import between, drawn, envelope, steps

UNSTEADY = 0.7  # of the jitter and shimmer that the embedded voices get: a recorded voice has its own
HEARD = -30.0  # LUFS: recordings are brought here first, the level of the reader that settings were tried on
_QUIET = 5.0  # nepers of power below the loud frames: silence
_GENTLER, _BRIGHTER, _CALM = ("anger", "disgust"), ("joy",), "neutral"
_KNEE, _BEYOND = 5 * np.log(2) / 12, 0.45  # log F0: a shift of level goes on at this slope beyond 5 semitones
_HIGH, _ABOVE = np.log(300.0), 0.5  # log Hz: F0 goes on at this slope above
_SHORTEST, _LONGEST = -0.2, 0.2  # log duration
_MIDDLE, _ONWARD = np.log(270.0), 0.25  # log Hz: a voice's middle rises on at this slope above
_SPARSE = np.log([230.0, 350.0])  # log Hz: from where to where breath between the harmonics grows
_BREATH = 0.3  # periodicity that it takes
_ROUGH = 0.3 * n.NOISE_LOST  # periodicity
# joy: nepers of power of unvoiced sounds; part of its brightness that stays away; part of `SOFT`; how much more the envelope moves,
# against its mean over some 0.3 s, at most so many nepers
_LOUDER, _DIMMER, _SOFTER = 0.7, 0.4, 0.5
_MOVING, _AROUND, _MOST = 0.3, 12.0, 1.5


@dataclass(frozen=True)
class Converted:
    """features, the new time of every old frame in frames [t + 1], and the old place of every new frame in frames."""

    features: Features
    times: np.ndarray
    places: np.ndarray


def frame_classes(features: Features) -> np.ndarray:
    """0 silent, 1 voiced, 2 unvoiced, for every frame."""
    level = np.log(np.exp(features.envelope).mean(1))
    loud = level > np.percentile(level, 95) - _QUIET
    return np.where(features.voiced, 1, np.where(loud, 2, 0))


def spared(shift: np.ndarray) -> np.ndarray:
    """A shift float [.., 173] with less of what costs words: large moves of F0's level, long sounds."""
    out = np.array(shift, np.float64)
    level = np.abs(out[..., n.LEVEL])
    bent = np.minimum(level, _KNEE) + _BEYOND * np.maximum(level - _KNEE, 0)
    out[..., n.LEVEL] = np.sign(out[..., n.LEVEL]) * bent
    out[..., n.TEMPO] = np.clip(out[..., n.TEMPO], _SHORTEST, _LONGEST)
    return out


def risen(shift: np.ndarray, middle: float) -> np.ndarray:
    """A shift float [.., 173] whose rise of F0 is bent where it takes a voice's middle (log Hz) above `_MIDDLE`."""
    out = np.array(shift, np.float64)
    room = max(0.0, _MIDDLE - middle)
    out[..., n.LEVEL] = np.minimum(out[..., n.LEVEL], room + _ONWARD * np.maximum(out[..., n.LEVEL] - room, 0))
    return out


def _sparse(pitch: np.ndarray) -> np.ndarray:
    """0..1: how far apart the harmonics of a log F0 lie."""
    return np.clip((pitch - _SPARSE[0]) / (_SPARSE[1] - _SPARSE[0]), 0, 1)


@dataclass(frozen=True)
class Care:
    """gentle: 0..1, how much of a shift is `spared` instead of `risen`; joy and breath: 0.., how much of joy's own manner comes on
    top, and of the breath of any other emotion."""

    gentle: float = 0.0
    joy: float = 0.0
    breath: float = 0.0

    @classmethod
    def of(cls, emotion: Emotion, strength: float = 1.0) -> Care:
        """By the share of anger and disgust, by that of joy, and by that of all but joy and neutral."""
        gentle, joy = (
            float(np.clip(sum(emotion.categories.get(name, 0.0) for name in names), 0, 1))
            for names in (_GENTLER, _BRIGHTER)
        )
        other = float(np.clip(sum(emotion.categories.values()) - emotion.categories.get(_CALM, 0.0) - joy, 0, 1))
        amount = strength * min(1.0, emotion.intensity)
        return cls(gentle, joy * amount, other * amount)


def joyful(shift: np.ndarray, joy: float) -> np.ndarray:
    """A shift float [.., 173] with joy's manner: softer and less bright than measured (see `shifts.SOFT`), with loud consonants."""
    out = np.array(shift, np.float64)
    out[..., n.SONORANT] = (1 - _DIMMER * min(joy, 1.0)) * out[..., n.SONORANT] + joy * _SOFTER * SOFT
    out[..., n.OBSTRUENT] += _LOUDER * joy
    return out


def moving(envelope: np.ndarray, loud: np.ndarray, joy: float) -> np.ndarray:
    """An envelope [t, 80] that moves more in time where loud [t] is true: as in clear speech (Krause & Braida 2004).

    Slow readers lack the modulation at 6 to 10 Hz that actors' joy has, and are taken for disgust without.
    """
    more = np.clip(
        _MOVING * joy * (envelope - gaussian_filter1d(envelope, _AROUND, axis=0, mode="nearest")), -_MOST, _MOST
    )
    out: np.ndarray = envelope + more * gaussian_filter1d(loud.astype(float), 2.0, mode="nearest")[:, None]
    return out


def convert(features: Features, shift: np.ndarray, care: Care = Care()) -> Converted:
    """Features [t] moved by shift: float [173], or one a frame [t, 173]."""
    t, gentle = len(features), care.gentle
    voiced = features.voiced
    filled = np.log(fill_f0(features.f0))
    middle = float(np.median(filled[voiced])) if voiced.any() else 5.0
    wanted = joyful(shift, care.joy)
    wanted[..., n.PERIODIC] -= _ROUGH * care.breath
    s = np.broadcast_to((1 - gentle) * risen(wanted, middle) + gentle * spared(wanted), (t, n.SHIFT))
    kind = frame_classes(features)
    weights = np.stack([kind == 1, kind == 2], 1).astype(float)
    kernel = np.hanning(9)[1:-1] / np.hanning(9).sum()
    weights = np.stack([np.convolve(w, kernel, "same") for w in weights.T], 1)
    moved = moving(features.envelope, kind > 0, care.joy)
    speech = moved[kind > 0].mean(0) if (kind > 0).any() else moved.mean(0)
    room = np.exp(weights.sum(1, keepdims=True) * s[:, n.ARTICULATION :])
    moved = speech + (moved - speech) * room
    moved = moved + weights[:, :1] * s[:, n.SONORANT] + weights[:, 1:] * s[:, n.OBSTRUENT]
    pitch = middle + s[:, n.LEVEL] + (filled - middle) * np.exp(s[:, n.RANGE])
    bent = np.where(pitch > _HIGH, _HIGH + (1 - gentle * (1 - _ABOVE)) * (pitch - _HIGH), pitch)
    pitch = np.minimum(pitch, np.maximum(filled, bent))  # bent, but not below what was recorded
    breath = _BREATH * np.maximum(_sparse(pitch) - _sparse(filled), 0)
    periodicity = n.fill(features.periodicity, voiced) + s[:, n.PERIODIC] - breath[:, None]
    sound = 0.5 * (s[:, 0] + s[:, 1])
    tempo = np.select([kind == 1, kind == 2], [sound, s[:, 1]], s[:, 2])
    times = np.r_[0.0, np.cumsum(np.exp(np.convolve(np.pad(tempo, 3, mode="edge"), np.ones(7) / 7, "valid")))]
    at = np.interp(np.arange(int(times[-1])), times[:-1], np.arange(t))  # old frame of every new one
    nearest = np.clip(np.rint(at).astype(int), 0, t - 1)

    f0 = np.where(voiced[nearest], np.clip(np.exp(between(pitch[:, None], at)[:, 0]), 50, 700), 0)
    period = np.clip(between(periodicity, at), 0, 1) * voiced[nearest][:, None]
    made = Features(
        np.maximum(between(moved, at), -20.7).astype(np.float32)[:, :MEL_BANDS],
        f0.astype(np.float32),
        period.astype(np.float32),
    )
    return Converted(made, times, at)


def kept(samples: np.ndarray, features: Features, made: Converted) -> Callable[[int, int], np.ndarray]:
    """The envelope that a conversion is to have, for `faithful`: the moved points, and what the recording (samples [n] at 24 kHz,
    its features) has beyond its own, carried to the new times."""
    heard = steps(features.f0)

    def wanted(start: int, stop: int) -> np.ndarray:
        asked = between(
            drawn(made.features.envelope[start // 2 : stop // 2 + 2]), np.arange(start, stop) / 2 - start // 2
        )
        at = between(2 * made.places[start // 2 : stop // 2 + 2, None], np.arange(start, stop) / 2 - start // 2)[:, 0]
        first, last = int(at.min()), min(len(heard), int(at.max()) + 2)
        own = between(drawn(features.envelope[first // 2 : last // 2 + 2]), np.arange(first, last) / 2 - first // 2)
        return asked + between(envelope(samples, heard, first, last) - own, at - first)

    return wanted
