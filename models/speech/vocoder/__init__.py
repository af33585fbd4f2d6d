"""Acoustic features to sound: a small neural source-filter vocoder, 24 kHz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .vocoder import Vocoder

__all__ = ["Vocoder"]


def __getattr__(name: str) -> Any:
    if name == "Vocoder":
        from .vocoder import Vocoder

        return Vocoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
