"""Features of any loudness to samples: the vocoder stops at full scale, and an excited voice is louder than that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .acoustic.normal import SHARE
from .analysis.features import Features

_PEAK = 1.3  # nepers: the most that a peak was found above the level of the loudest frame (118 utterances of 6 voices)


def sounded(vocoder: Callable[..., np.ndarray], features: Features, seed: int) -> np.ndarray:
    """float32 [samples] at the features' own level, which may pass 1: nothing is cut off.

    What would peak above full scale is given to the vocoder as much quieter, and made loud again.
    """
    level = 0.5 * np.log((np.exp(features.envelope) @ SHARE).max(initial=1e-9))
    over = max(0.0, float(level) + _PEAK)
    quieter = replace(features, envelope=features.envelope - np.float32(2 * over)) if over else features
    return np.array(vocoder(quieter, seed=seed), np.float32) * np.float32(np.exp(over))
