"""Subjects without people's works, or nearly: woods, deserts, snow, mountains."""

from __future__ import annotations

import cv2
import numpy as np

from .base import Board, D, Dice, Mood, U, board, bump, step


def forest(r: Dice, m: Mood, sd: float) -> Board:
    s = board("forest", r, m, sd, r(1.5, 2.0), r(0.42, 0.52), 0.95)
    pu = r(0.05, 0.18) * m.bend * np.sin(D * r(7, 11) + r(0, 6)) * (1 - 0.5 * D) * 2 + sd * r(-0.04, 0.1)
    s.path(pu, r(1.1, 1.7), 0.02)
    s.maps["elev"] += 0.02 * step(0.1, 0.5, np.abs(U - pu)) + 0.006 * r.smooth(3) + 0.05 * step(0.45, 0.8, D)
    s.maps["rough"] += 0.006
    s.maps["veg"] = step(0.40, 0.48, D) * np.clip(step(0.05, 0.22, np.abs(U - pu)) + step(0.5, 0.6, D), 0, 1)
    conif = r.pick(0.05, 0.5, 0.92)
    s.set(conifers=conif, shade=1)
    for i in range(r.count(26, 42)):
        z = s.z0 * np.exp(r(1.2, 3.8) / (1 + 0.15 * (m.near - 1)))
        off = 2.7 + abs(r.rng.normal()) * 2.6 + 0.06 * z
        u = s.beside(z, (1 if i % 2 else -1) * off)
        if abs(u) < 0.62:
            s.put("conifer" if r.chance(conif) else "broadleaf", u, z, r(9, 17), variant=1)
    for _ in range(r.count(4, 11)):
        z = s.z0 * np.exp(r(0.3, 2))
        s.put("bush", r(1.6, 4) * r.sign() / z, z, r(0.5, 1.1))
    s.rocks(r.count(2, 7), 1.4, 6, 0.05)
    if r.chance(min(0.5 * m.people, 0.9)):
        z = r(16, 30)
        s.person(s.on_path(z), z)
    mid = float(np.interp(0.5, D[:, 0], pu[:, 0]))
    s.set(focus_x=0.5 + mid * 0.5, focus_y=s.values["horizon"] + 0.02, sun_u=mid * s.umax + r(0, 0.06))
    return s


def desert(r: Dice, m: Mood, sd: float) -> Board:
    s = board("desert", r, m, sd, r(2.8, 4.8), r(0.40, 0.52))
    s.maps["grass"] *= 0
    s.maps["sand"] += 0.6
    x = U * r(0.4, 1.0) * sd + D * r(5.0, 8.0) + r(0.2, 0.45) * r.smooth(12)
    p = x - np.floor(x)
    dune = np.where(p < 0.72, p / 0.72, (1 - p) / 0.28)
    swell = (0.030 + r(0.05, 0.1) * m.relief**0.5 * step(0.1, 0.4, D)) * (1 - step(0.5, 0.75, D))
    s.maps["elev"] = cv2.GaussianBlur(dune**1.2 * swell, (0, 0), 0.8)
    s.ridge(0.8, 0.05, r(0.03, 0.11), 0.05, sd * r(0.2, 0.7), 0.4)
    s.maps["rough"] += 0.002
    s.set(sharpness=0.3, dunes=1, grass=0.15, focus_x=0.5 + sd * r(0.0, 0.18), focus_y=s.values["horizon"] + 0.05)
    if r.chance(0.6):
        z, u = s.z0 * r(9, 13), sd * r(-0.05, 0.1)
        for i in range(r.count(2, 5)):
            s.put("camel", u + sd * 0.05 * i, z + 0.5 * i * s.z0, 2.6)
    s.rocks(r.count(1, 7), 1.6, 4, 0.05)
    if r.chance(0.5):
        s.put("bare_tree", -sd * r(0.2, 0.4), s.z0 * r(2.6, 3.6), s.z0 * r(0.6, 0.9))
    return s


def snow(r: Dice, m: Mood, sd: float) -> Board:
    s = board("snow", r, m, sd, r(2.0, 3.2), r(0.40, 0.52))
    s.maps["grass"] *= 0
    s.maps["snow"] += 0.6
    s.maps["elev"] = 0.02 * step(0.1, 0.4, D) * (1 + 0.5 * r.smooth(8)) * (U * sd + 1) + 0.008 * r.smooth(4)
    s.ridge(r(0.78, 0.86), 0.08, r(0.08, 0.22), 0.10, -sd * r(0.1, 0.6), 0.5)
    s.maps["rough"] += 0.003
    s.maps["veg"] = bump(0.5, 0.05) * np.clip(0.3 + 0.6 * r.smooth(4), 0, 1)
    s.set(snowbound=1, grass=0.3, conifers=0.9, focus_x=0.5 + sd * r(0.1, 0.22), focus_y=s.values["horizon"] + 0.04)
    if r.chance(0.6):
        s.put("house", sd * r(0.1, 0.28), s.z0 * r(6, 10), 8, variant=1, yaw=r(-0.5, 0.5), style=r.pick(0, 1))
    for i in range(r.count(4, 9)):
        u = sd * r(0.0, 0.5) if i % 2 else -sd * r(0.2, 0.5)
        s.put(r.pick("conifer", "conifer", "bare_tree"), u, s.z0 * np.exp(r(1.1, 2.6)), s.z0 * r(1.2, 2.4))
    if r.chance(0.6):
        s.path(-0.1 * sd + 0.2 * m.bend * np.sin(D * r(6, 10)) * sd, 0.8, 0.016)
    if r.chance(0.6):
        s.put("fence", -sd * 0.3, s.z0 * r(2.8, 4), 1.1, yaw=r(0.1, 0.5))
    if r.chance(0.35 * m.people):
        z = s.z0 * r(4, 7)
        s.person(s.on_path(z), z)
    s.frame(-sd, "conifer")
    return s


