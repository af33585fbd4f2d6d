"""Directions among what a voice takes from a clip: speaker embeddings, XTTS's conditioning latents.

Every labelled clip's vector less the mean of the same speaker's neutral ones is regressed on the emotion's VAD, speakers held
out one by one; what is added so moves a cloned voice as actors' own voices move, and leaves who speaks alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.emotion import Emotion
from genstudio.errors import InputError
from genstudio.media.audio import SAMPLE_RATE, read_audio
from genstudio.protocols import Speech

from .. import directions as d

Vectors = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class Clip:
    """speaker, emotion, and the vectors [n] by name that a model takes from the clip."""

    speaker: str
    emotion: Emotion
    vectors: Vectors


def clips(data: Path, embed: Callable[[Speech], Vectors], progress: Any = None) -> list[Clip]:
    """Every labelled clip of a folder laid out as EmoDB, CREMA-D, RAVDESS, ESD or MEAD, through the model's own encoder."""
    layout, items = registry.load("tool:layouts")(Path(data))
    usable = [i for i in items if i.target is not None and not i.problem and i.modality in ("speech", "")]
    if not layout or not usable:
        raise InputError(f"'{data}' holds no labelled speech in a layout that is known; see 'genstudio data list'")
    out = []
    for k, item in enumerate(usable):
        speech = Speech(read_audio(item.path), SAMPLE_RATE)
        out.append(Clip(item.cluster, item.target, embed(speech)))
        if progress:
            progress((k + 1) / len(usable))
    return out


def fit(found: list[Clip]) -> dict[str, d.Directions]:
    """Directions of each vector. Raises InputError when no speaker has both neutral and emotional clips."""
    neutral = Emotion.neutral()
    calm: dict[str, list[Vectors]] = defaultdict(list)
    for clip in found:
        if clip.emotion.vad == neutral.vad:
            calm[clip.speaker].append(clip.vectors)
    felt = [c for c in found if c.speaker in calm and c.emotion.vad != neutral.vad]
    if not felt:
        raise InputError("directions need neutral and emotional clips of the same speaker; there is none with both")
    vad = np.array([c.emotion.vad for c in felt]) - np.array(neutral.vad)
    out = {}
    for name in felt[0].vectors:
        middle = {s: np.mean([v[name] for v in rows], 0) for s, rows in calm.items()}
        offsets = np.stack([c.vectors[name] - middle[c.speaker] for c in felt])
        scale = float(np.mean([np.linalg.norm(m) for m in middle.values()]))
        out[name] = d.fit(vad, offsets, [c.speaker for c in felt], scale)
    return out
