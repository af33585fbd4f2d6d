"""Fireworks: what viewers find both most pleasant and most stirring of all scenery (OASIS: valence 6.0, arousal 4.6 of 7)."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ..scene import Mood, Scene
from .ramps import come
from .sky import halo
from .view import View

#: Colours of sparks, linear light.
SPARKS: Final = np.array([(1.6, 0.35, 0.2), (1.6, 1.1, 0.35), (0.4, 0.8, 1.7), (1.4, 0.4, 1.3), (0.5, 1.5, 0.6)])
GOLD: Final = np.array([1.5, 0.95, 0.35])
#: How far sparks of each kind sink by their end, in radii, and the share of their way at which they begin to show.
KINDS: Final = {"peony": (0.28, 0.12), "willow": (0.95, 0.05), "ring": (0.15, 0.62), "palm": (0.6, 0.0)}


def amount(mood: Mood) -> float:
    """How much of a display the mood's numbers call for, 0 to 1: it needs the dark."""
    return float(np.clip(min((mood["fireworks"] - 0.15) * 1.6, (mood["night"] - 0.22) * 2.2), 0, 1))


def draw(sky: np.ndarray, scene: Scene, mood: Mood, view: View, when: float = 0.0) -> None:
    """Adds the scene's own bursts, or the mood's display, to the sky's light, float32 [rows, width, 3]. when: seconds; each
    opens, hangs, fades and comes again; at the start all hang open."""
    rng = np.random.default_rng([scene.seed, 4])
    tokens = [o for o in scene.objects if o.kind == "fireworks"]
    layer = np.zeros_like(sky)
    if tokens:
        for o in tokens * (3 if len(tokens) < 3 else 1):
            x = view.cx + (o.u + rng.normal() * 0.10) * view.f
            up, share = rng.uniform(0.12, 0.62), rng.uniform(0.07, 0.18)
            _burst(layer, rng, view, x, up, *_now(share, o.size, when, rng.uniform(0.6, 1.1)))
    elif (k := amount(mood)) > 0.03:
        n, start = int(rng.integers(5, 9)), rng.random()
        great = int(rng.integers(n))
        for i in range(n):
            x = (start + (i + 0.7 * rng.random()) / n) % 1 * 0.8 + 0.1
            share = rng.uniform(0.2, 0.3) if i == great else rng.uniform(0.07, 0.16)
            up, age = rng.uniform(0.15, 0.62), rng.uniform(0.6, 1.1)
            _burst(layer, rng, view, x * sky.shape[1], up, *_now(share, 1.2 * come(k, i / n), when, age))
    else:
        return
    sky += layer + cv2.GaussianBlur(layer, (0, 0), view.unit / 150) * 0.9


def _now(share: float, strength: float, when: float, age: float) -> tuple[float, float]:
    """A burst's size and brightness `when` seconds on, if it was `age` seconds old (0.5 to 1.2) at the start."""
    t = (when + age) % 2.6
    return share * (min(t / 0.5, 1.0) ** 0.5 * 0.9 + 0.1), strength * float(np.clip((2.2 - t) / 1.0, 0, 1))


def _burst(
    layer: np.ndarray, rng: np.random.Generator, view: View, x: float, up: float, share: float, strength: float
) -> None:
    """One burst about x, `up` of the way from the upper edge to the horizon, `share` of the picture wide to each side."""
    kind = list(KINDS)[int(rng.choice(4, p=(0.45, 0.25, 0.15, 0.15)))]
    sink, first = KINDS[kind]
    colour, second = SPARKS[int(rng.integers(len(SPARKS)))], SPARKS[int(rng.integers(len(SPARKS)))]
    if kind in ("willow", "palm"):
        colour = second = GOLD
    count = int(rng.integers(9, 13)) if kind == "palm" else int(rng.integers(38, 66))
    thick = max(1, round(view.unit * (1 / 260 if kind == "palm" else 1 / 520) * (0.6 + 2 * share)))
    centre, radius = np.array([x, up * view.yh]), view.unit * share
    steps = np.linspace(first, 1, 9)
    turns = np.arange(count) * 2 * np.pi / count + rng.normal(size=count) * 0.05
    reach = radius * rng.uniform(0.78, 1.05, count)
    if strength <= 0:
        return
    if kind == "peony":
        reach[::3] *= 0.55
    for i in range(count):
        way = np.array([np.cos(turns[i]), np.sin(turns[i])]) * reach[i]
        points = centre + np.outer(steps, way) + np.outer(steps**2, [0, radius * sink])
        hue = second if i % 3 == 0 else colour
        for k in range(8):
            fade = 1.0 - 0.75 * k / 8 if kind == "willow" else 0.35 + 0.65 * k / 8
            _line(layer, points[k], points[k + 1], hue * fade * strength, thick)
    _line(layer, np.array([x + 0.1 * radius, view.yh]), centre, GOLD * 0.10 * strength, max(1, thick // 2))
    for wide, bright in ((1.2, 0.07), (0.08, 1.2)):  # lit smoke, and the heart of it
        halo(layer, (float(centre[0]), float(centre[1])), radius * wide, colour * bright * strength)


def _line(layer: np.ndarray, a: np.ndarray, b: np.ndarray, colour: np.ndarray, thick: int) -> None:
    cv2.line(layer, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), tuple(map(float, colour)), thick, cv2.LINE_AA)
