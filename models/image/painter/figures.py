"""People and animals, as a painter notes them: weight, coat, light on a shoulder."""

from __future__ import annotations

import numpy as np

from .primitives import Prims
from .stage import Stage, paint_of
from .view import WALL

SKIN = ("c89878", "a87858", "8c6048", "d8ac8c")
COATS = ("a83c34", "34507c", "d8c8a0", "4c4440", "7c8c4c", "c89040", "6c5c7c", "3c4c4c")
HAIR = ("4c3828", "2c2420", "8c6c44", "b0a898")


def person(s: Stage) -> None:
    """Shown when its own threshold lies below the mood's share of people (style 1: always)."""
    p, m, rng, h = s.prims, s.mood, s.rng, s.h
    luck = rng.random()
    if s.o.style != 1 and luck > m["people"]:
        return
    accent = rng.random() < 0.3
    coat = s.dull(m["cloth"] if accent else s.pick(*COATS))
    skin, hair = paint_of(SKIN[int(rng.integers(4))]), paint_of(HAIR[int(rng.integers(4))])
    facing = 1.0 if rng.random() < 0.5 else -1.0
    skirt, hat, scarf, swing, build = (
        rng.random() < 0.45,
        rng.random() < 0.4,
        rng.random() < 0.3,
        rng.uniform(0.3, 1),
        rng.uniform(0.9, 1.12),
    )
    hunch = 0.05 * max(0.0, 0.5 - m["people"])  # bowed in sad moods
    v = s.foot
    if s.o.variant == 2:
        v = v - [0, h * 0.22, 0]

    def at(x: float, y: float, z: float = 0.0) -> np.ndarray:
        return v + [x * h * facing, y * h, z * h]

    step = {0: 0.25, 1: 1.0, 2: 0.0}.get(s.o.variant, 0.3) * swing
    hip, neck = at(0, 0.50), at(0.02 + hunch, 0.80)
    dark = coat * 0.30 + 0.01
    if s.o.variant == 2:
        for q in (-1, 1):
            p.seg(hip, 0.06 * h, at(0.20, 0.48 + 0.01 * q, -0.05), 0.05 * h, dark, WALL)
            p.seg(at(0.20, 0.48, -0.05), 0.045 * h, at(0.23, 0.24, -0.06), 0.035 * h, dark, WALL)
    else:
        for q in (-1, 1):
            knee, foot = at(q * 0.045 * step + 0.02, 0.27), at(q * 0.10 * step, 0.015)
            p.seg(foot, 0.030 * h, knee, 0.042 * h, dark, WALL)
            p.seg(knee, 0.042 * h, hip, 0.058 * h, dark, WALL)
            p.seg(foot, 0.026 * h, at(q * 0.10 * step + 0.05, 0.012), 0.020 * h, dark * 0.6, WALL)
    if skirt and s.o.variant != 2:
        p.seg(at(-0.01, 0.20), 0.135 * h * build, at(0, 0.52), 0.085 * h, coat * 0.9, WALL)
    p.blob(at(0.005, 0.50), (0.095 * h * build, 0.11 * h, 0.085 * h), coat * 0.92, WALL, s.o.seed, 0.12)
    p.blob(
        at(0.012 + hunch * 0.5, 0.66),
        (0.112 * h * build, 0.155 * h, 0.085 * h),
        coat,
        WALL,
        s.o.seed + 1,
        0.12,
        0.0,
        -hunch * 2 * facing,
    )
    for q in (-1, 1):
        shoulder = at(q * 0.105 * build + hunch * 0.5, 0.755)
        elbow = at(q * 0.135 * build + 0.03 * q * step, 0.60, -0.02)
        hand = at(q * 0.125 * build + 0.07 * q * step + 0.03, 0.46, -0.05)
        p.seg(shoulder, 0.042 * h, elbow, 0.036 * h, coat * (0.95 if q > 0 else 0.78), WALL)
        p.seg(elbow, 0.034 * h, hand, 0.026 * h, coat * (0.9 if q > 0 else 0.74), WALL)
        p.dabs([hand - [0, 0.01 * h, 0]], 0.026 * h, 1, 0, skin, [0, 0, -1], WALL, 0, 0, 1, s.y)
    head = at(0.03 + hunch * 1.4, 0.905 - hunch * 0.4)
    p.seg(neck, 0.036 * h, head, 0.036 * h, skin * 0.85, WALL)
    p.blob(head, (0.052 * h, 0.066 * h, 0.055 * h), skin, WALL, 3, 0.0)
    p.blob(head + [-0.012 * h * facing, 0.022 * h, -0.004 * h], (0.056 * h, 0.056 * h, 0.056 * h), hair, WALL, 4, 0.15)
    p.dabs(
        [head + [0.022 * h * facing, -0.012 * h, -0.07 * h]],
        0.034 * h,
        1.2,
        0,
        skin,
        [0.3 * facing, 0, -1],
        WALL,
        0,
        0,
        1,
        s.y,
    )
    if hat:
        c = coat * 0.45 + hair * 0.2
        p.blob(head + [0, 0.05 * h, -0.005 * h], (0.095 * h, 0.014 * h, 0.09 * h), c, WALL, 5, 0.1)
        p.blob(head + [0, 0.075 * h, -0.005 * h], (0.056 * h, 0.042 * h, 0.055 * h), c, WALL, 6, 0.1)
    if scarf:
        c = s.dull(m["cloth"]) if not accent else s.dull(m["petal_b"])
        p.seg(at(-0.05, 0.815), 0.030 * h, at(0.07, 0.815, -0.03), 0.030 * h, c, WALL)
    p.shadow((s.x - 0.12 * h, 0, s.z), (s.x + 0.12 * h, 0, s.z), h * 0.9, s.y)


