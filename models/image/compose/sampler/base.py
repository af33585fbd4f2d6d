"""The sampler's drawing board: a grid, random helpers, and a builder that subjects write on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..layout import (
    ATTR,
    ATTRIBUTES,
    CHANNELS,
    GLOBALS,
    GRID,
    LZ,
    MAX_OBJECTS,
    SD_SPAN,
    TYPE,
    TYPES,
    Layout,
    depth_start,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F = NDArray[np.floating[Any]]

U = np.linspace(-1, 1, GRID)[None, :] * np.ones((GRID, 1))
D = np.linspace(0, 1, GRID)[:, None] * np.ones((1, GRID))


def step(a: Any, b: Any, x: Any) -> Any:
    """Smooth step from 0 at `a` to 1 at `b`."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def bump(centre: float, width: float, x: Any = None) -> Any:
    """A bell along depth (or `x`)."""
    return np.exp(-((((D if x is None else x) - centre) / width) ** 2))


class Dice:
    """Random helper around one generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def __call__(self, a: float, b: float) -> float:
        return float(a + (b - a) * self.rng.random())

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def pick(self, *options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def sign(self) -> float:
        return 1.0 if self.rng.random() < 0.5 else -1.0

    def count(self, a: int, b: int, scale: float = 1.0) -> int:
        """An integer from a to b, its mean scaled."""
        return max(0, round(self(a - 0.49, b + 0.49) * scale))

    def smooth(self, sigma: float) -> F:
        """Smooth noise [64, 64], unit deviation."""
        pad = 20
        x: Any = self.rng.standard_normal((GRID + 2 * pad, GRID + 2 * pad), np.float32)
        x = cv2.GaussianBlur(x, (0, 0), sigma)[pad:-pad, pad:-pad]
        return x / (x.std() + 1e-6)

    def line(self, sigma: float) -> F:
        """Smooth noise along u only, [64, 64]."""
        x = cv2.GaussianBlur(self.rng.standard_normal((1, GRID + 60), np.float32), (0, 0), sigma)[:, 30:-30]
        return (x / (x.std() + 1e-6)) * np.ones((GRID, 1))


@dataclass(frozen=True)
class Mood:
    """What an emotion does to a composition. All factors are 1 (or 0 for sums) when neutral."""

    eye: float = 1.0  # factor on eye height
    horizon: float = 0.0  # added; positive leaves more sky
    relief: float = 1.0  # factor on mountains
    tilt: float = 0.0  # diagonal of ridges and ground
    near: float = 1.0  # framing: factor on the size of near trees and rocks
    people: float = 1.0  # factor on how many figures
    busy: float = 1.0  # factor on other objects
    figure: float = 0.0  # figures stand farther off (ln depth)
    bare: float = 0.0  # chance that a tree is a bare one
    wide: float = 0.0  # water widens
    bend: float = 1.0  # factor on curves of paths

    @staticmethod
    def of(v: float, a: float, d: float) -> Mood:
        """From valence, arousal, dominance (-1..1): low eye and looming frames in fear, diagonals in anger,
        open ground in serenity, empty distance in sadness, crowds in joy, small figures before great things in awe."""
        neg, pos, up, down = max(-v, 0.0), max(v, 0.0), max(a, 0.0), max(-a, 0.0)
        weak, strong = 0.5 - 0.5 * d, 0.5 + 0.5 * d
        fear, anger, calm, sad = neg * up * weak, neg * up * strong, pos * down, neg * down
        joy, awe = pos * up * strong, pos * up * weak
        return Mood(
            eye=float(np.exp(-0.9 * fear - 0.25 * sad + 0.35 * calm + 0.5 * awe + 0.15 * d * 0.5)),
            horizon=0.06 * fear + 0.05 * awe + 0.05 * calm - 0.05 * sad - 0.03 * joy - 0.02 * anger,
            relief=float(np.exp(0.5 * anger + 0.6 * awe - 0.35 * calm - 0.2 * sad + 0.3 * fear)),
            tilt=1.3 * anger + 0.5 * fear,
            near=float(np.exp(0.8 * fear + 0.3 * anger - 0.3 * calm - 0.2 * joy)),
            people=float(np.exp(0.9 * joy - 1.3 * sad - 1.5 * fear - 0.8 * anger - 0.4 * calm)),
            busy=float(np.exp(0.35 * a - 0.3 * sad + 0.25 * neg * (1 - abs(a)))),
            figure=0.5 * (awe + sad + fear) - 0.2 * joy,
            bare=0.75 * fear + 0.45 * sad + 0.3 * anger + 0.35 * neg * (1 - abs(a)),
            wide=0.05 * calm + 0.03 * sad - 0.02 * anger,
            bend=float(np.exp(0.6 * anger + 0.4 * fear - 0.4 * calm)),
        )


@dataclass
class Board:
    """A scene under construction. Maps are float [64, 64]; objects are dicts of attributes with metres and depth."""

    subject: str
    dice: Dice
    mood: Mood
    side: float
    values: dict[str, float] = field(default_factory=dict)
    maps: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    path_u: Any = None  # centre of the path a row [64], in -1..1, for things beside it
    people_shown: int = 0  # 1 when the prompt names people: they stay in every mood
    anchor: float = 0.0  # where the eye should go, -1..1

    @property
    def eye(self) -> float:
        return float(np.exp(self.values["ln_eye"]))

    @property
    def z0(self) -> float:
        v = self.values
        return depth_start(v["ln_eye"], v["horizon"], v["focal"])

    @property
    def umax(self) -> float:
        return 0.52 / self.values["focal"]

    def z(self, d: Any) -> Any:
        return self.z0 * np.exp(LZ * d)

    def d(self, z: Any) -> Any:
        return np.log(z / self.z0) / LZ

    def set(self, **values: float) -> None:
        for k, v in values.items():
            if k not in GLOBALS:
                raise KeyError(k)
            self.values[k] = float(v)

    def put(self, kind: str, u: float, z: float, size: float, **more: Any) -> None:
        """Object of `kind` at picture x `u` (-.5 .. .5), depth `z` metres, `size` metres."""
        if kind in ("broadleaf", "conifer") and self.dice.rng.random() < self.mood.bare * 0.6:
            kind = "bare_tree"
        self.items.append({"t": kind, "u": u, "z": max(z, self.z0 * 0.3), "s": size, **more})

    def on_path(self, z: float) -> float:
        """Picture x of the path's centre at depth z."""
        if self.path_u is None:
            return self.anchor * 0.3
        return float(np.interp(self.d(z), D[:, 0], self.path_u)) * 0.52

    def beside(self, z: float, metres: float) -> float:
        """Picture x `metres` beside the path at depth z."""
        return self.on_path(z) + metres / z * self.values["focal"]

    # --- land ---
    def ridge(
        self, d: float, w: float, h: float, rough: float, peak: float | None = None, pw: float = 0.5, sig: float = 5.0
    ) -> None:
        """A mountain range with its crest at depth d, screen height h, and perhaps one dominating peak."""
        profile = 0.55 + 0.22 * self.dice.line(sig) + 0.12 * self.mood.tilt * U * self.side
        if peak is not None:
            profile = 0.45 * profile + 0.85 * np.exp(-(((U - peak) / pw) ** 2))
        profile = np.clip(profile, 0.08, 1.3)
        b = bump(d, w)
        b = np.where(d < D, np.maximum(b, 0.25 * bump(d, w * 2)), b)
        self.maps["elev"] = np.maximum(self.maps["elev"], h * self.mood.relief * profile * b)
        self.maps["rough"] = np.maximum(self.maps["rough"], rough * b * (0.5 + 0.6 * profile))

    def water(self, distance: Any) -> None:
        """Water where `distance` > 0 (signed, half picture widths); the ground is flat there."""
        m = self.maps
        m["water"] = np.maximum(m["water"], np.clip(distance, -SD_SPAN, SD_SPAN))
        wet = m["water"] > 0
        m["elev"] = np.where(wet, 0, m["elev"])
        m["rough"] = np.where(m["water"] > -0.01, 0, m["rough"])

    def path(self, centre: Any, metres: float, least: float = 0.016, where: Any = True) -> None:
        """A path along row centres `centre` [64, 64] (u in -1..1), `metres` half wide."""
        width = np.maximum(metres / self.z(D) / self.umax, least)
        f = np.where(where, width * 0.9 - np.abs(U - centre), -SD_SPAN)
        self.maps["path"] = np.maximum(self.maps["path"], np.clip(f, -SD_SPAN, SD_SPAN))
        self.path_u = np.asarray(centre)[:, 0] if np.ndim(centre) == 2 else centre

    def frame(self, side: float, kind: str | None = None, tall: float = 1.0) -> None:
        """A framing tree in the foreground."""
        r = self.dice
        z = self.z0 * r(2.2, 3.4)
        k = kind or r.pick("broadleaf", "broadleaf", "conifer")
        self.put(k, side * r(0.36, 0.45), z, z * r(0.42, 0.62) * tall * self.mood.near / self.values["focal"])

    def rocks(self, n: int, lo: float = 1.3, hi: float = 5.0, biggest: float = 0.09) -> None:
        for _ in range(round(n * self.mood.busy)):
            z = self.z0 * np.exp(self.dice(np.log(lo), np.log(hi)))
            self.put("rock", self.dice(-0.5, 0.5), z, z * self.dice(0.02, biggest * min(self.mood.near, 1.5)))

    def person(self, u: float, z: float) -> None:
        r = self.dice
        self.put(
            "person", u, z * np.exp(self.mood.figure), r(1.6, 1.82), variant=r.pick(0, 1, 1), style=self.people_shown
        )

    def done(self) -> Layout:
        """Clips, sorts and packs."""
        m, r = self.maps, self.dice
        s = self.side
        m["sky"] = 0.16 * r.smooth(6) + 0.22 * U * s * r(-1, 1) + 0.12 * r.smooth(12)
        m["elev"] = m["elev"] + 0.012 * self.mood.tilt * step(0.08, 0.4, D) * (U * s + 1) * (m["water"] < 0)
        v = self.values
        if "sun_u" not in v:
            v["sun_u"] = -s * r(0.10, 0.36)
        for name, (lo, hi) in {"horizon": (0.28, 0.68), "focus_x": (0.08, 0.92), "focus_y": (0.12, 0.88)}.items():
            v[name] = float(np.clip(v[name], lo, hi))
        maps = np.stack([np.broadcast_to(m[c], (GRID, GRID)) for c in CHANNELS]).astype(np.float32)
        rows = [self._row(o) for o in self.items if o["t"] == "block" or abs(o["u"]) < 0.62]
        rows.sort(key=lambda q: (q[0], q[1][ATTR["yaw"]] < 0 if q[0] == TYPE["block"] else 0, q[1][ATTR["d"]]))
        rows = _thin(rows, r)
        types = np.array([q[0] for q in rows], np.int64)
        objects = np.array([q[1] for q in rows], np.float32).reshape(len(rows), len(ATTRIBUTES))
        return Layout(maps, dict(v), types, objects, self.subject)

    def _row(self, o: dict[str, Any]) -> tuple[int, list[float]]:
        row = dict.fromkeys(ATTRIBUTES, 0.0)
        row.update(u=o["u"], d=float(np.clip(self.d(o["z"]), -0.15, 1.05)), ln_size=float(np.log(max(o["s"], 0.05))))
        for k in TYPES[o["t"]]:
            if k in o:
                row[k] = float(o[k])
        return TYPE[o["t"]], [row[a] for a in ATTRIBUTES]


