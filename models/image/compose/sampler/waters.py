"""Subjects by the water."""

from __future__ import annotations

import numpy as np

from .base import Board, D, Dice, Mood, U, board, bump, step


def lake(r: Dice, m: Mood, sd: float) -> Board:
    s = board("lake", r, m, sd, r(2.2, 4.2), r(0.38, 0.50))
    pk = sd * r(0.05, 0.6)
    s.ridge(r(0.78, 0.9), r(0.08, 0.13), r(0.12, 0.23), r(0.08, 0.15), pk, r(0.3, 0.65))
    s.ridge(r(0.55, 0.64), 0.06, r(0.05, 0.12), 0.06, -sd * r(0.4, 0.9), 0.5)
    s.maps["elev"] += 0.02 * step(0.40, 0.5, D)
    near = r(0.09, 0.17) + r(0.02, 0.07) * r.line(9) + r(-0.02, 0.14) * step(0.1, 1.0, U * sd) - m.wide
    far = r(0.39, 0.46) + 0.03 * r.line(5) + m.wide * 0.5
    s.maps["elev"] += 0.014 * (1 - step(0.05, 0.2, D)) * (1 + 0.5 * r.smooth(4))
    s.water(np.minimum(D - near, far - D))
    s.maps["veg"] = (
        step(far + 0.01, far + 0.05, D) * (1 - step(0.6, 0.72, D)) * np.clip(r(0.3, 0.8) + 0.5 * r.smooth(3), 0, 1)
    )
    s.set(conifers=r(0.2, 1), focus_x=0.5 + pk * 0.45, focus_y=s.values["horizon"] - 0.08)
    if r.chance(0.8):
        s.frame(sd, r.pick("conifer", "broadleaf", "conifer"))
    if r.chance(0.5):
        s.put("conifer", sd * r(0.22, 0.36), s.z0 * r(3.4, 5), s.z0 * r(0.9, 1.5))
    s.rocks(r.count(3, 12), 1.5, 4, 0.07)
    if r.chance(0.4):
        s.put("boat", -sd * r(0.02, 0.25), s.z0 * r(4.0, 7), 5.0, variant=0, yaw=r(-0.7, 0.7))
    if r.chance(0.4):
        s.put("house", sd * r(-0.1, 0.2), s.z(r(0.445, 0.47)), 12, variant=1, yaw=r(-0.4, 0.4), style=1)
    return s


def sea(r: Dice, m: Mood, sd: float) -> Board:
    s = board("sea", r, m, sd, r(2.2, 4.6), r(0.36, 0.50))
    shore = r(0.14, 0.24) + r(0.05, 0.18) * U * sd + 0.025 * r.line(7) + 0.02 * np.sin(U * 5) - m.wide
    s.maps["grass"] *= 0
    s.maps["sand"] += 0.5
    s.maps["elev"] += 0.02 * step(0.0, 0.25, shore - D)
    wet = (D - shore) * np.ones_like(U)
    if r.chance(0.7):
        side = -U * sd if r.chance(0.75) else U * sd
        head = bump(r(0.52, 0.6), r(0.05, 0.08)) * step(r(0.15, 0.4), r(0.7, 0.95), side)
        s.maps["elev"] = np.maximum(s.maps["elev"], r(0.05, 0.15) * m.relief * head)
        s.maps["rough"] = np.maximum(s.maps["rough"], 0.05 * head)
        s.maps["rock"] = np.where(head > 0.2, 0.5, 0)
        s.maps["grass"] = np.where((head > 0.2) & (s.maps["elev"] > 0.03), 0.55, 0)
        wet = np.minimum(wet, (0.2 - head) * 0.25)
    s.water(wet)
    s.set(beach=1, big_water=1, focus_x=0.5 - sd * r(-0.05, 0.12), focus_y=s.values["horizon"] + 0.06)
    s.rocks(r.count(2, 10), 1.6, 4.5, 0.09)
    if r.chance(0.6):
        s.put("boat", sd * r(-0.25, 0.15), s.z0 * r(8, 15), r(6, 9), variant=1, yaw=r(-0.6, 0.6), state=r(0, 1))
    if r.chance(0.35):
        s.put("boat", -sd * r(-0.1, 0.2), s.z0 * r(20, 32), 9, variant=r.pick(1, 2), yaw=r(-0.5, 0.5))
    for _ in range(r.count(1, 5, m.people)):
        s.person(sd * r(-0.15, 0.4), s.z0 * r(2.2, 4.4))
    for _ in range(r.count(1, 4, m.people)):
        s.put("parasol", sd * r(-0.1, 0.45), s.z0 * r(1.7, 3.2), 2.1)
    if r.chance(0.6):
        s.put("log", sd * r(-0.1, 0.35), s.z0 * r(1.5, 2.4), 1.6, yaw=r(-1, 1))
    return s


