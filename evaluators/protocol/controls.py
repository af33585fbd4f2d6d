"""What a single cue does alone: the neutral take with nothing but the tempo, the pitch or the loudness of the emotional one.

If a recogniser names the emotion from one of these as well as from the whole, it reads that cue and not the emotion. All four go
through the same vocoder (WORLD: Morise et al. 2016), so that its sound is in every one of them; 'resynthesis' changes nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.signals.loudness import TARGET_LUFS, loudness
from genstudio.signals.world import world

CONTROLS = ("resynthesis", "tempo", "pitch", "loudness")
HEARD_RATE = 16_000  # Hz
_FRAME = 5.0  # ms
F64 = NDArray[np.float64]


def alike(speech: Speech) -> Speech:
    """The one decoding path before any reading: 16 kHz, -20 LUFS, 16 bits; so that no rate, level or format tells what made it."""
    import soxr

    x = np.asarray(speech.samples, np.float32)
    if speech.rate != HEARD_RATE:
        x = soxr.resample(x, speech.rate, HEARD_RATE).astype(np.float32)
    level = loudness(x, HEARD_RATE)
    if np.isfinite(level):
        x = x * np.float32(10 ** ((TARGET_LUFS - level) / 20))
    heard = np.round(np.clip(x, -1, 1) * 32767) / 32767
    return replace(speech, samples=heard.astype(np.float32), rate=HEARD_RATE)


@dataclass(frozen=True)
class _Voice:
    f0: F64
    envelope: F64
    noise: F64

    @property
    def level(self) -> F64:
        """dB of every frame."""
        return np.asarray(10 * np.log10(self.envelope.mean(1) + 1e-12))

    @property
    def sound(self) -> NDArray[np.bool_]:
        """Within 35 dB of the loudest frame."""
        return self.level > self.level.max() - 35


def controls(neutral: Speech, emotional: Speech) -> dict[str, Speech]:
    """'resynthesis', 'tempo', 'pitch' and 'loudness' of the neutral take, each moved alone to that of the emotional one.

    tempo: the length between first and last sound; pitch: median and spread of log F0; loudness: spread of the level over time (the
    mean level is the same for all by `alike`). Raises MissingExtraError without pyworld.
    """
    n, e = _analysed(neutral), _analysed(emotional)
    made = {"resynthesis": n, "tempo": _tempo(n, e), "pitch": _pitch(n, e), "loudness": _loud(n, e)}
    return {
        name: replace(neutral, samples=_synthesised(v), rate=SAMPLE_RATE, words=(), phones=())
        for name, v in made.items()
    }


def _analysed(speech: Speech) -> _Voice:
    import soxr

    x = np.asarray(speech.samples, np.float64)
    if speech.rate != SAMPLE_RATE:
        x = soxr.resample(x, speech.rate, SAMPLE_RATE)
    x = x + 1e-5 * np.random.default_rng(0).standard_normal(len(x))
    pyworld = world("controls of one cue")
    f0, times = pyworld.dio(x, SAMPLE_RATE, 65.0, 600.0, frame_period=_FRAME)
    f0 = pyworld.stonemask(x, f0, times, SAMPLE_RATE)
    return _Voice(f0, pyworld.cheaptrick(x, f0, times, SAMPLE_RATE), pyworld.d4c(x, f0, times, SAMPLE_RATE))


def _synthesised(v: _Voice) -> NDArray[np.float32]:
    x = world("controls of one cue").synthesize(
        np.ascontiguousarray(v.f0), np.ascontiguousarray(v.envelope), np.ascontiguousarray(v.noise), SAMPLE_RATE, _FRAME
    )
    peak = np.abs(x).max()
    return np.asarray(x * min(1.0, 0.95 / max(peak, 1e-9)), np.float32)


def _tempo(n: _Voice, e: _Voice) -> _Voice:
    def length(v: _Voice) -> int:
        at = np.flatnonzero(v.sound)
        return int(at[-1] - at[0] + 1)

    frames = max(20, round(len(n.f0) * length(e) / length(n)))
    at = np.linspace(0, len(n.f0) - 1, frames)
    near, low = np.rint(at).astype(int), at.astype(int)
    high, part = np.minimum(low + 1, len(n.f0) - 1), (at - low)[:, None]
    envelope = np.exp((1 - part) * np.log(n.envelope[low]) + part * np.log(n.envelope[high]))
    return _Voice(n.f0[near], envelope, n.noise[near])


def _pitch(n: _Voice, e: _Voice) -> _Voice:
    if (n.f0 > 0).sum() < 5 or (e.f0 > 0).sum() < 5:
        return n
    own, other = np.log(n.f0[n.f0 > 0]), np.log(e.f0[e.f0 > 0])
    middle, spread = np.median(own), np.subtract(*np.percentile(own, [80, 20]))
    ratio = np.clip(np.subtract(*np.percentile(other, [80, 20])) / max(spread, 0.02), 0.3, 3.0)
    moved = np.exp(np.median(other) + (np.log(np.maximum(n.f0, 1e-3)) - middle) * ratio)
    return _Voice(np.where(n.f0 > 0, np.clip(moved, 55, 700), 0.0), n.envelope, n.noise)


def _loud(n: _Voice, e: _Voice) -> _Voice:
    from scipy.ndimage import gaussian_filter1d

    spread = [float(np.std(v.level[v.sound])) for v in (n, e)]
    smooth = gaussian_filter1d(n.level, 6.0)
    gain = (smooth - smooth[n.sound].mean()) * np.clip(spread[1] / max(spread[0], 1.0) - 1, -0.8, 1.5)
    return _Voice(n.f0, n.envelope * 10 ** (np.clip(gain, -15, 15) / 10)[:, None], n.noise)
