"""Water out of bounds: rain that stands on bare land, and one great wave on a rough sea."""

from __future__ import annotations

import cv2
import numpy as np

from ..scene import Mood, Scene
from ..scene.grid import LN_DEPTH
from .noise import field
from .ramps import ramp
from .view import View


def depth(mood: Mood, scene: Scene, elevation: np.ndarray, rough: np.ndarray) -> np.ndarray | None:
    """Where rain stands, above 0, on the terrain's grid; None where it stands nowhere. First puddles, then sheets of water out of
    which only what is higher rises. Bare trees cannot hold it; a street drains."""
    k = ramp(mood["rain"], 0.3, 0.9) * ramp(1 - mood["leaves"], 0.4, 0.85)
    place = scene.setting
    if k < 0.02 or place.dunes > 0.5 or place.beach > 0.5:
        return None
    k *= (1 - 0.45 * place.town) * (1 - ramp(mood["snow"], 0.1, 0.5))
    luck = np.random.default_rng([scene.seed, 29]).uniform(0.5, 1.0)
    level = -0.62 + (0.7 + 0.32 * luck) * k
    rows, columns = elevation.shape
    dips = field(rows, columns, 5.0, 17.0, scene.seed % 1000 + 29, 2)
    return (level + 1.2 * dips - 12 * np.maximum(elevation, 0) - 8 * rough).astype(np.float32)


def open_water(bed: np.ndarray) -> np.ndarray:
    """How far from any shore, float32 0..1 on the terrain's grid: there a wave can stand."""
    rows, columns = bed.shape
    share = cv2.GaussianBlur(bed.astype(np.float32), (0, 0), columns / 16, None, rows / 18)
    x = np.clip((share - 0.55) / 0.4, 0, 1)
    return (x * x * (3 - 2 * x)).astype(np.float32)


def great_wave(scene: Scene, mood: Mood, view: View, open_: np.ndarray) -> np.ndarray:
    """Float64 [3]: height of its crest (a share of its distance; 0: none), ln of its distance in nearest rows, and where it is
    highest (sideways tangent). Helplessness (`lantern`) on a rough sea, at two seeds of three, where water lies open all across
    (`open_water`)."""
    k = ramp(mood["lantern"], 0.15, 0.9) * ramp(mood["waves"], 0.45, 1.0) * ramp(scene.setting.big_water, 0.4, 0.6)
    rng = np.random.default_rng([scene.seed, 37])
    if k < 0.01 or rng.random() < 0.33:
        return np.zeros(3)
    q = rng.uniform(1.45, 1.85)
    row = open_[int(q / LN_DEPTH * (len(open_) - 1))]
    k *= ramp(float(row.mean()), 0.5, 0.85)
    z = view.near * np.exp(q)
    tall = view.camera.eye / z + rng.uniform(0.5, 0.8) * view.yh / view.f
    return np.array([k * tall, q, -scene.setting.side * rng.uniform(0.0, 0.6) * view.camera.u_max])
