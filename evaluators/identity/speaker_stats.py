"""What stays of a voice when words and mood change: statistics of its cepstra and pitch over voiced frames."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..speech.features import MELS, RATE, Frames, analyse, prepare

CEPSTRA = 24
WIDTH = 3 * (CEPSTRA - 1) + 2
_LEAST_VOICED = 8  # frames; with fewer all sound counts as voiced
_LEAST_SOUND = 8


@cache
def _cosines() -> NDArray[np.float32]:
    k, n = np.arange(CEPSTRA)[:, None], np.arange(MELS)
    return (np.cos(np.pi * k * (n + 0.5) / MELS) * np.sqrt(2 / MELS)).T.astype(np.float32)


def statistics(samples: NDArray[Any], rate: int, warp: float = 1.0) -> NDArray[np.float32]:
    """float32 [71], NaN where nothing is voiced: of cepstra 1 to 23 the mean and the spread over voiced frames and how much the
    mean over all sound differs; median and spread of log F0. warp: frequencies scaled by so much, which makes another voice."""
    return of_frames(analyse(prepare(samples, rate)), warp)


def of_frames(frames: Frames, warp: float = 1.0) -> NDArray[np.float32]:
    """The same, of analysed frames."""
    mel = frames.mel if warp == 1 else warped(frames.mel, warp)
    cepstra = mel @ _cosines()[:, 1:]
    sound = frames.sound if frames.sound.sum() >= _LEAST_SOUND else np.ones_like(frames.sound)
    voiced = (frames.f0 > 0) & sound
    pitch = np.log(frames.f0[voiced] * warp) if voiced.any() else np.full(1, np.nan)
    if voiced.sum() < _LEAST_VOICED:
        voiced = sound
    mean = cepstra[voiced].mean(0)
    parts = [mean, cepstra[voiced].std(0), cepstra[sound].mean(0) - mean, [np.median(pitch), pitch.std()]]
    return np.concatenate(parts).astype(np.float32)


def warped(mel: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Log mel frames [n, 40] of a vocal tract shorter by `factor` (vocal tract length perturbation, Jaitly & Hinton 2013)."""

    def to_mel(hz: Any) -> Any:
        return 2595 * np.log10(1 + np.asarray(hz) / 700)

    centres = np.linspace(to_mel(60.0), to_mel(7600.0), MELS + 2)[1:-1]
    hz = 700 * (10 ** (centres / 2595) - 1)
    index = np.interp(to_mel(np.minimum(hz / factor, 7600.0)), centres, np.arange(MELS))
    low = np.clip(index.astype(int), 0, MELS - 2)
    share = (index - low).astype(np.float32)
    return mel[:, low] * (1 - share) + mel[:, low + 1] * share


__all__ = ["RATE", "WIDTH", "of_frames", "statistics", "warped"]