def _thin(rows: list[tuple[int, list[float]]], r: Dice) -> list[tuple[int, list[float]]]:
    """At most MAX_OBJECTS: the commonest types lose some."""
    while len(rows) > MAX_OBJECTS:
        kinds = np.bincount([q[0] for q in rows])
        drop = [i for i, q in enumerate(rows) if q[0] == int(kinds.argmax())]
        rows.pop(drop[int(r.rng.integers(len(drop)))])
    return rows


def board(subject: str, r: Dice, mood: Mood, side: float, eye: float, horizon: float, focal: float = 1.0) -> Board:
    """An empty green plain, its camera already moved by the mood."""
    b = Board(subject, r, mood, side)
    b.set(
        ln_eye=np.log(max(eye * r(0.85, 1.2) * mood.eye, 0.9)),
        horizon=horizon + mood.horizon + r(-0.015, 0.015),
        focal=focal * r(0.94, 1.08),
        roll=0.05 * mood.tilt * side * r(0, 1),
        sharpness=0.7,
        frequency=5,
        conifers=0.5,
        side=side,
        focus_x=0.5,
        focus_y=0.5,
        grass=1,
        town=0,
        beach=0,
        dunes=0,
        night=0,
        shade=0,
        snowbound=0,
        wildflowers=1,
        caps=1,
        big_water=0,
    )
    zero = np.zeros((GRID, GRID))
    b.maps = {c: zero.copy() for c in CHANNELS}
    for c in ("water", "path", "field"):
        b.maps[c] -= SD_SPAN
    b.maps["grass"] += 0.5
    return b
