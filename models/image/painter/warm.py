"""Compile every kernel once, so that the first picture does not wait: python -m genstudio.models.image.painter.warm"""

from __future__ import annotations

import sys
import time

import numpy as np

from ..scene import Camera, Scene, SceneObject, Setting, mood_for
from ..scene.grid import INDEX, empty_maps


def warm() -> float:
    """Compile (or load from numba's cache) all kernels by painting one small scene. Returns seconds."""
    clock = time.perf_counter()
    from .painter import paint

    maps = empty_maps()
    maps[INDEX["water"], 12:28] = 1.0
    maps[INDEX["paving"], :6] = 1.0
    maps[INDEX["roughness"], 40:] = 0.03
    maps[INDEX["trees"], 30:36] = 0.4
    things = [
        ("house", 0.1, 30, 8),
        ("broadleaf", -0.2, 20, 8),
        ("rock", 0.0, 12, 1),
        ("campfire", 0.1, 9, 1),
        ("person", 0.0, 10, 1.7),
    ]
    objects = tuple(SceneObject(kind, u, z, size, style=1, seed=i) for i, (kind, u, z, size) in enumerate(things))
    mood = mood_for(-0.5, 0.6, 0.3).but(rain=0.8, waves=0.6)
    scene = Scene("warm", 1, Camera(), Setting(beach=1, big_water=1), maps, np.zeros((32, 64)), objects, mood)
    paint(scene, 64)
    return time.perf_counter() - clock


if __name__ == "__main__":
    print("painter: compiling kernels, once (about half a minute)", file=sys.stderr)
    print(f"painter: ready after {warm():.1f} s", file=sys.stderr)
