"""Subjects made by people, standing in the land: castle, church, road, farm, park."""

from __future__ import annotations

import numpy as np

from .base import Board, D, Dice, Mood, U, board, bump, step


def castle(r: Dice, m: Mood, sd: float, subject: str = "castle") -> Board:
    s = board(subject, r, m, sd, r(2.8, 4.4), r(0.48, 0.58))
    c = sd * r(0.05, 0.35)
    hill = np.exp(-(((U - c) / r(0.36, 0.5)) ** 2)) * bump(0.48, 0.10)
    s.maps["elev"] = r(0.08, 0.16) * m.relief**0.4 * hill + 0.004 * r.smooth(4)
    s.maps["rough"] = 0.03 * hill + 0.004
    s.ridge(0.82, 0.08, r(0.07, 0.16), 0.09, -sd * r(0.4, 0.8), 0.4)
    s.path(c + (r(0.3, 0.5) * m.bend * np.sin(D * 9) - 0.1) * (1 - D * 1.6).clip(0, 1) * sd, 1.3, where=D < 0.46)
    s.put("castle", c * 0.52, s.z(0.46), s.z(0.46) * r(0.13, 0.19) * min(m.near, 1.3))
    s.maps["veg"] = bump(0.40, 0.05) * np.clip(0.3 + 0.5 * r.smooth(4), 0, 1) * (np.abs(U - c) > 0.25) + 0.7 * bump(
        0.55, 0.04
    )
    s.frame(-sd)
    s.rocks(r.count(3, 10), 1.4, 5, 0.06)
    if r.chance(min(0.5 * m.people, 0.9)):
        z = s.z(r(0.16, 0.24))
        s.person(s.on_path(z), z)
    if r.chance(0.35):
        s.water(np.minimum(D - r(0.08, 0.13) - 0.03 * r.line(6), r(0.26, 0.3) - D))
    s.set(focus_x=0.5 + c * 0.5, focus_y=s.values["horizon"] - 0.12)
    return s


def ruins(r: Dice, m: Mood, sd: float) -> Board:
    """Columns, arches and broken walls on a rise, overgrown."""
    s = castle(r, m, sd, "ruins")
    keep = next(o for o in s.items if o["t"] == "castle")
    u, z = keep["u"], s.z(r(0.28, 0.38))
    s.items.remove(keep)
    for i in range(r.count(3, 6)):
        k = z * r(0.7, 1.25)
        s.put(
            "ruin",
            u + r(-0.22, 0.22),
            k,
            k * r(0.09, 0.18) * min(m.near, 1.3),
            variant=i % 3 if i < 3 else r.pick(0, 1, 2),
            yaw=r(-0.6, 0.6),
        )
    for _ in range(r.count(5, 12)):
        s.put("rock", u + r(-0.3, 0.3), z * r(0.5, 1.1), z * r(0.01, 0.03))
    for _ in range(r.count(0, 3)):
        s.put("bare_tree", r(-0.45, 0.45), s.z0 * np.exp(r(1.2, 2.2)), s.z0 * r(1.0, 1.8), variant=2)
    for _ in range(r.count(4, 9)):
        s.put("bush", u + r(-0.3, 0.3), z * r(0.5, 1.05), r(0.8, 1.8))
    if r.chance(0.5):
        s.put("cypress", u + r.sign() * r(0.15, 0.3), z * r(0.7, 1.1), z * r(0.2, 0.3))
    return s


