"""Layout to the painter's Scene."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..scene import COLOURS, RANGES, Camera, Mood, Scene, SceneObject, Setting, grid
from .layout import ATTRIBUTES, CHANNELS, LZ, TYPE_NAMES, depth_start

if TYPE_CHECKING:
    from .layout import F32, Layout

_CRISP = 11.0  # weight per half picture width at a shore or the edge of a path
_SOFT = {
    "elevation": "elev",
    "roughness": "rough",
    "trees": "veg",
    "grass": "grass",
    "sand": "sand",
    "rock": "rock",
    "snow": "snow",
    "paving": "pave",
}
_SHARP = {"water": ("water", 1.2), "dirt": ("path", 1.1), "field": ("field", 0.9)}
_SETTING = {
    "focus_x": "focus_x", "focus_y": "focus_y", "sun_u": "sun_u", "side": "side", "sharpness": "sharpness",
        "frequency": "frequency",
    "conifers": "conifers", "grass": "grass", "wildflowers": "wildflowers", "caps": "caps", "town": "town",
        "beach": "beach",
    "dunes": "dunes", "night": "night", "shade": "shade", "snowbound": "snowbound", "big_water": "big_water",
}  # fmt: skip


def scene_of(layout: Layout, mood: F32, seed: int) -> Scene:
    """The Scene of a layout and a mood vector (float32 [VECTOR]); `seed` fixes fine detail."""
    v = layout.values
    camera = Camera(
        eye=_clip("camera", "eye", math.exp(v["ln_eye"])), horizon=_clip("camera", "horizon", v["horizon"]),
        focal=_clip("camera", "focal", v["focal"]), roll=_clip("camera", "roll", v["roll"]),
    )  # fmt: skip
    setting = Setting(**{k: _clip("setting", k, v[n]) for k, n in _SETTING.items()}, room=v.get("room", 0.0))
    return Scene(
        layout.subject, seed=int(seed) % 2**31, camera=camera, setting=setting, maps=_maps(layout), sky=_sky(layout),
        objects=_objects(layout, camera, np.random.default_rng([seed, 11])), mood=Mood.from_vector(mood),
    )  # fmt: skip


def _clip(group: str, name: str, value: float) -> float:
    low, high = RANGES[group][name]
    return float(min(max(value, low), high))


def _maps(layout: Layout) -> F32:
    out = np.zeros((len(grid.NAMES), grid.SIZE, grid.SIZE), np.float32)
    channel = dict(zip(CHANNELS, layout.maps, strict=True))
    for name, mine in _SOFT.items():
        out[grid.INDEX[name]] = channel[mine]
    for name, (mine, top) in _SHARP.items():
        out[grid.INDEX[name]] = np.clip(0.5 + channel[mine] * _CRISP, 0, top)
    wet = out[grid.INDEX["water"]]
    for name in ("elevation", "roughness", "trees"):
        out[grid.INDEX[name]] *= np.clip((1 - wet) * 2, 0, 1)
    return out


def _sky(layout: Layout) -> F32:
    sky = layout.maps[CHANNELS.index("sky")]
    return 0.5 * (sky[0::2] + sky[1::2])


@cache
def _palette() -> np.ndarray:
    from .sampler.towns import lab

    return np.array([[lab(c)[k] for k in ("lab_l", "lab_a", "lab_b")] for c in COLOURS])


def _objects(layout: Layout, camera: Camera, rng: np.random.Generator) -> tuple[SceneObject, ...]:
    near = depth_start(layout.values["ln_eye"], layout.values["horizon"], layout.values["focal"])
    out = []
    seeds = rng.integers(0, 65536, len(layout.types))
    for type_index, row, seed in zip(layout.types, layout.objects, seeds, strict=True):
        kind = TYPE_NAMES[type_index]
        a = dict(zip(ATTRIBUTES, map(float, row), strict=True))
        z = near * math.exp(LZ * a["d"])
        if kind == "block":
            u, yaw = a["u"] * 10 / z, _facing(a["yaw"])
        else:
            u, yaw = a["u"] / camera.focal, a["yaw"]
        colour = -1
        if "lab_l" in _uses(kind):
            colour = int(np.square((_palette() - [a["lab_l"], a["lab_a"], a["lab_b"]]) * [1, 2.5, 2.5]).sum(1).argmin())
        size = math.exp(a["ln_size"])
        out.append(
            SceneObject(
                kind, u=_clip("object", "u", u), z=z, size=size, yaw=yaw, variant=_whole(a["variant"]),
                    style=_whole(a["style"]),
                width=max(a["width"], 0.0), state=min(max(a["state"], 0.0), 1.0), colour=colour, seed=int(seed),
            )
        )  # fmt: skip
    return tuple(out)


def _facing(yaw: float) -> float:
    """A terrace runs along the street, leaning at most a little: a quarter turn to either side, give or take 0.15."""
    return math.copysign(math.pi / 2 + min(max(abs(yaw) - math.pi / 2, -0.15), 0.15), yaw)


def _uses(kind: str) -> tuple[str, ...]:
    from .layout import TYPES

    return TYPES[kind]


def _whole(x: float) -> int:
    return int(min(max(round(x), 0), 3))