def river(r: Dice, m: Mood, sd: float) -> Board:
    s = board("river", r, m, sd, r(3.0, 9.0), r(0.36, 0.46))
    bend = r(0.18, 0.5) * m.bend
    c = bend * np.sin(D * r(8, 13) + r(0, 6)) * (1 - D * 1.2).clip(0.12, 1) + sd * r(-0.1, 0.15)
    w = np.maximum(r(3.5, 8.0) / s.z(D) / s.umax, 0.02)
    s.maps["elev"] += 0.03 * step(0.12, 0.6, np.abs(U - c)) * step(0.1, 0.4, D) + 0.004 * r.smooth(4)
    s.ridge(r(0.76, 0.86), 0.08, r(0.05, 0.15), 0.07, sd * r(-0.5, 0.5), 0.6)
    s.water(np.where(r(0.56, 0.64) > D, np.minimum(w - np.abs(U - c), 0.12), -0.12))
    s.maps["veg"] = (
        step(0.25, 0.4, D)
        * (1 - step(0.62, 0.72, D))
        * np.clip(0.3 + 0.5 * r.smooth(3), 0, 1)
        * step(0.02, 0.08, np.abs(U - c) - w)
    )
    s.set(conifers=r(0.1, 0.9), grass=1.2, focus_x=0.5 + float(c[26, 0]) * 0.4, focus_y=s.values["horizon"] + 0.05)
    s.anchor = float(c[20, 0])
    for _ in range(r.count(3, 8)):
        z = s.z0 * np.exp(r(1.0, 2.6))
        u = float(np.interp(s.d(z), D[:, 0], c[:, 0])) * 0.52 + r.sign() * (r(9, 20)) / z * s.values["focal"]
        s.put(r.pick("broadleaf", "broadleaf", "conifer"), u, z, r(6, 12))
    if r.chance(0.4):
        z = s.z(r(0.22, 0.32))
        s.put("boat", float(np.interp(s.d(z), D[:, 0], c[:, 0])) * 0.52, z, 4.5, variant=0, yaw=r(-1.5, 1.5))
    if r.chance(0.3):
        s.put("house", sd * r(0.15, 0.35), s.z(r(0.36, 0.42)), 9, variant=r.pick(0, 1, 2), yaw=r(-0.5, 0.5))
    for _ in range(r.count(3, 9)):
        s.put("bush", r(-0.5, 0.5), s.z0 * np.exp(r(0.3, 1.6)), r(0.6, 1.4))
    s.rocks(r.count(3, 10), 1.4, 5, 0.06)
    s.frame(sd, None)
    return s


def bridge(r: Dice, m: Mood, sd: float) -> Board:
    s = river(r, m, sd) if r.chance(0.6) else lake(r, m, sd)
    s.subject = "bridge"
    s.items = [o for o in s.items if o["t"] not in ("boat", "bridge")]
    z = s.z(r(0.24, 0.34))
    width = r(0.4, 0.8)
    u = s.anchor * 0.3 + r(-0.06, 0.06)
    s.put("bridge", u, z, r(0.03, 0.06), width=width)
    band = 0.5 * (s.d(z + 30) - s.d(z - 12)) if z > 20 else 0.06
    s.water(
        np.minimum(np.clip(0.75 * width - np.abs(U - u * 1.9), -0.12, 0.12), (max(band, 0.05) - np.abs(D - s.d(z))))
    )
    s.set(focus_x=0.5 + u * 0.6, focus_y=s.values["horizon"] + 0.05)
    return s


