"""A voice that is not steady: F0 that jitters in fear, a level that shimmers in sadness.

What the network makes is smoother than people are: F0 moves by 0.41 semitones a 10 ms frame in actresses' fear and by 0.33 in
their neutral (steering half of EmoDB), by 0.25 in both of the embedded voice's; the level's second difference is 1.77 dB in their
sadness and 1.38 in their neutral, 0.96 and 1.37 in its. Listeners take irregularity for fear and sadness (Juslin & Laukka 2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from ..analysis.features import Features

JITTER, SHIMMER = 0, 1  # standard deviations of log F0 and of the log power of voiced frames
# chosen by steering recognisers (see card.md): fear's jitter is the actresses', sadness' shimmer a little less than theirs
UNSTEADY = {"fear": (0.045, 0.0), "sadness": (0.0, 0.5)}
_REACH = 0.7  # frames: how far apart moves are alike
_MOST = 1.5 * np.max(list(UNSTEADY.values()), axis=0)
_NONE = 0.1 * np.max(list(UNSTEADY.values()), axis=0)  # what the linear map gives other emotions is less


def targets(emotions: Sequence[str]) -> dict[str, np.ndarray]:
    """(jitter, shimmer) of each emotion: what `shifts.fit` maps codes to."""
    return {e: np.array(UNSTEADY.get(e, (0.0, 0.0)), np.float32) for e in emotions}


def shaken(features: Features, amount: np.ndarray, generator: torch.Generator) -> Features:
    """Features [t] with jitter and shimmer of standard deviations `amount` float [t, 2], taken as at least 0 and at most 1.5 times
    those of fear and sadness; a steady voice comes back as it is."""
    sizes = np.clip(amount, 0, _MOST)
    if not (sizes > _NONE).any():
        return features
    noise = gaussian_filter1d(torch.randn(2, len(features), generator=generator).numpy(), _REACH, axis=1, mode="wrap")
    noise /= noise.std(1, keepdims=True) + 1e-9
    moved = np.clip(features.f0 * np.exp(sizes[:, JITTER] * noise[0]), 60, 600)
    louder = (sizes[:, SHIMMER] * noise[1] * features.voiced)[:, None]
    return replace(
        features, f0=np.where(features.voiced, moved, 0).astype(np.float32),
        envelope=(features.envelope + louder).astype(np.float32),
    )  # fmt: skip