def raise_arm(p: Prims, foot: np.ndarray, tall: float, way: int) -> np.ndarray:
    """An arm thrown up by a person of `tall` metres who stands at `foot`, to the right (way 1) or left (-1). Returns the hand."""
    shoulder, hand = foot + [way * 0.11 * tall, 0.77 * tall, -0.02], foot + [way * 0.24 * tall, 1.06 * tall, -0.05]
    p.seg(shoulder, 0.042 * tall, hand, 0.026 * tall, np.array([0.05, 0.04, 0.05]), WALL)
    return hand


def _beast(
    s: Stage,
    long: float,
    leg: float,
    body: np.ndarray,
    girth: float,
    neck: tuple[float, float],
    head: float,
    dark: float = 0.75,
    tail: float = 0.3,
) -> None:
    """A four-legged animal: lengths in units of its height at the shoulder."""
    p, rng, h = s.prims, s.rng, s.h
    f = 1.0 if np.cos(s.o.yaw) >= 0 else -1.0
    stride = rng.uniform(0.0, 0.12)

    def at(x: float, y: float, z: float = 0.0) -> np.ndarray:
        return s.foot + [x * h * f, y * h, z * h]

    for k, x in enumerate((-0.42 * long, -0.34 * long, 0.36 * long, 0.43 * long)):
        lean = stride * (1 if k % 2 else -1)
        p.seg(
            at(x, leg * 1.1, 0.03 * (k % 2)),
            0.065 * h * girth,
            at(x + lean * 0.3, leg * 0.5),
            0.042 * h,
            body * (0.6 if k % 2 else dark),
            WALL,
        )
        p.seg(
            at(x + lean * 0.3, leg * 0.5),
            0.040 * h,
            at(x + lean, 0.02),
            0.034 * h,
            body * (0.5 if k % 2 else dark * 0.85),
            WALL,
        )
    p.blob(
        at(-0.18 * long, leg + 0.25 * girth),
        (0.36 * long * h, 0.26 * girth * h, 0.22 * girth * h),
        body,
        WALL,
        s.o.seed,
        0.08,
    )
    p.blob(
        at(0.24 * long, leg + 0.27 * girth),
        (0.30 * long * h, 0.27 * girth * h, 0.22 * girth * h),
        body * 0.97,
        WALL,
        s.o.seed + 1,
        0.08,
    )
    top = at(0.46 * long + neck[0], leg + 0.3 * girth + neck[1])
    p.seg(at(0.40 * long, leg + 0.30 * girth), 0.14 * h * girth, top, 0.085 * h, body, WALL)
    nose = top + np.array([head * h * f, -head * 0.55 * h, 0])
    p.seg(top, 0.085 * h, nose, 0.052 * h, body * 0.95, WALL)
    for q in (-1, 1):
        p.seg(
            top + [0, 0.06 * h, q * 0.04 * h],
            0.022 * h,
            top + [-0.02 * h * f, 0.14 * h, q * 0.05 * h],
            0.010 * h,
            body * 0.8,
            WALL,
        )
    back = at(-0.5 * long, leg + 0.35 * girth)
    p.seg(back, 0.03 * h, back + np.array([-0.10 * h * f, -tail * h, 0]), 0.022 * h, body * 0.6, WALL)
    p.shadow(s.foot - [0.5 * long * h, 0, 0], s.foot + [0.5 * long * h, 0, 0], h * 0.8, s.y)


def horse(s: Stage) -> None:
    """0 horse, 1 cow, 2 sheep."""
    rng = s.rng
    if s.o.variant == 2:
        wool = paint_of("e4dccc") * rng.uniform(0.8, 1.02)
        _beast(s, 1.0, 0.42, wool * 0.5, 1.0, (0.04, 0.10), 0.20)
        for k in range(9):
            a = k * 0.7
            at = s.foot + [np.cos(a) * 0.34 * s.h, s.h * (0.70 + 0.13 * np.sin(a)), -0.02 * s.h * k]
            s.prims.blob(at, (0.22 * s.h, 0.2 * s.h, 0.22 * s.h), wool, WALL, s.o.seed + k, 0.5)
        return
    if s.o.variant == 1:
        _beast(s, 1.25, 0.48, s.pick("8c5c3c", "dcd4c8", "3c3430", "a87848"), 1.15, (0.10, 0.02), 0.30)
        return
    _beast(s, 1.12, 0.62, s.pick("7c5238", "4c3428", "a88058", "d8d0c4"), 0.85, (0.26, 0.42), 0.30, tail=0.45)


def dog(s: Stage) -> None:
    _beast(s, 1.1, 0.52, s.pick("8c6c48", "3c342e", "c8b498", "6c4c38"), 0.75, (0.10, 0.22), 0.26, tail=-0.25)


def camel(s: Stage) -> None:
    h, p = s.h, s.prims
    c = paint_of("b08c5c") * s.rng.uniform(0.8, 1.05)
    f = 1.0 if np.cos(s.o.yaw) >= 0 else -1.0
    _beast(s, 0.85, 0.52, c, 0.62, (0.22, 0.42), 0.18)
    p.blob(s.foot + [-0.02 * h * f, h * 0.86, 0], (0.16 * h, 0.14 * h, 0.12 * h), c * 0.95, WALL, s.o.seed, 0.1)
    if s.rng.random() < 0.7:
        p.blob(
            s.foot + [-0.02 * h * f, h * 0.80, -0.1 * h],
            (0.15 * h, 0.08 * h, 0.1 * h),
            s.dull(s.mood["cloth"]),
            WALL,
            2,
            0.1,
        )


BUILDERS = {"person": person, "horse": horse, "dog": dog, "camel": camel}
