"""Speech to the 89 acoustic features that the acoustic models predict and the vocoder speaks."""

from __future__ import annotations

from .extract import analyse
from .features import DIM, Features, fill_f0, mel_points

__all__ = ["DIM", "Features", "analyse", "fill_f0", "mel_points"]
