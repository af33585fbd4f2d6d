"""Features to sound by WORLD: a second opinion beside the neural vocoder, used in checks only (needs pyworld)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from genstudio.media.rates import SAMPLE_RATE
from genstudio.signals.world import world

from ..analysis.features import BAND_EDGES, Features, mel_points

_FFT = 1024


def synthesise(features: Features) -> np.ndarray:
    """float32 [samples] at 24 kHz."""
    pyworld = world("speaking through WORLD")
    hz = np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT
    points = mel_points()
    power = np.exp(np.stack([np.interp(hz, points, row) for row in features.envelope.astype(np.float64)]))
    centres = [(a + b) / 2 for a, b in pairwise(BAND_EDGES)]
    noise = np.stack([np.interp(hz, centres, row) for row in 1 - features.periodicity.astype(np.float64)])
    noise = np.clip(np.where(features.voiced[:, None], noise, 1.0), 0.001, 1.0)
    out = pyworld.synthesize(features.f0.astype(np.float64), power, np.ascontiguousarray(noise), SAMPLE_RATE, 10.0)
    return out.astype(np.float32)
