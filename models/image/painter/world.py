"""Builds every object token, and what a mood adds by itself: woodland, blades and flowers, litter, works chimneys, a
lantern, distant fires.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..scene import Mood, Scene, SceneObject
from . import buildings, figures, fire, grounds, landmarks, stonework, things, trees, vegetation, vessels
from .noise import at_points
from .primitives import Prims
from .stage import Stage, paint_of
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
        _one(p, scene, mood, land, view, snow, o)
    vegetation.woodland(p, scene, mood, land, view, snow)
    vegetation.meadow(p, scene, mood, land, view, snow)
    _lantern(p, scene, mood, land, view, snow)
    _works(p, scene, mood, land, view)
    _litter(p, scene, mood, land, view)
    fire.distant(p, scene, mood, land, view)
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


def _works(p: Prims, scene: Scene, m: Mood, land: Land, view: View) -> None:
    """Disgust: factory chimneys on the horizon of open places."""
    q = float(np.clip((m["scum"] - 0.3) * 2.2, 0, 1))
    open_ = scene.setting.shade < 0.5 and scene.setting.dunes < 0.5 and scene.setting.snowbound < 0.5
    if q < 0.05 or not open_ or any(o.kind in ("crater", "waterfall", "campfire", "chimney") for o in scene.objects):
        return
    rng = np.random.default_rng(scene.seed + 31)
    for i in range(3):
        u, z = -scene.setting.side * (0.10 + 0.11 * i + 0.05 * rng.random()), view.camera.z(0.47)
        h = z * (0.085 + 0.03 * rng.random()) * q
        y = max(land.ground(u, z), 0)
        stage = Stage(
            p,
            scene,
            m,
            land,
            view,
            0.0,
            SceneObject("chimney", u, z, h, seed=40 * i),
            np.random.default_rng([scene.seed, i]),
            u * z,
            y,
            z,
        )
        landmarks.chimney(stage)


def _litter(p: Prims, scene: Scene, m: Mood, land: Land, view: View) -> None:
    amount = max(0.0, (m["litter"] - 0.15) / 0.85)
    if amount < 0.05:
        return
    rng = np.random.default_rng(scene.seed + 77)
    n, side = 420, scene.setting.side
    d = rng.random(n) * 0.30
    u = (rng.random(n) * 2 - 1) * view.camera.u_max
    z = view.near * np.exp(6.8 * d)
    k, i = land.cells(u, z)
    y = land.height[k, i]
    kinds = np.stack([paint_of(c) for c in ("c8c4ac", "7c6c54", "4c5c5c", "8c4c3c", "a8a47c", "2c2c28")])
    there = (at_points(u * 5, d * 12, 3) > -0.05) & (rng.random(n) < amount)
    size, turn, which = z * (0.004 + 0.013 * rng.random(n) ** 2), rng.normal(size=n) * 0.5, rng.integers(0, 6, n)
    normal = rng.normal(size=(n, 3)) * 0.4 + [0, 0.6, -0.5]
    p.dabs(
        np.c_[u * z, y + 0.01 * z, z][there],
        size[there],
        0.5,
        turn[there],
        kinds[which[there]],
        normal[there],
        WALL,
        0,
        0.6,
        1,
    )
    for hu, hd in ((side * 0.30, 0.11), (-side * 0.16, 0.19)):
        hz = view.near * np.exp(6.8 * hd)
        o = SceneObject("rubbish", hu, hz, hz * 0.05 * amount, seed=int(hd * 1000))
        stage = Stage(
            p,
            scene,
            m,
            land,
            view,
            0.0,
            o,
            np.random.default_rng([scene.seed, int(hd * 100)]),
            hu * hz,
            land.ground(hu, hz),
            hz,
        )
        grounds.rubbish(stage)
