"""The acoustic features every speech model here shares: 89 numbers every 10 ms.

Columns of `Features.as_array()`, float32 [frames, 89] (the order of stored and predicted arrays):

    0:80    envelope     natural log of the power spectral envelope, harmonics removed, at 80 mel-spaced points 0..12 kHz
    80      log F0       natural log of Hz, 0 where unvoiced
    81      voicing      1 voiced, 0 unvoiced
    82:89   periodicity  0 (noise) .. 1 (periodic) in 7 bands, 0 where unvoiced: the breath and tension control

Frame t is centred on sample t * HOP; audio of N samples has N // HOP + 1 frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genstudio.errors import InputError
from genstudio.media.rates import FRAME_RATE, HOP, MEL_BANDS, SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]

BAND_EDGES = (0, 800, 1600, 2400, 3400, 5000, 7500, 12000)  # Hz, periodicity bands
PERIODICITY_BANDS = len(BAND_EDGES) - 1

ENVELOPE = slice(0, MEL_BANDS)
LOG_F0 = MEL_BANDS
VOICING = MEL_BANDS + 1
PERIODICITY = slice(MEL_BANDS + 2, MEL_BANDS + 2 + PERIODICITY_BANDS)
DIM = MEL_BANDS + 2 + PERIODICITY_BANDS  # 89

LOG_FLOOR = -20.7  # ln 1e-9: the envelope of digital silence
F0_MIN, F0_MAX = 60.0, 600.0  # Hz, what the tracker finds
NARROW_BAND_POINTS = 66  # points of the envelope below 7.5 kHz: all that a 16 kHz recording (EmoDB) can say


def mel_points(n: int = MEL_BANDS, top: float = SAMPLE_RATE / 2) -> NDArray[np.float64]:
    """Hz of the n envelope points, mel-spaced from 0 to `top`.

    >>> mel_points()[[0, 79]].round().tolist()
    [0.0, 12000.0]
    """
    mel = np.linspace(0.0, 2595.0 * np.log10(1.0 + top / 700.0), n)
    return np.clip(700.0 * (10.0 ** (mel / 2595.0) - 1.0), 0.0, top)


@dataclass(frozen=True)
class Features:
    """Acoustic features of speech, 100 frames a second.

    envelope: float32 [T, 80] ln power; f0: float32 [T] Hz, 0 where unvoiced; periodicity: float32 [T, 7] 0..1, 0 where
    unvoiced. Voicing is `f0 > 0`.

    >>> f = Features.from_array(np.zeros((5, DIM)))
    >>> f.as_array().shape, f.seconds
    ((5, 89), 0.05)
    """

    envelope: F32
    f0: F32
    periodicity: F32

    def __post_init__(self) -> None:
        frames = len(self.f0)
        shapes = (self.envelope.shape, self.f0.shape, self.periodicity.shape)
        if shapes != ((frames, MEL_BANDS), (frames,), (frames, PERIODICITY_BANDS)):
            raise InputError(
                f"features of shapes {shapes} do not fit together: envelope [T, {MEL_BANDS}], f0 [T], "
                f"periodicity [T, {PERIODICITY_BANDS}] are needed"
            )

    def __len__(self) -> int:
        return len(self.f0)

    @property
    def seconds(self) -> float:
        return len(self) / FRAME_RATE

    @property
    def voiced(self) -> NDArray[np.bool_]:
        return self.f0 > 0

    @property
    def voicing(self) -> F32:
        """float32 [T], 1 voiced, 0 unvoiced."""
        return self.voiced.astype(np.float32)

    @property
    def log_f0(self) -> F32:
        """float32 [T], natural log of Hz, 0 where unvoiced."""
        return np.where(self.voiced, np.log(np.maximum(self.f0, 1.0)), 0.0).astype(np.float32)

    def as_array(self) -> F32:
        """float32 [T, 89], columns as in the module's docstring."""
        parts = (self.envelope, self.log_f0[:, None], self.voicing[:, None], self.periodicity)
        return np.concatenate(parts, axis=1).astype(np.float32)

    @classmethod
    def from_array(cls, array: NDArray[np.floating]) -> Features:
        """From [T, 89]. A frame is voiced where column 81 is above 0.5 and column 80 is a pitch (above ln 20)."""
        a = np.asarray(array, dtype=np.float32)
        if a.ndim != 2 or a.shape[1] != DIM:
            raise InputError(f"features of shape {a.shape} are not [frames, {DIM}]")
        voiced = (a[:, VOICING] > 0.5) & (a[:, LOG_F0] > 3.0)
        f0 = np.where(voiced, np.exp(np.clip(a[:, LOG_F0], 3.0, 7.0)), 0.0).astype(np.float32)
        periodicity = np.clip(a[:, PERIODICITY], 0.0, 1.0) * voiced[:, None]
        return cls(a[:, ENVELOPE], f0, periodicity.astype(np.float32))

    def shifted(self, factor: float) -> Features:
        """The same features with F0 times `factor`."""
        return replace(self, f0=(self.f0 * np.float32(factor)).astype(np.float32))


def fill_f0(f0: NDArray[np.floating], default: float = 150.0) -> NDArray[np.float64]:
    """F0 without gaps [T]: log-linear through unvoiced stretches, level at the ends; `default` when nothing is voiced.

    >>> fill_f0(np.array([0, 100.0, 0, 400.0])).round().tolist()
    [100.0, 100.0, 200.0, 400.0]
    """
    voiced = np.flatnonzero(f0 > 0)
    if len(voiced) == 0:
        return np.full(len(f0), default)
    return np.exp(np.interp(np.arange(len(f0)), voiced, np.log(np.asarray(f0, dtype=np.float64)[voiced])))


__all__ = [
    "BAND_EDGES", "DIM", "ENVELOPE", "F0_MAX", "F0_MIN", "HOP", "LOG_F0", "LOG_FLOOR", "MEL_BANDS", "NARROW_BAND_POINTS",
    "PERIODICITY", "PERIODICITY_BANDS", "SAMPLE_RATE", "VOICING", "Features", "fill_f0", "mel_points",
]  # fmt: skip
