"""Changes of a voice on its features: pitch, range, tempo, level, tilt, breath, formants. Pure functions, no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genstudio.errors import InputError

from .features import Features, fill_f0, mel_points

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Change:
    """How a voice is changed; the defaults change nothing.

    pitch: semitones. range: factor on the distance of log F0 from its mean. tempo: factor (2 is twice as fast). level: dB.
    tilt: dB per octave around 1 kHz, on voiced frames (+ brighter, more effort). dynamics: factor on the distance of the
    frame level from its mean. periodicity: added to the seven bands (- breathy, + tense). formants: factor on the
    envelope's frequencies (1.1 a shorter throat).
    """

    pitch: float = 0.0
    range: float = 1.0
    tempo: float = 1.0
    level: float = 0.0
    tilt: float = 0.0
    dynamics: float = 1.0
    periodicity: float = 0.0
    formants: float = 1.0

    def __post_init__(self) -> None:
        limits = {"range": (0, 5), "tempo": (0.25, 4), "dynamics": (0, 4), "formants": (0.5, 2), "pitch": (-36, 36)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError(f"{name} {value} is outside {low} to {high}")


def warp_time(features: Features, positions: NDArray[np.floating]) -> Features:
    """Frames read at fractional `positions` [T'] of the features: linear, voicing from the nearest frame."""
    at = np.clip(np.asarray(positions, dtype=np.float64), 0, len(features) - 1)
    low = np.minimum(at.astype(int), max(len(features) - 2, 0))
    high = np.minimum(low + 1, len(features) - 1)
    part = (at - low)[:, None]
    voiced = features.voiced[np.round(at).astype(int)]
    log_f0 = np.log(fill_f0(features.f0))
    f0 = np.where(voiced, np.exp(log_f0[low] * (1 - part[:, 0]) + log_f0[high] * part[:, 0]), 0.0)
    envelope = features.envelope[low] * (1 - part) + features.envelope[high] * part
    source = features.periodicity
    periodicity = (source[low] * (1 - part) + source[high] * part) * voiced[:, None]
    return Features(envelope.astype(np.float32), f0.astype(np.float32), periodicity.astype(np.float32))


def change(features: Features, how: Change) -> Features:
    """The changed features.

    >>> f = Features(np.zeros((4, 80), np.float32), np.full(4, 100, np.float32), np.ones((4, 7), np.float32))
    >>> change(f, Change(pitch=12)).f0.round().tolist()
    [200.0, 200.0, 200.0, 200.0]
    """
    voiced = features.voiced
    envelope = features.envelope.astype(np.float64)
    points = mel_points()
    if how.formants != 1.0:
        grid = points / how.formants
        envelope = np.stack([np.interp(grid, points, row) for row in envelope])
    if how.tilt:
        slope = how.tilt * np.log2(np.clip(points, 100, 8000) / 1000) * (np.log(10) / 10)
        level = envelope.max(axis=1, keepdims=True)
        tilted = envelope + slope * voiced[:, None]
        envelope = tilted + (level - tilted.max(axis=1, keepdims=True))
    if how.dynamics != 1.0:
        loud = np.log(np.exp(envelope).mean(axis=1))
        speech = loud > loud.max() - 8
        gain = (how.dynamics - 1) * (loud - loud[speech].mean())
        envelope += np.clip(np.where(speech, gain, min(0.0, gain[speech].min())), -4, 4)[:, None]
    envelope += how.level * np.log(10) / 10
    f0 = features.f0.astype(np.float64)
    if voiced.any():
        logs = np.log(np.maximum(f0, 1.0))
        mean = logs[voiced].mean()
        moved = mean + (logs - mean) * how.range + how.pitch * np.log(2) / 12
        f0 = np.where(voiced, np.exp(np.clip(moved, np.log(50), np.log(800))), 0.0)
    periodicity = np.clip(features.periodicity + how.periodicity, 0, 1) * voiced[:, None]
    changed = Features(envelope.astype(np.float32), f0.astype(np.float32), periodicity.astype(np.float32))
    if how.tempo == 1.0:
        return changed
    return warp_time(changed, np.arange(max(1, round(len(features) / how.tempo))) * how.tempo)