def church(r: Dice, m: Mood, sd: float) -> Board:
    s = board("church", r, m, sd, r(2.0, 3.6), r(0.44, 0.55))
    c = sd * r(0.02, 0.3)
    s.maps["elev"] = r(0.02, 0.07) * np.exp(-(((U - c) / 0.5) ** 2)) * bump(0.36, 0.12) + 0.005 * r.smooth(4)
    s.maps["rough"] += 0.003
    s.ridge(r(0.72, 0.84), 0.08, r(0.04, 0.12), 0.06, -sd * r(0.2, 0.8), 0.5)
    s.path(c + r(0.1, 0.3) * m.bend * np.sin(D * r(7, 11)) * (1 - D * 2.2).clip(0, 1), 1.1, where=D < 0.36)
    z = s.z(r(0.3, 0.36))
    s.put("church", c * 0.52, z, z * r(0.36, 0.6) * min(m.near, 1.2))
    s.maps["veg"] = bump(0.46, 0.05) * np.clip(0.3 + 0.5 * r.smooth(4), 0, 1)
    for _ in range(r.count(3, 7)):
        s.put(r.pick("broadleaf", "broadleaf", "cypress"), r(-0.5, 0.5), s.z0 * np.exp(r(1.3, 2.5)), r(6, 10))
    if r.chance(0.5):
        s.put("fence", -sd * r(0.1, 0.3), s.z0 * r(4, 7), 1.1, yaw=r(-0.3, 0.3), variant=r.pick(0, 1))
    for _ in range(r.count(0, 3, m.people)):
        z = s.z0 * r(4, 7)
        s.person(s.on_path(z) + r(-0.02, 0.02), z)
    if r.chance(0.6):
        s.frame(-sd)
    s.set(focus_x=0.5 + c * 0.5, focus_y=s.values["horizon"] - 0.03)
    return s


def graveyard(r: Dice, m: Mood, sd: float) -> Board:
    s = board("graveyard", r, m, sd, r(1.5, 2.2), r(0.40, 0.52))
    s.maps["elev"] = r(0.01, 0.03) * step(0.1, 0.4, D) * (1 + U * sd) + 0.006 * r.smooth(4)
    s.maps["rough"] += 0.003
    s.path(sd * 0.1 + r(0.06, 0.16) * m.bend * np.sin(D * r(8, 12)), 0.9)
    for _ in range(r.count(26, 46)):
        z = s.z0 * np.exp(r(0.55, 2.5))
        u = s.beside(z, r.sign() * (1.1 + abs(r.rng.normal()) * 3))
        s.put("grave", u, z, r(0.7, 1.3) * min(m.near, 1.2), variant=int(r(0, 4)), yaw=r(-0.25, 0.25))
    if r.chance(0.65):
        s.put("church", sd * r(0.05, 0.28), s.z0 * r(12, 18), r(13, 17))
    s.put("broadleaf", -sd * r(0.2, 0.34), s.z0 * r(3.6, 5), s.z0 * r(1.9, 2.8), variant=2)
    for _ in range(r.count(0, 3)):
        s.put("cypress", sd * r(0.28, 0.46), s.z0 * r(4.5, 8), s.z0 * r(2, 2.6))
    s.ridge(0.7, 0.08, r(0.03, 0.07), 0.04)
    s.maps["veg"] = bump(0.47, 0.04) * np.clip(0.4 + 0.5 * r.smooth(4), 0, 1)
    if r.chance(0.7):
        s.put("fence", -sd * 0.1, s.z0 * r(7, 11), 1.2, yaw=0, variant=1)
    if r.chance(0.3):
        z = s.z0 * r(4, 7)
        s.person(s.on_path(z), z)
    s.set(focus_x=0.5 + sd * r(0.05, 0.2), focus_y=s.values["horizon"])
    return s


def campfire(r: Dice, m: Mood, sd: float) -> Board:
    s = board("campfire", r, m, sd, r(1.4, 2.0), r(0.42, 0.52))
    s.maps["elev"] = 0.006 * r.smooth(4) + 0.03 * step(0.35, 0.5, D)
    s.maps["rough"] += 0.004
    s.ridge(r(0.76, 0.84), 0.09, r(0.08, 0.21), 0.11, sd * r(0.2, 0.6), 0.5)
    if r.chance(0.55):
        s.water(np.minimum(D - r(0.25, 0.29) - 0.02 * r.line(6), r(0.4, 0.44) - D))
    fu = -sd * r(0.0, 0.14)
    s.put("campfire", fu, s.z0 * r(2.6, 3.3), 1.0)
    if r.chance(0.85):
        s.put("tent", sd * r(0.12, 0.26), s.z0 * r(3.2, 4.2), 2.0, yaw=r(-0.5, 0.1) * sd)
    s.maps["path"] = np.clip(0.3 - np.hypot((U - fu * 1.9), (D - 0.16) * 5) * 0.9, -0.12, 0.12)
    for _ in range(r.count(5, 10)):
        z = s.z0 * np.exp(r(1.2, 2.3))
        s.put("conifer" if r.chance(0.7) else "broadleaf", r.sign() * r(0.22, 0.55), z, r(7, 12))
    for i in range(r.count(0, 3, min(m.people, 1.6))):
        s.put("person", fu + r.sign() * r(0.06, 0.12) * (1 + 0.5 * i), s.z0 * r(2.8, 3.5), r(1.1, 1.7))
    s.rocks(r.count(2, 7), 1.5, 3, 0.05)
    s.maps["veg"] = bump(0.47, 0.04) * 0.8
    s.set(conifers=0.8, night=r(0.4, 0.9), focus_x=0.5 + fu * 0.6, focus_y=s.values["horizon"] + 0.14)
    s.frame(-sd, "conifer")
    return s


