"""Sounds between the words, in the voice that speaks: laugh, sigh, gasp, sob, groan."""

from __future__ import annotations

from .kinds import PAUSES, SOUNDS

__all__ = ["PAUSES", "SOUNDS"]
