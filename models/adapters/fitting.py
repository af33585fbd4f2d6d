"""Directions of a pipeline's prompt embeddings, fitted once a model and kept in the cache by the weights' fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import hub
from genstudio.errors import InputError
from genstudio.threads import one_thread

from . import directions as d
from .prompts import ENCODER, encode, mean_of, spread_of
from .texts import TEMPLATES, templated

_BATCH = 16
_LONGEST = 256  # tokens: a template is short, and in a prompt padded much longer its word would be drowned
GAIN = 0.25  # of the tokens' own spread: what one unit of VAD adds at a strength of 1


def cache_path(key: str, kind: str = "prompts") -> Path:
    """Where the directions of weights with this fingerprint are kept."""
    return hub.cache_folder("directions", f"{kind}-{key[:32]}.safetensors")


def fit_prompts(pipeline: Any, templates: Sequence[str] = TEMPLATES, progress: Any = None) -> dict[str, d.Directions]:
    """Encode the norm words in every template by the pipeline's own text encoders, and regress what each adds to its template's
    mean on the word's VAD. One `Directions` a returned embedding. Raises InputError for a pipeline that encodes no text."""
    if not callable(getattr(pipeline, ENCODER, None)):
        raise InputError(
            f"{type(pipeline).__name__} has no {ENCODER}: there is no text conditioning to find directions in"
        )
    texts, vad, template, word = templated(templates)
    rows: dict[str, list[np.ndarray]] = {}
    spread: dict[str, list[float]] = {}
    for i in range(0, len(texts), _BATCH):
        for name, (value, mask) in encode(pipeline, texts[i : i + _BATCH], longest=_LONGEST).items():
            rows.setdefault(name, []).append(mean_of(value, mask).cpu().numpy())
            spread.setdefault(name, []).append(spread_of(value, mask))
        if progress:
            progress(min(1.0, (i + _BATCH) / len(texts)))
    return {
        name: fitted(np.concatenate(parts), np.array(vad), np.array(template), word, float(np.median(spread[name])))
        for name, parts in rows.items()
    }


@one_thread()
def fitted(
    x: np.ndarray, vad: np.ndarray, template: np.ndarray, word: Sequence[int], spread: float | None = None
) -> d.Directions:  # fmt: skip
    """x: mean embeddings [m, n]. Scaled so that a unit of VAD moves by GAIN of `spread`, the length by which single tokens differ
    (by default that by which the means do)."""
    centred = x.astype(np.float64)
    for t in np.unique(template):
        centred[template == t] -= centred[template == t].mean(0)
    length = float(np.sqrt((centred**2).sum(1).mean()))
    found = d.fit(vad, centred, word, length)
    size = float(np.sqrt((found.weight.astype(np.float64) ** 2).sum(1).mean()))
    if spread is None:
        spread = float(np.linalg.norm(x - x.mean(0), axis=1).mean())
    factor = GAIN * spread / max(size, 1e-12)
    return d.Directions(
        (found.weight * factor).astype(np.float32), found.effect, found.explained, found.items, round(length, 6)
    )


def kept(
    key: str, make: Any, force: bool = False, kind: str = "prompts", about: str = ""
) -> tuple[dict[str, d.Directions], bool]:
    """Directions from the cache, else made and kept; and whether they were there."""
    path = cache_path(key, kind)
    if path.is_file() and not force:
        return d.load(path), True
    found = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    d.save(path, found, {"model": about, "fingerprint": key})
    return found, False
