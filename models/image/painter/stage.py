"""What a builder of objects gets: the primitives, the mood, the land, the token and its own chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..scene import Mood, Scene, SceneObject
from ..scene.colour import from_hex
from ..scene.objects import COLOURS
from .primitives import Prims
from .terrain import Land
from .view import View


@cache
def paint_of(text: str) -> np.ndarray:
    """Linear RGB of a hex colour (do not write to it)."""
    c = from_hex(text)
    c.setflags(write=False)
    return c


@dataclass
class Stage:
    """One token being built. x, y, z: its foot in metres; h: its size; px: its size in pixels; rng: its own chance,
    fixed by its seed.
    """

    prims: Prims
    scene: Scene
    mood: Mood
    land: Land
    view: View
    snow: float
    o: SceneObject
    rng: np.random.Generator
    x: float
    y: float
    z: float

    @property
    def h(self) -> float:
        return self.o.size

    @property
    def px(self) -> float:
        return self.o.size * self.view.f / self.z

    @property
    def side(self) -> float:
        return self.scene.setting.side

    @property
    def foot(self) -> np.ndarray:
        return np.array([self.x, self.y, self.z])

    def ground(self, x: float, z: float) -> float:
        """Ground height at a world position."""
        return self.land.ground(x / z, z)

    def pick(self, *colours: str) -> np.ndarray:
        """The token's own colour, or one of these by its chance."""
        k = int(self.rng.integers(len(colours)))
        if self.o.colour >= 0:
            return paint_of(COLOURS[self.o.colour])
        return paint_of(colours[k])

    def dull(self, colour: np.ndarray) -> np.ndarray:
        """Paint and cloth fade with the mood's saturation."""
        return colour * (0.45 + 0.55 * min(1.0, self.mood["saturation"]))

    def roofed(self, colour: np.ndarray) -> np.ndarray:
        """A roof colour, white when snow lies."""
        s = self.snow
        return colour * (1 - s) + self.mood["snow_white"] * s if s > 0.25 else colour
