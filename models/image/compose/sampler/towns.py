"""Subjects with many houses: streets, canals, squares, cities, villages."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ...scene.colour import from_hex, oklab
from .base import Board, D, Dice, Mood, U, board, bump, step

_PALETTES = (
    ("c9a27c", "d8c3a0", "b98468", "a8a49c", "cdb48c"),
    ("b8c4c8", "e2d8c8", "c49a90", "9aa8b0", "d8c8b4"),
    ("8a5a48", "a8705a", "9c8878", "b89478", "7c5c54"),
    ("e0b080", "c8d0b8", "e4c8c0", "d09878", "b8c8d8"),
)
_CITY = ("8c8e96", "a09488", "7c8490", "b0a090", "94806c")


@cache
def lab(colour: str) -> dict[str, float]:
    """sRGB hex to the three OKLab attributes of an object."""
    return dict(zip(("lab_l", "lab_a", "lab_b"), map(float, oklab(from_hex(colour))), strict=True))


def _house_colour(r: Dice, palette: Any) -> dict[str, float]:
    c = dict(lab(r.pick(*palette)))
    c["lab_l"] += r(-0.04, 0.04)
    return c


def _rows(s: Board, kind: str, half: float, bend: float, palette: Any, style: int, tall: float) -> None:
    """Two walls of houses along the street."""
    r = s.dice
    for side in (-1, 1):
        z = max(s.z0 * 0.45, (half + 1.5) / 1.9)
        while z < 140:
            length = r(7, 14) * (1 + z / 300)
            lean = bend * 0.35 if z > 10 else 0.0
            x = side * (half + r(0, 0.7)) + bend * max(z - 10, 0) * 0.35
            s.put(
                "block",
                x / 10,
                z,
                tall * r(0.7, 1.3),
                width=length,
                yaw=-side * (np.pi / 2 - np.arctan(side * lean)),
                style=style if r.chance(0.75) else int(r.rng.integers(0, 4)),
                variant=r.pick(0, 0, 1, 2) if style != 2 else 0,
                state=r.pick(0.2, 0.8),
                **_house_colour(r, palette),
            )
            z += length + (r(2, 4) if r.chance(0.08) else 0)


def _urban(subject: str, r: Dice, m: Mood, sd: float, eye: float, kind: str, half: float) -> Board:
    s = board(subject, r, m, sd, eye, r(0.56, 0.64), r(0.85, 1.0))
    s.set(town=1, grass=0)
    s.maps["grass"] *= 0
    s.maps["pave"] += 0.6
    bend = sd * r(0.0, 0.16) * m.bend
    style = int(r.rng.integers(0, 4))
    tall = (r(8, 17) if style != 2 else r(18, 34)) * min(m.near, 1.4) ** 0.5
    palette = r.pick(*_PALETTES)
    focal = s.values["focal"]

    def centre(z: float) -> float:
        return bend * max(z - 10, 0) * 0.35 / z * focal

    _rows(s, kind, half, bend, palette, style, tall)
    if r.chance(0.7):
        z = r(75, 110)
        s.put(r.pick("church", "tower", "church"), centre(z) + r(-0.03, 0.03), z, r(22, 34))
    for _ in range(r.count(4, 8)):
        s.put("mid_block", r(-0.5, 0.5), r(150, 210), tall * r(1.0, 2.2), style=style, **_house_colour(r, palette))
    c = bend * 0.35 * np.maximum(s.z(D) - 10, 0) / s.z(D) / s.umax
    s.path_u = c[:, 0]
    if kind == "canal":
        w = (half - r(2, 3)) / s.z(D) / s.umax
        s.water(np.where(s.d(95) > D, w - np.abs(U - c), -0.12))
        for _ in range(r.count(1, 4)):
            z = r(12, 40)
            s.put("boat", centre(z) + r(-0.08, 0.08), z, 5, variant=0, yaw=r(1.2, 1.6))
    for k in range(6):
        z = s.z0 * 1.5 + 5 + k * 11
        for side in (-1, 1):
            if (k + (side > 0)) % 2:
                s.put("lamp", centre(z) + side * (half - 1.7) / z * focal, z, 5.2)
            elif kind != "street" and r.chance(0.55):
                s.put("broadleaf", centre(z) + side * (half - 1.4) / z * focal, z, r(5, 8))
    n_people = r.count(*((2, 8) if kind == "canal" else (4, 14)), scale=m.people)
    for _ in range(n_people):
        z = r(7, 45)
        x = r.sign() * (half - r(0.6, 1.8)) if kind == "canal" else r(0.1, 0.9) * r.sign() * (half - 1.4)
        s.person(centre(z) + x / z * focal, z)
    s.set(focus_x=0.5 + bend * 0.3, focus_y=s.values["horizon"] - 0.05, sun_u=bend * 0.3 + sd * r(0.0, 0.08))
    return s


def street(r: Dice, m: Mood, sd: float) -> Board:
    half = r(3.6, 6.4) / min(m.near, 1.3)
    s = _urban("street", r, m, sd, r(1.7, 2.3), "street", half)
    for _ in range(r.count(0, 4, m.people)):
        z = r(7, 40)
        s.put("stall", s.on_path(z) + r.sign() * (half - r(0.9, 1.6)) / z * s.values["focal"], z, 2.3)
    return s


def canal(r: Dice, m: Mood, sd: float) -> Board:
    return _urban("canal", r, m, sd, r(2.8, 4.0), "canal", r(7.5, 11))


def market(r: Dice, m: Mood, sd: float) -> Board:
    half = r(8, 12)
    s = _urban("market", r, m, sd, r(1.8, 2.8), "square", half)
    for _ in range(r.count(8, 14)):
        z = r(7, 42)
        x = r.sign() * (half - r(0.9, 5.5))
        s.put("stall", s.on_path(z) + x / z * s.values["focal"], z, 2.3)
    for _ in range(r.count(2, 10, m.people)):
        z = r(7, 40)
        s.person(s.on_path(z) + r(-6, 6) / z * s.values["focal"], z)
    return s


def square(r: Dice, m: Mood, sd: float) -> Board:
    s = _urban("square", r, m, sd, r(1.9, 3.0), "square", r(11, 17))
    s.put(r.pick("church", "tower"), r(-0.12, 0.12), r(40, 60), r(20, 30))
    return s


def city(r: Dice, m: Mood, sd: float) -> Board:
    kind = r.pick("river", "river", "hill", "street")
    if kind == "street":
        s = _urban("city", r, m, sd, r(1.8, 2.8), "street", r(6, 9))
        for o in s.items:
            if o["t"] in ("block", "mid_block"):
                o["s"] *= 1.7 if o["s"] < 20 else 1.2
        s.set(night=r(0.6, 1))
        return s
    river = kind == "river"
    s = board("city", r, m, sd, r(4, 6) if river else r(11, 17), (r(0.52, 0.6) if river else r(0.42, 0.5)), 1.05)
    s.set(town=1, night=r(0.6, 1))
    s.maps["grass"] = s.maps["grass"] * 0 + 0.55 - 0.3 * river
    s.maps["pave"] += 0.5 * river
    centre = sd * r(0.05, 0.45)
    if river:
        s.water(np.minimum(D - r(0.05, 0.1) + 0.02 * U * sd, r(0.28, 0.33) - D))
        zb = s.z(0.33)
        for _ in range(r.count(1, 4)):
            s.put("boat", r(-0.35, 0.35), s.z(r(0.14, 0.27)), 6, variant=r.pick(0, 1, 2), yaw=r(-0.5, 0.5), state=0.9)
        for k in range(r.count(1, 3)):
            s.put("lamp", (k * 0.3 - 0.42) + r(-0.04, 0.04), s.z(0.045), 4.6)
        if r.chance(0.6):
            s.put("broadleaf", sd * r(0.3, 0.45), s.z(0.05), s.z(0.05) * 0.55)
        for _ in range(r.count(1, 4, m.people)):
            s.person(r(-0.4, 0.4), s.z(r(0.03, 0.055)))
        s.set(grass=0)
        if r.chance(0.7):
            s.put("bridge", -sd * r(0.05, 0.25), s.z(0.25), r(0.03, 0.05), width=r(0.5, 0.8))
    else:
        zb = s.z(0.22)
    style = int(r.rng.integers(0, 4))
    for _ in range(r.count(34, 48)):
        u, z = r(-0.56, 0.56), zb * np.exp(r(0, 1.15))
        peak = np.exp(-(((u - centre) / r(0.18, 0.3)) ** 2))
        h = z * (r(0.03, 0.07) + r(0.05, 0.19) * peak * r(0.3, 1))
        st = style if r.chance(0.5) else int(r.rng.integers(0, 4))
        s.put("tower_block" if h > z * 0.1 else "mid_block", u, z, h, style=st, **_house_colour(r, _CITY))
    s.put(r.pick("church", "tower"), -centre * 0.6, zb * 1.1, zb * 0.15)
    if not river:
        s.frame(-sd)
        for _ in range(r.count(8, 14)):
            s.put("house", r(-0.45, 0.45), s.z0 * r(2.5, 6), 9, variant=int(r(0, 3)), yaw=r(-0.7, 0.7))
    s.ridge(0.9, 0.06, 0.06, 0.03)
    s.set(focus_x=0.5 + centre * 0.5, focus_y=s.values["horizon"] - 0.05, sun_u=-centre * 0.7)
    return s


def village(r: Dice, m: Mood, sd: float) -> Board:
    s = board("village", r, m, sd, r(3.2, 5.5), r(0.38, 0.50))
    s.maps["elev"] = r(0.03, 0.09) * bump(0.42, 0.13) * (0.6 + 0.4 * U * sd) + 0.004 * r.smooth(4)
    s.maps["rough"] += 0.003
    s.ridge(r(0.76, 0.86), 0.09, r(0.06, 0.2), 0.09, -sd * r(0.2, 0.7), 0.5)
    s.path(sd * 0.15 + r(0.12, 0.32) * m.bend * np.sin(D * r(7, 11) + 1) * (1 - D), r(1.3, 2.0))
    for _ in range(r.count(9, 17)):
        z = s.z0 * np.exp(r(1.2, 2.7))
        s.put(
            "house",
            s.beside(z, r.sign() * (5.5 + abs(r.rng.normal()) * 6)),
            z,
            r(6, 9.5),
            variant=int(r(0, 3)),
            yaw=r(-0.6, 0.6),
        )
    if r.chance(0.8):
        s.put("church", sd * r(0.05, 0.25), s.z0 * r(9, 15), r(18, 23))
    for _ in range(r.count(5, 11)):
        s.put("broadleaf", r(-0.5, 0.5), s.z0 * np.exp(r(1.3, 2.6)), r(4, 8))
    s.maps["veg"] = step(0.42, 0.5, D) * (1 - step(0.55, 0.7, D)) * np.clip(0.3 + 0.5 * r.smooth(4), 0, 1)
    if r.chance(0.7):
        s.frame(-sd)
    for _ in range(r.count(0, 3, m.people)):
        z = r(13, 24)
        s.person(s.on_path(z) + r(-0.02, 0.02), z)
    s.set(focus_x=0.5 + sd * r(0.05, 0.2), focus_y=s.values["horizon"])
    return s


SUBJECTS = {f.__name__: f for f in (street, canal, market, square, city, village)}
