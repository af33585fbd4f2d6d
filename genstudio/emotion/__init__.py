"""The emotion space: one value, `Emotion`, that enters every generator and leaves every evaluator."""

from genstudio.emotion.curve import EmotionCurve, parse_tagged
from genstudio.emotion.norms import EKMAN, TAXONOMIES
from genstudio.emotion.space import Emotion, vad_of_categories

__all__ = ["EKMAN", "TAXONOMIES", "Emotion", "EmotionCurve", "EmotionEncoder", "parse_tagged", "vad_of_categories"]


def __getattr__(name: str) -> object:
    if name == "EmotionEncoder":  # needs torch: loaded when first asked for
        from genstudio.emotion.encoder import EmotionEncoder

        return EmotionEncoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
