"""Scene: a whole place as a typed value that can be generated, edited, saved as JSON and painted at any size."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

import numpy as np

from genstudio.errors import InputError, suggest

from .grid import CHANNELS, INDEX, LN_DEPTH, NAMES, SIZE, SKY_ROWS, empty_maps
from .mood import Mood
from .objects import COLOURS, KINDS, MAX_OBJECTS, SceneObject

VERSION: Final = 1


@dataclass(frozen=True)
class Camera:
    """eye: metres above the ground, 0.5..60. horizon: fraction of the picture's height from the top, 0.15..0.8.
    focal: focal length / picture width, 0.6..1.6. roll: radians, -0.15..0.15 (a tilted horizon)."""

    eye: float = 2.0
    horizon: float = 0.45
    focal: float = 1.0
    roll: float = 0.0

    @property
    def near(self) -> float:
        """Distance in metres of the nearest map row (just before the lower edge of the picture)."""
        return 0.8 * self.focal * self.eye / (1 - self.horizon)

    @property
    def u_max(self) -> float:
        """Sideways tangent at the left and right edges of the maps."""
        return 0.52 / self.focal

    def z(self, depth: float) -> float:
        """Metres of a map depth 0..1."""
        return self.near * math.exp(LN_DEPTH * depth)

    def depth(self, z: float) -> float:
        """Map depth 0..1 of a distance in metres."""
        return math.log(max(z, 1e-6) / self.near) / LN_DEPTH


@dataclass(frozen=True)
class Setting:
    """What holds for the whole place. All 0..1 unless noted.

    sun_u: where along the horizon the light comes from (tangent, -0.6..0.6; -0.6 left). side: -1 or 1, the heavier
    side; also the wind.
    focus_x, focus_y: where the eye should rest, fraction of the picture. sharpness: 0 rounded hills, 1 alpine ridges.
    frequency: 2..10
    ridges across the map. conifers: share among woodland. grass: blades near the viewer, 0..2. wildflowers: 0..2.
    caps: mountains may carry snow.
    town: streets, walls, wet paving. beach: surf. dunes: sand ripples. night: this place is shown by night. shade:
    under trees.
    snowbound: snow lies in every mood. big_water: sea rather than pond (waves, foam). autumn: leaves turned gold and
    red. room: above 0.5 the place is seen through the window of a room.
    """

    sun_u: float = 0.3
    side: float = 1.0
    focus_x: float = 0.6
    focus_y: float = 0.5
    sharpness: float = 0.7
    frequency: float = 5.0
    conifers: float = 0.5
    grass: float = 1.0
    wildflowers: float = 1.0
    caps: float = 1.0
    town: float = 0.0
    beach: float = 0.0
    dunes: float = 0.0
    night: float = 0.0
    shade: float = 0.0
    snowbound: float = 0.0
    big_water: float = 0.0
    autumn: float = 0.0
    room: float = 0.0


RANGES: Final[dict[str, dict[str, tuple[float, float]]]] = {
    "camera": {"eye": (0.5, 60), "horizon": (0.15, 0.8), "focal": (0.6, 1.6), "roll": (-0.15, 0.15)},
    "setting": {
        "sun_u": (-0.8, 0.8), "side": (-1, 1), "focus_x": (0, 1), "focus_y": (0, 1), "sharpness": (0, 1),
        "frequency": (2, 10), "conifers": (0, 1), "grass": (0, 2), "wildflowers": (0, 2), "caps": (0, 1), "town": (0, 1),
        "beach": (0, 1), "dunes": (0, 1), "night": (0, 1), "shade": (0, 1), "snowbound": (0, 1), "big_water": (0, 1),
        "autumn": (0, 1), "room": (0, 1),
    },
    "object": {
        "u": (-8, 8), "z": (0.1, 2e5), "size": (0, 2e4), "yaw": (-7, 7), "width": (0, 2e4), "state": (0, 1),
        "variant": (0, 3), "style": (0, 3), "colour": (-1, len(COLOURS) - 1), "seed": (0, 65535),
    },
}  # fmt: skip
_INTEGER = ("variant", "style", "colour", "seed")


@dataclass(frozen=True)
class Scene:
    """A place and its mood.

    subject: what it shows, a key of `SUBJECTS` (or any short name). seed: 0..2^31-1, fixes all fine detail (rock,
    leaves, cloud shapes).
    maps: float32 [11, 64, 64], channels `grid.NAMES`. sky: float32 [32, 64], row 0 the zenith, added to the cloud
    cover (-1..1).
    objects: up to 96 tokens, in any order. mood: light, weather, season, palette.
    """

    subject: str
    seed: int = 0
    camera: Camera = field(default_factory=Camera)
    setting: Setting = field(default_factory=Setting)
    maps: np.ndarray = field(default_factory=empty_maps)
    sky: np.ndarray = field(default_factory=lambda: np.zeros((SKY_ROWS, SIZE), np.float32))
    objects: tuple[SceneObject, ...] = ()
    mood: Mood = field(default_factory=lambda: Mood.make({}))

    def __post_init__(self) -> None:
        if not isinstance(self.subject, str) or not self.subject:
            raise InputError(f"scene.subject is {self.subject!r}; it must be a short name such as 'lake'")
        if isinstance(self.seed, bool) or not isinstance(self.seed, (int, np.integer)) or not 0 <= self.seed < 2**31:
            raise InputError(f"scene.seed is {self.seed!r}; it must be a whole number 0..2147483647")
        maps = _array("maps", self.maps, (len(NAMES), SIZE, SIZE))
        low = np.array([c[0] for c in CHANNELS.values()], np.float32)[:, None, None]
        high = np.array([c[1] for c in CHANNELS.values()], np.float32)[:, None, None]
        object.__setattr__(self, "maps", np.clip(maps, low, high))
        object.__setattr__(self, "sky", np.clip(_array("sky", self.sky, (SKY_ROWS, SIZE)), -1, 1))
        _check("camera", self.camera)
        _check("setting", self.setting)
        object.__setattr__(self, "objects", tuple(self.objects))
        if len(self.objects) > MAX_OBJECTS:
            raise InputError(f"a scene holds at most {MAX_OBJECTS} objects, got {len(self.objects)}")
        for i, o in enumerate(self.objects):
            if o.kind not in KINDS:
                raise InputError(f"objects[{i}].kind is '{o.kind}'{suggest(o.kind, list(KINDS)) or '; see KINDS'}")
            _check("object", o, f"objects[{i}]")

    def map(self, name: str) -> np.ndarray:
        """Float32 [64, 64], the channel of that name (a view)."""
        return self.maps[INDEX[name]]

    def with_mood(self, mood: Mood) -> Scene:
        """The same place in another mood."""
        return replace(self, mood=mood)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready. Maps are little-endian float16, base64, by channel name; all-equal maps are a single number."""
        return {
            "version": VERSION,
            "subject": self.subject,
            "seed": int(self.seed),
            "camera": asdict(self.camera),
            "setting": asdict(self.setting),
            "maps": {name: _pack(self.maps[i]) for i, name in enumerate(NAMES)},
            "sky": _pack(self.sky),
            "objects": [_trim(o) for o in self.objects],
            "mood": self.mood.to_json(),
        }

    @classmethod
    def from_json(cls, data: Any) -> Scene:
        """From `to_json`'s form. Maps may be base64, a number (flat) or nested lists; missing parts take defaults."""
        if not isinstance(data, Mapping):
            raise InputError(f"a scene is a JSON object, got {type(data).__name__}")
        known = {"version", *(f.name for f in fields(cls))}
        for key in data:
            if key not in known:
                raise InputError(f"scene has no field '{key}'{suggest(str(key), sorted(known))}")
        if data.get("version", VERSION) != VERSION:
            raise InputError(f"scene version {data['version']!r} is not supported; this is version {VERSION}")
        if "subject" not in data:
            raise InputError("a scene needs a 'subject', for example 'lake'")
        given = _mapping("maps", data.get("maps", {"grass": 0.5}))
        maps = np.zeros((len(NAMES), SIZE, SIZE), np.float32)
        for name, value in given.items():
            if name not in INDEX:
                raise InputError(f"maps has no channel '{name}'{suggest(str(name), list(NAMES))}")
            maps[INDEX[name]] = _unpack(f"maps.{name}", value, (SIZE, SIZE))
        objects = data.get("objects", ())
        if not isinstance(objects, (list, tuple)):
            raise InputError("objects is a list of JSON objects")
        return cls(
            subject=data["subject"],
            seed=data.get("seed", 0),
            camera=_build(Camera, "camera", data.get("camera", {})),
            setting=_build(Setting, "setting", data.get("setting", {})),
            maps=maps,
            sky=_unpack("sky", data.get("sky", 0.0), (SKY_ROWS, SIZE)),
            objects=tuple(_build(SceneObject, f"objects[{i}]", o) for i, o in enumerate(objects)),
            mood=Mood.make(_mapping("mood", data.get("mood", {}))),
        )


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{name} is a JSON object, got {type(value).__name__}")
    return value