def meadow(r: Dice, m: Mood, sd: float) -> Board:
    s = board("meadow", r, m, sd, r(1.5, 2.3), r(0.38, 0.54))
    s.maps["elev"] = r(0.01, 0.04) * step(0.15, 0.5, D) * (1 + U * sd) + 0.01 * r.smooth(6) + 0.02 * step(0.4, 0.5, D)
    s.maps["rough"] += 0.004
    s.ridge(r(0.66, 0.78), 0.08, r(0.03, 0.14), 0.05, sd * r(0.1, 0.7), 0.6)
    s.maps["veg"] = bump(0.46, 0.04) * np.clip(0.2 + 0.6 * r.smooth(4), 0, 1)
    s.set(conifers=r(0, 0.5), grass=1.5, wildflowers=1.6, focus_x=0.5 + sd * r(0.05, 0.25), focus_y=s.values["horizon"])
    s.put("broadleaf", sd * r(0.1, 0.3), s.z0 * r(5, 9), s.z0 * r(2.2, 3.8))
    if r.chance(0.4):
        s.put("house", -sd * r(0.1, 0.3), s.z0 * r(16, 24), 9, variant=0, yaw=0.4)
    if r.chance(0.55):
        s.path(sd * 0.1 + r(0.08, 0.18) * m.bend * np.sin(D * r(8, 12)), 0.7)
    if r.chance(0.5):
        s.put("fence", -sd * r(0.2, 0.35), s.z0 * r(3.4, 5), 1.1, yaw=-0.2 * sd)
    for _ in range(r.count(0, 2, m.people)):
        s.person(sd * r(-0.1, 0.15), s.z0 * r(4, 8))
    return s


def volcano(r: Dice, m: Mood, sd: float) -> Board:
    s = board("volcano", r, m, sd, r(4.5, 8), r(0.44, 0.54))
    pk = sd * r(0.0, 0.3)
    w = np.abs(U - pk)
    cone = np.maximum(0, 1 - w / r(0.8, 1.05)) ** 1.5
    cone = np.minimum(cone, 0.80 - 0.05 * (w < 0.07))
    s.maps["elev"] = np.maximum(s.maps["elev"], r(0.30, 0.40) * m.relief**0.3 * cone * bump(0.80, 0.10))
    s.maps["rough"] = 0.05 * bump(0.8, 0.12) * (0.4 + cone) + 0.006
    s.ridge(0.55, 0.05, r(0.03, 0.07), 0.05, -sd * 0.6, 0.5)
    s.maps["veg"] = bump(0.42, 0.05) * np.clip(0.2 + 0.5 * r.smooth(4), 0, 1)
    s.maps["rock"] = 0.55 * bump(0.8, 0.14)
    s.put("crater", pk * 0.52, s.z(0.80), 1.0)
    s.set(frequency=7, conifers=0.4, focus_x=0.5 + pk * 0.5, focus_y=s.values["horizon"] - 0.22)
    s.rocks(r.count(5, 14), 1.4, 6, 0.09)
    if r.chance(0.45):
        s.water(np.minimum(D - r(0.1, 0.17) - 0.03 * r.line(6), r(0.31, 0.36) - D))
    s.frame(-sd, r.pick("broadleaf", "conifer"))
    if r.chance(0.5):
        s.put("house", -sd * r(0.1, 0.2), s.z(0.38), 12, variant=0, yaw=0.3)
    return s