def harbour(r: Dice, m: Mood, sd: float) -> Board:
    s = board("harbour", r, m, sd, r(3.2, 6), r(0.38, 0.49))
    slope = r(0.08, 0.2)
    far = r(0.37, 0.42)
    s.maps["pave"] = np.where(D < 0.35, 0.6, 0.0)
    s.maps["elev"] += r(0.05, 0.13) * bump(0.5, 0.07) * (0.6 + 0.5 * U * sd)
    s.maps["rough"] += 0.01 * bump(0.5, 0.08)
    s.water(np.minimum(D - slope * U * sd - 0.035, far - D))
    s.ridge(0.8, 0.07, r(0.06, 0.13), 0.06, sd * r(0.3, 0.8), 0.5)
    for _ in range(r.count(9, 18)):
        s.put(
            "house",
            sd * r(-0.25, 0.52),
            s.z(far + 0.02) * np.exp(r(0, 0.5)),
            r(12, 20),
            variant=int(r(0, 3)),
            yaw=r(-0.3, 0.3),
        )
    for _ in range(r.count(5, 10)):
        s.put(
            "boat",
            r(-0.42, 0.42),
            s.z0 * np.exp(r(1.2, 2.4)),
            r(6, 10),
            variant=r.pick(1, 1, 2),
            yaw=r(-0.7, 0.7),
            state=r(0, 1),
        )
    for _ in range(r.count(2, 7, m.people)):
        z = s.z0 * r(1.6, 3.4)
        if r.chance(0.4):
            s.put("stall", sd * r(0.2, 0.48), z, 2.3)
        else:
            s.person(sd * r(0.2, 0.48), z)
    s.put("lamp", sd * r(0.36, 0.44), s.z0 * r(2, 2.8), 4.5)
    s.put("pier", -sd * r(0.15, 0.34), s.z0 * r(2.2, 3.2), 1.0)
    if r.chance(0.6):
        s.put("lighthouse", -sd * r(0.28, 0.42), s.z(0.44), r(22, 30))
    s.set(focus_x=0.5 + sd * r(0, 0.15), focus_y=s.values["horizon"] + 0.06)
    return s


def lighthouse(r: Dice, m: Mood, sd: float) -> Board:
    s = board("lighthouse", r, m, sd, r(5.5, 10), r(0.48, 0.60))
    s.set(caps=0, frequency=8, big_water=1)
    c = sd * r(0.15, 0.45)
    edge = step(-0.12, 0.06, (U - c) * sd + 0.05 * r.smooth(5))
    b = bump(0.40, 0.09)
    land = edge * step(0.2, 0.3, b)
    s.maps["elev"] = r(0.07, 0.16) * land * (0.8 + 0.3 * edge)
    s.maps["rough"] = 0.055 * land
    near = r(-0.02, 0.06) + 0.05 * U * sd
    s.water(np.minimum((0.36 - land) * 0.2, D - near))
    s.maps["grass"] = 0.5 * (land > 0.5)
    s.maps["rock"] += 0.45
    s.put("lighthouse", c * 0.52 + sd * 0.02, s.z(0.405), s.z(0.405) * r(0.15, 0.24) * min(m.near, 1.3))
    if r.chance(0.7):
        s.put("house", c * 0.52 + sd * r(0.08, 0.13), s.z(0.41), s.z(0.41) * 0.055, variant=0, yaw=0.3)
    if r.chance(0.6):
        s.put("boat", -sd * r(0.05, 0.3), s.z(r(0.28, 0.36)), 12, variant=1, yaw=r(-0.6, 0.6), state=r(0, 1))
    s.rocks(r.count(4, 12), 1.4, 3.4, 0.1)
    s.set(focus_x=0.5 + c * 0.5, focus_y=s.values["horizon"] - 0.16)
    return s


def waterfall(r: Dice, m: Mood, sd: float) -> Board:
    s = board("waterfall", r, m, sd, r(2.0, 3.4), r(0.50, 0.60))
    c = sd * r(0.0, 0.25)
    top = r(0.21, 0.31) + 0.04 * r.line(5) + 0.03 * m.tilt * U * sd
    cliff = top * step(0.36, 0.40, D) * (1 - 0.25 * np.exp(-(((U - c) / 0.10) ** 2))) * (1 - step(0.6, 0.9, D) * 0.5)
    s.maps["elev"] = cliff + 0.10 * step(0.3, 0.9, np.abs(U - c)) * step(0.16, 0.36, D)
    s.maps["rough"] = 0.05 * step(0.2, 0.4, D) + 0.006
    s.set(frequency=7, sharpness=0.5, caps=0, conifers=r(0.2, 0.8))
    w = r(0.09, 0.16) + 0.4 * (1 - D).clip(0, 1) ** 3
    s.water(np.where(D < 0.37, w - np.abs(U - c - 0.1 * np.sin(D * 12)), -0.12))
    s.maps["rock"] = 0.8 * step(0.3, 0.37, D) * (1 - step(0.44, 0.5, D))
    s.put("waterfall", c * 0.52, s.z(0.375), 1.0, width=r(0.03, 0.065))
    s.maps["veg"] = (
        step(0.40, 0.44, D) * (1 - step(0.6, 0.7, D)) * np.clip(0.6 + 0.5 * r.smooth(3), 0, 1) * (np.abs(U - c) > 0.07)
    )
    s.rocks(r.count(14, 26), 1.3, 8, 0.08)
    s.frame(-sd, None, 0.6)
    for _ in range(r.count(4, 8)):
        s.put(r.pick("conifer", "broadleaf"), r.sign() * r(0.25, 0.5), s.z0 * np.exp(r(1.2, 2.1)), s.z0 * r(1.2, 2.4))
    s.set(focus_x=0.5 + c * 0.5, focus_y=s.values["horizon"] - 0.08)
    return s