def _array(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    try:
        a = np.array(value, np.float32)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers of shape {list(shape)}") from None
    if a.shape != shape or not np.isfinite(a).all():
        raise InputError(f"{name} must be finite numbers of shape {list(shape)}, got {list(a.shape)}")
    return a


def _check(group: str, value: Any, label: str = "") -> None:
    for name, (low, high) in RANGES[group].items():
        v = getattr(value, name)
        whole = name in _INTEGER
        kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
        if isinstance(v, bool) or not isinstance(v, kinds) or not low <= v <= high:
            kind = "whole number" if whole else "number"
            raise InputError(f"{label or group}.{name} is {v!r}; it must be a {kind} {low:g}..{high:g}")


def _build(kind: Any, label: str, data: Any) -> Any:
    data = _mapping(label, data)
    known = [f.name for f in fields(kind)]
    for key in data:
        if key not in known:
            raise InputError(f"{label} has no field '{key}'{suggest(str(key), known)}")
    try:
        return kind(**data)
    except TypeError:
        needed = [f.name for f in fields(kind)][:4]
        raise InputError(f"{label} needs the fields {', '.join(needed)}") from None


def _trim(o: SceneObject) -> dict[str, Any]:
    default = SceneObject("rock", 0, 0, 0)
    out: dict[str, Any] = {"kind": o.kind}
    for f in fields(o)[1:]:
        v = getattr(o, f.name)
        if f.name in ("u", "z", "size") or v != getattr(default, f.name):
            out[f.name] = int(v) if f.name in _INTEGER else round(float(v), 5)
    return out


def _pack(a: np.ndarray) -> Any:
    if (a == a.flat[0]).all():
        return round(float(a.flat[0]), 4)
    return base64.b64encode(a.astype("<f2").tobytes()).decode("ascii")


def _unpack(name: str, value: Any, shape: tuple[int, int]) -> np.ndarray:
    if isinstance(value, str):
        try:
            return np.frombuffer(base64.b64decode(value, validate=True), "<f2").reshape(shape).astype(np.float32)
        except ValueError:
            raise InputError(f"{name} is not base64 of {shape[0]} x {shape[1]} little-endian float16") from None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return np.full(shape, value, np.float32)
    return _array(name, value, shape)
