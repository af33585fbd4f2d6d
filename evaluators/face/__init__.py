"""Expressions of faces: seven categories, and VAD through them, in photographs and video."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluator import FaceEvaluator

__all__ = ["FaceEvaluator"]


def __getattr__(name: str) -> Any:
    if name == "FaceEvaluator":
        from .evaluator import FaceEvaluator

        return FaceEvaluator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
