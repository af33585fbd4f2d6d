"""Mood recipes: points of the valence-arousal-dominance space at which a painter's choices are known, each in several
variants.

The seven canonical emotions lie at their coordinates in `genstudio.emotion.norms` (Russell and Mehrabian 1977), near
enough.
"""

from __future__ import annotations

from typing import Any, Final

from .bright import BRIGHT
from .dark import DARK

ANCHORS: Final[dict[str, tuple[float, float, float, tuple[dict[str, Any], ...]]]] = {**BRIGHT, **DARK}
