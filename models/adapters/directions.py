"""Emotion directions in a model's own conditioning space: what a unit of valence, arousal or dominance adds there.

Offsets of labelled items (words in a template, clips of one speaker) from what is common to them are regressed on VAD by ridge; the
offset for a wanted emotion is added with a strength. Nothing of the model is trained. As in steering by activation addition
(Turner et al. 2023; Zou et al. 2023), with a continuous label.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import Emotion
from genstudio.errors import InputError, MissingWeightsError
from genstudio.media.files import writing

F32 = NDArray[np.float32]
AXES = ("valence", "arousal", "dominance")
_FOLDS = 10
LEAST = 12  # items


@dataclass(frozen=True)
class Directions:
    """weight: float32 [3, n], what one unit of each axis adds; effect: correlation of each axis with what items held out of the fit
    show along these directions (1 perfect, 0 nothing); explained: share of the held-out offsets' variance; items: how many;
    scale: typical length of what it is added to."""

    weight: F32
    effect: dict[str, float]
    explained: float
    items: int
    scale: float

    def offset(self, emotion: Emotion, strength: float = 1.0) -> F32:
        """float32 [n]: exactly 0 for neutral or a strength of 0, and linear in both VAD and strength."""
        vad = np.array(emotion.vad, np.float32) - np.array(Emotion.neutral().vad, np.float32)
        return np.asarray(strength * (vad @ self.weight), np.float32)

    def place(self, offset: NDArray[np.floating]) -> F32:
        """VAD [.., 3] that offsets [.., n] show along the directions (least squares)."""
        return np.asarray(np.asarray(offset) @ np.linalg.pinv(self.weight), np.float32)

    def report(self) -> dict[str, Any]:
        """JSON-ready, without the weights."""
        return {"effect": self.effect, "explained": self.explained, "items": self.items, "width": self.weight.shape[1]}


def fit(
    vad: NDArray[np.floating], offsets: NDArray[np.floating], groups: Sequence[Any] | None = None, scale: float = 1.0
) -> Directions:
    """vad: [m, 3] in -1..1; offsets: [m, n] from what is common; groups: items of one group (word, speaker) are held out together.

    The ridge is chosen by the held-out error. Raises InputError for fewer than 12 items or values that are not finite.
    """
    x, y = np.asarray(vad, np.float64), np.asarray(offsets, np.float64)
    if x.ndim != 2 or x.shape[1] != 3 or y.ndim != 2 or len(x) != len(y) or len(x) < LEAST:
        raise InputError(
            f"directions need {LEAST} or more items, VAD [m, 3] and offsets [m, n]; got {x.shape} and {y.shape}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("the offsets to fit hold values that are not finite")
    which = np.unique(np.arange(len(x)) if groups is None else np.asarray(groups), return_inverse=True)[1]
    order = np.random.default_rng(0).permutation(which.max() + 1)
    fold = order[which] % min(_FOLDS, which.max() + 1)
    best, error = 1.0, np.inf
    for ridge in 10.0 ** np.arange(-3, 3.1):
        held = _held_out(x, y, fold, ridge)[0]
        e = float(((y - held) ** 2).sum())
        if e < error:
            best, error = float(ridge), e
    held, shown = _held_out(x, y, fold, best)
    effect = {a: round(_r(x[:, i], shown[:, i]), 4) for i, a in enumerate(AXES)}
    explained = 1 - float(((y - held) ** 2).sum()) / max(float(((y - y.mean(0)) ** 2).sum()), 1e-12)
    weight = _ridge(x - x.mean(0), y - y.mean(0), best)
    return Directions(weight.astype(np.float32), effect, round(explained, 4), len(x), round(float(scale), 6))


def _ridge(x: NDArray[np.float64], y: NDArray[np.float64], ridge: float) -> NDArray[np.float64]:
    return np.asarray(np.linalg.solve(x.T @ x + ridge * np.eye(3), x.T @ y))


def _held_out(x: Any, y: Any, fold: Any, ridge: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Offsets predicted [m, n] and VAD shown [m, 3] of every item by fits without its fold."""
    predicted, shown = np.empty_like(y), np.empty_like(x)
    for k in range(fold.max() + 1):
        out = fold == k
        mx, my = x[~out].mean(0), y[~out].mean(0)
        w = _ridge(x[~out] - mx, y[~out] - my, ridge)
        predicted[out] = (x[out] - mx) @ w + my
        shown[out] = (y[out] - my) @ np.linalg.pinv(w)
    return predicted, shown


def _r(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if a.std() < 1e-12 or b.std() < 1e-12:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def save(path: Path, named: dict[str, Directions], about: dict[str, str]) -> None:
    """Several directions in one safetensors file; what is not a tensor stands in its header."""
    from safetensors.numpy import save_file

    facts = {k: {**d.report(), "scale": d.scale} for k, d in named.items()}
    with writing(path) as temporary:
        save_file({k: d.weight for k, d in named.items()}, str(temporary), {**about, "facts": json.dumps(facts)})


def load(path: Path) -> dict[str, Directions]:
    """What `save` wrote. Raises MissingWeightsError when it is not such a file."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), "np") as file:
            facts = json.loads(file.metadata()["facts"])
            return {
                k: Directions(file.get_tensor(k), f["effect"], f["explained"], f["items"], f["scale"])
                for k, f in facts.items()
            }
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
        raise MissingWeightsError(f"'{path}' holds no emotion directions ({error}); fit them again") from None
