"""Fire and smoke: campfires, burning things, volcanoes, tornadoes."""

from __future__ import annotations

import cv2
import numpy as np

from ..scene import Mood, Scene
from .primitives import Prims
from .stage import Stage, paint_of
from .terrain import Land
from .view import ROCK, WALL, Buffers, View


def campfire(s: Stage) -> None:
    p, m, rng = s.prims, s.mood, s.rng
    k = s.h if s.h > 0 else 1.0
    for a in np.arange(6) * 1.05:
        p.seg(
            (s.x + np.cos(a) * 0.75 * k, s.y + 0.05, s.z + np.sin(a) * 0.5 * k),
            0.08 * k,
            (s.x - np.cos(a) * 0.1 * k, s.y + 0.5 * k, s.z),
            0.06 * k,
            paint_of("3c2c22"),
        )
    for a in np.arange(9) * 0.7:
        p.blob(
            (s.x + np.cos(a) * 0.95 * k, s.y + 0.08 * k, s.z + np.sin(a) * 0.7 * k),
            (0.17 * k, 0.13 * k, 0.15 * k),
            m["rock"],
            ROCK,
            int(a * 10),
            0.2,
            0.7,
        )
    flames(p, rng, s.foot + [0, 0.15 * k, -0.1 * k], (0.8 + 0.9 * m["fire"] + 0.25 * m["stroke_energy"]) * k, 60)
    p.lamp(s.x, s.y + 0.9 * k, s.z - 0.3, np.array([1.0, 0.48, 0.16]) * (1.1 + 1.8 * m["night"]), 2.6 * k)
    i = np.arange(12)
    at = np.c_[s.x + i * 0.22 * s.side * k + rng.normal(size=12) * 0.1, s.y + (1.6 + i * 0.55) * k, np.full(12, s.z)]
    p.puffs(at, (0.3 + 0.16 * i) * k, 0.9, m["horizon"] * 0.35 + m["cloud_dark"] * 0.3, 0.30 * (1 - i / 12), i)
    n = 26  # sparks
    up = rng.random(n)
    at = (
        s.foot
        + np.c_[rng.normal(size=n) * (0.2 + 0.7 * up) * k + s.side * up * 0.5 * k, (0.8 + 3.2 * up) * k, np.zeros(n)]
    )
    p.dabs(at, 0.025 * k * (1.3 - up), 1, 0, np.array([1.0, 0.55, 0.15]), [0, 0, -1], WALL, 1.1, 0, 1, s.y)


def flames(p: Prims, rng: np.random.Generator, foot: np.ndarray, size: float, n: int) -> None:
    """Tongues from yellow to red; size: about metres of height / 1.4."""
    k = rng.random(n)
    tongue = rng.integers(0, 5, n)
    lean = (rng.normal(size=5) * 0.28)[tongue]
    at = (
        foot
        + np.c_[
            (lean + rng.normal(size=n) * 0.16) * (1 - k * 0.75) * size,
            k**1.2 * 1.45 * size * (0.75 + 0.3 * (tongue % 3) / 2),
            rng.normal(size=n) * 0.1 * size,
        ]
    )
    c = np.array([1.0, 0.74, 0.28]) * (1 - k[:, None]) + np.array([0.88, 0.18, 0.03]) * k[:, None]
    p.dabs(
        at,
        0.20 * (1.15 - k) * size,
        0.5,
        1.57 + rng.normal(size=n) * 0.3 - lean * 0.8,
        c,
        [0, 0, -1],
        WALL,
        0.85,
        0.5,
        1,
        foot[1],
    )


def blaze(s: Stage) -> None:
    """Something burning: flames as high as size, a glow, a column of smoke."""
    p, m, rng, h = s.prims, s.mood, s.rng, s.h
    k = 0.55 + 0.45 * min(1.0, m["fire"] + m["stroke_energy"])
    for j in range(3):
        flames(
            p, rng, s.foot + [(j - 1) * h * 0.32, 0.02 * h, -0.02 * h * j], h * 0.62 * k * (1.0 if j == 1 else 0.7), 70
        )
    p.lamp(s.x, s.y + h * 0.4, s.z - h * 0.5, np.array([1.0, 0.45, 0.14]) * 2.4 * k, h * 1.1)
    i = np.arange(9)
    at = np.c_[s.x + rng.normal(size=9) * h * 0.2, s.y + h * (0.1 + 0.09 * i), np.full(9, s.z * 1.002)]
    p.puffs(at, h * (0.55 - 0.03 * i), 1.1, np.array([1.2, 0.45, 0.10]), 0.30, i + 60)
    column(p, rng, s.foot + [0, h * 0.8, 0], h * 0.42, s.side * (0.4 + m["wind"]), m, 0.65, 26)


def column(
    p: Prims, rng: np.random.Generator, foot: np.ndarray, size: float, drift: float, m: Mood, alpha: float, n: int
) -> None:
    """Smoke rising and leaning with the wind, lit from below by what burns."""
    k = np.arange(n)
    at = np.c_[
        foot[0] - drift * size * k**1.6 * 0.06 + rng.normal(size=n) * size * 0.3,
        foot[1] + size * 0.62 * k,
        np.full(n, foot[2] * 1.003),
    ]
    c = (
        m["cloud_dark"] * 0.75
        + np.array([0.34, 0.11, 0.03]) * np.maximum(0, 1 - k / 5)[:, None]
        + m["cloud_lit"] * 0.10 * rng.random((n, 1))
    )
    p.puffs(at, size * (1.0 + k * 0.16), 0.85, c, alpha * (1 - k / (n + 4)), k + int(foot[0]) % 97)


