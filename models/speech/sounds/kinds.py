"""Which sounds there are, and which of EmoGator's bursts are such sounds.

EmoGator names what people were asked to express, not what they did: a clip counts as a sound when its measured shape fits.
A laugh is a train of short bursts, three to nine a second (Bachorowski et al. 2001); a sob is slower and holds its broken voice
longer; a sigh begins voiced or loud and falls into breath; a groan is one long low voice; a gasp is a breath drawn in: noise out
of silence that does not fall, cut out of whatever clip holds one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]
    Bools = NDArray[np.bool_]

SOUNDS = ("laugh", "sigh", "gasp", "sob", "groan")
SOURCES = {
    "laugh": ("amusement", "elation", "triumph"),
    "sob": ("sadness", "distress"),
    "sigh": ("relief", "disappointment", "contentment", "serenity"),
    "groan": ("pain", "disappointment", "distress"),
}
PAUSES = {  # seconds of silence before and after: a gasp cuts in, a sigh is left to sound
    "laugh": (0.08, 0.14), "sigh": (0.12, 0.22), "gasp": (0.06, 0.08), "sob": (0.10, 0.16), "groan": (0.10, 0.18),
}  # fmt: skip
_LOUD = 6.0  # nepers of power below the loudest frame that still sound
_LOW, _HIGH = slice(2, 26), slice(30, 70)  # envelope points: 0.1 to 1.7 kHz, 2.1 to 8.8 kHz


@dataclass(frozen=True)
class Shape:
    """seconds; voiced share; longest: seconds of the longest voiced stretch; peaks of loudness; fall: level of the first third
    above the last, nepers; height: median F0 above the person's own, and spread (10 to 90 %), octaves; place: mean place of the
    voiced frames, 0..1 (0 without)."""

    seconds: float
    voiced: float
    longest: float
    peaks: int
    fall: float
    height: float
    spread: float
    place: float


def level_of(envelope: Floats) -> NDArray[np.float64]:
    """ln of the mean power of each frame [T]."""
    return np.asarray(np.log(np.exp(np.asarray(envelope, np.float64)).mean(1) + 1e-12))


def sounding(envelope: Floats) -> slice:
    """First to last frame louder than 6 nepers below the loudest. envelope: ln power [T, 80]."""
    level = level_of(envelope)
    where = np.flatnonzero(level > level.max() - _LOUD)
    return slice(int(where[0]), int(where[-1]) + 1)


def voicing(envelope: Floats, f0: Floats, periodicity: Floats, own: float) -> Bools:
    """Frames that are a voice [T]: in breath the tracker follows a formant, which is high, weakly periodic and bright.

    own: the person's usual F0, Hz.
    """
    from scipy.ndimage import gaussian_filter1d, median_filter

    p = np.asarray(periodicity, np.float64)
    low, mean = gaussian_filter1d(p[:, 0], 1.0), gaussian_filter1d(p[:, :3].mean(1), 1.0)
    far = np.maximum(0, np.abs(np.log2(np.maximum(f0, 1) / own)) - 0.6)
    e = np.asarray(envelope, np.float64)
    dark = gaussian_filter1d(e[:, _LOW].max(1) - e[:, 40:70].max(1), 1.5) > 0
    on = (f0 > 0) & (low > 0.4) & (mean > 0.27 + 0.2 * far) & (dark | (mean > 0.5))
    return np.asarray(median_filter(on.astype(np.uint8), 3).astype(bool) & (f0 > 0))


def shape_of(envelope: Floats, f0: Floats, voiced: Bools, own: float) -> Shape:
    """Of a burst cut to its sound."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    level = gaussian_filter1d(level_of(envelope), 1.5)
    peaks, _ = find_peaks(np.pad(level, 1, constant_values=level.min() - 3), prominence=1.2)
    third, n = max(1, len(level) // 3), len(level)
    octaves = np.log2(f0[voiced] / own) if voiced.any() else np.zeros(1)
    low, high = np.percentile(octaves, (10, 90))
    turns = np.flatnonzero(np.diff(np.r_[0, voiced.astype(int), 0]))
    longest = float(np.diff(turns)[::2].max() / 100) if len(turns) else 0.0
    return Shape(
        n / 100, float(voiced.mean()), longest, len(peaks), float(level[:third].mean() - level[-third:].mean()),
        float(np.median(octaves)), float(high - low), float(np.flatnonzero(voiced).mean() / n) if voiced.any() else 0.0,
    )  # fmt: skip


def kind_of(emotion: str, s: Shape) -> str | None:
    """The sound that a burst of this emotion and shape is, or None. Gasps: see `breaths_in`."""
    few, rate = {"amusement": 2, "sadness": 2, "distress": 3}.get(emotion, 4), s.peaks / s.seconds
    train, broken = 3.0 <= rate <= 9 and s.longest <= 0.4, rate <= 4.0 and s.longest >= 0.12
    fits = {
        "laugh": s.peaks >= few and train and 0.05 <= s.voiced < 0.9 and s.seconds >= 0.4,
        "sob": s.peaks >= few and broken and s.seconds >= 0.5 and s.voiced < 0.95,
        "sigh": s.peaks <= 2 and s.fall > 0.8 and 0.35 <= s.seconds <= 2 and s.voiced <= 0.78 and s.place < 0.5,
        "groan": s.peaks <= 2 and s.voiced >= 0.75 and 0.4 <= s.seconds <= 2.2 and s.height < 0.6 and s.spread < 0.9,
    }
    return next((k for k, good in fits.items() if good and emotion in SOURCES[k]), None)


def breaths_in(envelope: Floats, voiced: Bools) -> list[slice]:
    """Gasps of a clip: 0.15 to 0.75 s of bright noise, no voice just before it, not falling."""
    from scipy.ndimage import gaussian_filter1d

    level = gaussian_filter1d(level_of(envelope), 1.0)
    noise = ~voiced & (level > max(level.max() - 7.5, np.percentile(level, 3) + 2.0))
    at = np.flatnonzero(noise)
    found = []
    for run in np.split(at, np.flatnonzero(np.diff(at) > 3) + 1):
        if not 15 <= len(run) <= 75:
            continue
        a, b = int(run[0]), int(run[-1]) + 1
        power = np.exp(np.asarray(envelope[a:b], np.float64))
        bright = np.log(power[:, _HIGH].mean() / power[:, _LOW].mean())
        third = (b - a) // 3
        fall = level[a : a + third].mean() - level[b - third : b].mean()
        if bright > -1.6 and fall < 1.0 and not voiced[max(0, a - 12) : a].any():
            found.append(slice(max(0, a - 3), min(len(level), b + 3)))
    return found
