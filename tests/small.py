"""Engines small enough for tests of what lies around them: the protocols are real, the models are not."""

from __future__ import annotations

import numpy as np

from genstudio.emotion import Emotion
from genstudio.protocols import Ceiling, Picture, Reading, Speech
from genstudio.studio import Studio

CEILING = Ceiling("accuracy", 0.6, (0.5, 0.7), 0.14, "nobody")


class ToneVoice:
    """Speaks every text as a tone whose pitch follows arousal."""

    name = "tone"

    def voices(self):
        return [{"name": "tone", "language": "en", "description": "a tone"}]

    def __call__(self, text, emotion, *, voice=None, seed=0, progress=None, **options):
        e = emotion if isinstance(emotion, Emotion) else emotion.mean()
        rng = np.random.default_rng(seed)
        t = np.arange(12_000) / 24_000
        x = 0.2 * np.sin(2 * np.pi * (200 + 100 * e.arousal) * t) + 0.01 * rng.standard_normal(len(t))
        return Speech(x.astype(np.float32), 24_000, text, "en", "tone", e, seed=seed)


class FlatPainter:
    """Paints every prompt as one colour whose brightness follows valence."""

    name = "flat"

    def __call__(self, prompt, emotion, *, size=(256, 256), seed=0, progress=None, **options):
        level = int(127 + 100 * emotion.valence) + seed % 3
        return Picture(np.full((size[1], size[0], 3), level, np.uint8), prompt, emotion, seed, {"subject": prompt})


class Reader:
    """Reads brightness as valence."""

    def __init__(self, modality):
        self.name, self.modality, self.role, self.ceiling = f"small-{modality}", modality, "score", CEILING

    def __call__(self, media):
        v = 0.0 if isinstance(media, Speech) else float((np.mean(media) - 127) / 100)
        return Reading(
            self.modality,
            self.name,
            max(-1.0, min(1.0, v)),
            0.0,
            None,
            {"joy": 0.7, "neutral": 0.3},
            "regression",
            CEILING,
        )


def use_small_engines(monkeypatch) -> None:
    """Make the registry give out the small engines."""
    from genstudio import registry

    small = {
        "speech:embedded": ToneVoice(), "image:embedded": FlatPainter(), "evaluator:speech": Reader("speech"),
        "evaluator:image": Reader("image"), "evaluator:image-steer": Reader("image"), "evaluator:speech-steer": Reader("speech"),
    }  # fmt: skip
    whole = registry.load
    monkeypatch.setattr(registry, "load", lambda key: whole(key) if key.startswith("tool:") else small[key])


__all__ = ["FlatPainter", "Reader", "Studio", "ToneVoice", "use_small_engines"]