def road(r: Dice, m: Mood, sd: float) -> Board:
    s = board("road", r, m, sd, r(1.8, 3.0), r(0.36, 0.50))
    s.maps["elev"] = r(0.02, 0.06) * bump(0.45, 0.12) * (1 + 0.6 * U * sd) + 0.003 * r.smooth(5)
    s.maps["rough"] += 0.002
    pu = -sd * 0.05 + r(0.05, 0.24) * m.bend * np.sin(D * r(6, 10) + 0.5) * step(0.1, 0.5, D) * sd
    s.path(pu, r(2.0, 2.8), 0.018)
    if r.chance(0.6):
        stripe = np.sin(U * 3 * sd + D * 9) + 0.2
        s.maps["field"] = np.clip(np.minimum(np.abs(U - pu) - 0.09 - 2 / s.z(D) / s.umax, stripe * 0.1), -0.12, 0.12)
    s.ridge(0.8, 0.09, r(0.04, 0.14), 0.06, sd * r(0.2, 0.7), 0.5)
    tree = r.pick("cypress", "broadleaf", "broadleaf")
    for i in range(7):
        z = s.z0 * 3 * 1.42**i
        s.put(tree, s.beside(z, sd * r(4.0, 4.6)), z, r(7, 10))
        if i % 2 and r.chance(0.7):
            s.put(tree, s.beside(z, -sd * 4.4), z, r(6, 9))
    if r.chance(0.7):
        for i in range(5):
            z = s.z0 * 3 * 1.5**i
            s.put("pole", s.beside(z, -sd * 5.5), z, 7)
    if r.chance(0.5):
        s.put("house", -sd * r(0.1, 0.25), s.z0 * r(12, 18), 9, variant=0, yaw=0.3)
    s.maps["veg"] = bump(0.48, 0.03) * np.clip(0.4 + 0.6 * r.smooth(4), 0, 1)
    for _ in range(r.count(0, 2, m.people)):
        z = s.z(r(0.16, 0.26))
        s.person(s.on_path(z) + r(-0.03, 0.03), z)
    s.set(focus_x=0.5 + float(np.interp(0.4, D[:, 0], pu[:, 0])) * 0.5, focus_y=s.values["horizon"] + 0.02)
    return s


