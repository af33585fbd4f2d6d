"""Where a mood may add something to a place: spots on dry land, sizes as shares of the picture, chance fixed by the seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..scene import Mood, Scene, SceneObject
from .primitives import Prims
from .stage import Stage
from .terrain import Land
from .view import PAVE, View


@dataclass
class Spots:
    """The place being added to. A spot is given by u (share of half the width, -1..1) and map depth 0..1."""

    p: Prims
    scene: Scene
    m: Mood
    land: Land
    view: View
    snow: float

    def chance(self, kind: int) -> np.random.Generator:
        return np.random.default_rng([self.scene.seed, kind])

    @property
    def half(self) -> float:
        """Half the width of the picture, as a tangent."""
        return self.view.width / 2 / self.view.f

    @property
    def middle(self) -> float:
        """The picture's middle, as a tangent."""
        return (self.view.width / 2 - self.view.cx) / self.view.f

    def at(self, u: float, d: float) -> tuple[float, float]:
        """Sideways tangent and metres away."""
        camera = self.view.camera
        return float(np.clip(self.middle + u * self.half * 0.98, -camera.u_max, camera.u_max)), camera.z(d)

    def tall(self, share: float, z: float) -> float:
        """Metres that take `share` of the picture's side (the mean of its two) at a distance."""
        return share * z * self.view.unit / self.view.f

    def foot(self, u: float, z: float) -> np.ndarray:
        return np.array([u * z, self.level(u, z), z])

    def level(self, u: float, z: float) -> float:
        """Height of the ground, never below fair weather's water."""
        y = self.land.ground(u, z)
        return y if self.land.flood is not None and not self.land.wet(u, z) else max(y, 0)

    def dry(self, u: float, d: float, away: float = 1.0) -> tuple[float, float] | None:
        """The spot, or one beside or behind it, that is not water: u, z; None where there is none."""
        for step in range(7):
            for turn in (0.0, 0.16, -0.16, 0.32, -0.32):
                v, z = self.at(float(np.clip(u + turn, -0.95, 0.95)), d + 0.035 * step * away)
                if not self.land.wet(v, z):
                    return v, z
        return None

    def afloat(self, u: float, d: float) -> tuple[float, float] | None:
        """The spot, or one beside or behind it, that is water all around: u, z; None where there is none."""
        for step in range(6):
            for turn in (0.0, 0.2, -0.2, 0.45, -0.45):
                v, z = self.at(float(np.clip(u + turn, -0.9, 0.9)), d + 0.03 * step)
                if all(self.land.wet(v + q * self.half, z) for q in (-0.08, 0.0, 0.08)):
                    return v, z
        return None

    def lies(self, kind: str, u: float, z: float, share: float, seed: int, **more: Any) -> Stage:
        """The stage of an object that takes `share` of the picture's side."""
        return self.stage(SceneObject(kind, u, z, self.tall(share, z), seed=seed, **more))

    def paved(self, u: float, z: float) -> bool:
        """Whether the ground is a street or a square."""
        k, i = self.land.cells(np.array([u]), np.array([z]))
        return bool(self.land.material[k[0], i[0]] == PAVE)

    def stage(self, o: SceneObject) -> Stage:
        rng = np.random.default_rng([o.seed, 17])
        y = self.level(o.u, o.z)
        return Stage(self.p, self.scene, self.m, self.land, self.view, self.snow, o, rng, o.u * o.z, y, o.z)

    def has(self, *kinds: str) -> bool:
        return any(o.kind in kinds for o in self.scene.objects)
