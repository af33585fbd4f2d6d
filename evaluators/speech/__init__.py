"""Emotion in a voice: categories, and VAD through them, whole or along time, in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluator import SpeechEvaluator

__all__ = ["SpeechEvaluator"]


def __getattr__(name: str) -> Any:
    if name == "SpeechEvaluator":
        from .evaluator import SpeechEvaluator

        return SpeechEvaluator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