def farm(r: Dice, m: Mood, sd: float) -> Board:
    s = board("farm", r, m, sd, r(2.0, 5.0), r(0.36, 0.48))
    s.maps["elev"] = r(0.0, 0.04) * step(0.15, 0.5, D) * (1 + U * sd) + 0.003 * r.smooth(6)
    s.maps["rough"] += 0.002
    k = r(1.5, 4.0)
    stripe = np.sin(U * k * sd + D * r(7, 12) + r(0, 6)) + r(0.0, 0.6)
    s.maps["field"] = np.clip(np.where((D > 0.03) & (D < 0.56), stripe * 0.12, -0.12), -0.12, 0.12)
    if r.chance(0.5):
        s.path(sd * r(-0.2, 0.2) + r(0.05, 0.15) * m.bend * np.sin(D * r(6, 10)), r(1.0, 1.6))
        s.maps["field"] = np.minimum(s.maps["field"], -s.maps["path"])
    s.ridge(r(0.7, 0.85), 0.08, r(0.02, 0.1), 0.05, sd * r(-0.6, 0.6), 0.6)
    u, z = sd * r(0.05, 0.25), s.z0 * r(8, 14)
    for i in range(r.count(1, 4)):
        s.put(
            "house",
            u + i * r(0.06, 0.11),
            z * r(0.95, 1.2),
            r(7, 12),
            variant=r.pick(0, 1, 2),
            yaw=r(-0.5, 0.5),
            style=r.pick(0, 1),
        )
    for _ in range(r.count(2, 6)):
        s.put("broadleaf", r(-0.5, 0.5), s.z0 * np.exp(r(1.6, 2.8)), r(5, 9))
    if r.chance(0.7):
        s.put("fence", -sd * r(0.1, 0.3), s.z0 * r(3, 5), 1.1, yaw=r(-0.3, 0.3))
    for _ in range(r.count(0, 3, m.people)):
        s.person(r(-0.3, 0.3), s.z0 * r(4, 9))
    s.put("barn", u - r(0.08, 0.16), z * r(0.9, 1.3), r(11, 16), yaw=r(-0.6, 0.6))
    for _ in range(r.count(1, 6)):
        s.put("hay", r(-0.45, 0.45), s.z0 * np.exp(r(0.9, 2.2)), r(1.2, 1.6))
    kind = r.pick(0, 1, 2)
    for _ in range(r.count(0, 5)):
        s.put("horse", r(-0.4, 0.4), s.z0 * np.exp(r(1.1, 2.2)), (1.6, 1.4, 0.9)[kind], variant=kind)
    if r.chance(0.3):
        s.put("cart", r(-0.3, 0.3), s.z0 * r(3, 7), 3.0)
    s.maps["veg"] = bump(0.5, 0.04) * np.clip(0.3 + 0.6 * r.smooth(4), 0, 1)
    s.set(grass=1.2, focus_x=0.5 + u * 0.8, focus_y=s.values["horizon"] + 0.01)
    return s


def orchard(r: Dice, m: Mood, sd: float) -> Board:
    s = board("orchard", r, m, sd, r(1.7, 2.6), r(0.40, 0.50))
    s.maps["elev"] = r(0.0, 0.03) * step(0.15, 0.5, D) * (1 + U * sd) + 0.004 * r.smooth(6)
    s.ridge(r(0.7, 0.82), 0.08, r(0.03, 0.12), 0.05, sd * r(-0.6, 0.6), 0.6)
    slant = sd * r(0.0, 0.6)
    s.path(slant * 0.25 * step(0.0, 0.5, D), r(0.7, 1.2))
    h = r(3.6, 5.5)
    for row in (-2, -1, 1, 2):
        for k in range(8):
            z = s.z0 * 1.9 + 5.5 * k + r(-0.5, 0.5)
            x = (row - np.sign(row) * 0.5) * r(4.6, 5.4) * 1.15
            s.put("broadleaf", s.beside(z, x), z, h * r(0.85, 1.15))
    if r.chance(0.4):
        s.put("house", -sd * r(0.02, 0.2), s.z0 * r(22, 30), 9, variant=0, yaw=0.4)
    for _ in range(r.count(0, 3, m.people)):
        z = s.z0 * r(3, 7)
        s.person(s.on_path(z) + r(-0.06, 0.06), z)
    s.maps["veg"] = bump(0.5, 0.04) * 0.6
    s.set(grass=1.3, wildflowers=1.4, focus_x=0.5 + slant * 0.1, focus_y=s.values["horizon"] + 0.02)
    return s


