"""What the catalogue's models weigh: their real architectures built without memory, and counted."""

from __future__ import annotations

from .count import ROOM, Figures, figures
from .parts import MODELS, Made, Part

__all__ = ["MODELS", "ROOM", "Figures", "Made", "Part", "figures"]
