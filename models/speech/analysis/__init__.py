"""Speech to the 89 acoustic features that the acoustic models predict and the vocoder speaks."""

from __future__ import annotations

from .extract import analyse
from .features import DIM, Features, fill_f0, mel_points
from .transforms import Change, change, warp_time

__all__ = ["DIM", "Change", "Features", "analyse", "change", "fill_f0", "mel_points", "warp_time"]
