"""A reading in words, from what was measured: every clause carries its number, and nothing is said that was not measured.

for said in explain("clip.wav"):
    print(said.text())
"""

from __future__ import annotations

from .cues import Cue, Explanation
from .files import explain

__all__ = ["Cue", "Explanation", "explain"]
