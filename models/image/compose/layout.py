"""What the composer draws up: maps on the frustum grid, counted object tokens, camera numbers. Plain arrays, no painter.

The grid is 64 x 64: row 0 is nearest, depth is logarithmic (`z = z0 * exp(LZ * d)`,
    d in 0..1); columns are u = X/Z from
-umax to umax. Angles (elevation) are tangents, so that a number is a rise on screen whatever the distance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]

GRID = 64
LZ = 6.8  # ln(farthest / nearest depth)

#: Map channels. water, path, field are signed distances (positive inside, in half picture widths); elev is tan(elevation);
#: rough the amplitude of eroded detail; grass .. pave soft weights 0..1.2; veg tree density 0..1; sky cloud-cover bias.
CHANNELS = ("elev", "rough", "water", "path", "field", "grass", "sand", "rock", "snow", "pave", "veg", "sky")
DISTANCES = ("water", "path", "field")
SD_SPAN = 0.12  # signed distances are clipped here

#: Camera and place: numbers of the whole scene (the painter's Camera and Setting). ln_eye in ln metres.
GLOBALS = (
    "ln_eye",
    "horizon",
    "focal",
    "roll",
    "sun_u",
    "side",
    "focus_x",
    "focus_y",
    "sharpness",
    "frequency",
    "conifers",
    "grass",
    "wildflowers",
    "caps",
    "town",
    "beach",
    "dunes",
    "night",
    "shade",
    "snowbound",
    "big_water",
)
MIRRORED_GLOBALS = ("roll", "sun_u", "side")  # change sign when the scene is mirrored (focus_x becomes 1 - x)

#: Object attributes. u: picture-relative x (-.5 .. .5); for blocks X in tens of metres; d: grid depth; yaw in radians;
#: lab: OKLab colour. What variant, style, width, state mean for a type stands in the painter's KINDS.
ATTRIBUTES = ("u", "d", "ln_size", "yaw", "variant", "style", "width", "state", "lab_l", "lab_a", "lab_b")
ATTR = {name: i for i, name in enumerate(ATTRIBUTES)}
MIRRORED_ATTRIBUTES = ("u", "yaw")
INTEGERS = ("variant", "style")
MAX_OBJECTS = 80

_P = ("u", "d", "ln_size")
_LAB = ("lab_l", "lab_a", "lab_b")
#: Which attributes a type has. The names are the painter's.
TYPES: dict[str, tuple[str, ...]] = {
    "conifer": (*_P, "variant"), "broadleaf": (*_P, "variant"), "bare_tree": (*_P, "variant"), "cypress": _P,
        "palm": _P,
    "bush": _P, "flowers": (*_P, "variant"), "reeds": _P, "hay": _P, "log": (*_P, "yaw"), "stump": _P, "rock": _P,
    "waterfall": (*_P, "width"), "crater": _P,
    "house": (*_P, "yaw", "variant", "style"), "church": _P, "barn": (*_P, "yaw"),
    "block": (*_P, "yaw", "variant", "style", "width", "state", *_LAB), "mid_block": (*_P, "style", *_LAB),
    "tower_block": (*_P, "style", *_LAB), "tower": _P, "castle": _P, "lighthouse": _P, "ruin": (*_P, "yaw", "variant"),
    "windmill": _P, "chimney": _P, "bridge": (*_P, "width"), "pier": _P, "well": _P, "arch_gate": (*_P, "variant"),
    "lamp": _P, "stall": _P, "parasol": _P, "bench": (*_P, "yaw"), "grave": (*_P, "yaw", "variant"),
    "fence": (*_P, "yaw", "variant"), "pole": _P, "cart": _P, "tent": (*_P, "yaw"), "campfire": _P, "lantern": _P,
    "rubbish": _P, "rails": (*_P, "yaw"), "car": (*_P, "yaw"),
    "person": (*_P, "variant", "style"), "camel": _P, "horse": (*_P, "variant"), "dog": _P,
    "boat": (*_P, "yaw", "variant", "state"), "ship": (*_P, "variant"),
    "balloon": (*_P, "state"), "tornado": _P, "fire": _P, "aurora": _P, "galaxy": (*_P, "yaw"), "rainbow": _P,
    "fireworks": _P, "lightning": _P, "moon": (*_P, "state"),
}  # fmt: skip
TYPE_NAMES = tuple(TYPES)
TYPE = {name: i for i, name in enumerate(TYPE_NAMES)}
USED: F32 = np.array(
    [[a in TYPES[t] for a in ATTRIBUTES] for t in TYPE_NAMES], np.float32
)  # [types, attributes] 0 or 1


@dataclass
class Layout:
    """A composed scene.

    maps: float32 [12, 64, 64] in CHANNELS order; values: the GLOBALS by name; types: int [n] indices into TYPE_NAMES;
    objects: float32 [n, 11] in ATTRIBUTES order; subject names what it shows.
    """

    maps: F32
    values: dict[str, float]
    types: NDArray[np.int64]
    objects: F32
    subject: str = ""
    extras: tuple[str, ...] = field(default=())

    def globals_array(self) -> F32:
        """float32 [21] in GLOBALS order."""
        return np.array([self.values[k] for k in GLOBALS], np.float32)

    def counts(self) -> F32:
        """float32 [types]: log2(1 + how many objects of each type)."""
        return np.log2(1.0 + np.bincount(self.types, minlength=len(TYPE_NAMES))).astype(np.float32)


def depth_start(ln_eye: float, horizon: float, focal: float) -> float:
    """Nearest depth of the grid in metres: where the picture's lower edge meets the ground."""
    return 0.8 * focal * float(np.exp(ln_eye)) / (1 - horizon)


# --- arrays as the networks see them --------------------------------------------------------------------------------

_SCALE = {"elev": 0.40, "rough": 0.12}


def encode_maps(maps: F32) -> F32:
    """Physical maps [12, 64, 64] to roughly -1..1: square roots of heights, distances over their span, weights doubled."""
    x = np.empty_like(maps, dtype=np.float32)
    for i, name in enumerate(CHANNELS):
        m = maps[i]
        if name in _SCALE:
            x[i] = np.sign(m) * np.sqrt(np.abs(m) / _SCALE[name]) * 2 - 0.5
        elif name in DISTANCES:
            x[i] = m / SD_SPAN
        elif name == "sky":
            x[i] = m * 1.6
        else:
            x[i] = m * 2 - 1
    return np.clip(x, -1.6, 1.9)


def decode_maps(x: F32) -> F32:
    """The inverse of `encode_maps`."""
    maps = np.empty_like(x, dtype=np.float32)
    for i, name in enumerate(CHANNELS):
        m = x[i]
        if name in _SCALE:
            h = (m + 0.5) / 2
            maps[i] = np.sign(h) * h * h * _SCALE[name]
        elif name in DISTANCES:
            maps[i] = np.clip(m, -1, 1) * SD_SPAN
        elif name == "sky":
            maps[i] = m / 1.6
        else:
            maps[i] = np.clip((m + 1) / 2, 0, 1.2)
    return maps
