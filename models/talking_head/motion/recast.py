"""Motion moved from the recipes that the network learned to the present ones, so that a recipe can be mended without training.

How strongly the emotion shows in a frame is measured on the upper face, which speech leaves alone: the projection of the
motion onto the recipes learned, mixed as the emotion asks. That much of the difference between present and learned recipes
is added: onset, swings and style stay the network's own. Weights trained on the present recipes are left as they are.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN

from .generator.emotions import FACE, MOUTH, RECIPES, expand
from .generator.session import OPENERS, lip_gap

F32 = NDArray[np.float32]

FELT = [k for k, name in enumerate(EKMAN) if name != "neutral"]
MOST = 1.3  # of an emotion's strength over what is asked: guidance exaggerates
MOUTH_SHARE = 0.82  # of the mouth that emotion keeps while speaking
MEETING = 0.25  # lip gap in cm below which lips are left to meet


def to_text(recipes: dict[str, dict[str, float]] = RECIPES) -> str:
    """Recipes as JSON, for the header of weights."""
    return json.dumps({name: recipes[name] for name in EKMAN}, separators=(",", ":"))


class Recast:
    """learned: the recipes in the weights' header, as `to_text` writes them."""

    def __init__(self, learned: str) -> None:
        old, new = json.loads(learned), {name: RECIPES[name] for name in EKMAN}
        self.same = old == new
        self._old, self._change = {}, {}
        for mirrored in (False, True):
            known, wanted = (np.stack([expand(r[name], mirrored) for name in EKMAN]) for r in (old, new))
            self._old[mirrored], self._change[mirrored] = known, wanted - known

    def __call__(self, values: F32, weights: F32, gain: F32, mirrored: bool) -> F32:
        """values float32 [frames, 62]; weights [frames, 7] over the canonical seven, gain [frames]: the emotion asked for."""
        felt = weights[:, FELT].sum(axis=1)
        if self.same or felt.max(initial=0) < 0.02:
            return values
        share = np.zeros_like(weights)
        share[:, FELT] = weights[:, FELT] / np.maximum(felt, 1e-6)[:, None]
        upper = FACE & ~MOUTH
        learned = share @ self._old[mirrored]
        size = np.maximum((learned[:, upper] ** 2).sum(axis=1), 1e-6)
        amount = ((values[:, upper] * learned[:, upper]).sum(axis=1) / size).clip(0, MOST * felt * gain)
        change = amount[:, None] * (share @ self._change[mirrored])
        x = (1 - lip_gap(values) / MEETING).clip(0, 1)
        meeting = x * x * (3 - 2 * x)
        change *= np.where(MOUTH, MOUTH_SHARE, 1) * (1 - OPENERS * meeting[:, None])
        least = np.where(FACE, np.minimum(values, 0), -np.inf)  # what goes away goes to rest and no further
        return np.asarray(np.maximum(values + change, least), np.float32)
