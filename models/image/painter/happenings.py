"""What a mood brings along, wherever it is: see `burning`, `foul`, `forsaken`, `festivities`, `aloft`, `revels`, `siege`, `struck`.
Place and chance are fixed by the scene's seed; size and number grow smoothly with the mood's numbers, from nothing."""

from __future__ import annotations

import numpy as np

from ..scene import Mood, Scene
from . import aloft, burning, festivities, forsaken, foul, revels, siege, struck
from .hour import adapt
from .primitives import Prims
from .spots import Spots
from .terrain import Land
from .view import View


def add(p: Prims, scene: Scene, m: Mood, land: Land, view: View, snow: float) -> None:
    """Adds everything that the mood's numbers call for."""
    g = Spots(p, scene, m, land, view, snow)
    for part in (
        *burning.PARTS,
        *siege.PARTS,
        *forsaken.PARTS,
        *foul.PARTS,
        *festivities.PARTS,
        *aloft.PARTS,
        *revels.PARTS,
        *struck.PARTS,
    ):
        part(g)


def footprint(scene: Scene, cells: int = 8) -> np.ndarray:
    """Where in the picture, and how much, the mood has brought along: float32 [cells, cells], square root of the pixels that its
    primitives cover at 64 x 64 (each capped at a cell). What the scene has of its own does not count."""
    m, view = adapt(scene), View.of(scene.camera, 64, 64, scene.setting.focus_x)
    light = np.array([0.5, 0.7, 0.5])
    land = Land(scene, m, view, light)
    p = Prims(m, light)
    add(p, scene, m, land, view, float(np.clip(m["snow"], 0, 1)))
    a = p.arrays()
    at = np.concatenate(
        [
            a["quads"][:, :15].reshape(-1, 3, 5)[:, :, :3].mean(1),
            *(a[k][:, :3] for k in ("dabs", "segs", "blobs", "puffs")),
        ]
    )
    wide = np.concatenate(
        [np.ptp(a["quads"][:, [0, 5, 10, 15]], 1), *(a[k][:, 3] for k in ("dabs", "segs", "blobs", "puffs"))]
    )
    z = np.maximum(at[:, 2], 0.1)
    x, y = view.cx + at[:, 0] * view.f / z, view.yh - (at[:, 1] - scene.camera.eye) * view.f / z
    area = np.minimum((wide * view.f / z) ** 2, (64 / cells) ** 2)
    out, _, _ = np.histogram2d(y, x, bins=cells, range=[[0, 64], [0, 64]], weights=area)
    return np.sqrt(out).astype(np.float32)
