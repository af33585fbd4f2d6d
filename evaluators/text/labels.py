"""The 28 labels of GoEmotions grouped under the canonical seven, as its authors group them (Demszky et al. 2020, appendix)."""

from __future__ import annotations

from collections.abc import Mapping

from genstudio.emotion.norms import EKMAN, GOEMOTIONS

_GROUPS = {
    "anger": "anger annoyance disapproval",
    "disgust": "disgust",
    "fear": "fear nervousness",
    "joy": "joy amusement approval excitement gratitude love optimism relief pride admiration desire caring",
    "sadness": "sadness disappointment embarrassment grief remorse",
    "surprise": "surprise realization confusion curiosity",
    "neutral": "neutral",
}
SEVEN_OF: dict[str, str] = {label: seven for seven, labels in _GROUPS.items() for label in labels.split()}


def collapse(weights: Mapping[str, float]) -> dict[str, float]:
    """A distribution over the 28 as one over the seven.

    >>> collapse({"gratitude": 3.0, "neutral": 1.0})["joy"]
    0.75
    """
    total = sum(weights.values())
    out = dict.fromkeys(EKMAN, 0.0)
    for label in GOEMOTIONS:
        out[SEVEN_OF[label]] += weights.get(label, 0.0) / total
    return out
