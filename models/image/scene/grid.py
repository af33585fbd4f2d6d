"""The world maps: named channels on a frustum grid that has the same detail on screen at every distance.

Rows are ln(distance), row 0 nearest; columns are u = X / Z (sideways tangent), column 0 left. A cell at row r, column
c of the
64 x 64 grid lies at distance z0 * exp(LN_DEPTH * r / 63) and at u = (2 c / 63 - 1) * u_max, where z0 and u_max follow
from
the camera (`Camera.near`, `Camera.u_max`). Since the map is conformal, a ripple of one size in the map is a ripple of
one size in
the picture, wherever it lies.
"""

from __future__ import annotations

from typing import Final

import numpy as np

SIZE: Final = 64
SKY_ROWS: Final = 32
LN_DEPTH: Final = 6.8  # the farthest row lies exp(6.8) = 898 times as far as the nearest

CHANNELS: Final[dict[str, tuple[float, float, str]]] = {
    # name: (low, high, meaning); values outside are clipped when a scene is made
    "elevation": (-0.05, 0.8, "tan of the angle above the ground plane, that is the rise on screen / focal length"),
    "roughness": (0.0, 0.2, "height of eroded detail, in the units of elevation"),
    "trees": (0.0, 1.3, "density of woodland drawn beside the object tokens"),
    "grass": (0.0, 1.2, "soft weight of the ground cover; the largest of the eight weights wins"),
    "dirt": (0.0, 1.2, "weight: paths, mud, earth"),
    "sand": (0.0, 1.2, "weight: beach, dunes"),
    "rock": (0.0, 1.2, "weight: bare rock (steep slopes become rock by themselves)"),
    "snow": (0.0, 1.2, "weight: snow that lies whatever the weather (weather adds its own)"),
    "water": (0.0, 1.2, "weight of open water; 0.5 is the shoreline, the slope there keeps it crisp"),
    "paving": (0.0, 1.2, "weight: streets and squares"),
    "field": (0.0, 1.2, "weight: ploughed or sown land"),
}
NAMES: Final = tuple(CHANNELS)
INDEX: Final = {name: i for i, name in enumerate(NAMES)}
LAND: Final = ("grass", "dirt", "sand", "rock", "snow", "water", "paving", "field")

U: Final = np.broadcast_to(np.linspace(-1, 1, SIZE)[None, :], (SIZE, SIZE))  # u / u_max of every cell
D: Final = np.broadcast_to(np.linspace(0, 1, SIZE)[:, None], (SIZE, SIZE))  # ln(z / z0) / LN_DEPTH of every cell


def empty_maps(ground: str = "grass") -> np.ndarray:
    """Float32 [11, 64, 64] of flat land covered with one material."""
    maps = np.zeros((len(NAMES), SIZE, SIZE), np.float32)
    maps[INDEX[ground]] = 0.5
    return maps