def park(r: Dice, m: Mood, sd: float) -> Board:
    s = board("park", r, m, sd, r(1.6, 2.4), r(0.40, 0.50))
    s.maps["elev"] = 0.006 * r.smooth(6) + r(0, 0.02) * step(0.2, 0.5, D) * (1 + U * sd)
    s.path(sd * r(0.0, 0.15) + r(0.1, 0.3) * m.bend * np.sin(D * r(6, 10) + r(0, 3)) * (1 - 0.6 * D), r(1.4, 2.2))
    if r.chance(0.4):
        pond = 0.9 - np.hypot((U + sd * 0.6) / 0.45, (D - r(0.2, 0.26)) / 0.07)
        s.water(pond * 0.1)
    for k in range(r.count(3, 5)):
        z = s.z0 * (1.8 + 2.4 * k)
        s.put("lamp", s.beside(z, r.sign() * 2.8), z, 4.2)
    for _ in range(r.count(1, 3)):
        z = s.z0 * r(2.4, 6)
        s.put("bench", s.beside(z, r.sign() * r(2.4, 3.2)), z, 1.8, yaw=r(-0.5, 0.5))
    if r.chance(0.4):
        z = s.z0 * r(2.4, 6)
        s.put("dog", s.beside(z, r(-2, 2)), z, r(0.5, 0.7))
    for _ in range(r.count(0, 4)):
        z = s.z0 * np.exp(r(0.8, 1.8))
        s.put("flowers", s.beside(z, r.sign() * r(2.6, 7)), z, r(0.8, 1.6), variant=r.pick(0, 1, 2, 3))
    for _ in range(r.count(8, 15)):
        z = s.z0 * np.exp(r(1.0, 2.7))
        s.put("broadleaf", s.beside(z, r.sign() * r(4.5, 16)), z, r(6, 11))
    for _ in range(r.count(4, 10)):
        z = s.z0 * np.exp(r(0.6, 2.0))
        s.put("bush", s.beside(z, r.sign() * r(3, 9)), z, r(0.6, 1.2))
    for _ in range(r.count(2, 8, m.people)):
        z = s.z0 * r(2.4, 9)
        s.person(s.on_path(z) + r(-1.4, 1.4) / z, z)
    if r.chance(0.5):
        s.put("fence", -sd * r(0.15, 0.3), s.z0 * r(4, 7), 1.0, yaw=r(-0.2, 0.2), variant=1)
    if r.chance(0.4):
        for _ in range(8):
            s.put("mid_block", r(-0.5, 0.5), r(170, 260), r(16, 40), style=1, lab_l=0.7, lab_a=0.005, lab_b=0.02)
    s.maps["veg"] = bump(0.48, 0.05) * np.clip(0.6 + 0.4 * r.smooth(4), 0, 1)
    s.set(grass=0.8, wildflowers=1.5, focus_x=0.5 + s.on_path(s.z0 * 5) * 0.6, focus_y=s.values["horizon"] + 0.03)
    return s


def cabin(r: Dice, m: Mood, sd: float) -> Board:
    s = board("cabin", r, m, sd, r(1.7, 2.6), r(0.42, 0.52))
    s.maps["elev"] = 0.008 * r.smooth(5) + 0.03 * step(0.35, 0.6, D) * (1 + 0.5 * U * sd)
    s.maps["rough"] += 0.004
    s.ridge(r(0.74, 0.84), 0.09, r(0.08, 0.2), 0.1, -sd * r(0.1, 0.6), 0.5)
    c = sd * r(0.02, 0.22)
    z = s.z0 * r(6.0, 10.0)
    s.put("house", c, z, z * r(0.28, 0.42) * min(m.near, 1.2), variant=1, yaw=r(-0.6, 0.6), style=1)
    s.path(c * 1.9 + r(0.1, 0.25) * m.bend * np.sin(D * r(8, 12)) * (1 - D * 3).clip(0, 1), 0.8, where=s.d(z) > D)
    for _ in range(r.count(8, 16)):
        zz = s.z0 * np.exp(r(1.6, 2.8))
        s.put("conifer" if r.chance(0.7) else "broadleaf", r(-0.55, 0.55), max(zz, z * 1.15), r(8, 14))
    if r.chance(0.4):
        s.water(np.minimum(D - r(0.26, 0.32) - 0.02 * r.line(6), r(0.4, 0.44) - D))
    if r.chance(0.5):
        s.put("fence", c - sd * 0.2, z * 0.85, 1.0, yaw=r(-0.2, 0.2))
    s.put("log", c + r(-0.12, 0.12), z * 0.75, 1.4, yaw=r(-1, 1))
    s.rocks(r.count(2, 7), 1.5, 4, 0.05)
    s.maps["veg"] = bump(0.46, 0.06) * np.clip(0.6 + 0.4 * r.smooth(4), 0, 1)
    s.frame(-sd, "conifer")
    s.set(conifers=0.85, focus_x=0.5 + c * 0.9, focus_y=s.values["horizon"] + 0.04)
    return s


SUBJECTS = {f.__name__: f for f in (castle, ruins, church, graveyard, campfire, road, farm, orchard, park, cabin)}
