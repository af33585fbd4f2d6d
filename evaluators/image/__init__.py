"""Valence and arousal of pictures, as viewers rated them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluator import ImageEvaluator

__all__ = ["ImageEvaluator"]


def __getattr__(name: str) -> Any:
    if name == "ImageEvaluator":
        from .evaluator import ImageEvaluator

        return ImageEvaluator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
