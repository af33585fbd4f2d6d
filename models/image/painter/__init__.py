"""The painter: draws any scene, at any size, on a CPU, the same for the same seed.

>>> from genstudio.models.image.painter import STYLES_AVAILABLE
>>> "oil" in STYLES_AVAILABLE
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

STYLES_AVAILABLE = ("oil", "watercolour", "gouache", "ink", "plain")

if TYPE_CHECKING:
    from .painter import paint as paint

__all__ = ["STYLES_AVAILABLE", "paint"]


def __getattr__(name: str) -> Any:
    """numba and OpenCV load at first use."""
    if name == "paint":
        from .painter import paint

        return paint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
