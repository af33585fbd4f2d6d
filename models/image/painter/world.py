"""Builds every object token, what the mood brings along, and what it adds by itself: woodland, blades and flowers, litter,
works chimneys, a lantern, distant fires.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..scene import Mood, Scene, SceneObject
from . import (
    buildings,
    figures,
    fire,
    grounds,
    happenings,
    landmarks,
    plain,
    room,
    stonework,
    things,
    trees,
    vegetation,
    vessels,
)
from .primitives import Prims
from .stage import Stage
from .terrain import Land
from .view import WALL, View

_PARTS = (trees, vegetation, buildings, landmarks, stonework, things, grounds, figures, vessels, fire)
BUILDERS: dict[str, Callable[[Stage], None]] = {kind: build for part in _PARTS for kind, build in part.BUILDERS.items()}
IN_SKY = ("aurora", "galaxy", "rainbow", "fireworks", "lightning", "moon")
ON_WATER = {  # kinds that are drawn even where their foot is in water
    *("boat", "ship", "bridge", "pier", "rock", "reeds", "block", "waterfall", "crater", "balloon", "tornado", "ruin"),
    *(
        "mid_block",
        "tower_block",
        "tower",
        "lighthouse",
        "house",
        "church",
        "lamp",
        "rails",
        "log",
        "arch_gate",
        "pole",
    ),
    "castle",
}


def build(scene: Scene, mood: Mood, land: Land, view: View, sun: np.ndarray) -> Prims:
    """All primitives of a scene."""
    p = Prims(mood, sun)
    snow = float(np.clip(mood["snow"], 0, 1))
    for o in scene.objects:
        if o.kind in IN_SKY or (o.kind not in ON_WATER and land.wet(o.u, o.z)):
            continue
        if (left := plain.remains(mood, o)) is not None:
            _one(p, scene, mood, land, view, snow, left)
    vegetation.woodland(p, scene, mood, land, view, snow)
    vegetation.meadow(p, scene, mood, land, view, snow)
    _lantern(p, scene, mood, land, view, snow)
    happenings.add(p, scene, mood, land, view, snow)
    if scene.setting.room > 0.5:
        room.build(p, scene, mood, land, view)
    return p


def _one(p: Prims, scene: Scene, mood: Mood, land: Land, view: View, snow: float, o: SceneObject) -> None:
    y = 0.0 if o.kind == "block" else land.ground(o.u, o.z)
    BUILDERS[o.kind](Stage(p, scene, mood, land, view, snow, o, np.random.default_rng([o.seed, 17]), o.u * o.z, y, o.z))


def _lantern(p: Prims, scene: Scene, m: Mood, land: Land, view: View, snow: float) -> None:
    """Fear: one faint light and a figure beside it."""
    k = float(np.clip(m["lantern"] * 1.6 - 0.5, 0, 1))
    if (
        k < 0.05
        or scene.setting.town > 0.5
        or any(o.kind in ("lighthouse", "campfire", "fire", "lantern", "tower_block") for o in scene.objects)
    ):
        return
    u, z = (scene.setting.focus_x - 0.5) * 0.55, view.near * 7.5
    if land.wet(u, z):
        return
    y, s = max(land.ground(u, z), 0), z * 0.011
    p.dabs([[u * z, y + s * 3.4, z]], s * 0.55, 1.1, 0, m["lamp"], [0, 0, -1], WALL, 1.5 * k, 0, 1, y)
    p.lamp(u * z, y + s * 3.6, z - s, m["lamp"] * 1.3 * k, s * 5)
    _one(
        p,
        scene,
        m,
        land,
        view,
        snow,
        replace(SceneObject("person", u + 1.2 * s / z, z, s * 6), style=1, seed=scene.seed % 65536),
    )
