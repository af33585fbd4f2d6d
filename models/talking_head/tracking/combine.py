"""Several drivers of one face: which part follows which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genstudio.errors import InputError, suggest
from genstudio.protocols import Motion
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS, GAZE, HEAD, TRANSLATION

_MOUTH = ("jaw", "mouth", "tongue", "cheekPuff")
PARTS: dict[str, tuple[str, ...]] = {
    "mouth": tuple(c for c in BLENDSHAPES if c.startswith(_MOUTH)),
    "upper": tuple(c for c in BLENDSHAPES if not c.startswith((*_MOUTH, "eyeLook"))),
    "head": HEAD + TRANSLATION,
    "gaze": tuple(c for c in BLENDSHAPES if c.startswith("eyeLook")) + GAZE,
}
"""What a driver may move; together they are all channels."""


def blend_parts(base: Motion, driver: Motion, parts: Sequence[str]) -> Motion:
    """`base` with the named parts taken from `driver`; 'all' names every one. As long as `base`.

    A shorter driver goes forth and back, so that nothing jumps. Raises InputError for unknown parts.
    """
    valid = (*PARTS, "all")
    for part in parts:
        if part not in valid:
            raise InputError(f"unknown part '{part}' of the face; valid: {', '.join(valid)}{suggest(part, valid)}")
    names = [c for p in (PARTS if "all" in parts else parts) for c in PARTS[p]]
    index = [CHANNELS.index(c) for c in names]
    taken = at_rate(driver, base.fps, len(base.values))
    values = base.values.copy()
    values[:, index] = taken[:, index]
    return Motion(values, base.channels, base.fps)


def at_rate(motion: Motion, fps: float, frames: int) -> np.ndarray:
    """Values float32 [frames, 62] at another frame rate, mirrored in time when the motion is shorter."""
    last = max(len(motion.values) - 1, 0)
    at = np.arange(frames) / fps * motion.fps
    if last:
        at = last - np.abs((at % (2 * last)) - last)
    else:
        at = np.zeros(frames)
    have = np.arange(last + 1)
    return np.stack([np.interp(at, have, motion.values[:, k]) for k in range(len(CHANNELS))], 1).astype(np.float32)