def valley(r: Dice, m: Mood, sd: float) -> Board:
    s = board("valley", r, m, sd, r(18, 34), r(0.33, 0.43))
    s.maps["elev"] = r(0.12, 0.2) * step(0.2, 1.1, np.abs(U)) * bump(0.4, 0.25) + 0.004 * r.smooth(4)
    s.maps["rough"] = 0.05 * step(0.3, 1.0, np.abs(U)) * bump(0.45, 0.2) + 0.004
    s.ridge(0.82, 0.08, r(0.10, 0.22), 0.13, sd * r(0.0, 0.5), 0.5)
    s.ridge(0.62, 0.05, r(0.05, 0.1), 0.06, -sd * 0.6, 0.5)
    c = r(0.35, 0.6) * np.sin(D * r(13, 18) + r(0, 3)) * (1 - D * 1.4).clip(0.1, 1) ** 1.4 + sd * 0.1
    w = np.maximum(r(6, 11) / s.z(D) / s.umax, 0.02)
    s.water(np.where(D < 0.62, w - np.abs(U - c), -0.12))
    wood = np.clip(0.15 + 0.45 * r.smooth(2.5), 0, 1) * (D > 0.2) * (D < 0.65) * (np.abs(U - c) > w * 1.4)
    s.maps["veg"] = wood
    s.maps["field"] = np.clip(np.where(D < 0.5, (r.smooth(3) - 0.7) * 0.06, -0.12), -0.12, 0.12)
    s.set(conifers=r(0.2, 0.8), focus_x=0.5 + sd * 0.12, focus_y=s.values["horizon"] + 0.05)
    for _ in range(r.count(3, 9)):
        s.put("house", r(-0.3, 0.3), s.z(r(0.28, 0.42)), 12, variant=int(r(0, 3)), yaw=r(-0.5, 0.5))
    s.frame(sd, None, 0.8)
    return s


def mountain(r: Dice, m: Mood, sd: float) -> Board:
    s = board("mountain", r, m, sd, r(3, 9), r(0.46, 0.58))
    pk = sd * r(0.0, 0.35)
    s.ridge(r(0.74, 0.84), r(0.08, 0.11), r(0.28, 0.36), r(0.11, 0.16), pk, r(0.3, 0.55), r(3.5, 6))
    s.ridge(r(0.54, 0.62), 0.05, r(0.06, 0.13), 0.08, -sd * r(0.3, 0.8), 0.5)
    s.maps["elev"] += 0.04 * step(0.2, 0.5, D) * (1 + 0.4 * U * sd) + 0.008 * r.smooth(4)
    s.maps["rough"] += 0.006
    s.maps["rock"] = 0.6 * bump(0.8, 0.13)
    s.maps["veg"] = bump(r(0.4, 0.5), 0.08) * np.clip(r(0.2, 0.8) + 0.5 * r.smooth(3), 0, 1)
    if r.chance(0.5):
        s.maps["snow"] = 0.9 * step(0.2, 0.3, s.maps["elev"]) * (D > 0.65)
    s.set(conifers=r(0.5, 1), frequency=6, focus_x=0.5 + pk * 0.5, focus_y=s.values["horizon"] - 0.15)
    if r.chance(0.35):
        s.path(pk * 0.5 + r(0.15, 0.3) * m.bend * np.sin(D * r(8, 12)), 0.8, where=D < 0.5)
        z = s.z0 * r(4, 7)
        if r.chance(min(0.7 * m.people, 0.9)):
            s.person(s.on_path(z), z)
    for _ in range(r.count(3, 8)):
        s.put("conifer", r(-0.5, 0.5), s.z0 * np.exp(r(1.1, 2.4)), s.z0 * r(0.8, 1.6))
    s.rocks(r.count(6, 14), 1.4, 5, 0.09)
    if r.chance(0.5):
        s.frame(-sd, "conifer")
    return s


def canyon(r: Dice, m: Mood, sd: float) -> Board:
    s = board("canyon", r, m, sd, r(6, 16), r(0.42, 0.52))
    c = r(0.1, 0.25) * m.bend * np.sin(D * r(7, 11) + r(0, 6)) + sd * r(-0.05, 0.1)
    gap = r(0.18, 0.34) * (1 - 0.6 * D)
    out = np.abs(U - c) - gap - 0.05 * r.smooth(4)
    wall = step(0.0, 0.09, out) * step(0.1, 0.25, D)
    steps = np.floor(np.clip(out * 3, 0, 1) * 3) / 3
    s.maps["elev"] = r(0.14, 0.24) * m.relief**0.5 * wall * (0.7 + 0.3 * steps) * (1 - 0.5 * step(0.6, 0.9, D))
    s.maps["rough"] = 0.045 * wall + 0.004
    s.maps["grass"] *= 0
    s.maps["sand"] += 0.5
    s.maps["rock"] = 0.9 * wall
    if r.chance(0.5):
        s.water(np.where(D < 0.55, np.maximum(r(2, 5) / s.z(D) / s.umax, 0.02) - np.abs(U - c), -0.12))
    s.set(
        frequency=8,
        caps=0,
        grass=0.2,
        sharpness=0.5,
        focus_x=0.5 + float(c[28, 0]) * 0.5,
        focus_y=s.values["horizon"] - 0.02,
    )
    for _ in range(r.count(2, 6)):
        s.put("bush", r(-0.4, 0.4), s.z0 * np.exp(r(0.4, 1.8)), r(0.6, 1.3))
    if r.chance(0.4):
        s.put("bare_tree", sd * r(0.2, 0.4), s.z0 * r(2.6, 4), s.z0 * r(0.5, 0.9))
    s.rocks(r.count(8, 18), 1.3, 6, 0.09)
    return s


SUBJECTS = {f.__name__: f for f in (forest, desert, snow, meadow, volcano, valley, mountain, canyon)}
