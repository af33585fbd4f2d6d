"""Folders of media scored: by any tool, in any known layout."""

from __future__ import annotations

from .compare import compare
from .datasets import DATASETS
from .layouts import LAYOUTS, find
from .run import evaluate_folder
from .summary import summarise

__all__ = ["DATASETS", "LAYOUTS", "compare", "evaluate_folder", "find", "summarise"]
