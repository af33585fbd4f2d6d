"""Free text to `Emotion`, through the registered text recogniser."""

from __future__ import annotations

from genstudio.emotion.space import Emotion


def read_text(text: str) -> Emotion:
    """The emotion that a phrase or sentence carries, as read by the 'text' recogniser (trained on EmoBank and GoEmotions)."""
    from genstudio.registry import load

    return load("evaluator:text").emotion(text)
