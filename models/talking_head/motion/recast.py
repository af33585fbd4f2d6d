"""Motion moved from the recipes that the network learned to the present ones, so that a recipe can be mended without training.

How strongly the emotion shows in a frame is measured on the upper face, which speech leaves alone: the projection of the
motion onto the recipes learned, mixed as the emotion asks. That much of the difference between present and learned recipes,
and of the head's carriage, is added: onset, swings and style stay the network's own. The jaw's way grows as the size of speech
gestures did. Weights trained on the present recipes are left as they are.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN
from genstudio.signals.arkit import CHANNELS
from genstudio.signals.shapes import smoothstep

from .generator.emotions import ARTICULATION, FACE, HEAD_POSE, MOUTH, RECIPES, expand
from .generator.session import OPENERS, lip_gap

F32 = NDArray[np.float32]

EYES_HOLD = 0.85  # of a nod that the eyes make up for
_PITCH, _EYE_PITCH = CHANNELS.index("headPitch"), [CHANNELS.index("leftEyePitch"), CHANNELS.index("rightEyePitch")]
FELT = [k for k, name in enumerate(EKMAN) if name != "neutral"]
MOST = 1.3  # of an emotion's strength over what is asked: guidance exaggerates
MOUTH_SHARE = 0.82  # of the mouth that emotion keeps while speaking
SPEECH = [
    CHANNELS.index("jawOpen"),
    CHANNELS.index("mouthClose"),
]  # what grows and shrinks with the size of speech gestures
UNTOLD = {**ARTICULATION, "sadness": 0.78}  # learned by weights whose header does not say
MEETING = 0.25  # lip gap in cm below which lips are left to meet


def to_text() -> str:
    """The present recipes and poses of the head as JSON, for the header of weights."""
    present = {
        "recipes": {e: RECIPES[e] for e in EKMAN},
        "poses": {e: list(HEAD_POSE[e]) for e in EKMAN},
        "articulation": {e: ARTICULATION[e] for e in EKMAN},
    }
    return json.dumps(present, separators=(",", ":"))


class Recast:
    """learned: the recipes in the weights' header, as `to_text` writes them."""

    def __init__(self, learned: str) -> None:
        old, new = {"articulation": UNTOLD} | json.loads(learned), json.loads(to_text())
        self.same = old == new
        self._speech = np.array([new["articulation"][e] / old["articulation"][e] - 1 for e in EKMAN], np.float32)
        self._old, self._new = (
            {mirrored: np.stack([_posed(x, name, mirrored) for name in EKMAN]) for mirrored in (False, True)}
            for x in (old, new)
        )

    def __call__(self, values: F32, weights: F32, gain: F32, mirrored: bool) -> F32:
        """values float32 [frames, 62]; weights [frames, 7] over the canonical seven, gain [frames]: the emotion asked for."""
        felt = weights[:, FELT].sum(axis=1)
        if self.same or felt.max(initial=0) < 0.02:
            return values
        values = values.copy()
        values[:, SPEECH] *= 1 + (weights @ self._speech)[:, None]
        share = np.zeros_like(weights)
        share[:, FELT] = weights[:, FELT] / np.maximum(felt, 1e-6)[:, None]
        upper = FACE & ~MOUTH
        learned, present = share @ self._old[mirrored], share @ self._new[mirrored]
        size = np.maximum((learned[:, upper] ** 2).sum(axis=1), 1e-6)
        amount = ((values[:, upper] * learned[:, upper]).sum(axis=1) / size).clip(0, MOST * felt * gain)
        change = amount[:, None] * (present - learned)
        meeting = smoothstep(1 - lip_gap(values) / MEETING)
        change *= np.where(MOUTH, MOUTH_SHARE, 1) * (1 - OPENERS * meeting[:, None])
        change[:, _EYE_PITCH] -= EYES_HOLD * change[:, [_PITCH]]
        # what shrinks goes to the present recipe and no further, of the mouth to rest
        least = np.where(FACE, np.minimum(values, amount[:, None] * present * upper), -np.inf)
        return np.asarray(np.maximum(values + change, least), np.float32)


def _posed(taught: dict[str, Any], name: str, mirrored: bool) -> F32:
    """An emotion's recipe with how high the head is carried (its turns are drawn by style and stay): float32 [62]."""
    out = expand(taught["recipes"][name], mirrored)
    out[_PITCH] = taught["poses"][name][1]
    return out
