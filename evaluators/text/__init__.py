"""Emotion in text: 28 GoEmotions labels, and valence, arousal, dominance learned from EmoBank's readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluator import TextEvaluator

__all__ = ["TextEvaluator"]


def __getattr__(name: str) -> Any:
    if name == "TextEvaluator":
        from .evaluator import TextEvaluator

        return TextEvaluator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
