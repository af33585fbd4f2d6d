# ruff: noqa: C408
"""What a prompt may add to any subject: things to put in, and times, seasons and weather that change the mood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from ...scene import COLOUR_NAMES, NUMBER_NAMES
from ...scene import Mood as PaintMood
from .base import GRID, Board, D, U, bump, step

_SKY = ("aurora", "galaxy", "rainbow", "fireworks", "lightning", "moon")


def spot(s: Board, lo: float, hi: float, wet: bool = False, across: float = 0.4) -> tuple[float, float]:
    """A picture x and a depth in metres, lo..hi times the nearest depth, on water or on land when there is any."""
    r = s.dice
    u, z = 0.0, s.z0 * lo
    for _ in range(14):
        u, z = r(-across, across), s.z0 * float(np.exp(r(np.log(lo), np.log(hi))))
        row, col = int(np.clip(s.d(z) * 63, 0, 63)), int(np.clip((u / 0.52 + 1) * 31.5, 0, 63))
        if (s.maps["water"][row, col] > 0.01) == wet:
            break
    return u, z


def _several(
    kind: str,
    n: tuple[int, int],
    size: tuple[float, float],
    lo: float = 2.2,
    hi: float = 9.0,
    wet: bool = False,
    **more: Any,
) -> Callable[[Board], None]:
    """Puts `n` of a kind where it may stand. Values given as tuples are picked from."""

    def put(s: Board) -> None:
        r = s.dice
        if wet and not (s.maps["water"] > 0.01).any():
            lake(s)
        for _ in range(max(1, r.count(*n))):
            u, z = spot(s, lo, hi, wet)
            s.put(
                kind,
                u,
                z,
                r(*size),
                **{
                    k: r.pick(*v) if isinstance(v, tuple) else (r(-0.7, 0.7) if v is None else v)
                    for k, v in more.items()
                },
            )

    return put


def _grand(
    kind: str, share: tuple[float, float], lo: float = 6, hi: float = 13, **more: Any
) -> Callable[[Board], None]:
    """One large thing, sized as a share of its distance, where the eye goes."""

    def put(s: Board) -> None:
        r = s.dice
        u, z = spot(s, lo, hi, across=0.3)
        s.put(
            kind,
            u,
            z,
            z * r(*share) * min(s.mood.near, 1.25),
            **{k: r.pick(*v) if isinstance(v, tuple) else v for k, v in more.items()},
        )
        s.set(focus_x=0.5 + u * 0.9)

    return put


def _sky(kind: str, n: tuple[int, int], **more: Any) -> Callable[[Board], None]:
    def put(s: Board) -> None:
        r = s.dice
        for _ in range(max(1, r.count(*n))):
            s.put(kind, r(-0.35, 0.35), s.z(0.8), r(0.8, 1.4), **{k: r(*v) for k, v in more.items()})

    return put


def people(s: Board) -> None:
    s.people_shown = 1
    for o in s.items:
        if o["t"] == "person":
            o["style"] = 1
    for _ in range(max(2, s.dice.count(3, 7, min(s.mood.people, 1.4)))):
        u, z = spot(s, 2.4, 8)
        s.person(u, z)


def person(s: Board) -> None:
    s.items = [o for o in s.items if o["t"] != "person"]
    s.people_shown = 1
    u, z = spot(s, 2.4, 5, across=0.25)
    s.person(u, z)


def empty(s: Board) -> None:
    s.items = [o for o in s.items if o["t"] not in ("person", "stall", "parasol", "camel", "dog")]


def mountains(s: Board) -> None:
    r = s.dice
    s.ridge(r(0.78, 0.86), r(0.08, 0.11), r(0.16, 0.26), r(0.08, 0.13), s.side * r(-0.4, 0.4), r(0.35, 0.6))


def lake(s: Board) -> None:
    """A band of water in front of, or behind, what is there."""
    r = s.dice
    near = r(0.07, 0.14) + 0.05 * r.line(7) + r(-0.04, 0.08) * U * s.side
    s.water(np.minimum(D - near, r(0.25, 0.34) + 0.02 * r.line(5) - D))
    s.items = [
        o
        for o in s.items
        if o["t"] not in ("grave", "bush", "fence", "log", "hay", "bench", "flowers")
        or not near.min() < s.d(o["z"]) < 0.3
    ]


def river(s: Board) -> None:
    r = s.dice
    c = s.side * r(0.2, 0.5) + r(0.15, 0.35) * np.sin(D * r(8, 12) + r(0, 6)) * (1 - D)
    w = np.maximum(r(2.5, 5) / s.z(D) / s.umax, 0.02)
    s.water(np.where(D < 0.58, w - np.abs(U - c), -0.12))


def sea(s: Board) -> None:
    r = s.dice
    s.water(np.minimum(D - r(0.36, 0.42) - 0.03 * r.line(6), 0.12 + 0 * D))
    s.set(big_water=1)


def path(s: Board) -> None:
    r = s.dice
    if not (s.maps["path"] > 0).any():
        s.path(
            s.side * r(-0.1, 0.15) + r(0.08, 0.25) * s.mood.bend * np.sin(D * r(7, 11) + r(0, 6)) * (1 - 0.6 * D),
            r(0.8, 1.6),
        )


def trees(s: Board) -> None:
    r = s.dice
    kind = r.pick("broadleaf", "broadleaf", "conifer")
    for _ in range(r.count(6, 11)):
        u, z = spot(s, 3.0, 13, across=0.5)
        s.put(kind, u, z, r(6, 12))


def forest(s: Board) -> None:
    r = s.dice
    kind = r.pick("broadleaf", "conifer")
    s.maps["veg"] = np.maximum(
        s.maps["veg"],
        step(0.36, 0.44, D)
        * (1 - step(0.56, 0.66, D))
        * np.clip(0.9 + 0.2 * r.smooth(4), 0, 1)
        * (s.maps["water"] < 0),
    )
    for _ in range(r.count(12, 20)):
        u, z = spot(s, 3.2, 16, across=0.5)
        s.put(kind, u, z, r(8, 14))


def village(s: Board) -> None:
    r = s.dice
    for _ in range(r.count(6, 11)):
        u, z = spot(s, 5, 16)
        s.put("house", u, z, r(7, 10), variant=r.pick(0, 1, 2), yaw=r(-0.6, 0.6))
    u, z = spot(s, 9, 16, across=0.25)
    s.put("church", u, z, r(17, 22))


def graves(s: Board) -> None:
    r = s.dice
    for _ in range(r.count(14, 24)):
        u, z = spot(s, 1.8, 9)
        s.put("grave", u, z, r(0.7, 1.3), variant=r.pick(0, 1, 2, 3), yaw=r(-0.25, 0.25))


def hill(s: Board) -> None:
    r = s.dice
    c = s.values["focus_x"] * 2 - 1
    s.maps["elev"] = np.maximum(
        s.maps["elev"], r(0.06, 0.12) * np.exp(-(((U - c) / 0.45) ** 2)) * bump(0.45, 0.1) * (s.maps["water"] < 0)
    )


def streets(s: Board) -> None:
    """A skyline of houses behind."""
    r = s.dice
    zb = s.z(0.36)
    for _ in range(r.count(14, 22)):
        z = zb * np.exp(r(0, 0.7))
        h = z * r(0.03, 0.14)
        s.put(
            "tower_block" if h > z * 0.09 else "mid_block",
            r(-0.52, 0.52),
            z,
            h,
            style=r.pick(0, 1, 2, 3),
            lab_l=r(0.55, 0.75),
            lab_a=r(-0.01, 0.02),
            lab_b=r(0.0, 0.05),
        )


def rocks(s: Board) -> None:
    s.rocks(s.dice.count(8, 14), 1.5, 6, 0.08)


def bridge(s: Board) -> None:
    r = s.dice
    u, z = spot(s, 6, 10, wet=bool((s.maps["water"] > 0.01).any()), across=0.25)
    s.put("bridge", u, z, r(0.03, 0.055), width=r(0.4, 0.7))


def waterfall(s: Board) -> None:
    """A step in the land, and water over it."""
    r = s.dice
    u, z = spot(s, 7, 11, across=0.3)
    d, c = s.d(z * 1.12), u / 0.52
    rise = step(d, d + 0.05, D) * (1 - step(d + 0.2, d + 0.34, D)) * np.exp(-(((U - c) / r(0.35, 0.6)) ** 2))
    s.maps["elev"] = np.maximum(s.maps["elev"], r(0.13, 0.2) * rise)
    s.maps["rough"] = np.maximum(s.maps["rough"], 0.04 * rise)
    s.maps["rock"] = np.maximum(s.maps["rock"], 0.8 * (rise > 0.15) * (d + 0.08 > D))
    s.put("waterfall", u, z, 1.0, width=r(0.03, 0.05))


def balloons(s: Board) -> None:
    r = s.dice
    for _ in range(max(2, r.count(3, 6))):
        z = s.z0 * float(np.exp(r(1.8, 3.2)))
        s.put("balloon", r(-0.4, 0.4), z, z * 0.1, state=float(np.clip(z * r(0.08, 0.28) / 100, 0, 1)))


def burning(s: Board) -> None:
    for _ in range(max(1, s.dice.count(1, 3))):
        s.put("fire", *spot(s, 4, 10), s.z0 * s.dice(0.8, 1.6))


#: Things a prompt may add, by the word it is known under.
THINGS: Mapping[str, Callable[[Board], None]] = {
    "people": people, "person": person, "empty": empty, "mountains": mountains, "lake": lake, "river": river,
        "sea": sea,
    "path": path, "trees": trees, "forest": forest, "village": village, "graves": graves, "hill": hill,
        "skyline": streets,
    "boat": _several("boat", (1, 3), (5, 8), 3.0, 8.0, True, variant=(0, 1, 2), yaw=None, state=(0.2, 0.8)),
    "sailboat": _several("boat", (1, 3), (7, 10), 4.0, 12.0, True, variant=1, yaw=None, state=0.2),
    "ship": _several("ship", (1, 1), (24, 34), 9.0, 16.0, True, variant=0),
    "house": _several("house", (1, 2), (8, 11), 7, 13, variant=(0, 1, 2), yaw=None),
    "cabin": _several("house", (1, 1), (6, 8), 6, 10, variant=1, yaw=None, style=1),
    "church": _grand("church", (0.16, 0.24)), "castle": _grand("castle", (0.10, 0.16), 8, 16), "tower": _grand("tower",
        (0.16, 0.26)),
    "lighthouse": _grand("lighthouse", (0.2, 0.3), 7, 13), "windmill": _grand("windmill", (0.18, 0.27)),
    "ruin": _grand("ruin", (0.12, 0.2), 4, 9, variant=(0, 1, 2)), "factory": _grand("chimney", (0.25, 0.4), 9, 14),
    "bridge": bridge, "gate": _several("arch_gate", (1, 1), (3, 5),
        3.2, 6, variant=(0, 1)),
    "barn": _several("barn", (1, 1), (11, 16), 7, 13, yaw=None), "hay": _several("hay", (3, 7), (1.2, 1.6), 2.4, 9),
    "rocks": rocks, "flowers": _several("flowers", (6, 12), (0.8, 1.8), 1.7, 6,
        variant=(0, 1, 2, 3)),
    "fence": _several("fence", (1, 2), (1.0, 1.3), 3.0, 7, variant=(0, 0, 1), yaw=None), "well": _several("well", (1,
        1), (1.9, 2.3), 3, 6),
    "lamps": _several("lamp", (3, 6), (4.2, 5.2), 2.2, 10), "bench": _several("bench", (1, 2), (1.7, 2.0), 2.2, 4.5,
        yaw=None),
    "palms": _several("palm", (4, 9), (5, 9), 2.4, 9), "cypresses": _several("cypress", (3, 6), (8, 13), 4, 12),
    "dead trees": _several("bare_tree", (3, 7), (5, 11), 2.6, 10, variant=(0, 2)), "reeds": _several("reeds", (8, 15),
        (1.0, 2.0), 1.6, 6),
    "tent": _several("tent", (1, 2), (1.9, 2.3), 3, 5, yaw=None), "campfire": _several("campfire", (1, 1), (0.9, 1.2),
        2.6, 3.6),
    "market": _several("stall", (4, 8), (2.2, 2.4), 2.8, 9), "parasols": _several("parasol", (3, 6), (2.0, 2.3), 1.8,
        4),
    "horses": _several("horse", (2, 5), (1.5, 1.7), 3, 9, variant=0), "cows": _several("horse", (2, 6), (1.35, 1.5), 3,
        9, variant=1),
    "sheep": _several("horse", (4, 10), (0.85, 1.0), 2.6, 9, variant=2), "dog": _several("dog", (1, 1), (0.5, 0.75),
        2.2, 4),
    "camels": _several("camel", (2, 5), (2.5, 2.8), 4, 10), "car": _several("car", (1, 2), (3.8, 4.4), 2.8, 7,
        yaw=None),
    "cart": _several("cart", (1, 1), (2.8, 3.2), 2.8, 6), "pier": _several("pier", (1, 1), (1, 1), 2.0, 3.2, True),
    "railway": _several("rails", (1, 1), (1.4, 1.5), 1.3, 1.5, yaw=(-0.1, 0.0, 0.1)), "garbage": _several("rubbish", (7, 14), (0.8,
        2.0), 1.7, 8),
    "lantern": _several("lantern", (1, 3), (0.6, 1.6), 2.2, 5), "waterfall": waterfall,
    "balloons": balloons, "burning": burning,
    "tornado": lambda s: s.put("tornado", s.dice(-0.3, 0.3), s.z(s.dice(0.38, 0.5)), s.dice(0.02, 0.07)),
    "aurora": _sky("aurora", (1, 2)), "galaxy": _sky("galaxy", (1, 1), yaw=(-0.9, 0.9)), "rainbow": _sky("rainbow", (1,
        1)),
    "fireworks": _sky("fireworks", (3, 6)), "lightning": _sky("lightning", (1, 3)), "moon": _sky("moon", (1, 1),
        state=(0.12, 0.32)),
}  # fmt: skip

# --- times, seasons, weather: how far a mood is pulled, and toward what --------------------------------------------------
#: name: (pull 0..1, mood values it is pulled toward, layout globals it sets).
CONDITIONS: Mapping[str, tuple[float, dict[str, Any], dict[str, float]]] = {
    "night": (0.75, dict(night=0.9, stars=0.5, sun_strength=0.6, sky_strength=0.45, middle=0.2, lights=0.6, moon=0.6,
        zenith="0b1436", sky="1e2c5c", horizon="4c4c74", cloud_dark="161a34", cloud_lit="6a6488", sun="9cb4f0",
        rainbow=0.0, gulls=0.0), {"night": 0.9}),
    "winter": (0.85, dict(snow=0.9, leaves=0.1, flowers=0.0, blossom=0.0, snowline=0.1, grass="8a8c78",
        dry_grass="a09880"), {"snowbound": 0.9}),
    "snowfall": (0.85, dict(snow=0.9, snowfall=0.85, leaves=0.1, flowers=0.0, blossom=0.0, cloud_cover=0.6,
        sun_strength=0.8), {"snowbound": 0.7}),
    "autumn": (0.8, dict(leaves=0.75, blossom=0.0, leaf="b4621f", leaf_light="d9982c", grass="98904a",
        dry_grass="b8923c", conifer="5a6434", flowers=0.05), {}),
    "spring": (0.8, dict(leaves=0.9, blossom=0.95, flowers=0.8, leaf="6fae4a", leaf_light="a8d068", grass="7cb84a",
        snow=0.0), {}),
    "summer": (0.6, dict(leaves=1.0, flowers=0.6, snow=0.0, sun_elevation=48, sun_strength=3.2, cloud_cover=-0.25,
        grass="86a83c"), {}),
    "rain": (0.85, dict(rain=0.9, cloud_cover=0.6, cloud_density=1.1, sun_strength=0.7, ripples=0.7, rainbow=0.0,
        stars=0.0), {}),
    "fog": (0.85, dict(fog=2.8, mist=0.85, mist_height=0.8, sun_strength=0.7, contrast=0.85), {}),
    "storm": (0.8, dict(cloud_cover=0.45, cloud_density=1.7, wind=0.9, rain=0.45, lightning=0.7, waves=1.2, foam=0.9,
        cloud_dark="1c2430", zenith="1c2634"), {}),
    "wind": (0.7, dict(wind=0.9, waves=0.8, cloud_stretch=1.6, stroke_energy=0.7), {}),
    "sunset": (0.8, dict(sun_elevation=5, sun_ahead=0.95, sun="ffa860", glow="ffce80", glow_strength=1.0,
        horizon="ffae68", sky="c080a0", zenith="3c5090", cloud_lit="ff9c70", cloud_dark="5c4c80", cloud_cover=0.05),
        {}),
    "dawn": (0.8, dict(sun_elevation=7, sun_ahead=0.9, sun="ffd2b0", glow="fff0d0", glow_strength=0.8,
        horizon="ffd8c8", sky="d8cfe8", zenith="8cb0e0", mist=0.5, cloud_lit="ffe0d0", cloud_dark="c0b4d0"), {}),
    "sunny": (0.75, dict(cloud_cover=-0.3, sun_strength=3.4, sun_elevation=42, sun_ahead=0.15, night=0.0, fog=0.4,
        rain=0.0, zenith="4a92e4", sky="8cc6f6", horizon="e0f0fa"), {}),
    "cloudy": (0.75, dict(cloud_cover=0.55, sun_strength=0.9, sky_strength=1.05, cloud_density=0.9), {}),
    "starry": (0.8, dict(night=1.0, stars=1.0, moon=0.0, cloud_cover=-0.45, sun_strength=0.5, sky_strength=0.42,
        middle=0.2, zenith="0c1440", sky="243a80", horizon="5c5ca4", lights=0.6), {"night": 1.0}),
    "moonlit": (0.8, dict(night=0.85, moon=1.0, stars=0.3, cloud_cover=-0.1, sun="b4c8f4", sun_strength=0.8,
        sky_strength=0.4, middle=0.22, zenith="0c1838", sky="22365c", horizon="52648c", lights=0.4), {"night": 0.9}),
}  # fmt: skip

#: Conditions that go with a subject, whatever the prompt says.
ALWAYS: Mapping[str, tuple[str, ...]] = {
    "autumn": ("autumn",), "snow": ("winter",), "aurora": ("starry",), "galaxy": ("starry",),
        "moonlight": ("moonlit",), "fireworks": ("night",),
}  # fmt: skip


#: Conditions that go with an added thing, unless the prompt names one itself.
WITH: Mapping[str, str] = {
    "aurora": "starry", "galaxy": "starry", "fireworks": "night", "moon": "moonlit", "lightning": "storm", "tornado": "storm",
}  # fmt: skip


@cache
def _pull(condition: str) -> tuple[np.ndarray, np.ndarray]:
    strength, values, _ = CONDITIONS[condition]
    target = PaintMood.make(values).vector()
    mask = np.zeros_like(target)
    for name in values:
        if name in NUMBER_NAMES:
            mask[NUMBER_NAMES.index(name)] = strength
        else:
            i = len(NUMBER_NAMES) + 3 * COLOUR_NAMES.index(name)
            mask[i : i + 3] = strength
    return target, mask


def pull_mood(vector: np.ndarray, conditions: tuple[str, ...], amount: float = 1.0) -> np.ndarray:
    """A mood vector (float32 [VECTOR]) pulled toward what the conditions say; the rest stays the emotion's."""
    out = vector.copy()
    for c in conditions:
        target, mask = _pull(c)
        out += (target - out) * mask * amount
    return out


assert GRID == 64