def cliffs(r: Dice, m: Mood, sd: float) -> Board:
    s = board("cliffs", r, m, sd, r(6, 16), r(0.38, 0.48))
    edge = r(0.0, 0.3) - D * r(0.2, 0.6) + 0.07 * r.line(4) + 0.05 * r.smooth(4)
    inland = U * sd - edge
    high = step(-0.02, 0.06, inland) * step(0.08, 0.2, D) * (1 - step(0.55, 0.66, D))
    s.maps["elev"] = r(0.09, 0.2) * m.relief * high * (0.85 + 0.15 * r.line(4))
    s.maps["rough"] = 0.04 * high
    s.water(np.where(D < 0.75, -inland, -0.12) if r.chance(0.3) else -inland)
    s.maps["rock"] = 0.75 * np.exp(-((inland / 0.1) ** 2)) * (high > 0.02)
    s.set(frequency=8, caps=0, big_water=1, focus_x=0.5 + sd * r(0.0, 0.15), focus_y=s.values["horizon"] - 0.02)
    if r.chance(0.3):
        s.put("lighthouse", sd * r(0.22, 0.4), s.z(r(0.36, 0.44)), s.z(0.4) * 0.07)
    for _ in range(r.count(0, 2, m.people)):
        s.person(sd * r(0.2, 0.42), s.z(r(0.22, 0.3)))
    if r.chance(0.5):
        s.put("boat", -sd * r(0.1, 0.35), s.z(r(0.36, 0.5)), 12, variant=1, yaw=r(-0.5, 0.5))
    for _ in range(r.count(2, 6)):
        s.put("bush", sd * r(0.15, 0.5), s.z0 * np.exp(r(0.4, 1.8)), r(0.6, 1.3))
    s.rocks(r.count(4, 12), 1.3, 4, 0.08)
    return s


def island(r: Dice, m: Mood, sd: float) -> Board:
    s = board("island", r, m, sd, r(3, 7), r(0.42, 0.52))
    c, w = sd * r(-0.2, 0.35), r(0.22, 0.45)
    blob = np.exp(-(((U - c + 0.06 * r.line(4)) / w) ** 2)) * bump(r(0.42, 0.5), r(0.045, 0.07))
    s.maps["elev"] = r(0.06, 0.2) * m.relief * step(0.25, 0.9, blob)
    s.maps["rough"] = 0.03 * step(0.3, 0.7, blob)
    s.water(np.minimum((0.3 - blob) * 0.25, D - r(0.0, 0.1) - 0.04 * U * sd))
    s.maps["sand"] += 0.55 * (blob > 0.2) * (blob < 0.5) + 0.55 * (D < 0.14)
    s.maps["veg"] = step(0.45, 0.7, blob) * np.clip(r(0.3, 0.9) + 0.4 * r.smooth(3), 0, 1)
    s.set(conifers=r(0, 1), focus_x=0.5 + c * 0.5, focus_y=s.values["horizon"] - 0.03, beach=1, big_water=1)
    if r.chance(0.5):
        s.put("boat", -sd * r(0.0, 0.3), s.z(r(0.26, 0.36)), 8, variant=1, yaw=r(-0.6, 0.6), state=r(0, 1))
    if r.chance(0.3):
        s.put("house", c * 0.52 + r(-0.03, 0.03), s.z(0.44), 12, variant=1, yaw=r(-0.4, 0.4))
    s.rocks(r.count(2, 9), 1.4, 3.5, 0.08)
    return s


SUBJECTS = {f.__name__: f for f in (lake, sea, river, bridge, harbour, lighthouse, waterfall, cliffs, island)}
