"""Face, voice and text read together: late fusion, compound expressions, agreement; and a fusion network to train."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .agreement import Agreement, agreement
from .compound import compounds
from .late import Channel, fuse, smooth

if TYPE_CHECKING:
    from .evaluator import FusionEvaluator

__all__ = ["Agreement", "Channel", "FusionEvaluator", "agreement", "compounds", "fuse", "smooth"]


def __getattr__(name: str) -> Any:
    if name == "FusionEvaluator":
        from .evaluator import FusionEvaluator

        return FusionEvaluator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
