"""Subjects told by the sky or by what happened: storm, fire, flood, aurora, fireworks, and the places that go with them."""

from __future__ import annotations

import numpy as np

from . import places, towns, waters, wild
from .base import Board, D, Dice, Mood, U, board, bump, step


def _named(s: Board, subject: str, drop: tuple[str, ...] = ()) -> Board:
    s.subject = subject
    s.items = [o for o in s.items if o["t"] not in drop]
    return s


def autumn(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(wild.forest(r, m, sd), "autumn")
    for o in s.items:
        if o["t"] == "conifer" and r.chance(0.85):
            o["t"] = "broadleaf"
    s.set(conifers=r(0.0, 0.2), shade=r(0.3, 0.8))
    return s


def garden(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(places.park(r, m, sd), "garden", ("lamp", "mid_block", "flowers", "dog"))
    for _ in range(r.count(9, 16)):
        z = s.z0 * np.exp(r(0.5, 1.9))
        s.put("flowers", s.beside(z, r.sign() * r(1.8, 8)), z, r(0.8, 2.0), variant=r.pick(0, 1, 2, 3))
    s.put("house", sd * r(0.05, 0.25), s.z0 * r(8, 13), r(8, 10), variant=1, yaw=r(-0.4, 0.4))
    if r.chance(0.4):
        s.put("well", sd * r(-0.25, 0.1), s.z0 * r(4, 7), 2.0)
    if r.chance(0.5):
        s.put("fence", -sd * 0.2, s.z0 * r(5, 8), 1.0, yaw=r(-0.2, 0.2))
    if r.chance(0.3):
        s.put("arch_gate", s.on_path(s.z0 * 4), s.z0 * 4, 2.8, variant=0)
    s.set(wildflowers=1.9, grass=1.0)
    return s


def windmill(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(places.farm(r, m, sd), "windmill", ("barn",))
    u = sd * r(-0.05, 0.22)
    z = s.z0 * r(7, 12)
    s.put("windmill", u, z, r(13, 18) * min(m.near, 1.3))
    if r.chance(0.35):
        s.put("windmill", u - sd * r(0.15, 0.35), z * r(1.6, 2.4), 14)
    s.set(focus_x=0.5 + u * 0.9)
    return s


def railway(r: Dice, m: Mood, sd: float) -> Board:
    s = board("railway", r, m, sd, r(1.6, 2.8), r(0.38, 0.50))
    s.maps["elev"] = r(0.0, 0.05) * bump(0.45, 0.12) * (1 + 0.6 * U * sd) * (np.abs(U) > 0.15) + 0.003 * r.smooth(5)
    s.ridge(r(0.72, 0.84), 0.09, r(0.03, 0.14), 0.06, sd * r(0.2, 0.7), 0.5)
    x = sd * r(-0.8, 1.6)
    yaw = r(-0.08, 0.08)
    z = s.z0 * 1.2
    s.put("rails", x / z, z, 1.5, yaw=yaw)
    s.path(x / s.z(D) / s.umax, 1.5, 0.012, where=D < 0.6)
    for i in range(r.count(3, 6)):
        zz = s.z0 * 2.4 * 1.5**i
        s.put("pole", s.beside(zz, -sd * 4.5), zz, 7)
    for _ in range(r.count(4, 9)):
        zz = s.z0 * np.exp(r(1.2, 2.6))
        s.put(r.pick("broadleaf", "broadleaf", "conifer"), s.beside(zz, r.sign() * r(6, 22)), zz, r(6, 11))
    for _ in range(r.count(3, 8)):
        zz = s.z0 * np.exp(r(0.4, 1.6))
        s.put("bush", s.beside(zz, r.sign() * r(3, 9)), zz, r(0.5, 1.1))
    if r.chance(0.4):
        s.put("house", sd * r(0.12, 0.3), s.z0 * r(8, 14), 9, variant=0, yaw=r(-0.4, 0.4))
    for _ in range(r.count(0, 1, m.people)):
        zz = s.z0 * r(3, 6)
        s.person(s.on_path(zz) + r(-0.03, 0.03), zz)
    s.maps["veg"] = bump(0.48, 0.04) * np.clip(0.3 + 0.6 * r.smooth(4), 0, 1) * (np.abs(U) > 0.05)
    s.set(focus_x=0.5 + r(-0.05, 0.05), focus_y=s.values["horizon"] + 0.02)
    return s


def factory(r: Dice, m: Mood, sd: float) -> Board:
    s = board("factory", r, m, sd, r(2.2, 5), r(0.44, 0.54))
    s.maps["elev"] = 0.005 * r.smooth(5)
    s.maps["grass"] *= r(0.4, 1)
    s.maps["path"] = np.clip((r.smooth(5) - 0.3) * 0.05, -0.12, 0.12)
    z = s.z(r(0.24, 0.32))
    c = sd * r(0.0, 0.25)
    for i in range(r.count(3, 6)):
        k = z * r(0.95, 1.5)
        s.put("chimney", c + (i - 2) * r(0.07, 0.13), k, k * r(0.3, 0.5) * m.relief**0.3)
    for _ in range(r.count(5, 11)):
        k = z * r(0.95, 1.5)
        s.put("mid_block", c + r(-0.35, 0.35), k, k * r(0.08, 0.2), style=2, lab_l=r(0.45, 0.6), lab_a=0.02, lab_b=0.03)
    if r.chance(0.35):
        s.water(np.minimum(D - r(0.06, 0.1) - 0.02 * r.line(6), r(0.19, 0.22) - D))
    for _ in range(r.count(0, 4)):
        s.put("pole", r(-0.5, 0.5), s.z0 * np.exp(r(0.9, 2.0)), 8)
    for _ in range(r.count(0, 4)):
        s.put("rubbish", r(-0.45, 0.45), s.z0 * np.exp(r(0.6, 1.8)), r(0.7, 1.6))
    if r.chance(0.5):
        s.put("rails", -sd * r(0.1, 0.3), s.z0 * 1.4, 1.5, yaw=r(-0.1, 0.1))
    s.put("bare_tree", -sd * r(0.3, 0.45), s.z0 * r(2.5, 4), s.z0 * r(0.8, 1.4))
    s.put("fence", sd * r(0.0, 0.3), s.z0 * r(4, 7), 1.6, yaw=r(-0.2, 0.2), variant=1)
    s.set(grass=0.5, caps=0, focus_x=0.5 + c * 0.8, focus_y=s.values["horizon"] - 0.05)
    return s


def rubbish(r: Dice, m: Mood, sd: float) -> Board:
    s = board("rubbish", r, m, sd, r(1.6, 3), r(0.38, 0.50))
    s.maps["elev"] = 0.012 * np.clip(r.smooth(4), 0, 3) * step(0.05, 0.2, D) + r(0.02, 0.06) * bump(0.42, 0.1) * (
        1 + 0.5 * U * sd
    )
    s.maps["rough"] += 0.006
    s.maps["path"] = np.clip((r.smooth(5) + r(0.0, 0.6)) * 0.08, -0.12, 0.12)
    for _ in range(r.count(14, 24)):
        z = s.z0 * np.exp(r(0.4, 2.5))
        s.put("rubbish", r(-0.5, 0.5), z, r(0.8, 2.6))
    for _ in range(r.count(1, 4)):
        s.put("bare_tree", r.sign() * r(0.2, 0.48), s.z0 * np.exp(r(1.0, 2.2)), s.z0 * r(1.0, 2.0), variant=2)
    for _ in range(r.count(0, 3)):
        s.put("car", r(-0.4, 0.4), s.z0 * np.exp(r(0.9, 2.0)), 4.0, yaw=r(-1.5, 1.5))
    for _ in range(r.count(0, 3)):
        s.put("chimney", r(-0.45, 0.45), s.z(0.42), s.z(0.42) * r(0.2, 0.36))
    for _ in range(r.count(1, 4)):
        s.put("log", r(-0.4, 0.4), s.z0 * r(1.5, 4), 1.6, yaw=r(-1, 1))
    if r.chance(0.4):
        s.put("fence", sd * r(-0.2, 0.2), s.z0 * r(3, 6), 1.3, yaw=r(-0.3, 0.3))
    if r.chance(0.3):
        s.water(0.5 * (0.12 - np.hypot((U - r(-0.4, 0.4)) * 0.3, (D - r(0.12, 0.2)) * 1.3)))
    s.set(grass=0.4, caps=0, focus_x=0.5 + sd * r(0.0, 0.15), focus_y=s.values["horizon"] + 0.08)
    return s


def fire(r: Dice, m: Mood, sd: float) -> Board:
    base = r.pick(places.cabin, towns.village, wild.forest, towns.street)
    s = _named(base(r, m, sd), "fire", ("campfire",))
    houses = [o for o in s.items if o["t"] in ("house", "block", "church")] or [
        o for o in s.items if o["t"] in ("conifer", "broadleaf")
    ]
    near = sorted((o for o in houses if s.z0 * 2 < o["z"] < s.z0 * 18), key=lambda o: o["z"])[:8] or houses[:3]
    for _ in range(r.count(2, 5)):
        o = r.pick(*near)
        u = o["u"] * 10 / o["z"] * s.values["focal"] if o["t"] == "block" else o["u"]
        s.put(
            "fire",
            float(np.clip(u + r(-0.02, 0.02), -0.46, 0.46)),
            o["z"] * 0.97,
            max(o["s"] * r(0.6, 1.1), o["z"] * 0.12),
        )
    s.set(focus_x=0.5 + s.items[-1]["u"] * 0.9, night=r(0, 0.5))
    return s


def flood(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(towns.village(r, m, sd), "flood", ("fence",))
    lie = 0.45 + 0.02 * r.line(5)
    dry = 0.03 * np.maximum(r.smooth(4) - r(0.8, 1.6), 0)
    s.water(np.minimum(np.minimum(D - r(-0.05, 0.05) - 0.06 * U * sd, lie - D), 0.12) - dry)
    s.maps["path"] = np.full_like(D, -0.12)
    for _ in range(r.count(1, 3)):
        s.put("boat", r(-0.35, 0.35), s.z0 * r(2.6, 6), 4.5, variant=0, yaw=r(-1.5, 1.5))
    for _ in range(r.count(1, 4)):
        s.put("log", r(-0.4, 0.4), s.z0 * r(1.6, 4), 2.0, yaw=r(-1, 1))
    if r.chance(0.4):
        s.put("car", r(-0.3, 0.3), s.z0 * r(3, 6), 4.0, yaw=r(-1, 1))
    for _ in range(r.count(2, 4)):
        s.put("pole", r(-0.5, 0.5), s.z0 * np.exp(r(1.0, 2.2)), 6)
    return s


def storm(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(
        r.pick(wild.meadow, waters.sea, places.road, places.farm, wild.valley)(r, m, sd),
        "storm",
        ("parasol", "flowers"),
    )
    u = sd * r(-0.3, 0.35)
    for i in range(r.count(1, 3)):
        s.put("lightning", u + i * r(-0.25, 0.25), s.z(0.7), r(0.8, 1.4))
    s.set(focus_x=0.5 + u * 0.8, focus_y=s.values["horizon"] - 0.1)
    return s


def tornado(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(r.pick(places.farm, wild.meadow, places.road, railway)(r, m, sd), "tornado", ("parasol",))
    u = sd * r(0.0, 0.32)
    s.put("tornado", u, s.z(r(0.38, 0.5)), r(0.02, 0.075))
    s.set(focus_x=0.5 + u * 0.9, focus_y=s.values["horizon"] - 0.12)
    return s


def rainbow(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(
        r.pick(wild.meadow, places.farm, waters.lake, wild.valley, waters.sea, wild.mountain)(r, m, sd), "rainbow"
    )
    s.put("rainbow", sd * r(-0.3, 0.3), s.z(0.8), r(0.8, 1.4))
    return s


def fireworks(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(r.pick(towns.city, waters.harbour, towns.city, waters.lake, towns.square)(r, m, sd), "fireworks")
    for i in range(r.count(3, 6)):
        s.put("fireworks", (i - 2) * 0.16 * sd + r(-0.08, 0.08), s.z(0.6), r(0.6, 1.4))
    s.set(night=1, focus_y=max(s.values["horizon"] - 0.22, 0.15))
    return s


def aurora(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(r.pick(wild.snow, waters.lake, wild.mountain, places.cabin)(r, m, sd), "aurora", ("parasol",))
    s.put("aurora", sd * r(-0.3, 0.3), s.z(0.8), r(0.8, 1.5))
    if r.chance(0.4):
        s.put("aurora", -sd * r(0.0, 0.4), s.z(0.8), r(0.5, 1.0))
    s.set(
        night=1,
        snowbound=1,
        focus_y=max(s.values["horizon"] - 0.2, 0.15),
        horizon=min(s.values["horizon"] + 0.07, 0.66),
    )
    return s


def galaxy(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(
        r.pick(wild.desert, wild.mountain, waters.lake, wild.meadow, wild.canyon)(r, m, sd), "galaxy", ("parasol",)
    )
    s.put("galaxy", sd * r(-0.25, 0.25), s.z(0.8), r(0.9, 1.5), yaw=sd * r(-0.9, 0.9))
    s.set(night=1, focus_y=max(s.values["horizon"] - 0.2, 0.15), horizon=min(s.values["horizon"] + 0.08, 0.66))
    return s


def moonlight(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(
        r.pick(waters.sea, waters.lake, waters.lake, waters.harbour, waters.river)(r, m, sd), "moonlight", ("parasol",)
    )
    u = sd * r(-0.25, 0.3)
    s.put("moon", u, s.z(0.9), r(0.8, 1.4), state=r(0.12, 0.32))
    s.set(night=1, sun_u=u, focus_x=0.5 + u * 0.8, focus_y=s.values["horizon"] + 0.03)
    return s


def shipwreck(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(waters.sea(r, m, sd), "shipwreck", ("parasol", "boat", "person"))
    u = -sd * r(0.0, 0.2)
    s.put("ship", u, s.z0 * r(4.5, 8), r(20, 30), variant=1)
    s.rocks(r.count(5, 10), 1.6, 6, 0.11)
    for _ in range(r.count(1, 4)):
        s.put("log", sd * r(-0.2, 0.4), s.z0 * r(1.5, 3), r(1.4, 2.4), yaw=r(-1, 1))
    s.set(focus_x=0.5 + u * 0.9)
    return s


def balloons(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(r.pick(wild.valley, wild.meadow, places.farm, wild.canyon, wild.desert)(r, m, sd), "balloons")
    for _ in range(r.count(3, 8)):
        z = s.z0 * np.exp(r(1.6, 3.4))
        up = z * r(0.06, 0.3)
        s.put("balloon", r(-0.44, 0.44), z, z * r(0.06, 0.13), state=float(np.clip(up / 100, 0, 1)))
    s.set(focus_y=max(s.values["horizon"] - 0.15, 0.15), horizon=min(s.values["horizon"] + 0.05, 0.66))
    return s


def oasis(r: Dice, m: Mood, sd: float) -> Board:
    s = _named(wild.desert(r, m, sd), "oasis", ("bare_tree", "rock"))
    c, far = sd * r(-0.15, 0.25), r(0.26, 0.32)
    pool = 1 - np.hypot((U - c) / r(0.35, 0.6), (D - far + 0.09) / r(0.07, 0.1)) + 0.12 * r.smooth(5)
    s.maps["elev"] *= 1 - np.clip(pool + 0.6, 0, 1)
    s.water(pool * 0.12)
    s.maps["grass"] = 0.75 * np.clip(1 - np.abs(pool) * 2.2, 0, 1)
    for _ in range(r.count(7, 14)):
        a = r(0, 6.28)
        d = far - 0.09 + 0.11 * np.sin(a)
        s.put("palm", c * 0.52 + r(0.2, 0.36) * np.cos(a), s.z(max(d, 0.08)), r(5, 9.5))
    for _ in range(r.count(3, 8)):
        s.put(r.pick("bush", "reeds"), c * 0.52 + r(-0.3, 0.3), s.z(far + r(-0.03, 0.04)), r(0.8, 1.6))
    if r.chance(0.4):
        s.put("tent", c * 0.52 + r(-0.3, 0.3), s.z(far + 0.03), 2.6, yaw=r(-0.5, 0.5))
    s.set(focus_x=0.5 + c * 0.5, grass=0.6)
    return s


def wetland(r: Dice, m: Mood, sd: float) -> Board:
    s = board("wetland", r, m, sd, r(1.7, 2.8), r(0.38, 0.50))
    s.maps["elev"] = 0.004 * r.smooth(5)
    s.ridge(r(0.68, 0.8), 0.08, r(0.02, 0.08), 0.04, sd * r(-0.6, 0.6), 0.6)
    pools = (r.smooth(5) + r(0.2, 0.8)) * 0.06
    s.water(np.where(D < 0.46, np.minimum(pools, (0.46 - D)), -0.12))
    for _ in range(r.count(14, 26)):
        s.put("reeds", r(-0.5, 0.5), s.z0 * np.exp(r(0.4, 2.3)), r(1.0, 2.2))
    for _ in range(r.count(2, 6)):
        s.put("bare_tree", r(-0.48, 0.48), s.z0 * np.exp(r(1.0, 2.3)), s.z0 * r(1.0, 2.2), variant=r.pick(0, 2))
    for _ in range(r.count(0, 3)):
        s.put("stump", r(-0.4, 0.4), s.z0 * np.exp(r(0.6, 1.6)), r(0.5, 1.0))
    if r.chance(0.35):
        s.put("pier", r(-0.25, 0.25), s.z0 * r(2.0, 3.0), 1.0)
    if r.chance(0.3):
        s.put("boat", r(-0.3, 0.3), s.z0 * r(3, 6), 4.2, variant=0, yaw=r(-1.5, 1.5))
    s.maps["veg"] = bump(0.48, 0.04) * np.clip(0.3 + 0.6 * r.smooth(4), 0, 1)
    s.set(grass=1.6, caps=0, focus_x=0.5 + sd * r(0, 0.15), focus_y=s.values["horizon"] + 0.05)
    return s


SUBJECTS = {
    f.__name__: f
    for f in (
        autumn, garden, windmill, railway, factory, rubbish, fire, flood, storm, tornado, rainbow, fireworks, aurora,
            galaxy,
        moonlight, shipwreck, balloons, oasis, wetland,
    )
}  # fmt: skip
