"""What each axis is read from, and its regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import backbone
from .data import Pictures
from .features import features
from .model import fit, fit_both
from .painted import brushed, flattened

AXES = ("valence", "arousal")
RIDGE, SHARE = 2.0, 0.15  # of the score's regression: ridge, and the look's share (chosen by the theme folds)
_COLOUR = ("attributes", "light", "colour", "hues", "palette", "layout", "layout.contrast", "centre")
_TEXTURE = ("patterns", "scales", "edges", "symmetry")
# of the scoring copy's look: axis → groups and gain of the kernel: everything for valence; what is textured for arousal
LOOKS: dict[str, tuple[tuple[str, ...], float]] = {
    "valence": ((*_COLOUR, *_TEXTURE), 3.0),
    "arousal": ((*_TEXTURE, "layout.contrast"), 0.5),
}
# of the steering copy: axis → groups, gain and ridge of the kernel
PLANS: dict[str, tuple[tuple[str, ...], float, float]] = {
    "valence": (("atoms", "upper", "lower", "grid"), 1.0, 0.3),
    "arousal": (("atoms", "upper", "lower"), 0.5, 0.3),
}
ROLES = ("score", "steer")
LEARNED = ("photo", "brushed")  # versions of a photograph that the scoring copy learns from

Groups = dict[str, NDArray[np.float32]]


def read_pictures(pictures: Pictures) -> list[NDArray[np.uint8]]:
    from genstudio.media.image import read_image

    return [read_image(p) for p in pictures.paths]


def stack(rows: list[Groups]) -> Groups:
    return {g: np.stack([r[g] for r in rows]) for g in rows[0]}


def seen(pixels: NDArray[np.uint8]) -> Groups:
    """All features of the scoring copy: what the network sees, and the groups of how it looks."""
    return {**backbone.features(pixels), **features(pixels)}


def versions(pixels: list[NDArray[np.uint8]]) -> dict[str, Groups]:
    """Features of the scoring copy: of the photographs, the same brushed, and the same flattened (to test on only)."""
    ways: dict[str, Any] = {"photo": np.asarray, "brushed": brushed, "flattened": flattened}
    return {name: stack([seen(paint(p)) for p in pixels]) for name, paint in ways.items()}


def fit_axes(role: str, x: dict[str, Groups], pictures: Pictures, rows: NDArray[Any]) -> dict[str, Any]:
    """One regression an axis, on the pictures of `rows`, each in those of its versions that are `LEARNED`."""
    learned = [x[v] for v in LEARNED if v in x]
    part = {g: np.concatenate([v[g][rows] for v in learned]) for g in learned[0]}
    rated = {a: np.tile(getattr(pictures, a)[rows], len(learned)) for a in AXES}
    if role == "score":
        return {a: fit_both(part, rated[a], backbone.SPACES, *LOOKS[a], SHARE, RIDGE) for a in AXES}
    return {a: fit(part, rated[a], *PLANS[a]) for a in AXES}
