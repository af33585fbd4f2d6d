"""What a mood brings along, wherever it is: see `burning`, `foul`, `forsaken` and `festivities`. Place and chance are fixed
by the scene's seed; size and number grow smoothly with the mood's numbers, from nothing."""

from __future__ import annotations

from ..scene import Mood, Scene
from . import burning, festivities, forsaken, foul
from .primitives import Prims
from .spots import Spots
from .terrain import Land
from .view import View


def add(p: Prims, scene: Scene, m: Mood, land: Land, view: View, snow: float) -> None:
    """Adds everything that the mood's numbers call for."""
    g = Spots(p, scene, m, land, view, snow)
    for part in (*burning.PARTS, *forsaken.PARTS, *foul.PARTS, *festivities.PARTS):
        part(g)
