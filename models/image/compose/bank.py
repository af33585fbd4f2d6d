"""The emotions of training, and the point of the painter's recipes at which each is painted."""

from __future__ import annotations

from typing import Any

import numpy as np

from genstudio.emotion import EKMAN, Emotion

#: Where the painter's recipes of the seven lie (valence, arousal, dominance).
PAINTED = {
    "anger": (-0.65, 0.75, 0.6), "disgust": (-0.65, 0.05, 0.1), "fear": (-0.65, 0.65, -0.65), "joy": (0.8, 0.55, 0.4),
    "sadness": (-0.65, -0.38, -0.35), "surprise": (0.42, 0.74, -0.22), "neutral": (0.0, 0.0, 0.0),
}  # fmt: skip


def painted_vad(emotion: Emotion) -> tuple[float, float, float]:
    """An emotion's own point, moved as far as its categories' recipes lie from their norms: joy by name is painted at the
    recipe of joy, and a point without a name where it is. Each axis -1..1; continuous in the emotion."""
    shift = np.zeros(3)
    for name, weight in emotion.ekman().items():
        shift += weight * emotion.intensity * (np.array(PAINTED[name]) - np.array(_norm(name)))
    v, a, d = np.clip(np.array(emotion.vad) + shift * min(1.0, _sharpness(emotion)), -1, 1)
    return float(v), float(a), float(d)


def _norm(name: str) -> tuple[float, float, float]:
    return Emotion.of_categories({name: 1.0}).vad


def _sharpness(emotion: Emotion) -> float:
    """0 when the seven are equally likely, 1 when one is certain."""
    p = np.array(list(emotion.ekman().values()))
    return float((p.max() - 1 / len(p)) / (1 - 1 / len(p)))


def draw(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Emotions as rows `{"vad", "categories", "intensity"}`: points of the whole space, the seven alone, mixed and at many
    intensities, and members of every taxonomy."""
    from genstudio.emotion import TAXONOMIES

    rng = np.random.default_rng(seed)
    names = sorted({n for members in TAXONOMIES.values() for n in members})
    out: list[Emotion] = []
    while len(out) < count:
        kind = rng.random()
        if kind < 0.45:
            v, a, d = rng.uniform(-1, 1, 3)
            out.append(Emotion.from_vad(float(v), float(a), float(d) if rng.random() < 0.6 else None))
        elif kind < 0.75:
            e = Emotion.of_categories({str(EKMAN[int(rng.integers(len(EKMAN)))]): 1.0})
            if rng.random() < 0.4:
                w = float(rng.uniform(0.2, 0.8))
                a_, b_ = (str(x) for x in rng.choice(np.array(EKMAN, object), 2, replace=False))
                e = Emotion.of_categories({a_: w, b_: 1 - w})
            out.append(e if rng.random() < 0.4 else e.scaled(float(rng.uniform(0.2, 1.3))))
        else:
            e = Emotion.of_categories({names[int(rng.integers(len(names)))]: 1.0})
            out.append(e if rng.random() < 0.5 else e.scaled(float(rng.uniform(0.3, 1.3))))
    return [{"vad": list(e.vad), "categories": dict(e.categories), "intensity": e.intensity} for e in out]


def emotion_of(row: dict[str, Any]) -> Emotion:
    """The inverse of a row of `draw`."""
    v, a, d = row["vad"]
    return Emotion(v, a, d, row["categories"], row["intensity"])
