"""Recognisers, measures, and suites that score folders. Heavy parts load when first used.

from genstudio.evaluators import FaceEvaluator, evaluate_folder
summary = evaluate_folder("their_outputs/", "results/", suite="speech", targets="targets.csv")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_LAZY = {
    "FaceEvaluator": "face", "SpeechEvaluator": "speech", "TextEvaluator": "text", "ImageEvaluator": "image",
    "SyncEvaluator": "sync", "FusionEvaluator": "fusion", "evaluate_folder": "suites", "compare": "suites",
}  # fmt: skip

__all__ = [
    "FaceEvaluator",
    "FusionEvaluator",
    "ImageEvaluator",
    "SpeechEvaluator",
    "SyncEvaluator",
    "TextEvaluator",
    "compare",
    "evaluate_folder",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
