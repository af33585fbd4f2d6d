"""Finds faces in any picture and places the 68 iBUG points on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .finder import FaceFinderNet

__all__ = ["FaceFinderNet"]


def __getattr__(name: str) -> Any:
    if name == "FaceFinderNet":
        from .finder import FaceFinderNet

        return FaceFinderNet
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
