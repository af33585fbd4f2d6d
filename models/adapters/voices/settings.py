"""VITS's own knobs moved by an emotion: the length of sounds, and how varied voice and rhythm are (Kim et al. 2021)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from math import exp
from typing import Any

from genstudio import registry
from genstudio.emotion import Emotion

# attribute -> what it does; transformers' VitsModel, then coqui's Vits. `speaking_rate` divides the length.
_KNOBS = {
    "speaking_rate": ("tempo", -1.0),
    "length_scale": ("tempo", 1.0),
    "noise_scale": ("range", 0.5),
    "inference_noise_scale": ("range", 0.5),
    "noise_scale_duration": ("range", 0.5),
    "inference_noise_scale_dp": ("range", 0.5),
}
_MOST = 1.0  # noise beyond that of the prior itself is no speech that was trained


def has_settings(model: Any) -> bool:
    """Whether a model has VITS's knobs of length and noise."""
    return sum(isinstance(getattr(model, k, None), (int, float)) for k in _KNOBS) >= 3


def moved(model: Any, emotion: Emotion, strength: float) -> dict[str, float]:
    """The knobs' values for an emotion. Sounds get longer and shorter as actors' do; the noise grows by half of what the
    excursions of F0 do (logarithms), since it is what makes two renderings of a sentence differ."""
    shifts = registry.load("speech:embedded").shifts(emotion)
    out = {}
    for name, (of, by) in _KNOBS.items():
        value = getattr(model, name, None)
        if isinstance(value, (int, float)):
            new = value * exp(by * strength * shifts[of])
            out[name] = new if of == "tempo" else min(new, max(_MOST, value))
    return out


@contextlib.contextmanager
def applied(model: Any, values: dict[str, float]) -> Iterator[None]:
    """While it lasts, the model has these values."""
    before = {k: getattr(model, k) for k in values}
    try:
        for k, v in values.items():
            setattr(model, k, v)
        yield
    finally:
        for k, v in before.items():
            setattr(model, k, v)