def crater(s: Stage) -> None:
    """Smoke and glowing stones over a volcano's mouth."""
    p, m, rng = s.prims, s.mood, s.rng
    fire = min(1.0, m["fire"] + 0.35 * m["stroke_energy"])
    size = s.z * 0.016
    y = s.land.ground(s.o.u, s.z) * 0.99
    n = 52
    t = np.arange(n) / n
    room = max(6.0, (s.view.up(s.z, 0.98) - y) / size)  # keep the plume inside the picture
    rise = min(15.0, room * 0.8)
    at = np.c_[
        s.x - s.side * size * 10 * t**1.5 + rng.normal(size=n) * size * (0.4 + 3 * t),
        y + size * (0.3 + rise * t**0.8),
        s.z * (1 + 0.001 * np.arange(n)),
    ]
    c = (
        m["cloud_dark"] * 0.8
        + m["cloud_lit"] * 0.28 * rng.random((n, 1))
        + np.array([0.9, 0.28, 0.05]) * fire * np.maximum(0, 1 - t * 4)[:, None]
    )
    p.puffs(
        at,
        size * (1.0 + 4.6 * t),
        0.85,
        c,
        np.where(t < 0.7, 0.55, 0.35) * (0.4 + 0.6 * min(1, m["smoke"] + fire)) * (1 - 0.4 * t),
        np.arange(n),
    )
    n = int(40 * fire)
    if n:
        at = np.c_[
            s.x + rng.normal(size=n) * size * 2.2, y + np.abs(rng.normal(size=n)) * size * 4, np.full(n, s.z * 0.99)
        ]
        p.puffs(at, size * 0.16, 1.2, np.array([1.5, 0.6, 0.15]), 0.9, np.arange(n))


def lava(scene: Scene, m: Mood, land: Land, view: View, b: Buffers) -> None:
    """Glowing streams down from each crater."""
    fire = min(1.0, m["fire"] + 0.2 * m["stroke_energy"])
    if fire <= 0.15:
        return
    for o in scene.objects:
        if o.kind != "crater":
            continue
        rng = np.random.default_rng(scene.seed)
        x0, y0 = view.project(o.u * o.z, land.ground(o.u, o.z) * 0.99, o.z)
        open_ = (b.depth > o.z * 0.45) & (b.depth < 1e8)
        for _ in range(4):
            x, y, a, pts = x0, y0, rng.normal() * 0.45, []
            for _ in range(27):
                pts.append((int(x), int(y)))
                a = a * 0.8 + rng.normal() * 0.35
                x, y = x + np.sin(a) * view.unit * 0.006, y + view.unit * 0.0075
            for k in range(26):
                mask = np.zeros(b.depth.shape, np.uint8)
                cv2.line(mask, pts[k], pts[k + 1], 255, max(1, int(view.unit / 1024 * (5 - 3 * k / 26))), cv2.LINE_AA)
                b.emission[(mask > 90) & open_] = np.array([1.5, 0.62 - 0.4 * k / 26, 0.12 - 0.1 * k / 26]) * fire


def tornado(s: Stage, strength: float = 1.0) -> None:
    """A funnel from cloud to ground with flying debris. size: width of the foot / z. strength 0..1: faint to solid."""
    p, m, rng = s.prims, s.mood, s.rng
    w = (s.h if s.h < 0.5 else 0.04) * s.z
    top = s.view.up(s.z, 1.02)
    n = 90
    t = np.linspace(0, 1, n) ** 0.9
    sway = w * (1.4 * np.sin(t * 4 + rng.uniform(0, 6)) * (0.3 + t) + s.side * 2.2 * t * t)
    y = s.y + (top - s.y) * t
    r = w * (0.42 + 0.35 * t + 3.2 * t**4)
    dark = m["cloud_dark"] * 0.85
    light = m["cloud_dark"] * 0.55 + m["horizon"] * 0.35
    for q in range(3):
        a = t * 30 + q * 2.1
        at = np.c_[s.x + sway + np.cos(a) * r * 0.45, y, np.full(n, s.z * (1 + 0.004 * np.sin(q)))]
        shade_ = (0.5 + 0.5 * np.cos(a + 0.6 * s.side))[:, None]
        p.puffs(
            at,
            r * 0.72,
            0.8 + 0.5 * (t < 0.8),
            dark * (1 - shade_) + light * shade_,
            0.62 * strength,
            np.arange(n) * 1.7 + q,
        )
    k = 34
    a = rng.random(k) * 6.28
    at = np.c_[
        s.x + sway[0] + np.cos(a) * w * (0.6 + 1.6 * rng.random(k)),
        s.y + w * 0.9 * rng.random(k) ** 1.5,
        s.z * (0.99 + 0.001 * np.arange(k)),
    ]
    p.puffs(at, w * (0.35 + 0.4 * rng.random(k)), 0.7, m["dirt"] * 0.55 + m["horizon"] * 0.15, 0.4 * strength, a)
    k = int(60 * strength)
    a, lift = rng.random(k) * 6.28, rng.random(k) ** 1.6
    at = np.c_[
        s.x + np.cos(a) * w * (0.8 + 2.2 * rng.random(k)), s.y + (top - s.y) * 0.55 * lift, np.full(k, s.z * 0.985)
    ]
    p.dabs(
        at,
        w * (0.03 + 0.05 * rng.random(k)),
        0.5,
        rng.random(k) * 3,
        m["dirt"] * 0.4,
        [0, 0.3, -0.8],
        WALL,
        0,
        0.4,
        1,
        s.y,
    )


BUILDERS = {"campfire": campfire, "fire": blaze, "crater": crater, "tornado": tornado}
