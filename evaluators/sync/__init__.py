"""Lip sync: how far sound and lips lie apart, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluator import SyncEvaluator, SyncReading

__all__ = ["SyncEvaluator", "SyncReading"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import evaluator

        return getattr(evaluator, name)
    raise AttributeError(name)
