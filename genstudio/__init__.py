"""genstudio: one emotion in; image, voice, talking head and their measured scores out."""

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import GenstudioError

__version__ = "0.1.0"
__all__ = ["Emotion", "EmotionCurve", "GenstudioError", "Studio", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Studio":
        from genstudio.studio import Studio

        return Studio
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
